"""Pieces as rows and back, and the conditions that several queries share."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.memory.pieces import Piece, PieceKind, PieceState, Remembered, Viewer
from bot.store.memory.tables import MemoryPiece, MemoryViewer
from bot.store.records import key
from bot.store.tables import KEY, NAME, WORD
from bot.text.sanitize import fit

#: Longest text and origin that are kept, in characters; a passage of knowledge may be longer than a fact.
MAX_TEXT: Final = 1000

_MARKS: Final = re.compile(r"[\W_]+")


def digest(text: str) -> str:
    """Return a hash that is equal for two texts which differ in case, width, spaces and marks alone: 32 hex digits."""
    words = " ".join(_MARKS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split())
    return hashlib.blake2b((words or text).encode("utf-8", "replace"), digest_size=16).hexdigest()


def values(piece: Piece, now: dt.datetime) -> dict[str, Any]:
    """Return the columns of a piece; what does not fit is shortened."""
    text = fit(piece.text, MAX_TEXT)
    return {
        "kind": piece.kind.value,
        "state": piece.state.value,
        "source": key(piece.source),
        "author_id": key(piece.author_id),
        "slot": fit(piece.slot, WORD),
        "text": text,
        "digest": digest(text),
        "origin": fit(piece.origin, MAX_TEXT),
        "page": fit(piece.page, NAME),
        "language": fit(piece.language, WORD),
        "turn": fit(piece.turn, KEY),
        "weight": bounded(piece.weight),
        "uses": max(piece.uses, 0),
        "at": piece.at or now,
        "used_at": piece.used_at or piece.at or now,
        "due_at": piece.due_at,
    }


def bounded(weight: float) -> float:
    """Return a weight from 0 to 1; what is no number counts as 0."""
    return min(weight, 1.0) if weight > 0 else 0.0


def to_piece(row: Any) -> Piece:
    """Build the piece of a row."""
    return Piece(
        kind=PieceKind(row.kind),
        text=row.text,
        source=row.source,
        author_id=row.author_id,
        slot=row.slot,
        origin=row.origin,
        page=row.page,
        language=row.language,
        turn=row.turn,
        weight=row.weight,
        uses=row.uses,
        state=PieceState(row.state),
        at=row.at,
        used_at=row.used_at,
        due_at=row.due_at,
        id=row.id,
    )


def to_remembered(row: Any) -> Remembered:
    """Build the value of a viewer's row."""
    return Remembered(row.source, row.author_id, row.person, row.name, row.visits, row.since, row.seen_at)


async def row_of(c: AsyncConnection, source: str, author_id: str) -> Any:
    """Return the row of a viewer who is remembered, else None."""
    wanted = select(MemoryViewer).where(
        col(MemoryViewer.source) == key(source), col(MemoryViewer.author_id) == key(author_id)
    )
    return (await c.execute(wanted)).one_or_none()


async def accounts_of(c: AsyncConnection, source: str, author_id: str) -> list[Viewer]:
    """Return all accounts of the person to whom one belongs, itself first; itself alone where it is not linked."""
    mine = Viewer(key(source), key(author_id))
    row = await row_of(c, source, author_id)
    if row is None:
        return [mine]
    linked = select(col(MemoryViewer.source), col(MemoryViewer.author_id)).where(col(MemoryViewer.person) == row.person)
    others = [Viewer(r.source, r.author_id) for r in await c.execute(linked)]
    return [mine, *(one for one in others if one != mine)]


def owned_by(accounts: Sequence[Viewer]) -> ColumnElement[bool]:
    """Return the condition that a piece belongs to one of these accounts."""
    if not accounts:
        return false()
    return or_(
        *(and_(col(MemoryPiece.source) == a.source, col(MemoryPiece.author_id) == a.author_id) for a in accounts)
    )
