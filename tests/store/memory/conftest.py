"""The memory's store on both databases, with a clock that the tests turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Store, open_store
from bot.store.memory.store import MemoryStore
from bot.store.memory.tables import MemoryOrigin, MemoryPiece, MemoryVector, MemoryViewer
from bot.store.tables import Asked, ChatLine, PaidEvent, Table, Utterance


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'memory.db'}"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture
async def memory(database: str, clock: Clock) -> AsyncIterator[MemoryStore]:
    async with open_store(database) as store:
        await _empty_all(store)  # the server is shared with the other tests
        yield MemoryStore(store, clock)
        await _empty_all(store)


async def _empty_all(store: Store) -> None:
    for table in (MemoryPiece, MemoryOrigin, MemoryVector, MemoryViewer, Asked, ChatLine, PaidEvent, Utterance):
        await store.run(partial(_empty, table=table))


async def _empty(c: AsyncConnection, table: type[Table]) -> None:
    await c.execute(delete(table))
