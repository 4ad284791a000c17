"""Makes runs and memories durable: the newest of each, again and again until the database has it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from loguru import logger

from bot.errors import HaishinError
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.store.programme import SavedProgramme, SegmentRun

#: The largest memory of a segment, in bytes of JSON.
MAX_MEMORY = 64 * 1024
#: How long a segment waits for its memory to be written, in seconds; then it is written while the show goes on.
PATIENCE_S = 1.0
#: Entries that wait for the database: runs and memories by name, so there are never many.
MAX_ENTRIES = 1000


class Records(Protocol):
    """The durable record; `bot.store.programme.ProgrammeLedger`."""

    async def load(self, since: dt.datetime) -> SavedProgramme:
        """Return what an earlier start left."""
        ...

    async def put(self, run: SegmentRun) -> None:
        """Write how a run stands."""
        ...

    async def remember(self, name: str, value: Mapping[str, Any], now: dt.datetime) -> None:
        """Write a memory."""
        ...

    async def heard(self, turn: str) -> str:
        """Return what was heard of a turn."""
        ...

    async def recent(self, since: dt.datetime) -> list[str]:
        """Return what happened since a moment."""
        ...


class Keeper:
    """Writes in the order of asking, without letting anybody wait for long. Nothing here raises."""

    def __init__(self, records: Records, clock: Callable[[], dt.datetime]) -> None:
        self.records = records
        self._clock = clock
        self._waiting: dict[str, Callable[[], Awaitable[None]]] = {}
        self._changed = Signal()

    def put(self, run: SegmentRun) -> None:
        """Write how a run stands now."""
        kept = replace(run)
        self._add(f"run {run.run}", lambda: self.records.put(kept))

    def remember(self, name: str, value: Mapping[str, Any]) -> bool:
        """Write a memory as it is now; return whether it can be kept."""
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            logger.error("what the segment {} remembers cannot be kept: {}", name, error)
            return False
        if len(text) > MAX_MEMORY:
            logger.error("what the segment {} remembers is too large to be kept: {} bytes", name, len(text))
            return False
        kept, now = json.loads(text), self._clock()
        self._add(f"memory {name}", lambda: self.records.remember(name, kept, now))
        return True

    async def settled(self, within_s: float = PATIENCE_S) -> bool:
        """Wait until all is written, for a bounded time; return whether it is."""
        return await self._changed.wait_until(lambda: not self._waiting, within_s)

    async def run(self) -> None:
        """Write what waits; runs as long as the programme."""
        waits, failing = backoff(0.1, 5.0), False
        while True:
            await self._changed.wait_until(lambda: bool(self._waiting))
            key, write = next(iter(self._waiting.items()))
            try:
                await write()
            except HaishinError as error:
                if not failing:
                    logger.warning("the programme's record waits for the database: {}", error)
                failing = True
                await asyncio.sleep(next(waits))
                continue
            except Exception as error:  # noqa: BLE001 - one entry that the database refuses must not hold up the others
                logger.opt(exception=error).error("an entry of the programme's record is lost")
            waits, failing = backoff(0.1, 5.0), False
            if self._waiting.get(key) is write:
                del self._waiting[key]
            self._changed.notify()

    def _add(self, key: str, write: Callable[[], Awaitable[None]]) -> None:
        if key not in self._waiting and len(self._waiting) >= MAX_ENTRIES:
            self._waiting.pop(next(iter(self._waiting)))
        self._waiting[key] = write
        self._changed.notify()
