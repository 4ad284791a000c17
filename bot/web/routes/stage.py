"""The files of the stage that the host makes: the streamer's own style, and pictures of emotes."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from bot.stage.layers import style
from bot.stage.layers.board import Board

#: The name of an emote is made from where it is, so its picture hardly changes.
_KEEP = {"cache-control": "private, max-age=86400"}


def stage_routes(board: Board) -> APIRouter:
    """Build the routes; the stage's key opens them, as all files of the page."""
    api = APIRouter()

    @api.get("/stage/user.css", include_in_schema=False)
    async def user_css() -> Response:
        """Send the streamer's style; without one, or when it cannot be read, an empty one."""
        text = ""
        if board.css is not None:
            try:
                text = await asyncio.to_thread(style.read, board.css)
            except ValueError as error:
                text = f"/* {str(error).replace('*/', '* /')} */"
        return Response(text, media_type="text/css", headers={"cache-control": "no-cache"})

    @api.get("/stage/emotes/{name}", include_in_schema=False)
    async def emote(name: str) -> Response:
        """Send the picture of an emote that stood in the chat; 404 for anything else."""
        found = await board.emotes.picture(name)
        if found is None:
            return Response(status_code=404)
        data, kind = found
        return Response(data, media_type=kind, headers=_KEEP)

    return api
