"""A token bucket: asks for no more than a platform allows, and in the order in which it was asked."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import QuotaError
from bot.types import Viewer

#: Tokens that are missing by less than this are the rounding of a clock.
_ROUNDING = 1e-6


class Bucket:
    """``burst`` tokens at once, refilled evenly with ``rate_per_s``. ``clock`` gives the loop's time in seconds."""

    def __init__(self, rate_per_s: float, burst: float, clock: Callable[[], float]) -> None:
        if rate_per_s <= 0 or burst <= 0:
            raise ValueError("a bucket needs a rate and a size above zero")
        self._rate, self._burst, self._clock = rate_per_s, burst, clock
        #: How much of the configured size and rate the platform allows at present, 0..1.
        self._share = 1.0
        self._level, self._at = burst, clock()
        self._shut_until = self._at
        self._queued = 0.0
        self._turn = asyncio.Lock()

    async def take(self, n: float = 1, *, most_s: float) -> None:
        """Take ``n`` tokens, after all who asked before.

        Raises `QuotaError` with ``retry_after_s``, at once when it is known that it would take longer than ``most_s``
        seconds, else when these are over.
        """
        until = self._clock() + most_s
        self._in_time(self._wait(n, before=self._queued), until)
        self._queued += n
        try:
            async with asyncio.timeout(max(0.0, most_s)):
                await self._turn.acquire()
            try:
                # Looked at again after each sleep: the platform may have spoken meanwhile.
                while (wait := self._wait(n)) > 0:
                    self._in_time(wait, until)
                    await asyncio.sleep(wait)
                self._level -= n
            finally:
                self._turn.release()
        except TimeoutError:
            raise _quota(self._wait(n)) from None
        finally:
            self._queued -= n

    def follow(self, limit: float, remaining: float, reset_in_s: float) -> None:
        """Take the platform's word for its own bucket: its size, what is left, and when it is full again.

        It counts downwards alone: what the platform leaves beyond the configured rate is not used.
        """
        if limit <= 0:
            return
        self._refill()
        self._share = min(1.0, limit / self._burst)
        self._level = min(self._level, max(0.0, remaining), self._burst * self._share)
        if remaining <= 0 < reset_in_s:
            # Refilled evenly, the platform has the next token after this.
            self._shut(reset_in_s / limit)

    def refuse(self, retry_after_s: float) -> None:
        """Return out nothing for so long: the platform said no. Afterwards it begins with one token."""
        self._refill()
        self._level = min(self._level, 1.0)
        self._shut(retry_after_s)

    def _shut(self, seconds: float) -> None:
        self._shut_until = max(self._shut_until, self._clock() + seconds)

    def _refill(self) -> None:
        """Count what has come in; while the bucket is shut nothing does."""
        now = self._clock()
        since = max(self._at, self._shut_until)
        if now > since:
            self._level = min(self._burst * self._share, self._level + (now - since) * self._rate * self._share)
        self._at = max(self._at, now)

    def _wait(self, n: float, before: float = 0.0) -> float:
        """Return the seconds until ``n`` tokens can be had, when ``before`` are taken first.

        More than fit into the bucket can be had once it is full; they leave a debt.
        """
        self._refill()
        lacking = before + min(n, self._burst * self._share) - self._level
        closed = max(0.0, self._shut_until - self._clock())
        return closed + (lacking / (self._rate * self._share) if lacking > _ROUNDING else 0.0)

    def _in_time(self, wait: float, until: float) -> None:
        """Raise `QuotaError` when a wait ends too late.

        A wait of nothing never does: the clock moves between two looks.
        """
        if wait > 0 and self._clock() + wait > until + _ROUNDING:
            raise _quota(wait)


def _quota(wait: float) -> QuotaError:
    return QuotaError(
        f"the limit of requests is reached; the next is free in {wait:.1f} s",
        provider="twitch",
        remedy="Wait a moment.",
        retry_after_s=wait,
    )


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimiter:
    """A token bucket for each viewer.

    At most ``size`` are remembered; who was not seen for longest is forgotten first, so a million
    names cost no more memory than ten thousand.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._buckets: OrderedDict[Viewer, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Return how many viewers are remembered."""
        return len(self._buckets)

    def admit(self, viewer: Viewer, now: float, burst: float, refill_per_s: float) -> bool:
        """Take one token; False when there is none left."""
        bucket = self._buckets.get(viewer)
        if bucket is None:
            bucket = self._buckets[viewer] = _Bucket(burst, now)
            while len(self._buckets) > self.size:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(viewer)
        bucket.tokens = min(burst, bucket.tokens + max(0.0, now - bucket.at) * refill_per_s)
        bucket.at = now
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True
