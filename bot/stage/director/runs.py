"""Runs of cues: those that wait for their turn, and what became of the last ones."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from loguru import logger

from bot.stage.director.settings import Cue
from bot.stage.director.triggers import NOBODY, Whom
from bot.text.sanitize import fit

#: Cues that wait at most: a storm of gifts is shown by a few of them.
MAX_WAITING = 16


class Outcome(StrEnum):
    """What became of a cue."""

    DONE = "done"
    PARTLY = "partly"  # some of its steps could not be done
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"  # more came than could be done
    UNDONE = "undone"  # what it changed was put back


_WELL = (Outcome.DONE, Outcome.UNDONE)


class Ended(NamedTuple):
    """What became of one run of a cue."""

    outcome: Outcome
    detail: str

    @property
    def done(self) -> bool:
        """Whether it was done, wholly or in part."""
        return self.outcome in (Outcome.DONE, Outcome.PARTLY)


@dataclass(slots=True, eq=False)
class CueRun:
    """One cue that is to be carried out. ``chain`` are the cues that led to it; ``ended`` gets what became of it."""

    name: str
    cue: Cue
    values: Mapping[str, object]
    at: float
    number: int = 0
    whom: Whom = NOBODY
    chain: tuple[str, ...] = ()
    ended: asyncio.Future[Ended] | None = field(default=None, repr=False)

    def settle(self, outcome: Outcome, detail: str) -> None:
        """Tell whoever waits what became of it."""
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(Ended(outcome, detail))

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


#: Records that are kept; longest detail, in characters.
KEPT, MAX_DETAIL = 30, 300
#: What went well again so soon is counted with the time before, in seconds.
SOON_S = 10.0


@dataclass(slots=True, eq=False)
class CueRecord:
    """What became of a cue; ``count`` times in a row, ``at`` the last time (seconds of the loop's clock)."""

    cue: str
    at: float
    outcome: Outcome
    detail: str = ""
    count: int = 1


class CueLog:
    """The last records, the newest last. The same again is counted, not listed, and is logged once."""

    def __init__(self) -> None:
        self._records: deque[CueRecord] = deque(maxlen=KEPT)

    @property
    def records(self) -> Sequence[CueRecord]:
        """The last records, the newest last."""
        return tuple(self._records)

    def add(self, cue: str, at: float, outcome: Outcome, detail: str = "") -> CueRecord:
        """Record what became of a cue."""
        detail = fit(detail, MAX_DETAIL)
        # A storm sets off several cues in turn: the same is looked for among the last few.
        for past in list(self._records)[-5:]:
            again = (past.cue, past.outcome, past.detail) == (cue, outcome, detail)
            if again and (outcome not in _WELL or at - past.at < SOON_S):
                past.at, past.count = at, past.count + 1
                self._records.remove(past)
                self._records.append(past)
                return past
        record = CueRecord(cue, at, outcome, detail)
        self._records.append(record)
        level = "INFO" if outcome in _WELL else "WARNING"
        logger.log(level, "cue {!r}: {}{}", cue, outcome, f" ({detail})" if detail else "")
        return record
