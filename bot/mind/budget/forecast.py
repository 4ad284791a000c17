"""When a limit is reached, if it goes on as in the last hour."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

#: What was spent is kept by the minute, for so many of them; less than so many seconds say nothing yet.
MINUTES: Final = 60
LEAST_S: Final = 300.0


class Pace(NamedTuple):
    """What is spent in a second."""

    micros: float
    tokens: float


class Forecast:
    """Knows what was spent within the last hour. Times are seconds of a steady clock."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._minutes: deque[tuple[int, int, int]] = deque(maxlen=MINUTES)

    def add(self, now: float, micros: int, tokens: int) -> None:
        """Take note of a call."""
        minute = int(now // 60)
        if self._minutes and self._minutes[-1][0] == minute:
            _, m, t = self._minutes.pop()
            micros, tokens = micros + m, tokens + t
        self._minutes.append((minute, micros, tokens))

    def pace(self, now: float) -> Pace | None:
        """Return how fast it goes; None when that cannot be said yet."""
        span = min(now - self._since, MINUTES * 60.0)
        if span < LEAST_S:
            return None
        first = int(now // 60) - MINUTES
        kept = [(m, t) for minute, m, t in self._minutes if minute > first]
        return Pace(sum(m for m, _ in kept) / span, sum(t for _, t in kept) / span)
