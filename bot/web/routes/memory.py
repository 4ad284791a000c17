"""The routes that concern what the host remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from bot.control.memory import MemoryControls
from bot.control.schemas.memory import CorrectIn, DeletePieceIn, MemoryNote, MemoryPieceView, MemoryViewerView
from bot.control.schemas.panel import Done
from bot.errors import ProviderError, Refused
from bot.store.memory.pieces import PieceKind, PieceState
from bot.web.routes.platforms import ConnectionName, conflict

_Id = Annotated[str, Path(min_length=1, max_length=200)]
_Words = Annotated[str, Query(max_length=200)]
_Kinds = Annotated[list[PieceKind], Query(max_length=len(PieceKind))]


def memory_routes(memory: MemoryControls) -> APIRouter:
    """Build the routes over memory's controls. Forgetting a viewer is `bot.web.routes.remedies`'."""
    api = APIRouter(
        tags=["memory"],
        responses={404: {"description": "it is not there any more"}, 503: {"description": "try again"}},
    )

    @api.get("/api/memory")
    async def pieces(
        kind: _Kinds = list(PieceKind),  # noqa: B006 - read only
        state: PieceState = PieceState.ACTIVE,
        words: _Words = "",
    ) -> list[MemoryPieceView]:
        """Return what is remembered, the newest first, at most 200; ``words`` finds."""
        with _in_words():
            return await memory.pieces(kind, state, words.strip())

    @api.get("/api/memory/notes")
    async def notes() -> list[MemoryNote]:
        """Return the passages of the persona's pages that the last answer drew on."""
        return memory.notes()

    @api.get("/api/memory/viewers")
    async def viewers() -> list[MemoryViewerView]:
        """Return the viewers who asked to be remembered, the last seen first, at most 200."""
        with _in_words():
            return await memory.viewers()

    @api.get("/api/memory/viewers/{source}/{viewer:path}")
    async def of_viewer(source: ConnectionName, viewer: _Id) -> list[MemoryPieceView]:
        """Return all that is known of a viewer, by the platform's id of them."""
        with _in_words():
            return await memory.of_viewer(source, viewer)

    @api.post("/api/memory/correct")
    async def correct(order: CorrectIn) -> Done:
        """Correct a piece."""
        with _in_words():
            return _done(await memory.correct(order.piece, order.text))

    @api.post("/api/memory/delete")
    async def delete(order: DeletePieceIn) -> Done:
        """Delete a piece, with its vector."""
        with _in_words():
            return _done(await memory.delete(order.piece))

    return api


def _done(done: Done) -> Done:
    if not done.ok:
        raise HTTPException(404, done.detail)
    return done


@contextmanager
def _in_words() -> Iterator[None]:
    """Answer with a status and a sentence what cannot be done."""
    try:
        yield
    except Refused as error:
        raise conflict(error) from None
    except ProviderError as error:
        raise HTTPException(503, f"{error}. Try again in a moment.") from None
