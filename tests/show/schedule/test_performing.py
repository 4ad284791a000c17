"""A segment on air, by itself."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from bot.show.schedule.performing import _watch


async def test_a_rest_that_is_smaller_than_the_clocks_grain_is_no_time_left() -> None:
    """On a clock that jumps, a rest of floats was waited for again and again, and the segment never ended."""
    waits = 0

    class Over:
        def notify(self) -> None: ...

        async def wait(self, within_s: float) -> None:
            nonlocal waits
            waits += 1
            assert waits < 100, "it waits for ever"
            await asyncio.sleep(0)  # the clock stands still: so little time is none to it

    body = asyncio.create_task(asyncio.Event().wait())
    kept: list[Any] = []
    air = SimpleNamespace(
        over=Over(), ending="", remaining_s=3e-8, aired_s=60.0, segment_run=SimpleNamespace(aired_s=0.0),
        keeper=SimpleNamespace(put=kept.append),
    )  # fmt: skip
    await _watch(cast("Any", air), cast("Any", body))
    await asyncio.wait([body])
    assert body.cancelled()
    assert waits == 0
