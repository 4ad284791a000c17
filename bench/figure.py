"""What the built-in figure costs in the real Chromium: script and processor time of a frame, against another build.

    python -m bench.figure --other ../before/overlay/dist/stage

Method: the stage page alone on a bare hub, in a host that speaks, in headless Chromium without a GPU; pages of both
builds, and of this one before a drawn scene, one after the other in turns. A frame is a call of the figure's own
``clearRect``. ``script_ms``: the drawing loop's script, the page's own figure. ``cpu_ms``: processor time of all of
Chromium's processes a frame. ``ratio``: against the other build of the same round, and of these the median: on a
machine that others use as well nothing else can be believed. ``fps`` is the rate. Without a graphics card a page keeps
itself to a quarter of a core; with ``--full`` it may take all the cores, and so the rate says what it could draw.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
from pathlib import Path
from typing import Any

from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Emotion, HostState
from tests.browser.bare_stage import DIST, served
from tests.browser.chromium import Errors, chromium, open_page, stats

COUNT = """
window.drawn = 0;
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...args) { window.drawn++; return clear.apply(this, args); };
"""
SIZES = ((1280, 720), (1920, 1080))
TICK = os.sysconf("SC_CLK_TCK")


def children(root: int) -> list[int]:
    """Return the processes below one, itself left out."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                below.setdefault(parent, []).append(int(entry.name))
    found, open_ = [], [root]
    while open_:
        fresh = below.get(open_.pop(), [])
        found += fresh
        open_ += fresh
    return found


def spent_ms() -> float:
    """Return the processor time of all processes that this one started and that still run, in ms."""
    ticks = 0
    for pid in children(os.getpid()):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK * 1000


async def measure(dist: Path, look: Look, size: tuple[int, int], seconds: float, full: str) -> dict[str, Any]:
    """Return what a frame costs, and what the page complained of."""
    errors = Errors()
    stage = Overlay(Settings(name="Mira", look=look, captions=Captions(), label="AI"))
    stage.show_state(HostState.SPEAKING, Emotion.JOY)
    async with served(stage, dist=dist) as address, chromium() as browser:
        page = await open_page(browser, "about:blank", errors)
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.add_init_script(COUNT)
        await page.goto(f"{address}&fps=60{full}")
        await asyncio.sleep(4)
        before, begun = await page.evaluate("window.drawn"), spent_ms()
        await asyncio.sleep(seconds)
        frames, cost = await page.evaluate("window.drawn") - before, spent_ms() - begun
        script = (await stats(page))["scriptMs"]
    return {"frames": frames, "script_ms": script, "cpu_ms": cost / max(1, frames), "errors": list(errors)}


async def main() -> None:
    """Measure in turns and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--other", type=Path, required=True, help="the other build's folder with index.html")
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--seconds", type=float, default=8)
    args.add_argument("--full", action="store_true", help="let the pages take all the cores")
    wanted = args.parse_args()
    full = f"&cores={os.cpu_count()}" if wanted.full else ""
    kinds = {"other": (wanted.other, Look()), "this": (DIST, Look()), "scene": (DIST, Look(backdrop="seaside"))}
    for size in SIZES:
        found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
        for n in range(wanted.rounds):
            for kind in kinds if n % 2 == 0 else reversed(kinds):
                found[kind].append(await measure(*kinds[kind], size, wanted.seconds, full))
        figures: dict[str, Any] = {}
        for kind, rounds in found.items():
            figures[kind] = {
                "script_ms": round(statistics.median(r["script_ms"] for r in rounds), 2),
                "cpu_ms": round(statistics.median(r["cpu_ms"] for r in rounds), 1),
                "frames": sum(r["frames"] for r in rounds),
                "fps": round(statistics.median(r["frames"] for r in rounds) / wanted.seconds, 1),
            }
            for what in ("script_ms", "cpu_ms"):
                pairs = zip(rounds, found["other"], strict=True)
                figures[kind][f"{what}_ratio"] = round(statistics.median(a[what] / b[what] for a, b in pairs), 2)
        errors = [error for rounds in found.values() for r in rounds for error in r["errors"]]
        print(json.dumps({"bench": "figure", "size": f"{size[0]}x{size[1]}", **figures, "errors": errors}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
