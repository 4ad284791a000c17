"""Run a test on the jumping clock: ``@virtual`` on an async test, whose fixtures are synchronous."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from bot.runtime.virtual_clock import LOOPBACK_S
from tests.support.clock import JumpingLoop

P = ParamSpec("P")

#: The longest virtual time of a test, in seconds: two days.
LIMIT_S = 2 * 24 * 3600.0


def virtual(test: Callable[P, Coroutine[Any, Any, None]], settle_s: float = LOOPBACK_S) -> Callable[P, None]:
    """Run an async test to its end on a `JumpingLoop`, and fail when it leaves a task behind."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(LIMIT_S):
                await test(*args, **kwargs)
            left = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            assert not left, f"tasks left behind: {left}"

        with asyncio.Runner(loop_factory=lambda: JumpingLoop(settle_s)) as runner:
            runner.run(bounded())

    return run


def socketless(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run as `virtual` does a test without sockets: nothing is waited for between two jumps."""
    return virtual(test, 0.0)
