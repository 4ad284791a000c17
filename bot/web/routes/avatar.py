"""The routes of the figure on the stage: which models there are, which is shown, and their files for the page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from bot.control.avatar.controls import AvatarControls
from bot.control.schemas.avatar import AvatarView, ChooseModelIn, MappingIn, MappingView
from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.web.routes.platforms import conflict

T = TypeVar("T")

#: The page asks for a model's main file under an address that changes with it; the rest is asked for each time.
_KEEP, _ASK = {"cache-control": "private, max-age=31536000, immutable"}, {"cache-control": "no-cache"}


def avatar_routes(avatar: AvatarControls) -> APIRouter:
    """Build the routes over the controls of the avatar."""
    api = APIRouter(tags=["avatar"], responses={409: {"description": "it cannot be done, and why"}})

    @api.get("/api/avatar")
    async def state() -> AvatarView:
        """Return the models that there are, and which of them the stage shows."""
        return await avatar.state()

    @api.post("/api/avatar")
    async def choose(order: ChooseModelIn) -> Done:
        """Show another model until the host ends."""
        return await _granted(avatar.choose(order.name))

    @api.get("/api/avatar/mapping/{name}")
    async def mapping(name: str) -> MappingView:
        """Return what of ours is what of a Live2D model's, and what there is to choose from."""
        return await _granted(avatar.mapping(name))

    @api.put("/api/avatar/mapping/{name}")
    async def remap(name: str, order: MappingIn) -> Done:
        """Write what of ours is what of a Live2D model's."""
        return await _granted(avatar.map(name, order.mapping))

    @api.post("/api/avatar/vts")
    async def ask_vts() -> Done:
        """Let VTube Studio be asked for leave again."""
        return await _granted(avatar.ask_vts())

    _add_files(api, avatar)
    return api


def _add_files(api: APIRouter, avatar: AvatarControls) -> None:
    # Under the stage's own path: the key and the cookie of the stage page open it, and nothing else does.
    @api.get("/stage/models/{name}/{path:path}", include_in_schema=False)
    async def file(name: str, path: str, v: str = "") -> Response:
        """Send a file of a model; 404 for whatever is no plain file of a known kind in the model's folder."""
        found = await asyncio.to_thread(avatar.library.file, name, path)
        if found is None:
            return Response(status_code=404)
        return FileResponse(found[0], media_type=found[1], headers=_KEEP if v else _ASK)

    @api.get("/stage/live2d/core.js", include_in_schema=False)
    async def core() -> Response:
        """Send Live2D's Core, which the streamer installed; 404 when it is not there."""
        path = await asyncio.to_thread(lambda: avatar.core.path)
        if path is None:
            return Response(status_code=404)
        return FileResponse(path, media_type="text/javascript", headers=_ASK)


async def _granted(order: Awaitable[T]) -> T:
    """Return what an order returns. Raise `HTTPException` with 409 when it is refused."""
    try:
        return await order
    except Refused as error:
        raise conflict(error) from None
