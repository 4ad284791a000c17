"""The routes that concern the tools of the model."""

from __future__ import annotations

from fastapi import APIRouter

from bot.control.schemas.panel import Done
from bot.control.schemas.tools import AnswerCallIn, ToolsView
from bot.control.tools import ToolControls
from bot.errors import Refused
from bot.web.routes.platforms import conflict


def tool_routes(tools: ToolControls) -> APIRouter:
    """Build the routes over the controls of the tools."""
    api = APIRouter(tags=["tools"], responses={409: {"description": "it cannot be done, and why"}})

    @api.get("/api/tools")
    async def state() -> ToolsView | None:
        """Return the calls that wait and the last ones; null where the model may call nothing."""
        return tools.state()

    @api.post("/api/tools/answer")
    async def answer(order: AnswerCallIn) -> Done:
        """Let a call that waits be carried out, or not."""
        try:
            return tools.answer(order.call, yes=order.yes)
        except Refused as error:
            raise conflict(error) from None

    return api
