"""An event loop whose clock jumps to the next timer when nothing is ready: an hour takes milliseconds.

Sockets on loopback still work: the loop looks at them before each jump, and only jumps when no byte
is on its way. Work in threads is invisible to it, so parts that use threads are behind protocols and
their fakes do not.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Looks without waiting; when nothing is ready, moves the clock by what it was asked to wait."""

    def __init__(self, clock: JumpingClock) -> None:
        super().__init__()
        self._clock = clock
        self.idle = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            self.idle = 0
            return ready
        # Loopback needs a moment: a byte written in this very turn may not be readable yet.
        ready = super().select(0.0005)
        if ready:
            return ready
        if timeout is None:
            self.idle += 1
            if self.idle > 20_000:
                raise RuntimeError("nothing will ever happen: the test waits for something that has no timer")
            return super().select(0.0005)
        self._clock.now += timeout
        return []


class JumpingClock:
    """The time of a `JumpingLoop`, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class JumpingLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self) -> None:
        self.clock = JumpingClock()
        super().__init__(_Selector(self.clock))
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self.clock.now

    def pending(self) -> list[Any]:
        """Return the timers that are waiting, earliest first (for messages of failing tests)."""
        return heapq.nsmallest(5, self._scheduled)  # type: ignore[attr-defined]
