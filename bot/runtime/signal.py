"""Wakes those who wait for a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Signal:
    """Wakes everybody who waits for a change, without a lock: a waiter reads the state again after each wake.

    Each owner of a state has one signal. A part that depends on several owners lets their signals ``lead_to``
    its own: the loop of the show wakes for the inbox, the floor and the stage, and the voice for the stage alone.
    """

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()
        self._followers: list[Signal] = []

    def lead_to(self, follower: Signal) -> None:
        """Notify another signal whenever this one is notified. The chain must have no circle."""
        self._followers.append(follower)

    def notify(self) -> None:
        """Wake all waiters, and those of the signals that follow."""
        if self._waiters:
            waiters, self._waiters = self._waiters, set()
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
        for follower in self._followers:
            follower.notify()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the next notification; return False when ``timeout_s`` passed first."""
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
