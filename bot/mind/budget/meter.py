"""Sums up what the calls took, and writes the sums down in its own time.

    chains ─▶ Meter.count ─▶ sums of the day and of the stream (in memory, at once)
                         └─▶ what waits ─▶ the table ``spend`` (every two seconds)

Nothing waits for the database: while it is slow or away the sums of this run count, and what waits is small, because
it is one number for each link and purpose.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from loguru import logger

from bot.errors import ProviderError
from bot.mind.budget.days import Days
from bot.mind.budget.prices import Tariff
from bot.mind.budget.streams import Streams
from bot.runtime.metering import Consumption, ProviderKind
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.store.spend import OpenStream, SpendKey, SpendLedger, SpendSum

#: How often what was counted is written, and how long it rests after a failure, in seconds. A crash loses at most this.
WRITE_S: Final = 2.0
FIRST_RETRY_S, LAST_RETRY_S = 2.0, 30.0
#: How often the stream that goes on is noted while nothing is spent, in seconds.
NOTE_S: Final = 60.0
#: Days and streams that are kept in memory.
_KEPT: Final = 3

K = TypeVar("K")
#: A link, its model and a purpose.
Place = tuple[str, str, str]


@dataclass
class Scope:
    """What a day or a stream took: by link, and together. ``read``: what earlier runs wrote is in it."""

    rows: dict[Place, SpendSum] = field(default_factory=dict)
    micros: int = 0
    #: Tokens of models that do not run here.
    tokens: int = 0
    read: bool = False

    def add(self, place: Place, one: SpendSum, *, remote: bool) -> None:
        """Add to one of the sums."""
        self.rows.setdefault(place, SpendSum()).add(one)
        self.micros += one.micros
        self.tokens += one.tokens if remote else 0


class Meter:
    """Counts. ``tariffs`` are the links by their keys; a call of none of them costs nothing."""

    def __init__(
        self, ledger: SpendLedger, days: Days, streams: Streams, told: Callable[[Consumption, int], None] | None = None
    ) -> None:
        self.tariffs: Mapping[str, Tariff] = {}
        self.changed = Signal()
        self._ledger = ledger
        self._days = days
        self._streams = streams
        self._told = told
        self._by_day: dict[dt.date, Scope] = {}
        self._by_stream: dict[str, Scope] = {}
        self._waiting: dict[SpendKey, SpendSum] = {}
        self._rests: dict[str, float] = {}
        self._noted: float | None = None
        self._resumed = False

    @property
    def waiting(self) -> int:
        """How many sums wait to be written."""
        return len(self._waiting)

    @property
    def day(self) -> Scope:
        """What today took."""
        return _scope(self._by_day, self._days.today())

    @property
    def stream(self) -> Scope | None:
        """What the stream that goes on took; None off air."""
        return _scope(self._by_stream, name) if (name := self._streams.current()) else None

    def count(self, consumption: Consumption) -> SpendSum:
        """Count a call; return what it took."""
        c = consumption
        key = f"{c.kind}:{c.link}"
        tariff = self.tariffs.get(key)
        cost = self._rests.get(key, 0.0) + (tariff.micros(c.prompt, c.completion, c.spoken) if tariff else 0.0)
        micros = int(cost)
        self._rests[key] = cost - micros  # what is less than a millionth counts with the next call
        one = SpendSum(1, c.prompt, c.completion, len(c.spoken), micros)
        place = (key, tariff.facts.model if tariff else "", c.purpose.value)
        stream, remote = self._streams.current(), tariff is None or not tariff.facts.local
        for scope in (self.day, self.stream):
            if scope is not None:
                scope.add(place, one, remote=remote)
        self._waiting.setdefault(SpendKey(self._days.today(), stream, *place), SpendSum()).add(one)
        if self._told is not None:
            self._told(c, micros)
        self.changed.notify()
        return one

    # --- the database -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read what earlier runs took, and write what this one does; runs as long as the show."""
        waits = backoff(FIRST_RETRY_S, LAST_RETRY_S)
        while True:
            try:
                await self.sync()
            except ProviderError as error:
                logger.warning("what was spent cannot be written yet: {}", error)
                await asyncio.sleep(next(waits))
            else:
                waits = backoff(FIRST_RETRY_S, LAST_RETRY_S)
                await asyncio.sleep(WRITE_S)

    async def sync(self) -> None:
        """Read and write what there is. Raises `ProviderError` when the database does not take it; it waits then."""
        if not self._resumed:
            self._resume(await self._ledger.open_stream())
        await self._read()
        await self._write()

    def _resume(self, kept: OpenStream | None) -> None:
        """Take up the stream of an earlier run, with what was counted meanwhile. Nothing was written before."""
        began = self._streams.current()
        self._streams.resume(kept)
        self._resumed = True
        if (now := self._streams.current()) == began:
            return
        if began in self._by_stream:
            self._by_stream[now] = self._by_stream.pop(began)
        self._waiting = {k._replace(stream=now if k.stream == began else k.stream): v for k, v in self._waiting.items()}

    async def _read(self) -> None:
        day, stream = self._days.today(), self._streams.current()
        if not (scope := self.day).read:
            found = await self._ledger.of_day(day)
            self._take(scope, found, {k: one for k, one in self._waiting.items() if k.day == day})
        if stream and not (scope := _scope(self._by_stream, stream)).read:
            found = await self._ledger.of_stream(stream)
            self._take(scope, found, {k: one for k, one in self._waiting.items() if k.stream == stream})

    def _take(self, scope: Scope, found: Mapping[SpendKey, SpendSum], waiting: Mapping[SpendKey, SpendSum]) -> None:
        """Add what the table has to what this run counted: all of it but what this run wrote there."""
        unwritten = _by_place(waiting)
        for place, earlier in _by_place(found).items():
            written = replace(scope.rows.get(place, SpendSum()))
            written.subtract(unwritten.get(place, SpendSum()))
            earlier.subtract(written)
            tariff = self.tariffs.get(place[0])
            remote = place[0].startswith(f"{ProviderKind.LLM}:") and not (tariff is not None and tariff.facts.local)
            scope.add(place, earlier, remote=remote)
        scope.read = True
        self.changed.notify()

    async def _write(self) -> None:
        kept, at = self._streams.kept(), asyncio.get_running_loop().time()
        due = kept is not None and (self._noted is None or at - self._noted >= NOTE_S)
        if not self._waiting and not due:
            return
        batch, self._waiting = self._waiting, {}
        try:
            await self._ledger.add(batch, kept)
        except Exception:  # not a cancellation: the store does its work to the end then
            for key, one in batch.items():
                self._waiting.setdefault(key, SpendSum()).add(one)
            raise
        self._noted = at


def _by_place(sums: Mapping[SpendKey, SpendSum]) -> dict[Place, SpendSum]:
    found: dict[Place, SpendSum] = {}
    for key, one in sums.items():
        found.setdefault((key.link, key.model, key.purpose), SpendSum()).add(one)
    return found


def _scope(scopes: dict[K, Scope], name: K) -> Scope:
    """Return the scope of a name, made where it was not; the oldest leaves."""
    if name not in scopes:
        scopes[name] = Scope()
        while len(scopes) > _KEPT:
            del scopes[next(iter(scopes))]
    return scopes[name]
