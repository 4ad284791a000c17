"""How the programme stands, in plain values, and the orders of a person: for the control room and for commands."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.show.schedule.file import ProgrammeFile
from bot.show.schedule.runner import Runner
from bot.show.segments.segment import ChatMode
from bot.store.programme import SegmentRun
from bot.store.tables import RunPhase, RunState


@dataclass(frozen=True, slots=True)
class OnAir:
    """The segment on air. ``remaining_s`` is None when it has no length."""

    segment: str
    kind: str
    phase: RunPhase
    chat: ChatMode
    started_at: dt.datetime
    aired_s: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A run that waits, or has ended. ``note`` says why it waits or was left out, ``cause`` why it is there at all."""

    segment: str
    due_at: dt.datetime
    state: RunState
    cause: str
    note: str
    started_at: dt.datetime | None
    aired_s: float


@dataclass(frozen=True, slots=True)
class Coming:
    """What the clock makes due; the end is None for a segment without a length."""

    segment: str
    kind: str
    due_at: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ProgrammeState:
    """How the programme stands. ``fault`` is what is wrong with the newest file: the one before is in force then."""

    file: str
    fault: str
    zone: str
    held: bool
    on_air: OnAir | None
    waiting: tuple[Entry, ...]
    coming: tuple[Coming, ...]
    past: tuple[Entry, ...]
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What viewers are asked just now. ``counts`` is empty for a question; ``answer`` once it was told."""

    kind: str
    title: str
    choices: tuple[str, ...]
    counts: tuple[int, ...]
    number: int
    of: int
    left_s: float
    answer: str


def entry(run: SegmentRun) -> Entry:
    """Return a run as it is shown."""
    return Entry(run.segment, run.due_at, run.state, run.cause, run.note, run.started_at, run.aired_s)


class Desk:
    """What a person may see and order of the programme. ``changed`` is notified of everything that it shows."""

    def __init__(self, runner: Runner, clock: Callable[[], dt.datetime]) -> None:
        self.changed: Signal = runner.changed
        self._runner = runner
        self._clock = clock

    def next(self) -> str:
        """Return what comes next and when, in the programme's zone; empty when nothing is planned."""
        agenda = self._runner.agenda
        if agenda.waiting:
            return agenda.waiting[0].segment
        if not (coming := agenda.upcoming()):
            return ""
        at, name = coming[0]
        return f"{name}, {at.astimezone(ZoneInfo(agenda.file.programme.zone)):%H:%M}"

    async def segment(self, name: str) -> bool:
        """Queue the segment of this name as the next one, in any case of letters; return False when there is none."""
        wanted = name.strip().casefold()
        found = next((one for one in self._runner.agenda.file.planned if one.casefold() == wanted), None)
        if found is not None:
            self.start(found)
        return found is not None

    def start(self, name: str, *, at_once: bool = False) -> None:
        """Queue a segment as the next one; ``at_once`` ends the one on air. Raises `Refused`."""
        self._runner.call(name)
        if at_once:
            self._runner.end(f"{name} was started by order")

    def skip(self, name: str = "") -> None:
        """End the segment on air, or leave out a waiting one. Raises `Refused` when there is none."""
        if name and (self._runner.air is None or self._runner.air.segment_run.segment != name):
            if not self._runner.leave_out(name, "left out by order"):
                raise Refused(f"{name!r} neither is on nor waits", remedy="The programme's state lists what waits.")
        elif not self._runner.end("skipped by order"):
            raise Refused("no segment is on", remedy="Start one first.")

    def extend(self, seconds: float) -> None:
        """Extend the segment on air, or shorten it. Raises `Refused` when there is none, or it has no length."""
        air = self._runner.air
        if air is None or air.planned.segment.length is None:
            raise Refused(
                "no segment with a length is on", remedy="One without a length ends by itself, or is skipped."
            )
        air.extra_s += seconds
        air.over.notify()
        self.changed.notify()

    def hold(self, *, on: bool) -> None:
        """Start nothing by itself while held, but what a person orders."""
        self._runner.hold(on=on)

    def reorder(self, names: Sequence[str]) -> None:
        """Move the waiting runs of these segments to the front, in this order."""
        self._runner.reorder(names)

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer in what the segments remember."""
        self._runner.forget(source, viewer)

    def state(self) -> ProgrammeState:
        """Return how the programme stands; ``coming`` has the next time of each segment."""
        runner, agenda = self._runner, self._runner.agenda
        file = agenda.file
        return ProgrammeState(
            file=str(file.path) if file.planned else "",
            fault=runner.fault,
            zone=file.programme.zone,
            held=runner.held,
            on_air=self.on_air(),
            waiting=tuple(entry(run) for run in agenda.waiting),
            coming=tuple(_coming(file, at, name) for at, name in agenda.upcoming()),
            past=tuple(entry(run) for run in reversed(runner.past)),
            segments=tuple(file.planned),
        )

    def asked(self) -> Asked | None:
        """Return what the segment on air asks its viewers; None when it asks nothing."""
        air = self._runner.air
        if air is None or air.memory.get("run") != air.run:
            return None
        state = air.memory.get("state")
        found = state.get("asks") if isinstance(state, dict) else None
        if not isinstance(found, dict):
            return None
        return Asked(
            kind=air.planned.segment.kind,
            title=str(found.get("title", "")),
            choices=tuple(map(str, found.get("choices", ()))),
            counts=tuple(found.get("counts", ())),
            number=int(found.get("number", 0)),
            of=int(found.get("of", 0)),
            left_s=max(0.0, float(found.get("ends", 0.0)) - asyncio.get_running_loop().time()),
            answer=str(found.get("answer", "")),
        )

    async def timeline(self, hours: float = 24.0) -> list[Coming]:
        """Return what the clock makes due within so many hours, at most 500."""
        agenda, now = self._runner.agenda, self._clock()
        file, until = agenda.file, now + dt.timedelta(hours=hours)
        found = await asyncio.to_thread(agenda.coming, now, until, 500)
        return [_coming(file, at, name) for at, name in found]

    def on_air(self) -> OnAir | None:
        """Return the segment on air."""
        air = self._runner.air
        if air is None:
            return None
        run, planned = air.segment_run, air.planned
        return OnAir(
            run.segment,
            planned.segment.kind,
            run.phase,
            air.chat,
            run.started_at or run.due_at,
            round(air.aired_s, 1),
            None if math.isinf(air.remaining_s) else round(air.remaining_s, 1),
        )


def _coming(file: ProgrammeFile, at: dt.datetime, name: str) -> Coming:
    segment = file.planned[name].segment
    until = at + dt.timedelta(seconds=segment.length) if segment.length else None
    return Coming(name, segment.kind, at, until)
