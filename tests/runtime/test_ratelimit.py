"""The token bucket and the limits of each viewer; the throttle's own tests stand beside Twitch's."""

from __future__ import annotations

import pytest

from bot.errors import QuotaError
from bot.runtime.ratelimit import RateLimiter, Throttle, TokenBucket
from tests.support.virtual import virtual


def taken(bucket: TokenBucket, now: float, times: int, *, burst: float = 3, rate_per_s: float = 0.5) -> int:
    return sum(bucket.take(now, burst=burst, rate_per_s=rate_per_s) for _ in range(times))


def test_a_bucket_gives_what_it_holds_and_fills_evenly_up_to_its_size() -> None:
    bucket = TokenBucket(3, 100.0)
    assert taken(bucket, 100, 5) == 3
    assert taken(bucket, 101, 5) == 0
    assert taken(bucket, 102, 5) == 1
    assert taken(bucket, 10_000, 5) == 3


def test_size_and_rate_may_change_while_it_is_in_use() -> None:
    bucket = TokenBucket(60, 0.0)
    assert taken(bucket, 0, 100, burst=2) == 2
    assert taken(bucket, 1, 100, burst=100, rate_per_s=10) == 10


def test_a_clock_that_goes_back_adds_no_tokens() -> None:
    bucket = TokenBucket(1, 100.0)
    assert taken(bucket, 100, 1) == 1
    assert taken(bucket, 0, 1) == 0
    assert taken(bucket, 100, 1) == 0, "the time that went back is not counted twice"
    assert taken(bucket, 102, 2) == 1


def test_nothing_comes_in_before_the_time_that_is_skipped_to() -> None:
    bucket = TokenBucket(0, 0.0)
    bucket.skip(100)
    assert taken(bucket, 100, 1) == 0
    assert taken(bucket, 102, 2) == 1


def test_each_viewer_has_a_bucket_and_the_longest_unseen_is_forgotten() -> None:
    limits = RateLimiter(2)
    ann, bob, eve = (("twitch", name) for name in ("ann", "bob", "eve"))

    def admit(viewer: tuple[str, str]) -> bool:
        return limits.admit(viewer, 0.0, 1, 0.1)

    assert [admit(ann), admit(ann), admit(bob), admit(ann)] == [True, False, True, False]
    assert admit(eve)
    assert len(limits) == 2
    assert not admit(ann), "she was seen after bob"
    assert admit(bob), "he was forgotten, and begins anew"


@virtual
async def test_a_refusal_names_the_provider() -> None:
    throttle = Throttle(1.0, 1.0, lambda: 0.0, provider="bilibili")
    await throttle.take(most_s=0)
    with pytest.raises(QuotaError) as caught:
        await throttle.take(most_s=0.5)
    assert caught.value.provider == "bilibili"
