"""Limits of rate: a token bucket, a throttle that waits for its tokens, and a bucket for each viewer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from bot.errors import QuotaError
from bot.types import Viewer

#: Tokens that are missing by less than this are the rounding of a clock.
_ROUNDING = 1e-6


class TokenBucket:
    """Tokens that come in evenly until the bucket is full. It begins with ``level`` of them at the time ``now``.

    It has no clock and no settings: each call brings the time in seconds, the size ``burst`` and the rate, so both
    may change while the bucket is in use.
    """

    __slots__ = ("at", "level")

    def __init__(self, level: float, now: float) -> None:
        #: Below zero, it is a debt: more were spent than the bucket holds.
        self.level = level
        #: Up to when tokens have come in.
        self.at = now

    def refill(self, now: float, *, burst: float, rate_per_s: float) -> None:
        """Add the tokens that have come in. A clock that goes backwards adds none."""
        self.level = min(burst, self.level + max(0.0, now - self.at) * rate_per_s)
        self.at = max(self.at, now)

    def skip(self, until: float) -> None:
        """Hold back new tokens until ``until``."""
        self.at = max(self.at, until)

    def take(self, now: float, *, burst: float, rate_per_s: float) -> bool:
        """Take one token; return False when there is none."""
        self.refill(now, burst=burst, rate_per_s=rate_per_s)
        if self.level < 1.0 - _ROUNDING:
            return False
        self.level -= 1.0
        return True


class Throttle:
    """A token bucket whose users wait, in the order in which they asked.

    ``burst`` tokens at once, refilled evenly with ``rate_per_s``. ``clock`` returns the loop's time in seconds.
    ``provider`` stands in the errors.
    """

    def __init__(self, rate_per_s: float, burst: float, clock: Callable[[], float], *, provider: str = "") -> None:
        if rate_per_s <= 0 or burst <= 0:
            raise ValueError("a bucket needs a rate and a size above zero")
        self._rate = rate_per_s
        self._burst = burst
        self._clock = clock
        self._provider = provider
        #: How much of the configured size and rate the platform allows at present, 0..1.
        self._share = 1.0
        self._tokens = TokenBucket(burst, clock())
        self._shut_until = self._tokens.at
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
                # The platform may have refused meanwhile, so the wait is computed again after each sleep.
                while (wait := self._wait(n)) > 0:
                    self._in_time(wait, until)
                    await asyncio.sleep(wait)
                self._tokens.level -= n
            finally:
                self._turn.release()
        except TimeoutError:
            raise self._quota(self._wait(n)) from None
        finally:
            self._queued -= n

    def follow(self, limit: float, remaining: float, reset_in_s: float) -> None:
        """Follow what the platform says of its own bucket: its size, what is left, and when it is full again.

        Only a smaller number counts: what the platform leaves beyond the configured rate is not used.
        """
        if limit <= 0:
            return
        self._refill()
        self._share = min(1.0, limit / self._burst)
        self._tokens.level = min(self._tokens.level, max(0.0, remaining), self._burst * self._share)
        if remaining <= 0 < reset_in_s:
            # Refilled evenly, the platform has the next token after this.
            self._shut(reset_in_s / limit)

    def refuse(self, retry_after_s: float) -> None:
        """Hold back all tokens for so long: the platform refused one. Afterwards the bucket holds one at most."""
        self._refill()
        self._tokens.level = min(self._tokens.level, 1.0)
        self._shut(retry_after_s)

    def _shut(self, seconds: float) -> None:
        self._shut_until = max(self._shut_until, self._clock() + seconds)

    def _refill(self) -> None:
        """Count what has come in. While the platform wants no requests, nothing does."""
        now = self._clock()
        self._tokens.skip(min(now, self._shut_until))
        self._tokens.refill(now, burst=self._burst * self._share, rate_per_s=self._rate * self._share)

    def _wait(self, n: float, before: float = 0.0) -> float:
        """Return the seconds until ``n`` tokens can be had, when ``before`` are taken first.

        More tokens than the bucket holds can be had once it is full; they leave a debt.
        """
        self._refill()
        lacking = before + min(n, self._burst * self._share) - self._tokens.level
        closed = max(0.0, self._shut_until - self._clock())
        return closed + (lacking / (self._rate * self._share) if lacking > _ROUNDING else 0.0)

    def _in_time(self, wait: float, until: float) -> None:
        """Raise `QuotaError` when a wait ends too late.

        No wait at all is always in time: the clock moves between two looks at it.
        """
        if wait > 0 and self._clock() + wait > until + _ROUNDING:
            raise self._quota(wait)

    def _quota(self, wait: float) -> QuotaError:
        return QuotaError(
            f"the limit of requests is reached; the next is free in {wait:.1f} s",
            provider=self._provider,
            remedy="Wait a moment.",
            retry_after_s=wait,
        )


class RateLimiter:
    """A token bucket for each viewer.

    At most ``size`` are remembered. The viewer who was not seen for longest is forgotten first, so a million
    names cost no more memory than ten thousand.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._buckets: OrderedDict[Viewer, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        """Return how many viewers are remembered."""
        return len(self._buckets)

    def forget(self, viewer: Viewer) -> None:
        """Forget a viewer; their next message finds a full bucket."""
        self._buckets.pop(viewer, None)

    def admit(self, viewer: Viewer, now: float, burst: float, refill_per_s: float) -> bool:
        """Take one token; False when there is none left."""
        bucket = self._buckets.get(viewer)
        if bucket is None:
            bucket = self._buckets[viewer] = TokenBucket(burst, now)
            while len(self._buckets) > self.size:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(viewer)
        return bucket.take(now, burst=burst, rate_per_s=refill_per_s)
