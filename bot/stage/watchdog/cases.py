"""What was found and is not over: when it is tried to mend it, and when a person is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.stage.watchdog.check import Check, Kind
from bot.stage.watchdog.look import Judged
from bot.telemetry.alarms import AlarmLevel

#: The pauses before each attempt to mend one thing, in seconds. After `QUICK` of them a person is called; the later
#: ones are for a night on which nobody comes. There are no more.
PAUSES_S = (0.0, 30.0, 120.0, 1800.0, 3600.0, 7200.0, 14400.0)
QUICK = 3
#: What was well for so long gets its attempts anew, in seconds.
HEALTHY_S = 1800.0
#: Something is over when it was well for so long, seconds and looks.
OVER_S, OVER_LOOKS = 9.0, 2
#: What is not over so long after it was found is an alarm, whatever is being tried: with the time until it is found,
#: a person is called within three minutes.
ALARM_S = 75.0


class Step(StrEnum):
    """What is to be done about a case now."""

    WAIT = "wait"
    MEND = "mend"
    ALARM = "alarm"
    CLOSE = "close"


@dataclass(slots=True)
class Attempts:
    """The attempts at one resource, whatever was wrong with it.

    Something was wrong with it last at ``bad_at``, and without a pause since ``bad_since``, None when all is well.
    """

    used: int = 0
    ended_at: float = 0.0
    bad_at: float = 0.0
    bad_since: float | None = None
    busy: bool = False

    def next_at(self) -> float | None:
        """Return when the next attempt may begin, or None when there is none left."""
        if self.used >= len(PAUSES_S):
            return None
        return self.ended_at + PAUSES_S[self.used] if self.used else 0.0

    def look(self, now: float, *, bad: bool) -> None:
        """Take note of how the resource does; what was well for long enough is forgiven."""
        if bad:
            self.bad_at = now
            if self.bad_since is None:
                self.bad_since = now
            return
        self.bad_since = None
        if self.used and not self.busy and now - max(self.bad_at, self.ended_at) > HEALTHY_S:
            self.used = 0

    def begin(self) -> None:
        """Use one."""
        self.busy = True
        self.used += 1

    def end(self, now: float) -> None:
        """Take note that it is over, well or not."""
        self.busy, self.ended_at = False, now


@dataclass(slots=True)
class Case:
    """Something that was found. ``tried`` counts attempts to mend it, ``why`` says how the last one failed.

    ``mending``: one is under way.
    """

    check: Check
    found_at: float
    alarmed: bool = False
    tried: int = 0
    why: str = ""
    mending: bool = False

    def step(self, judged: Judged, attempts: Attempts | None, now: float) -> Step:
        """Return what to do now. ``attempts`` is None where nothing can be done but call a person."""
        since = self.found_at
        if attempts is not None and attempts.bad_since is not None:  # one fault may turn into another
            since = min(since, attempts.bad_since)
        if attempts is not None and attempts.busy:
            return self._alarm_if(self.mending and now - since > ALARM_S)
        if judged.bad is False and judged.for_s >= OVER_S and judged.times >= OVER_LOOKS:
            return Step.CLOSE
        if judged.bad and attempts is not None:
            begin = attempts.next_at()
            settled = not self.tried or now >= attempts.ended_at + self.check.settles_s
            if begin is not None and now >= begin and settled:
                return Step.MEND
            if attempts.used >= QUICK:
                return self._alarm_if(due=True)
        if attempts is None:
            return self._alarm_if(due=bool(judged.bad))
        return self._alarm_if(bool(judged.bad) and now - since > ALARM_S)

    def _alarm_if(self, due: bool) -> Step:
        return Step.ALARM if due and not self.alarmed else Step.WAIT


@dataclass(frozen=True, slots=True)
class Finding:
    """A case as the control room shows it. ``over_at`` is None while it lasts; times are in seconds of the clock."""

    kind: Kind
    level: AlarmLevel
    words: str
    remedy: str
    found_at: float
    over_at: float | None = None
    tried: int = 0
    alarmed: bool = field(default=False)
