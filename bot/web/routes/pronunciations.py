"""The routes that concern how names are read aloud."""

from __future__ import annotations

from fastapi import APIRouter

from bot.control.pronunciations import PronunciationControls
from bot.control.schemas.panel import Done
from bot.control.schemas.pronunciations import ForgetPronunciationIn, PronunciationIn, PronunciationView
from bot.errors import Refused
from bot.web.routes.platforms import conflict


def pronunciation_routes(names: PronunciationControls) -> APIRouter:
    """Build the routes over the lists of names."""
    api = APIRouter(tags=["pronunciations"], responses={409: {"description": "it cannot be done, and why"}})

    @api.get("/api/pronunciations")
    async def state() -> PronunciationView:
        """Return the names that are read aloud in another spelling."""
        return names.state()

    @api.post("/api/pronunciations")
    async def put(order: PronunciationIn) -> Done:
        """Read a name aloud in another spelling from now on."""
        try:
            return await names.put(order)
        except Refused as error:
            raise conflict(error) from None

    @api.post("/api/pronunciations/drop")
    async def drop(order: ForgetPronunciationIn) -> Done:
        """Take a name from the operator's list."""
        return await names.drop(order.name, order.language)

    return api
