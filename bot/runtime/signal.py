"""Wakes those who wait for a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Signal:
    """Wake everybody who waits for a change, without a lock: state is read again after each ring."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Say that something changed."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the next ring; return False when ``timeout_s`` passed first."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True

    async def wait_until(self, true: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Wait until ``true()``; return False when ``timeout_s`` passed first."""
        loop = asyncio.get_running_loop()
        end = None if timeout_s is None else loop.time() + timeout_s
        while not true():
            if not await self.wait(None if end is None else end - loop.time()):
                return true()
        return True
