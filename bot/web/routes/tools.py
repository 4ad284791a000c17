"""The routes that concern the tools of the model."""

from __future__ import annotations

from fastapi import APIRouter

from bot.control.eyes import EyesControls
from bot.control.schemas.panel import Done
from bot.control.schemas.tools import AnswerCallIn, EyesIn, EyesView, ToolsView
from bot.control.tools import ToolControls
from bot.errors import Refused
from bot.web.routes.platforms import conflict


def tool_routes(tools: ToolControls, eyes: EyesControls) -> APIRouter:
    """Build the routes over the controls of the tools and the eyes."""
    api = APIRouter(tags=["tools"], responses={409: {"description": "it cannot be done, and why"}})

    @api.get("/api/tools")
    async def state() -> ToolsView | None:
        """Return the calls that wait and the last ones; null where the model may call nothing."""
        return tools.state()

    @api.post("/api/tools/answer")
    async def answer(order: AnswerCallIn) -> Done:
        """Allow a call that waits, or refuse it."""
        try:
            return tools.answer(order.call, yes=order.yes)
        except Refused as error:
            raise conflict(error) from None

    @api.get("/api/eyes")
    async def seeing() -> EyesView | None:
        """Return how the eyes stand; null where there are none."""
        return eyes.state()

    @api.post("/api/eyes")
    async def switch(order: EyesIn) -> Done:
        """Open or close the eyes, at once."""
        try:
            return eyes.switch(on=order.on)
        except Refused as error:
            raise conflict(error) from None

    return api
