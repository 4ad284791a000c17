"""The routes that concern platforms: actions there, signing in, trying again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from bot.control.control_room import ControlRoom
from bot.control.schemas.panel import ActIn, Done, SignIn, SignInOrder
from bot.errors import HaishinError, Refused

ConnectionName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


def conflict(error: HaishinError) -> HTTPException:
    """Return the answer to an order that cannot be carried out."""
    return HTTPException(409, f"{error}. {error.remedy}".strip())


def platform_routes(control: ControlRoom) -> APIRouter:
    """Build the routes over a control."""
    api = APIRouter(tags=["platforms"], responses={409: {"description": "it cannot be done, and why"}})

    @api.post("/api/act")
    async def act(order: ActIn) -> Done:
        """Run an action on a platform: send, delete, time out, ban, allow what AutoMod holds."""
        try:
            return await control.act(order)
        except HaishinError as error:
            raise conflict(error) from None

    @api.post("/api/connections/{name}/sign-in")
    async def sign_in(name: ConnectionName, order: SignInOrder | None = None) -> SignIn:
        """Begin signing in to a platform, as the bot unless the body says otherwise; the state tells how it goes on."""
        try:
            return await control.sign_in(name, order.role if order else "bot")
        except Refused as error:
            raise conflict(error) from None

    @api.post("/api/connections/{name}/reconnect")
    async def reconnect(name: ConnectionName) -> Done:
        """Reconnect a connection now."""
        try:
            return control.reconnect(name)
        except Refused as error:
            raise conflict(error) from None

    return api
