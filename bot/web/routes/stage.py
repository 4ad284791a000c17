"""The files of the stage that the host makes, its layouts, and what the panel or another program tells its layers."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import Response
from pydantic import Field

from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.stage.layers import files, style
from bot.stage.layers.board import Board
from bot.stage.layers.layouts import Layout, checked_name
from bot.stage.layers.messages import Stinger
from bot.stage.layers.playing import PlayingIn
from bot.stage.layers.shelf import Kept
from bot.stage.protocol import Model
from bot.web.routes.platforms import conflict

#: The name of an emote is made from where it is, so its picture hardly changes.
_KEEP = {"cache-control": "private, max-age=86400"}
_ASK = {"cache-control": "no-cache"}
Name = Annotated[str, Path(max_length=120)]


class LayoutIn(Model):
    """``PUT /api/layouts/{name}``: ``revision`` is the one that was changed, 0 for a new layout."""

    revision: Annotated[int, Field(ge=0)] = 0
    layout: Layout


class Played(Model):
    """``POST /api/stage/stinger``: on how many open pages it is played."""

    pages: int


def stage_routes(board: Board) -> APIRouter:
    """Build the routes of the page's files; the stage's key opens them, as all files of the page."""
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
        return Response(text, media_type="text/css", headers=_ASK)

    @api.get("/stage/emotes/{name}", include_in_schema=False)
    async def emote(name: str) -> Response:
        """Send the picture of an emote that stood in the chat; 404 for anything else."""
        found = await board.emotes.picture(name)
        if found is None:
            return Response(status_code=404)
        data, kind = found
        return Response(data, media_type=kind, headers=_KEEP)

    @api.get("/stage/alerts/{name}", include_in_schema=False)
    async def alert_file(name: str) -> Response:
        """Send a sound or a picture of the streamer's own; 404 where there is none that can be used."""
        file = board.files.get(name)
        if file is None:
            return Response(status_code=404)
        try:
            data, kind = await asyncio.to_thread(files.read, name, file)
        except ValueError:
            return Response(status_code=404)
        return Response(data, media_type=kind, headers=_ASK)

    @api.get("/stage/layouts/{name}", include_in_schema=False)
    async def layout(name: Name) -> Response:
        """Send a layout to a page that opens; 404 when there is none of that name."""
        found = board.layout(name)
        if found is None:
            return Response(status_code=404)
        return Response(found.model_dump_json(), media_type="application/json", headers=_ASK)

    _add_orders(api, board)
    return api


def _add_orders(api: APIRouter, board: Board) -> None:
    """Add what the panel, or another program with its key, orders."""
    problem: dict[int | str, dict[str, str]] = {409: {"description": "it cannot be done, and why"}}

    def named(name: str) -> str:
        try:
            return checked_name(name)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None

    @api.get("/api/layouts", tags=["stage"])
    async def layouts() -> list[Kept]:
        """Return the layouts of the stage page."""
        return board.shelf.all()

    @api.put("/api/layouts/{name}", tags=["stage"], responses=problem)
    async def put(name: Name, order: LayoutIn) -> Kept:
        """Keep a layout; open pages that show it change at once."""
        try:
            return await board.shelf.put(named(name), order.layout, order.revision)
        except Refused as error:
            raise conflict(error) from None

    @api.delete("/api/layouts/{name}", tags=["stage"], responses=problem)
    async def drop(name: Name) -> Done:
        """Delete a layout; open pages that show it stay as they are."""
        try:
            found = await board.shelf.drop(named(name))
        except Refused as error:
            raise conflict(error) from None
        return Done(ok=found, detail="deleted" if found else "there is no layout of that name")

    @api.post("/api/stage/playing", tags=["stage"], status_code=204)
    async def playing(order: PlayingIn) -> Response:
        """Show what is being played; an empty title takes it away."""
        board.playing.tell(order)
        return Response(status_code=204)

    @api.post("/api/stage/stinger", tags=["stage"])
    async def stinger(order: Stinger) -> Played:
        """Play a stinger on the open pages that have its layer."""
        return Played(pages=board.stinger(order))
