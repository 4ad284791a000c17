"""Runs of cues: those that wait for their turn, and what became of the last ones."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from loguru import logger

from bot.errors import Refused
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


class Why(StrEnum):
    """Why a cue came out as it did; `_WORDS` says each in English, the panel in its own language."""

    CIRCLE = "circle"
    NO_CUE = "no_cue"
    AWAY = "away"
    CROWDED = "crowded"
    WAITED = "waited"
    HELD = "held"
    BUSY = "busy"
    PRIORITY = "priority"
    MUCH = "much"
    NO_SCENE = "no_scene"
    PUT_BACK = "put_back"
    STAYS = "stays"
    STUCK = "stuck"
    ERROR = "error"  # what OBS, a platform or the disk says, in its own words


_WORDS: Mapping[Why, str] = MappingProxyType(
    {
        Why.CIRCLE: "cues that set off one another in a circle are cut: {value}",
        Why.NO_CUE: "there is no such cue",
        Why.AWAY: "OBS is away: {value}",
        Why.CROWDED: "more cues came than can be carried out",
        Why.WAITED: "it had waited {value} s for its turn",
        Why.HELD: "the scene stays: a person chose {value!r}",
        Why.BUSY: "too much is under way already",
        Why.PRIORITY: "{value} belongs to the cue {more!r} now, which has a higher priority",
        Why.MUCH: "too much is changed for a while already",
        Why.NO_SCENE: "there is no scene {value!r} in OBS",
        Why.PUT_BACK: "{value} was put back",
        Why.STAYS: "{value} stays: it was changed meanwhile",
        Why.STUCK: "{value} cannot be put back: {more}",
        Why.ERROR: "{value}",
    }
)


class Remark(NamedTuple):
    """Why a cue came out as it did. ``step`` is the verb of the step concerned; ``value`` and ``more`` are names in it.

    ``near`` is the scene that was perhaps meant.
    """

    why: Why
    value: str = ""
    more: str = ""
    step: str = ""
    near: str = ""

    def __str__(self) -> str:
        words = _WORDS[self.why].format(value=self.value, more=self.more)
        words += f"; did you mean {self.near!r}?" if self.near else ""
        return f"{self.step}: {words}" if self.step else words


class CueRefusedError(Refused):
    """A step of a cue cannot be done, for a reason that the panel can say in its own language."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(str(remark))
        self.remark = remark


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


#: Records that are kept; longest detail, in characters; remarks of one.
KEPT, MAX_DETAIL, MAX_REMARKS = 30, 300, 8
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
    remarks: tuple[Remark, ...] = ()


def said(remarks: Iterable[Remark]) -> str:
    """Return remarks in English, as they stand in the log."""
    return "; ".join(map(str, remarks))


class CueLog:
    """The last records, the newest last. The same again is counted, not listed, and is logged once."""

    def __init__(self) -> None:
        self._records: deque[CueRecord] = deque(maxlen=KEPT)

    @property
    def records(self) -> Sequence[CueRecord]:
        """The last records, the newest last."""
        return tuple(self._records)

    def add(self, cue: str, at: float, outcome: Outcome, *remarks: Remark) -> CueRecord:
        """Record what became of a cue."""
        detail = fit(said(remarks), MAX_DETAIL)
        # A storm sets off several cues in turn: the same is looked for among the last few.
        for past in list(self._records)[-5:]:
            again = (past.cue, past.outcome, past.detail) == (cue, outcome, detail)
            if again and (outcome not in _WELL or at - past.at < SOON_S):
                past.at, past.count = at, past.count + 1
                self._records.remove(past)
                self._records.append(past)
                return past
        record = CueRecord(cue, at, outcome, detail, remarks=remarks[:MAX_REMARKS])
        self._records.append(record)
        level = "INFO" if outcome in _WELL else "WARNING"
        logger.log(level, "cue {!r}: {}{}", cue, outcome, f" ({detail})" if detail else "")
        return record
