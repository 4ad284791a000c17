"""The token bucket on a jumping clock: never more than allowed, in order, never longer than said."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.errors import QuotaError
from bot.runtime.ratelimit import Throttle
from tests.support.clock import JumpingLoop
from tests.support.virtual import virtual


def bucket(rate: float = 1.0, burst: float = 5.0) -> Throttle:
    return Throttle(rate, burst, asyncio.get_running_loop().time)


def now() -> float:
    return asyncio.get_running_loop().time()


@virtual
async def test_a_full_bucket_gives_at_once_and_then_at_its_rate() -> None:
    b, began = bucket(rate=2.0, burst=3.0), now()
    times = []
    for _ in range(6):
        await b.take(most_s=10)
        times.append(round(now() - began, 3))
    assert times == [0.0, 0.0, 0.0, 0.5, 1.0, 1.5]


async def test_on_a_real_clock_a_full_bucket_makes_nobody_wait() -> None:
    b = bucket(rate=1 / 120, burst=1.0)
    await b.take(most_s=0)
    with pytest.raises(QuotaError):
        await b.take(most_s=0)


@virtual
async def test_it_never_holds_more_than_its_size() -> None:
    b = bucket(rate=1.0, burst=2.0)
    await asyncio.sleep(1000)
    began = now()
    for _ in range(3):
        await b.take(most_s=10)
    assert now() - began == pytest.approx(1.0)


@virtual
async def test_who_would_wait_too_long_is_told_so_at_once() -> None:
    b, began = bucket(rate=0.5, burst=1.0), now()
    await b.take(most_s=0)
    with pytest.raises(QuotaError) as refused:
        await b.take(most_s=1.0)
    assert refused.value.retry_after_s == pytest.approx(2.0)
    assert now() == began
    assert refused.value.retry_after_s is not None
    await asyncio.sleep(refused.value.retry_after_s)
    await b.take(most_s=0)


@virtual
async def test_those_who_wait_are_served_in_order_and_count_for_the_next() -> None:
    b, order = bucket(rate=1.0, burst=1.0), []

    async def one(name: int) -> None:
        await b.take(most_s=60)
        order.append((name, round(now() - began, 3)))

    began = now()
    async with asyncio.TaskGroup() as group:
        for name in range(4):
            group.create_task(one(name))
        await asyncio.sleep(0.5)
        with pytest.raises(QuotaError) as refused:  # three wait before it
            await b.take(most_s=3.0)
    assert order == [(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0)]
    assert refused.value.retry_after_s == pytest.approx(3.5)


@virtual
async def test_one_that_gives_up_makes_room() -> None:
    b = bucket(rate=1.0, burst=1.0)
    await b.take(most_s=0)
    began = now()
    patient = asyncio.ensure_future(b.take(most_s=60))
    await asyncio.sleep(0)
    next_one = asyncio.ensure_future(b.take(most_s=60))
    await asyncio.sleep(0.25)
    patient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await patient
    await next_one
    assert now() - began == pytest.approx(1.0)


@virtual
async def test_more_than_fits_leaves_a_debt() -> None:
    b, began = bucket(rate=1.0, burst=2.0), now()
    await b.take(6, most_s=0)
    await b.take(1, most_s=10)
    assert now() - began == pytest.approx(5.0)


@virtual
async def test_the_platforms_word_wins_downwards() -> None:
    b = bucket(rate=10.0, burst=100.0)
    b.follow(100, 1, 9.9)
    began = now()
    await b.take(most_s=0)
    with pytest.raises(QuotaError):
        await b.take(most_s=0.05)
    await b.take(most_s=1)
    assert now() - began == pytest.approx(0.1)


@virtual
async def test_it_does_not_win_upwards() -> None:
    b = bucket(rate=1.0, burst=2.0)
    await b.take(2, most_s=0)
    b.follow(800, 799, 0.1)
    with pytest.raises(QuotaError):
        await b.take(most_s=0.5)


@virtual
async def test_a_smaller_limit_is_a_slower_bucket_until_it_grows_again() -> None:
    b = bucket(rate=10.0, burst=100.0)
    b.follow(50, 1, 60)
    await b.take(most_s=0)
    began = now()
    await b.take(most_s=1)
    assert now() - began == pytest.approx(0.2)
    b.follow(200, 180, 60)
    began = now()
    await b.take(most_s=1)
    assert now() - began == pytest.approx(0.1)


@virtual
async def test_when_nothing_is_left_the_next_comes_at_the_platforms_pace() -> None:
    b = bucket(rate=100.0, burst=800.0)
    b.follow(800, 0, 60.0)
    began = now()
    await b.take(most_s=1)
    assert now() - began == pytest.approx(60 / 800 + 1 / 100)


@virtual
async def test_after_a_refusal_nothing_is_given_until_its_time() -> None:
    b = bucket(rate=10.0, burst=10.0)
    b.refuse(5.0)
    with pytest.raises(QuotaError) as refused:
        await b.take(most_s=4.9)
    assert refused.value.retry_after_s == pytest.approx(5.0)
    began = now()
    await b.take(most_s=6)
    assert now() - began == pytest.approx(5.0)
    await b.take(most_s=6)  # not a burst: one token, then the rate
    assert now() - began == pytest.approx(5.1)


@virtual
async def test_a_refusal_reaches_those_who_wait_already() -> None:
    b = bucket(rate=1.0, burst=1.0)
    await b.take(most_s=0)
    began = now()
    results: list[float | str] = []

    async def one(most_s: float) -> None:
        try:
            await b.take(most_s=most_s)
        except QuotaError:
            results.append("refused")
        else:
            results.append(round(now() - began, 3))

    async with asyncio.TaskGroup() as group:
        group.create_task(one(3.0))
        group.create_task(one(30.0))
        await asyncio.sleep(0.5)
        b.refuse(10.0)
    assert results in (["refused", 11.0], ["refused", 10.5])


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (1, 0), (-1, 5)])
@virtual
async def test_a_bucket_without_a_rate_is_an_error(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        bucket(rate, burst)


STEPS = st.lists(
    st.tuples(
        st.floats(0, 3),  # when it comes after the one before
        st.integers(1, 3),  # how many it wants
        st.floats(0, 10),  # how long it waits
        st.sampled_from(["", "", "", "follow", "refuse", "cancel"]),
        st.integers(0, 12),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rate=st.floats(0.2, 20), burst=st.integers(1, 10), steps=STEPS)
@example(rate=1.0, burst=1, steps=[(0.0, 1, 5.0, "refuse", 2), (0.0, 1, 5.0, "", 0)])
def test_whatever_happens_the_rate_holds(
    rate: float, burst: int, steps: list[tuple[float, int, float, str, int]]
) -> None:
    taken: list[tuple[int, float, int]] = []
    shut: list[tuple[float, float]] = []
    comes_back: list[bool] = []

    async def run() -> None:
        b = bucket(rate, burst)

        async def one(name: int, n: int, most_s: float) -> None:
            asked = now()
            try:
                await b.take(n, most_s=most_s)
            except QuotaError as refused:
                comes_back.append(refused.retry_after_s is not None)
            else:
                taken.append((name, now(), n))
            assert now() - asked <= most_s + 1e-5

        async with asyncio.TaskGroup() as group:
            for name, (pause, n, most_s, word, number) in enumerate(steps):
                await asyncio.sleep(pause)
                task = group.create_task(one(name, n, most_s))
                if word == "follow":
                    b.follow(max(1, number), number / 2, number)
                elif word == "refuse":
                    b.refuse(number / 4)
                    shut.append((now(), now() + number / 4))
                elif word == "cancel":
                    task.cancel()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(run())

    assert all(comes_back)
    assert [name for name, _, _ in taken] == sorted(name for name, _, _ in taken)
    for i, (_, start, _) in enumerate(taken):
        total = 0
        for _, at, n in taken[i:]:
            total += n
            # The last one may be larger than what was left: its debt is paid by those after it.
            assert total - n <= burst + rate * (at - start) + 1e-3
    for begin, end in shut:
        # A task that was made just before the refusal has not run yet: none gets through.
        assert not [at for _, at, _ in taken if begin < at < end - 1e-6]
