"""What keeps long-lived parts alive: supervision, backoff and deadlines."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any, TypeAlias, TypeVar, cast

from bot.errors import ConfigError, FatalError, TransientError

#: A supervised part that ran for so long is healthy: after its next failure the first wait is short again. Seconds.
HEALTHY_S = 60.0
BACKOFF_CAP_S = 30.0

Report: TypeAlias = Callable[[str, str, BaseException | None], None]
T = TypeVar("T")


def backoff(first_s: float = 0.5, cap_s: float = BACKOFF_CAP_S, rng: random.Random | None = None) -> Iterator[float]:
    """Yield waits in seconds: exponential, capped, each jittered to between half of it and all of it."""
    rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
    wait = first_s
    while True:
        yield wait * rng.uniform(0.5, 1.0)
        wait = min(cap_s, wait * 2)


async def supervise(name: str, run: Callable[[], Awaitable[None]], report: Report) -> None:
    """Run a long-lived part for ever; return when it returns by itself.

    A failure is reported, and the part is started again after a backoff. Raises `FatalError` and `ConfigError`, which
    no new start can cure. Cancellation passes unchanged.

    ``report(name, state, error)`` is called with "up", "down" (with the error) and "over".
    """
    waits = backoff()
    while True:
        began = time.monotonic()
        report(name, "up", None)
        try:
            await run()
        except (FatalError, ConfigError) as error:
            report(name, "down", error)
            raise
        except Exception as error:  # noqa: BLE001 - the one place where a part's failure becomes a retry
            report(name, "down", error)
        else:
            report(name, "over", None)
            return
        if time.monotonic() - began > HEALTHY_S:
            waits = backoff()
        await asyncio.sleep(next(waits))


async def paced(
    items: AsyncIterator[T],
    *,
    first_s: float,
    gap_s: float,
    total_s: float,
    provider: str = "",
    begins: Callable[[T], bool] = lambda _: True,
) -> AsyncIterator[T]:
    """Pass on a stream that must not stall.

    Raises `TransientError` when the first item takes longer than ``first_s``, a later one longer than
    ``gap_s``, or all of it longer than ``total_s`` (seconds). The source is closed in every case. An item with which
    the answer does not begin yet is a sign of progress: the first one may then take ``first_s`` again.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + total_s
    wait, what = first_s, "the first piece"
    async with aclosing(cast("Any", items)) as stream:
        while True:
            left = end - clock()
            try:
                async with asyncio.timeout(max(0.0, min(wait, left))):
                    item = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                over = f"all of it took over {total_s:g} s" if left < wait else f"{what} took over {wait:g} s"
                raise TransientError(f"no answer in time: {over}", provider=provider) from None
            if begins(item):
                wait, what = gap_s, "the next piece"
            yield item
