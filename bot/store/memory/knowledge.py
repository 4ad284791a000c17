"""Bring the stored passages of knowledge into line with the files: what did not change keeps its vectors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory.forgetting import forget_pieces
from bot.store.memory.pieces import Piece, PieceKind
from bot.store.memory.rows import values
from bot.store.memory.tables import MemoryPiece

#: Rows that are written at a time.
_STEP: Final = 500


@dataclass(frozen=True, slots=True)
class Synced:
    """How many passages are new, gone, and as they were."""

    new: int
    gone: int
    kept: int


async def sync_knowledge(store: Store, pieces: Sequence[Piece], now: dt.datetime) -> Synced:
    """Make the stored knowledge these passages. A page of which anything changed is written anew, in its order.

    Raises `ProviderError`. It goes in steps, so that nothing else waits; one that breaks off is made good by the next.
    """
    wanted = {page: [values(piece, now) for piece in group] for page, group in _by_page(pieces)}
    columns = (col(MemoryPiece.id), col(MemoryPiece.page), col(MemoryPiece.digest), col(MemoryPiece.origin))
    query = select(*columns).where(col(MemoryPiece.kind) == PieceKind.KNOWLEDGE.value).order_by(col(MemoryPiece.id))
    stored: dict[str, list[Any]] = {}
    for row in await store.run(partial(_rows, query=query)):
        stored.setdefault(row.page, []).append(row)
    pages = {row["page"]: rows for rows in wanted.values() for row in rows[:1]}
    same = {page for page, rows in pages.items() if _says(rows) == [(r.digest, r.origin) for r in stored.get(page, ())]}
    gone = [row.id for page, rows in stored.items() if page not in same for row in rows]
    new = [row for page, rows in pages.items() if page not in same for row in rows]
    for start in range(0, len(gone), _STEP):
        await store.run(partial(forget_pieces, ids=gone[start : start + _STEP]))
    for start in range(0, len(new), _STEP):
        await store.run(partial(_add, rows=new[start : start + _STEP]))
    store.erased += bool(gone)
    return Synced(len(new), len(gone), sum(len(pages[page]) for page in same))


def _by_page(pieces: Sequence[Piece]) -> Iterable[tuple[str, Iterable[Piece]]]:
    return groupby(pieces, key=lambda piece: piece.page)


def _says(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["digest"], row["origin"]) for row in rows]


async def _rows(c: AsyncConnection, query: Any) -> list[Any]:
    return list(await c.execute(query))


async def _add(c: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await c.execute(insert(MemoryPiece), list(rows))
