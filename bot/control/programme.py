"""The programme as an operator sees it and orders it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from loguru import logger

from bot.control.rehearsal import rehearse_aside
from bot.control.schemas.panel import Done
from bot.control.schemas.programme import (
    ComingView,
    OnAirView,
    ProgrammeView,
    RehearsalOrder,
    RehearsalView,
    RunView,
)
from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.show.schedule.state import Coming, Desk, Entry
from bot.text.sanitize import fit

#: Runs and segments that are shown; longest text, in characters.
MAX_RUNS, MAX_SEGMENTS, MAX_TEXT = 50, 500, 500
T = TypeVar("T")


class ProgrammeControls:
    """What may be ordered of the programme; without one every order is refused."""

    def __init__(self, desk: Desk | None, cues: Callable[[], list[str] | None] = lambda: None) -> None:
        """Take the desk. ``cues`` tells the names of the cues that there are; None when nobody knows."""
        self.changed = desk.changed if desk else Signal()
        self._desk = desk
        self._cues = cues
        self._rehearsing = False

    def _need(self) -> Desk:
        if self._desk is None:
            raise Refused("no programme is configured", remedy="See docs/programme.md: programme.")
        return self._desk

    def start(self, segment: str, *, at_once: bool) -> Done:
        """Queue a segment as the next one. Raises `Refused`."""
        self._need().start(segment, at_once=at_once)
        logger.info("by the operator: the segment {} is started", segment)
        return Done(ok=True, detail="it starts now" if at_once else "it is next")

    def skip(self, segment: str) -> Done:
        """End the segment on air, or leave out a waiting one. Raises `Refused`."""
        self._need().skip(segment)
        return Done(ok=True, detail="skipped")

    def extend(self, seconds: float) -> Done:
        """Extend the segment on air, or shorten it. Raises `Refused`."""
        self._need().extend(seconds)
        return Done(ok=True, detail=f"{abs(seconds):g} s {'more' if seconds >= 0 else 'less'}")

    def hold(self, *, on: bool) -> Done:
        """Start nothing by itself while held. Raises `Refused`."""
        self._need().hold(on=on)
        return Done(ok=True, detail="nothing starts by itself" if on else "the programme goes on")

    def reorder(self, segments: list[str]) -> Done:
        """Move the waiting runs of these segments to the front. Raises `Refused`."""
        self._need().reorder(segments)
        return Done(ok=True, detail="in this order")

    def state(self) -> ProgrammeView | None:
        """Return how the programme stands; None when none is configured."""
        if self._desk is None:
            return None
        state = self._desk.state()
        air = state.on_air
        on_air = None
        if air is not None:
            on_air = OnAirView(
                segment=air.segment, kind=air.kind, phase=air.phase, chat=air.chat, started_at=air.started_at,
                aired_s=air.aired_s, remaining_s=air.remaining_s,
            )  # fmt: skip
        return ProgrammeView(
            file=fit(state.file, MAX_TEXT),
            fault=fit(state.fault, 4 * MAX_TEXT),
            zone=state.zone,
            held=state.held,
            on_air=on_air,
            waiting=[_run(one) for one in state.waiting[:MAX_RUNS]],
            coming=[_coming(one) for one in state.coming[:MAX_RUNS]],
            past=[_run(one) for one in state.past[:MAX_RUNS]],
            segments=list(state.segments[:MAX_SEGMENTS]),
        )

    async def timeline(self, hours: float) -> list[ComingView]:
        """Return what the clock makes due within so many hours. Raises `Refused`."""
        return [_coming(one) for one in await self._need().timeline(hours)]

    async def rehearse(self) -> RehearsalView:
        """Rehearse a day of the file in force, in a process of its own. Raises `Refused`."""
        file = self._need().state().file
        if not file:
            raise Refused("no programme could be read yet", remedy="Mend its file first.")
        if self._rehearsing:
            raise Refused("a rehearsal is under way", remedy="Wait for it.")
        self._rehearsing = True
        try:
            return await rehearse_aside(RehearsalOrder(file=file, cues=self._cues()))
        finally:
            self._rehearsing = False


def _run(one: Entry) -> RunView:
    return RunView(
        segment=one.segment, due_at=one.due_at, state=one.state, cause=fit(one.cause, MAX_TEXT),
        note=fit(one.note, MAX_TEXT), started_at=one.started_at, aired_s=round(one.aired_s, 1),
    )  # fmt: skip


def _coming(one: Coming) -> ComingView:
    return ComingView(segment=one.segment, kind=one.kind, due_at=one.due_at, until=one.until)
