"""What the models and voices took: sums by day, stream, link, model and purpose.

Every method raises `TransientError` when the database is busy, full or gone. A piece of work that failed left nothing
behind, so what it was to add can be added again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory.tables import Spend
from bot.store.tables import KEY, NAME, WORD, Secret
from bot.text.sanitize import fit

#: The name under which the stream that goes on is kept.
STREAM: Final = "stream"
#: Sums that are listed at once.
MAX_LISTED: Final = 20_000


class SpendKey(NamedTuple):
    """What is summed up. ``stream`` is empty off air; ``link`` has the kind of the chain before its name."""

    day: dt.date
    stream: str
    link: str
    model: str
    purpose: str


@dataclass(slots=True)
class SpendSum:
    """A sum: calls, tokens read and written, characters spoken, and millionths of a US dollar."""

    calls: int = 0
    prompt: int = 0
    completion: int = 0
    characters: int = 0
    micros: int = 0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt + self.completion

    def add(self, other: SpendSum) -> None:
        """Add another sum to it."""
        self.calls += other.calls
        self.prompt += other.prompt
        self.completion += other.completion
        self.characters += other.characters
        self.micros += other.micros

    def subtract(self, other: SpendSum) -> None:
        """Subtract another sum from it; nothing of it becomes less than nothing."""
        for name in SpendSum.__slots__:
            setattr(self, name, max(0, getattr(self, name) - getattr(other, name)))


class OpenStream(NamedTuple):
    """The stream that went on when the host last looked: its name, and when that was."""

    name: str
    seen_at: dt.datetime


class SpendLedger:
    """The sums in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, sums: Mapping[SpendKey, SpendSum], stream: OpenStream | None = None) -> None:
        """Add to the sums, all of them or none, and note the stream that goes on."""
        rows = [_row(key, one) for key, one in sums.items()]
        adding = _adding(self._store.dialect)

        async def write(c: AsyncConnection) -> None:
            for row in rows:
                await c.execute(adding, row)
            if stream is not None:
                kept = f"{stream.seen_at.isoformat()} {stream.name}".encode()
                await c.execute(delete(Secret).where(col(Secret.name) == STREAM))
                await c.execute(insert(Secret).values(name=STREAM, value=kept))

        await self._store.run(write)

    async def of_day(self, day: dt.date) -> dict[SpendKey, SpendSum]:
        """Return the sums of a day."""
        return dict(await self._sums(col(Spend.day) == day))

    async def of_stream(self, stream: str) -> dict[SpendKey, SpendSum]:
        """Return the sums of a stream, over all its days."""
        return dict(await self._sums(col(Spend.stream) == stream))

    async def since(self, day: dt.date) -> list[tuple[SpendKey, SpendSum]]:
        """Return the sums from a day on, the newest day first."""
        return await self._sums(col(Spend.day) >= day)

    async def open_stream(self) -> OpenStream | None:
        """Return the stream that went on when it was last noted; None when there was none."""

        async def read(c: AsyncConnection) -> bytes | None:
            wanted = select(col(Secret.value)).where(col(Secret.name) == STREAM)
            return (await c.execute(wanted)).scalar_one_or_none()

        kept = await self._store.run(read)
        at, _, name = (kept or b"").decode("utf-8", "replace").partition(" ")
        try:
            seen = dt.datetime.fromisoformat(at)
        except ValueError:
            return None
        return OpenStream(name, seen) if seen.tzinfo and name else None

    async def _sums(self, condition: Any) -> list[tuple[SpendKey, SpendSum]]:
        names = (*SpendKey._fields, *SpendSum.__slots__)
        wanted = (
            select(*(col(getattr(Spend, name)) for name in names))
            .where(condition)
            .order_by(col(Spend.day).desc(), col(Spend.stream).desc(), col(Spend.link), col(Spend.purpose))
            .limit(MAX_LISTED)
        )

        async def read(c: AsyncConnection) -> Sequence[Any]:
            return (await c.execute(wanted)).all()

        width = len(SpendKey._fields)
        return [(SpendKey(*row[:width]), SpendSum(*row[width:])) for row in await self._store.run(read)]


@cache
def _adding(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return the statement that adds to a sum or begins one. Making it takes longer than running it."""
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    adding = build(Spend)
    more = {name: col(getattr(Spend, name)) + adding.excluded[name] for name in SpendSum.__slots__}
    return adding.on_conflict_do_update(index_elements=list(SpendKey._fields), set_=more)


def _row(key: SpendKey, one: SpendSum) -> dict[str, Any]:
    bounds = {"stream": KEY, "link": KEY, "model": NAME, "purpose": WORD}
    named = {name: fit(str(value), bounds[name]) for name, value in key._asdict().items() if name in bounds}
    return {"day": key.day, **named, **{name: getattr(one, name) for name in SpendSum.__slots__}}
