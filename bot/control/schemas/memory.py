"""What the panel gets and orders of what the host remembers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.stage.protocol import Model
from bot.store.memory.pieces import PieceKind, PieceState

#: The longest text of a piece, in characters.
MAX_WORDS = 300

_Number = Annotated[int, Field(ge=1, lt=2**63)]


class MemoryView(Model):
    """How memory stands: ``pieces`` are in use, ``vectors`` of ``total`` are made; ``detail`` is for people."""

    pieces: int
    vectors: int
    total: int
    detail: str


class MemoryPieceView(Model):
    """One thing that is remembered. ``name`` is the viewer's whom it is about, ``origin`` the line it is from."""

    id: int
    kind: PieceKind
    state: PieceState
    text: str
    source: str
    viewer: str
    name: str
    slot: str
    origin: str
    page: str
    uses: int
    at: dt.datetime | None
    used_at: dt.datetime | None
    due_at: dt.datetime | None


class MemoryViewerView(Model):
    """A viewer who asked to be remembered; one ``person`` may have several accounts. ``visits`` are days."""

    source: str
    viewer: str
    person: str
    name: str
    visits: int
    since: dt.datetime
    seen_at: dt.datetime


class MemoryNote(Model):
    """A passage of the persona's pages that the last answer drew on."""

    page: str
    heading: str
    text: str


class CorrectIn(Model):
    """``POST /api/memory/correct``: let a piece say something else."""

    piece: _Number
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WORDS)]


class DeletePieceIn(Model):
    """``POST /api/memory/delete``: delete a piece, with its vector."""

    piece: _Number
