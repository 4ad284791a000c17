"""Who a viewer is in the records, and how much of them there is. For forgetting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory.tables import MemoryPiece, MemoryViewer
from bot.store.records import key
from bot.store.tables import Asked, ChatLine, Outcome, PaidEvent

#: Viewers of one name that are returned at most; more of them nobody would look through.
MAX_FOUND = 20


@dataclass(frozen=True, slots=True)
class Viewer:
    """A viewer of one source, and what the records hold of them.

    ``lines`` are lines of chat, ``answered`` are questions beside the host's answers, ``paid`` are payments, and
    ``outcomes`` are rows that say what became of a message, ``remembered`` are pieces that the host remembers of them,
    with one for having asked to be remembered.
    """

    source: str
    id: str
    names: tuple[str, ...]
    lines: int
    answered: int
    paid: int
    outcomes: int
    remembered: int = 0


async def find(store: Store, sources: Sequence[str], who: str) -> list[Viewer]:
    """Return the viewers of these sources whose id, or whose name in any letter case, is ``who``."""

    async def read(c: AsyncConnection) -> list[Viewer]:
        found: dict[tuple[str, str], None] = {}
        for table in (ChatLine, PaidEvent, Asked):
            named = func.lower(col(table.author_name)) == who.lower()
            wanted = (
                select(col(table.source), col(table.author_id))
                .where(col(table.source).in_(sources), col(table.author_id) != "")
                .where(or_(col(table.author_id) == key(who), named))
                .distinct()
                .limit(MAX_FOUND)
            )
            found |= dict.fromkeys((row.source, row.author_id) for row in await c.execute(wanted))
        called = func.lower(col(MemoryViewer.name)) == who.lower()
        known = (
            select(col(MemoryViewer.source), col(MemoryViewer.author_id))
            .where(col(MemoryViewer.source).in_(sources), or_(col(MemoryViewer.author_id) == key(who), called))
            .limit(MAX_FOUND)
        )
        found |= dict.fromkeys((row.source, row.author_id) for row in await c.execute(known))
        # Whose lines are gone may have outcomes left; they hold the id as a hash alone.
        found |= dict.fromkeys((source, key(who)) for source in sources)
        people = [await _viewer(c, store, source, author) for source, author in found]
        return [one for one in people if one.lines or one.answered or one.paid or one.outcomes or one.remembered][
            :MAX_FOUND
        ]

    return await store.run(read)


async def _viewer(c: AsyncConnection, store: Store, source: str, author: str) -> Viewer:
    lines, answered, paid = [
        (await c.execute(select(func.count()).select_from(table).where(*_theirs(table, source, author)))).scalar_one()
        for table in (ChatLine, Asked, PaidEvent)
    ]
    remembered = 0
    for kept in (MemoryPiece, MemoryViewer):
        mine = (col(kept.source) == source, col(kept.author_id) == author)
        remembered += (await c.execute(select(func.count()).select_from(kept).where(*mine))).scalar_one()
    names: dict[str, None] = {}
    for table in (ChatLine, Asked, PaidEvent):
        called = select(col(table.author_name)).where(*_theirs(table, source, author)).distinct().limit(MAX_FOUND)
        names |= dict.fromkeys((await c.execute(called)).scalars())
    asked = select(col(MemoryViewer.name)).where(
        col(MemoryViewer.source) == source, col(MemoryViewer.author_id) == author
    )
    names |= dict.fromkeys((await c.execute(asked)).scalars())
    hashed = col(Outcome.author_hash) == store.pseudonym(source, author)
    outcomes = (await c.execute(select(func.count()).select_from(Outcome).where(hashed))).scalar_one()
    return Viewer(source, author, tuple(name for name in names if name), lines, answered, paid, outcomes, remembered)


def _theirs(
    table: type[ChatLine | Asked | PaidEvent], source: str, author: str
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(table.source) == source, col(table.author_id) == author
