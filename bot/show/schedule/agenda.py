"""What is due and what waits: bookkeeping without any I/O, over whatever the wall clock says.

The clock may jump: a machine sleeps for an hour, a clock is set. What became due since the last look is due now, if it
is not too late for it; what is too late goes by its segment's ``missed``. A clock that was set back makes nothing due
twice: a run is named by the moment at which it was due. Of one segment a single run waits at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bot.errors import Refused
from bot.show.schedule.file import ProgrammeFile
from bot.show.schedule.programme import Conditions, Missed, Segment
from bot.store.programme import SegmentRun
from bot.store.tables import RunState
from bot.types import Kind

#: A clock that goes back by less was not set, but put right.
STEADY = dt.timedelta(seconds=1)
#: Runs that are remembered by name, so that none comes twice.
MAX_KNOWN = 20_000
#: Occurrences of one segment that are passed over one by one.
_MAX_PASSED = 1000
_INSTANT = dt.timedelta(microseconds=1)


class Facts(Protocol):
    """What conditions ask. None: nobody knows."""

    def viewers(self) -> int | None:
        """Return how many watch."""
        ...

    def live(self) -> bool | None:
        """Return whether the platform says that the stream is live."""
        ...

    def streamer_speaking(self) -> bool | None:
        """Return whether the streamer is speaking."""
        ...


class NoFacts:
    """Nobody knows anything."""

    def viewers(self) -> int | None:
        """Return that nobody knows."""
        return None

    def live(self) -> bool | None:
        """Return that nobody knows."""
        return None

    def streamer_speaking(self) -> bool | None:
        """Return that nobody knows."""
        return None


def unmet(wanted: Conditions, facts: Facts) -> str:
    """Return the condition that is not met, in words. What nobody knows counts as met."""
    viewers, live, speaking = facts.viewers(), facts.live(), facts.streamer_speaking()
    if wanted.viewers is not None and viewers is not None and viewers < wanted.viewers:
        return f"{viewers} watch, and {wanted.viewers} are wanted"
    if wanted.live is not None and live is not None and live is not wanted.live:
        return "the stream is live" if live else "the stream is not live"
    if wanted.streamer_speaking is not None and speaking is not None and speaking is not wanted.streamer_speaking:
        return "the streamer speaks" if speaking else "the streamer does not speak"
    return ""


class Agenda:
    """What is due. ``seen`` is the last moment that was looked at; ``waiting`` are the runs in their order."""

    def __init__(self, file: ProgrammeFile, seen: dt.datetime, runs: Iterable[SegmentRun] = ()) -> None:
        self.seen = seen
        self.waiting: list[SegmentRun] = []
        self._known: dict[str, None] = {}
        for run in runs:
            self._know(run)
        self._file = file
        self._next: dict[str, dt.datetime] = {}
        self.adopt(file)

    @property
    def file(self) -> ProgrammeFile:
        """The programme in force."""
        return self._file

    def adopt(self, file: ProgrammeFile, times: Mapping[str, dt.datetime] | None = None) -> list[SegmentRun]:
        """Take over a programme; return the runs that waited for segments which are gone.

        ``times`` is what `reckon` returned for it, where that was done before.
        """
        self._file = file
        self._next = dict(reckon(file, self.seen) if times is None else times)
        gone = [run for run in self.waiting if run.segment not in file.planned]
        for run in gone:
            self._end(run, RunState.SKIPPED, "the segment is not in the programme any more")
        return gone

    def next_at(self) -> dt.datetime | None:
        """Return when the clock makes something due next."""
        return min(self._next.values(), default=None)

    def upcoming(self) -> list[tuple[dt.datetime, str]]:
        """Return when the clock makes each segment due next, the earliest first."""
        return sorted((at, name) for name, at in self._next.items())

    def coming(self, since: dt.datetime, until: dt.datetime, most: int = 200) -> list[tuple[dt.datetime, str]]:
        """Return what the clock will make due between two moments, the earliest first."""
        found: list[tuple[dt.datetime, str]] = []
        for segment in self._file.programme.segments:
            at = self._file.programme.next_after(segment, since) if segment.when.by_clock else None
            for _ in range(most):
                if at is None or at > until:
                    break
                found.append((at, segment.name))
                at = self._file.programme.next_after(segment, at)
        return sorted(found)[:most]

    # --- becoming due -------------------------------------------------------------------------------

    def look(self, now: dt.datetime, *, busy: bool) -> list[SegmentRun]:
        """Queue what has become due; return every run whose state is new. ``busy``: a segment is on."""
        if now < self.seen - STEADY:
            self._next = reckon(self._file, now)
        self.seen = now
        due = sorted(
            (name for name, at in self._next.items() if at <= now), key=lambda n: (self._next[n], self._order(n))
        )
        changed: list[SegmentRun] = []
        for name in due:
            segment = self._file.planned[name].segment
            changed += self._due(segment, now, busy=busy)
            self._set_next(segment, now)
        return changed

    def _due(self, segment: Segment, now: dt.datetime, *, busy: bool) -> list[SegmentRun]:
        first = at = self._next[segment.name]
        in_time = now - dt.timedelta(seconds=segment.late)
        if at < in_time:
            following = self._file.programme.next_after(segment, in_time - _INSTANT)
            if following is None or following > now:
                missed = SegmentRun(segment.name, first, "missed")
                if segment.missed is Missed.ONCE:
                    return self._wait(missed, busy=busy)
                missed.state, missed.note = RunState.MISSED, "the host was away when it was due"
                return [missed]  # not remembered: a clock that is set back makes it due again
            at = following
        for _ in range(_MAX_PASSED):  # of several in time, the latest
            following = self._file.programme.next_after(segment, at)
            if following is None or following > now:
                break
            at = following
        return self._wait(SegmentRun(segment.name, at, "on time"), busy=busy)

    def call(self, name: str, now: dt.datetime, cause: str) -> list[SegmentRun]:
        """Queue a segment that somebody or something called. Raises `Refused` for one that is not there."""
        if name not in self._file.planned:
            raise Refused(f"there is no segment {name!r}", remedy="The programme's state lists them.")
        return self._wait(SegmentRun(name, now, cause), busy=False)

    def follow(self, name: str, now: dt.datetime) -> list[SegmentRun]:
        """Queue the segments that follow one which has ended."""
        return [run for other in self._with(after=name) for run in self.call(other, now, f"after {name}")]

    def quiet(self, now: dt.datetime, quiet_s: float) -> list[SegmentRun]:
        """Queue the segment whose quiet it is: of several, the one that was on longest ago."""
        ripe = [
            one.name
            for one in self._file.programme.segments
            if one.when.quiet is not None and quiet_s >= one.when.quiet
        ]
        if not ripe:
            return []
        known = {name.rpartition("@")[0]: order for order, name in enumerate(self._known)}
        return self.call(min(ripe, key=lambda name: known.get(name, -1)), now, "it was quiet")

    def next_quiet_s(self) -> float | None:
        """Return the shortest quiet that a segment waits for."""
        return min(
            (one.when.quiet for one in self._file.programme.segments if one.when.quiet is not None), default=None
        )

    def event(self, kind: Kind, now: dt.datetime) -> list[SegmentRun]:
        """Queue the segments that an event calls."""
        waiting = {run.segment for run in self.waiting}
        names = [
            one.name for one in self._file.programme.segments if one.when.event is kind and one.name not in waiting
        ]
        return [run for name in names for run in self.call(name, now, f"a {kind.value} came")]

    # --- being taken --------------------------------------------------------------------------------

    def restore(self, run: SegmentRun) -> None:
        """Queue a run that an earlier start left."""
        self.waiting.append(run)

    def late(self, now: dt.datetime) -> list[SegmentRun]:
        """Return the runs that have waited too long, and wait no longer."""
        gone = []
        for run in list(self.waiting):
            segment = self._file.planned[run.segment].segment
            if run.cause == "missed" or (now - run.due_at).total_seconds() <= segment.late:
                continue
            if segment.missed is Missed.ONCE:
                run.cause = "missed"
                continue
            self._end(run, RunState.MISSED, run.note or "other segments took too long")
            gone.append(run)
        return gone

    def take(self, facts: Facts, *, ordered: bool = False) -> SegmentRun | None:
        """Remove and return the first run that may start. ``ordered``: of those alone that a person called."""
        for run in self.waiting:
            if ordered and run.cause != BY_ORDER:
                continue
            conditions = self._file.planned[run.segment].segment.only_if
            run.note = "" if run.cause == BY_ORDER else unmet(conditions, facts)
            if not run.note:
                self.waiting.remove(run)
                return run
        return None

    def leave_out(self, name: str, why: str) -> list[SegmentRun]:
        """Remove a segment from what waits; return its runs that did."""
        gone = [run for run in self.waiting if run.segment == name]
        for run in gone:
            self._end(run, RunState.SKIPPED, why)
        return gone

    def reorder(self, names: Sequence[str]) -> None:
        """Move the waiting runs of these segments to the front, in this order."""
        places = {name: place for place, name in enumerate(names)}
        self.waiting.sort(key=lambda run: places.get(run.segment, len(places)))

    def _wait(self, run: SegmentRun, *, busy: bool) -> list[SegmentRun]:
        if run.run in self._known:
            return []
        self._know(run)
        if (
            (busy or self.waiting)
            and self._file.planned[run.segment].segment.overlap == "skip"
            and run.cause != BY_ORDER
        ):
            run.state, run.note = RunState.SKIPPED, "another segment was on"
            return [run]
        older = [one for one in self.waiting if one.segment == run.segment]
        for one in older:
            self._end(one, RunState.SKIPPED, "it was due again before it could start")
        self.waiting.append(run)
        return [*older, run]

    def _end(self, run: SegmentRun, state: RunState, note: str) -> None:
        run.state, run.note = state, note
        self.waiting.remove(run)

    def _know(self, run: SegmentRun) -> None:
        self._known[run.run] = None
        while len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def _with(self, *, after: str) -> list[str]:
        return [one.name for one in self._file.programme.segments if one.when.after == after]

    def _order(self, name: str) -> int:
        return list(self._file.planned).index(name)

    def _set_next(self, segment: Segment, now: dt.datetime) -> None:
        following = self._file.programme.next_after(segment, now)
        if following is None:
            self._next.pop(segment.name, None)
        else:
            self._next[segment.name] = following


def reckon(file: ProgrammeFile, since: dt.datetime) -> dict[str, dt.datetime]:
    """Return when the clock makes each segment due next, later than a moment. Takes time for many segments."""
    found = {one.name: file.programme.next_after(one, since) for one in file.programme.segments if one.when.by_clock}
    return {name: at for name, at in found.items() if at is not None}


#: The cause of a run that a person started.
BY_ORDER = "by order"
