"""The cues that wait for their turn: few, the highest priority first."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.stage.director.settings import Cue
from bot.stage.director.triggers import NOBODY, Whom

#: Cues that wait at most: a storm of gifts is shown by a few of them.
MAX_WAITING = 16


@dataclass(slots=True, eq=False)
class CueRun:
    """One cue that is to be carried out. ``chain`` are the cues that led to it; ``done`` gets whether it was done."""

    name: str
    cue: Cue
    values: Mapping[str, object]
    at: float
    number: int = 0
    whom: Whom = NOBODY
    chain: tuple[str, ...] = ()
    done: asyncio.Future[bool] | None = field(default=None, repr=False)

    def settle(self, *, done: bool) -> None:
        """Tell whoever waits what became of it."""
        if self.done is not None and not self.done.done():
            self.done.set_result(done)

    @property
    def rank(self) -> tuple[int, int]:
        """Its place: lower goes first."""
        return -self.cue.priority, self.number


class CueQueue:
    """A bounded queue: when it is full, the newest of the lowest priority leaves."""

    def __init__(self, most: int = MAX_WAITING) -> None:
        self._most = most
        self._runs: list[CueRun] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._runs)

    def put(self, run: CueRun) -> CueRun | None:
        """Add a cue; return the one that had to leave for want of room, perhaps the same."""
        self._count += 1
        run.number = self._count
        insort(self._runs, run, key=lambda one: one.rank)
        return self._runs.pop() if len(self._runs) > self._most else None

    def take(self) -> CueRun | None:
        """Remove and return the next one; None when none waits."""
        return self._runs.pop(0) if self._runs else None
