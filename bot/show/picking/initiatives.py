"""Asks what may speak when no message does, one after the other; one that fails is left out alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from loguru import logger

from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent
from bot.show.turn import Initiative, Pick

#: Answers to the chat, and seconds of them, for which an initiative that has something to say waits at most.
PASSED_TURNS, PASSED_S = 2, 45.0
#: One that failed is asked again after so many seconds: who fails at once must not keep the loop busy.
REST_S = 5.0


class Initiatives:
    """All that may speak when no message does, in the order in which it was added."""

    def __init__(self, wake: Signal) -> None:
        #: How often one of them failed.
        self.failures = 0
        self._all: list[Initiative] = []
        self._wake = wake
        self._failing: set[tuple[int, str]] = set()
        self._rests: dict[int, float] = {}  # until when one that failed is not asked
        self._passed = 0  # answers since one of them has something to say
        self._due_since: float | None = None

    def add(self, initiative: Initiative) -> None:
        """Add one, to be asked after the others."""
        self._all.append(initiative)
        initiative.changed.lead_to(self._wake)

    def next(self, now: float, quiet_since: float, admits: Callable[[FloorEvent], bool]) -> Pick | None:
        """Return what one of them wants to say now, of those whose kind may speak."""
        for one in self._all:
            event = event_of(one)
            if admits(event) and (plan := self._ask(one, "next", now, quiet_since)):
                self._due_since = None
                return Pick(plan, event)
        return None

    def waits(self, now: float, quiet_since: float, admits: Callable[[FloorEvent], bool]) -> Iterator[float]:
        """Yield the seconds until each of those whose kind may speak wants to be asked, where it knows."""
        for one in self._all:
            if not admits(event_of(one)):
                continue
            if (seconds := self._ask(one, "due_in", now, quiet_since)) is not None:
                yield max(0.01, seconds)
            elif (until := self._rests.get(id(one))) is not None:
                yield max(0.01, until - now)

    def due(self, now: float, quiet_since: float) -> set[FloorEvent]:
        """Return the kinds of those that have something to say now."""
        return {event_of(one) for one in self._all if self._ask(one, "due_in", now, quiet_since) == 0}

    def passed(self) -> None:
        """Take note that an answer to the chat went before them."""
        self._passed += 1

    def passed_over(self, now: float, quiet_since: float) -> bool:
        """Return whether one of them has waited long enough behind the chat; payments still go first."""
        if not self.due(now, quiet_since):
            self._due_since = None
            return False
        if self._due_since is None:
            self._due_since, self._passed = now, 0
        return self._passed >= PASSED_TURNS or now - self._due_since >= PASSED_S

    def _ask(self, one: Initiative, question: str, now: float, quiet_since: float) -> Any:
        if now < self._rests.get(id(one), now):
            return None
        self._rests.pop(id(one), None)
        key = (id(one), question)
        try:
            answer = getattr(one, question)(now, quiet_since)
        except Exception as error:  # noqa: BLE001 - a part that is broken must not end the show
            self.failures += 1
            self._rests[id(one)] = now + REST_S
            if key not in self._failing:
                self._failing.add(key)
                logger.opt(exception=error).error("{} fails; it is asked again and again", type(one).__name__)
            return None
        if key in self._failing:
            self._failing.discard(key)
            logger.info("{} works again", type(one).__name__)
        return answer


def event_of(initiative: Initiative) -> FloorEvent:
    """Return the row of an initiative in the table of the floor: ``floor_event`` where it has one."""
    return FloorEvent(getattr(initiative, "floor_event", FloorEvent.SEGMENT))
