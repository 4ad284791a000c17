"""The viewers who asked to be remembered, and which accounts are one person."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any, Final, Protocol

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory import forgetting
from bot.store.memory.pieces import Piece, Remembered, Viewer
from bot.store.memory.rows import accounts_of, row_of, to_remembered
from bot.store.memory.tables import MemoryViewer
from bot.store.records import key
from bot.store.tables import NAME
from bot.text.sanitize import fit

#: Rows that one query returns at most.
MAX_LISTED: Final = 1000


class Watcher(Protocol):
    """Who is told, after it was written, of what memory holds."""

    def added(self, piece: Piece) -> None:
        """Hear of a piece that is new or was changed; one that is not active is not used any more."""

    def removed(self, id: int) -> None:  # noqa: A002 - the row's own name
        """Hear of a piece that is gone or was superseded."""

    def forgotten(self, source: str, author_id: str) -> None:
        """Hear of a person who is forgotten, on all accounts."""

    def linked(self, one: Viewer, other: Viewer) -> None:
        """Hear of two accounts that are one person."""


def now() -> dt.datetime:
    """Return the time by the clock on the wall."""
    return dt.datetime.now(dt.UTC)


class RememberedViewers:
    """Viewers of the store; see `bot.store.memory.store.MemoryStore`."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime] = now) -> None:
        self._store = store
        self._now = clock
        self.watchers: list[Watcher] = []

    @property
    def store(self) -> Store:
        """The database behind it."""
        return self._store

    async def viewer(self, source: str, author_id: str) -> Remembered | None:
        """Return who a viewer is, when they asked to be remembered."""

        async def read(c: AsyncConnection) -> Remembered | None:
            row = await row_of(c, source, author_id)
            return to_remembered(row) if row else None

        return await self._store.run(read)

    async def viewers(self, limit: int = 200) -> list[Remembered]:
        """Return those who are remembered, the last seen first."""
        wanted = select(MemoryViewer).order_by(col(MemoryViewer.seen_at).desc(), col(MemoryViewer.id).desc())

        async def read(c: AsyncConnection) -> list[Remembered]:
            return [to_remembered(r) for r in await c.execute(wanted.limit(max(0, min(limit, MAX_LISTED))))]

        return await self._store.run(read)

    async def remember(self, source: str, author_id: str, name: str) -> Remembered:
        """Remember a viewer from now on; who is remembered already only gets the new name."""
        return await self._seen(source, author_id, name, new=True) or _nobody()

    async def visited(self, source: str, author_id: str, name: str) -> Remembered | None:
        """Note that a viewer is here; a new day is a new visit. None when they are not remembered."""
        return await self._seen(source, author_id, name, new=False)

    async def link(self, one: Viewer, other: Viewer) -> bool:
        """Make two accounts one person; return False when one of them is not remembered."""

        async def write(c: AsyncConnection) -> bool:
            rows = [await row_of(c, v.source, v.author_id) for v in (one, other)]
            if None in rows:
                return False
            same = update(MemoryViewer).where(col(MemoryViewer.person) == rows[1].person)
            await c.execute(same.values(person=rows[0].person))
            self._store.erased += await forgetting.bound_person(c, await accounts_of(c, one.source, one.author_id))
            return True

        joined = await self._store.run(write)
        for watcher in self.watchers if joined else ():
            watcher.linked(one, other)
        return joined

    async def _seen(self, source: str, author_id: str, name: str, *, new: bool) -> Remembered | None:
        moment = self._now()

        async def write(c: AsyncConnection) -> Remembered | None:
            row = await row_of(c, source, author_id)
            if row is None and not new:
                return None
            seen: dict[str, Any] = {"name": fit(name, NAME), "seen_at": moment}
            if row is None:
                who = {"source": key(source), "author_id": key(author_id), "person": secrets.token_hex(16)}
                await c.execute(insert(MemoryViewer).values(**who, **seen, visits=1, since=moment))
            else:
                # A clock that went back makes no visits.
                visits = row.visits + (moment.date() > row.seen_at.date())
                seen |= {"visits": visits, "seen_at": max(moment, row.seen_at)}
                await c.execute(update(MemoryViewer).where(col(MemoryViewer.id) == row.id).values(**seen))
            return to_remembered(await row_of(c, source, author_id))

        return await self._store.run(write)


def _nobody() -> Remembered:
    raise AssertionError("a viewer who was remembered has a row")
