"""The stage page in the real Chromium: frames a second, script a frame, stop to silence, first report.

Method: the real host on ``configs/bench.yaml`` against `bench.support.upstreams`; headless Chromium in software at
1280×720. Frame figures are the page's own over 240 frames in mid-speech. ``stop_to_acknowledged_ms`` is
measured in this process, from just before ``POST /api/stop`` to its answer, which comes when the page has
confirmed the silence; ``page_stop_ms`` in the page, from the stop message to the
player's silence (a fade of 8 ms is in it); ``first_report_ms`` in the page, from a clause's first frame to the
first report of its position.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import Any

import httpx

from bench.support.host import ROOT, host, quantiles
from bench.support.upstreams import serve
from tests.browser.chromium import Errors, chromium, open_page, stats


async def state(http: httpx.AsyncClient) -> dict[str, Any]:
    """Read the control room."""
    return dict((await http.get("/api/state")).json())


async def speaking(http: httpx.AsyncClient, chars: int) -> None:
    """Wait until so much was heard."""
    async with asyncio.timeout(20):
        while not ((now := (await state(http))["now"]) and len(now["heard"]) >= chars):
            await asyncio.sleep(0.03)


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--stops", type=int, default=20)
    wanted = args.parse_args()
    errors = Errors()
    async with serve() as fake, chromium() as browser:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        async with host([ROOT / "configs/bench.yaml"], env) as h, h.client() as http:
            page = await open_page(browser, h.page("stage"), errors)
            async with asyncio.timeout(20):
                while not (await state(http))["stage"]["audible"]:
                    await asyncio.sleep(0.05)
            await http.post("/api/chat", json={"author": "ana", "text": "what about rain tonight?"})
            await speaking(http, 5)
            await asyncio.sleep(6)
            drawing = await stats(page)
            await http.post("/api/skip")
            took = []
            for n in range(wanted.stops):
                await http.post("/api/chat", json={"author": f"viewer{n}", "text": f"what about number {n}?"})
                await speaking(http, 5)
                began = time.monotonic()
                done = (await http.post("/api/stop")).json()
                assert "confirmed" in done["detail"], done
                took.append((time.monotonic() - began) * 1000)
                await http.post("/api/rearm")
                await asyncio.sleep(0.2)
                await http.post("/api/skip")
                await asyncio.sleep(0.3)
            figures, complaints = await stats(page), len(errors)
    print(
        json.dumps({
            "bench": "stage",
            "fps": round(drawing["fps"], 1),
            "script_ms_mean": round(drawing["scriptMs"], 2),
            "script_ms_max": round(drawing["scriptMaxMs"], 2),
            "stop_to_acknowledged_ms": quantiles(took),
            "page_stop_ms": quantiles(figures["stopMs"]),
            "first_report_ms": quantiles(figures["firstReportMs"]),
            "underruns": figures["underruns"],
            "console_errors": complaints,
        })
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
