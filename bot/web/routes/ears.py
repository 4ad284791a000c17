"""The routes that concern the ears."""

from __future__ import annotations

from fastapi import APIRouter

from bot.control.ears import EarsControls
from bot.control.schemas.ears import EarsIn, EarsView, FloorCellIn, FloorView, TalkIn
from bot.control.schemas.panel import Done
from bot.errors import HaishinError, Refused
from bot.web.routes.platforms import conflict


def ears_routes(ears: EarsControls) -> APIRouter:
    """Build the routes over the controls of the ears."""
    api = APIRouter(tags=["ears"], responses={409: {"description": "it cannot be done, and why"}})

    @api.get("/api/ears")
    async def view() -> EarsView:
        """How the ears stand, and what they heard of late."""
        found = ears.state()
        if found is None:
            raise conflict(Refused("this host has no ears", remedy="See docs/cohost.md."))
        return found

    @api.post("/api/ears")
    async def switch(order: EarsIn) -> Done:
        """Switch the ears on or off, at once."""
        try:
            return ears.switch(on=order.on)
        except HaishinError as error:
            raise conflict(error) from None

    @api.post("/api/ears/talk")
    async def talk(order: TalkIn) -> Done:
        """Press the button to talk, or let it go."""
        try:
            return ears.talk(down=order.down, for_s=order.for_s)
        except HaishinError as error:
            raise conflict(error) from None

    @api.post("/api/ears/answer")
    async def answer() -> Done:
        """Order an answer to what is being said, or was said just now."""
        try:
            return ears.answer()
        except HaishinError as error:
            raise conflict(error) from None

    _add_floor(api, ears)
    return api


def _add_floor(api: APIRouter, ears: EarsControls) -> None:
    @api.get("/api/ears/floor")
    async def table() -> FloorView:
        """Who may speak when: the floor's table."""
        try:
            return ears.table()
        except HaishinError as error:
            raise conflict(error) from None

    @api.put("/api/ears/floor")
    async def cell(order: FloorCellIn) -> FloorView:
        """Change a cell of the floor's table, until the host is started anew."""
        try:
            return ears.set_cell(order)
        except HaishinError as error:
            raise conflict(error) from None
