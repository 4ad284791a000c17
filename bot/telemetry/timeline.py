"""A time stamp for each stage of a turn, from the choice of a message to silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

Stage = Literal["picked", "asked", "first_token", "first_clause", "first_audio", "heard", "first_word", "ended"]


class Timeline:
    """Stamps of one turn, in seconds of the monotonic clock; only the first of each stage counts."""

    __slots__ = ("_clock", "_stamps")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stamps: dict[Stage, float] = {}

    def stamp(self, stage: Stage) -> None:
        """Record that a stage was reached now."""
        if stage not in self._stamps:
            self._stamps[stage] = self._clock()

    def ms(self, stage: Stage, since: Stage = "picked") -> float | None:
        """Return the milliseconds between two stages, or None when either was not reached."""
        if stage not in self._stamps or since not in self._stamps:
            return None
        return round((self._stamps[stage] - self._stamps[since]) * 1000, 2)

    def as_ms(self) -> dict[str, float]:
        """Return every stage that was reached, in ms since the first one."""
        if not self._stamps:
            return {}
        zero = min(self._stamps.values())
        return {stage: round((at - zero) * 1000, 2) for stage, at in self._stamps.items()}
