"""How memory ends: at a viewer's wish, with a message that is taken back, by age, and at its bounds.

All functions run in the transaction of their caller; each returns how many pieces are gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, Executable, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.memory.pieces import PieceKind, PieceState, Viewer
from bot.store.memory.rows import owned_by
from bot.store.memory.tables import MemoryOrigin, MemoryPiece, MemoryVector, MemoryViewer

#: Active pieces of one person at most, and as many that are not active any more.
MAX_OF_VIEWER: Final = 50
#: Pieces of each kind at most; the least used go first.
MAX_OF_KIND: Final = {
    PieceKind.VIEWER: 100_000,
    PieceKind.CANON: 2000,
    PieceKind.EPISODE: 2000,
    PieceKind.GAG: 300,
    PieceKind.PROMISE: 2000,
    PieceKind.SUMMARY: 500,
    PieceKind.KNOWLEDGE: 100_000,
}
#: How long a piece stays active unused. Knowledge goes with its file alone.
UNUSED: Final = {
    PieceKind.VIEWER: dt.timedelta(days=180),
    PieceKind.CANON: dt.timedelta(days=365),
    PieceKind.EPISODE: dt.timedelta(days=90),
    PieceKind.GAG: dt.timedelta(days=60),
    PieceKind.PROMISE: dt.timedelta(days=60),
    PieceKind.SUMMARY: dt.timedelta(days=14),
}
#: A viewer who does not come back, and a piece that is not active any more, are deleted after this time.
ABSENT: Final = dt.timedelta(days=180)
#: Pieces deleted by one statement; PostgreSQL and SQLite both take so many values.
_BATCH: Final = 500
#: Pieces that one call of `decay` ends at most, so that no transaction is long; the next call goes on.
MAX_DECAYED: Final = 5000

_PASSED: Final = tuple(s.value for s in PieceState if s is not PieceState.ACTIVE)


async def forget_pieces(c: AsyncConnection, ids: Sequence[int]) -> int:
    """Delete pieces with their vectors and origins."""
    gone = 0
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        await c.execute(delete(MemoryVector).where(col(MemoryVector.piece).in_(some)))
        await c.execute(delete(MemoryOrigin).where(col(MemoryOrigin.piece).in_(some)))
        gone += await _count(c, delete(MemoryPiece).where(col(MemoryPiece.id).in_(some)))
    return gone


async def forget_accounts(
    c: AsyncConnection, accounts: Sequence[Viewer], hashes: Sequence[str], turns: Sequence[str]
) -> int:
    """Forget a person: their rows, and all that was made of their words or of a turn that answered them.

    ``hashes`` are the accounts' pseudonyms; ``turns`` are those that answered them. What another
    viewer told of themselves in such a turn stays.
    """
    theirs = set(await _ids(c, select(col(MemoryPiece.id)).where(owned_by(accounts))))
    theirs |= set(await _of_turns(c, turns, accounts))
    told = col(MemoryPiece.id).in_(select(col(MemoryOrigin.piece)).where(col(MemoryOrigin.author_hash).in_(hashes)))
    theirs |= set(await _ids(c, select(col(MemoryPiece.id)).where(told, _not_of_others(accounts))))
    for one in accounts:
        mine = (col(MemoryViewer.source) == one.source) & (col(MemoryViewer.author_id) == one.author_id)
        await c.execute(delete(MemoryViewer).where(mine))
    return await forget_pieces(c, sorted(theirs))


async def retract_turns(c: AsyncConnection, turns: Sequence[str], authors: Sequence[Viewer]) -> int:
    """Delete what was made of these turns: lines of these viewers behind them were taken back."""
    return await forget_pieces(c, await _of_turns(c, turns, authors))


async def decay(c: AsyncConnection, now: dt.datetime) -> int:
    """Archive what was unused for long, delete what was archived for long, and keep to the bounds.

    Promises that are due in the future stay. Not more than `MAX_DECAYED` pieces at a time.
    """
    ended = 0
    for kind, age in UNUSED.items():
        old = (
            (col(MemoryPiece.kind) == kind.value)
            & (col(MemoryPiece.state) == PieceState.ACTIVE.value)
            & (col(MemoryPiece.used_at) < now - age)
            & (col(MemoryPiece.due_at).is_(None) | (col(MemoryPiece.due_at) < now - age))
        )
        # From now on it counts as archived, so its age begins anew.
        ids = await _ids(c, select(col(MemoryPiece.id)).where(old).limit(MAX_DECAYED - ended))
        for start in range(0, len(ids), _BATCH):
            some = col(MemoryPiece.id).in_(ids[start : start + _BATCH])
            await c.execute(update(MemoryPiece).where(some).values(state=PieceState.ARCHIVED.value, used_at=now))
        ended += len(ids)
    passed = (col(MemoryPiece.state).in_(_PASSED)) & (col(MemoryPiece.used_at) < now - ABSENT)
    ended += await forget_pieces(c, await _ids(c, select(col(MemoryPiece.id)).where(passed).limit(MAX_DECAYED)))
    ended += await _absent(c, now)
    for kind, most in MAX_OF_KIND.items():
        ended += await _keep_to(c, col(MemoryPiece.kind) == kind.value, most)
    return ended


async def bound_person(c: AsyncConnection, accounts: Sequence[Viewer]) -> int:
    """Keep a person's pieces within `MAX_OF_VIEWER`; the least important and the longest unused go first."""
    mine = owned_by(accounts) & (col(MemoryPiece.kind) == PieceKind.VIEWER.value)
    active = col(MemoryPiece.state) == PieceState.ACTIVE.value
    return await _keep_to(c, mine & active, MAX_OF_VIEWER) + await _keep_to(c, mine & ~active, MAX_OF_VIEWER)


async def _absent(c: AsyncConnection, now: dt.datetime) -> int:
    """Delete the viewers who did not come back for long, with what was known of them; linked ones go alone."""
    wanted = select(MemoryViewer).where(col(MemoryViewer.seen_at) < now - ABSENT).limit(_BATCH)
    gone = 0
    for row in list(await c.execute(wanted)):
        accounts = [Viewer(row.source, row.author_id)]
        mine = owned_by(accounts) & (col(MemoryPiece.kind) == PieceKind.VIEWER.value)
        gone += await forget_pieces(c, await _ids(c, select(col(MemoryPiece.id)).where(mine)))
        await c.execute(delete(MemoryViewer).where(col(MemoryViewer.id) == row.id))
    return gone


async def _keep_to(c: AsyncConnection, which: ColumnElement[bool], most: int) -> int:
    """Delete pieces until ``most`` are left: first those that are not active, then the least important and used."""
    counted = (await c.execute(select(func.count()).select_from(MemoryPiece).where(which))).scalar_one()
    if counted <= most:
        return 0
    active = col(MemoryPiece.state) == PieceState.ACTIVE.value
    least = (
        select(col(MemoryPiece.id))
        .where(which)
        .order_by(active, col(MemoryPiece.weight), col(MemoryPiece.used_at), col(MemoryPiece.id))
        .limit(min(counted - most, MAX_DECAYED))
    )
    return await forget_pieces(c, await _ids(c, least))


async def _of_turns(c: AsyncConnection, turns: Sequence[str], accounts: Sequence[Viewer]) -> list[int]:
    found: set[int] = set()
    for start in range(0, len(turns), _BATCH):
        made = select(col(MemoryOrigin.piece)).where(col(MemoryOrigin.turn).in_(turns[start : start + _BATCH]))
        wanted = select(col(MemoryPiece.id)).where(col(MemoryPiece.id).in_(made), _not_of_others(accounts))
        found |= set(await _ids(c, wanted))
    return sorted(found)


def _not_of_others(accounts: Sequence[Viewer]) -> ColumnElement[bool]:
    """Return the condition that a piece is not what somebody else told of themselves."""
    return ~and_(col(MemoryPiece.kind) == PieceKind.VIEWER.value, ~owned_by(accounts))


async def _ids(c: AsyncConnection, wanted: Any) -> list[int]:
    return [int(found) for found in (await c.execute(wanted)).scalars()]


async def _count(c: AsyncConnection, statement: Executable) -> int:
    result: CursorResult[Any] = await c.execute(statement)
    return result.rowcount
