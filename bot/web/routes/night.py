"""The routes that concern the night bank."""

from __future__ import annotations

from fastapi import APIRouter

from bot.control.night import NightControls
from bot.control.schemas.night import DropPieceIn, NightPiece, NightView
from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.web.routes.platforms import conflict


def night_routes(night: NightControls) -> APIRouter:
    """Build the routes over the night bank's controls."""
    api = APIRouter(tags=["night"], responses={409: {"description": "it cannot be done, and why"}})

    @api.get("/api/night")
    async def state() -> NightView | None:
        """How the bank stands; null where the host never speaks unasked and nothing is kept."""
        return night.state()

    @api.get("/api/night/pieces")
    async def pieces() -> list[NightPiece]:
        """Return the pieces in the order of their use."""
        return night.pieces()

    @api.post("/api/night/drop")
    async def drop(order: DropPieceIn) -> Done:
        """Drop one piece, with its sound."""
        try:
            return await night.drop(order.piece)
        except Refused as error:
            raise conflict(error) from None

    @api.post("/api/night/draft")
    async def draft() -> Done:
        """Order a piece that is drafted at once, also when the bank is full."""
        try:
            return night.draft()
        except Refused as error:
            raise conflict(error) from None

    return api
