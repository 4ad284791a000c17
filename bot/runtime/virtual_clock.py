"""An event loop whose clock jumps to the next timer when nothing is ready: an hour takes milliseconds.

Sockets on loopback still work: the loop looks at them before each jump, and only jumps when no byte
is on its way. Work in threads is invisible to it: what uses threads is behind protocols, or the loop does it at once.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

#: A byte on loopback needs so long before it can be read, in seconds.
LOOPBACK_S = 0.0005
#: So many looks without a timer are made before it is certain that nothing will ever happen.
_MAX_IDLE = 20_000


class VirtualClock:
    """The time of a `VirtualLoop`, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class _Selector(selectors.DefaultSelector):
    """Looks without waiting; when nothing is ready, moves the clock by what it was asked to wait."""

    def __init__(self, clock: VirtualClock, settle_s: float) -> None:
        super().__init__()
        self._clock = clock
        self._settle_s = settle_s
        self._idle = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now; when nothing is, let the time pass at once."""
        ready = super().select(0)
        if ready or timeout == 0:
            self._idle = 0
            return ready
        # A byte written in this very turn may not be readable yet.
        if self._settle_s and (ready := super().select(self._settle_s)):
            return ready
        if timeout is None:
            self._idle += 1
            if self._idle > _MAX_IDLE:
                raise RuntimeError("nothing will ever happen: something is waited for that has no timer")
            return super().select(LOOPBACK_S)
        self._clock.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """See the module. ``settle_s`` is how long a byte may be on its way; 0 where there are no sockets.

    Without ``threads``, what is meant for a thread is done at once: the clock stands meanwhile.
    """

    def __init__(self, settle_s: float = LOOPBACK_S, *, threads: bool = True) -> None:
        self._threads = threads
        self.clock = VirtualClock()
        super().__init__(_Selector(self.clock, settle_s))
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the time of the virtual clock."""
        return self.clock.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run it in a thread, or at once."""
        if self._threads:
            return super().run_in_executor(executor, func, *args)
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - as from a thread, it belongs to who waits for it
            done.set_exception(error)
        return done

    def pending(self) -> list[Any]:
        """Return the timers that are waiting, earliest first."""
        return heapq.nsmallest(5, self._scheduled)  # type: ignore[attr-defined]
