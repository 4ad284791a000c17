"""What the stage's layers cost: processor time a frame with all of them and without, and whether memory stays flat.

Method: the page with its examples (``?sample=1``) in headless Chromium, drawn in software, once with the host and her
captions alone and once with every layer, in turns, so that other work on the machine meets both. ``cpu_ms_a_frame`` is
the processor time of all of Chromium's processes over the frames that the page drew; ``more_ms`` is the median of the
differences of the pairs. With ``--minutes`` the page with all layers then goes on; ``heap_mb`` and ``elements`` are
read each minute, after a collection of what is not used any more. ``heap_kb_a_minute`` is the slope of the heap over
the minutes, the first left out, in which code is still being compiled and letters are fetched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from typing import Any, Final

import psutil

from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from tests.browser.bare_stage import served
from tests.browser.chromium import Errors, chromium, stats

PLAIN: Final = "avatar,captions,label"
ALL: Final = "avatar,captions,chat,answer,alerts,goals,vote,segment,clock,playing,screens,stinger,label"
#: A page draws so long before it counts, in seconds.
SETTLES_S: Final = 4.0


def used() -> float:
    """Return the processor time of all processes below this one, in seconds."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            total += sum(process.cpu_times()[:2])
        except psutil.Error:  # it has just ended
            continue
    return total


async def shown(browser: Any, base: str, layers: str, errors: Errors) -> Any:
    """Open a page with examples of layers."""
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    errors.watch(page)
    await page.goto(f"{base.partition('?')[0]}?sample=1&role=view&lang=en&layers={layers}")
    await asyncio.sleep(SETTLES_S)
    return page


async def frame_ms(browser: Any, base: str, layers: str, seconds: float, errors: Errors) -> float:
    """Return the processor time of a frame, in ms."""
    page = await shown(browser, base, layers, errors)
    frames, before = int((await stats(page))["frames"]), used()
    await asyncio.sleep(seconds)
    cost = (used() - before) * 1000 / max(1, int((await stats(page))["frames"]) - frames)
    await page.close()
    return cost


async def memory(page: Any) -> tuple[float, int]:
    """Return the page's heap in MB, and its elements."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    heap = (await session.send("Runtime.getHeapUsage"))["usedSize"] / 1e6
    await session.detach()
    return round(heap, 2), await page.evaluate("document.querySelectorAll('*').length")


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    args.add_argument("--rounds", type=int, default=5)
    args.add_argument("--seconds", type=float, default=8.0)
    args.add_argument("--minutes", type=float, default=0.0, help="then watch the memory for so long")
    wanted = args.parse_args()
    errors = Errors()
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
    result: dict[str, Any] = {"bench": "layers"}
    async with served(stage) as base, chromium() as browser:
        pairs = []
        for number in range(wanted.rounds):
            order = (PLAIN, ALL) if number % 2 == 0 else (ALL, PLAIN)
            cost = {one: await frame_ms(browser, base, one, wanted.seconds, errors) for one in order}
            pairs.append((cost[PLAIN], cost[ALL]))
        if pairs:
            result["cpu_ms_a_frame"] = [round(statistics.median(side), 2) for side in zip(*pairs, strict=True)]
            result["more_ms"] = round(statistics.median(full - plain for plain, full in pairs), 2)
            result["each_more_ms"] = [round(full - plain, 2) for plain, full in pairs]
        if wanted.minutes:
            page = await shown(browser, base, ALL, errors)
            seen = [await memory(page)]
            for _ in range(round(wanted.minutes)):
                await asyncio.sleep(60)
                seen.append(await memory(page))
            result["heap_mb"], result["elements"] = ([one[at] for one in seen] for at in (0, 1))
            if len(later := [heap for heap, _ in seen[2:]]) > 1:
                slope = statistics.linear_regression(range(len(later)), later).slope
                result["heap_kb_a_minute"] = round(slope * 1000, 1)
    print(json.dumps(result | {"errors": len(errors)}))


if __name__ == "__main__":
    asyncio.run(main())
