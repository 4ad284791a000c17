"""The built-in model and voices, warm: how soon the first sound goes out, and whether the event loop stays free.

Method: the real host as a process of its own on its defaults; a stage client takes the audio role and
obeys stops. Each line is posted when the host is silent; measured is the time from just before the post to
the first binary frame at the client, with the host's own stamps beside it. Each turn is skipped after 3 s of
sound. Loop lag is the host's own histogram of a 100 ms timer, read before and after the turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time

import httpx

from bench.first_audio import Ears
from bench.support.host import Host, host, quantiles

LINES = (
    "hi there, how is your evening?",
    "what do you do when you cannot sleep?",
    "do you like rain on the window?",
    "tell me one thing about ships",
    "what is your favourite drink?",
    "who is Gerald?",
    "any plans for the weekend?",
    "what should I cook tonight?",
)


async def lag(h: Host) -> dict[float, float]:
    """Read the histogram of the loop's lag: upper bound in s to cumulated count."""
    async with h.client() as http:
        text = (await http.get("/metrics")).text
    found = re.findall(r'haishin_loop_lag_seconds_bucket\{le="([^"]+)"\} ([\d.e+]+)', text)
    return {float(bound): float(count) for bound, count in found}


def quantile_ms(before: dict[float, float], after: dict[float, float], q: float) -> float:
    """Return the bucket's upper bound, in ms, under which the share ``q`` of the new samples lies."""
    fresh = {bound: after[bound] - before.get(bound, 0.0) for bound in sorted(after)}
    total = max(fresh.values(), default=0.0)
    return next((bound * 1000 for bound, count in fresh.items() if count >= q * total), float("inf"))


async def warming(http: httpx.AsyncClient) -> bool:
    """Return whether the model still reads the beginning of its prompts."""
    parts = (await http.get("/api/state")).json()["parts"]
    return any(part["name"] == "warm-up" and part["state"] == "up" for part in parts)


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--turns", type=int, default=16)
    wanted = args.parse_args()
    env = {
        "HAISHIN_SHOW__GREETING": "false",
        "HAISHIN_SHOW__IDLE_AFTER_S": "0",
        "HAISHIN_SHOW__FILLER_AFTER_S": "30",
        "HAISHIN_INBOX__FOLD_WINDOW": "0",
    }
    took: list[float] = []
    async with host([], env) as h, h.client() as http, asyncio.TaskGroup() as group:
        ears = Ears(h.socket("stage", role="audio"))
        listening = group.create_task(ears.run())
        await ears.ready.wait()
        while any(
            p["name"] == "warm-up" and p["state"] == "up" for p in (await http.get("/api/state")).json()["parts"]
        ):
            await asyncio.sleep(0.2)
        before: dict[float, float] = {}
        for n in range(wanted.turns + 2):
            if n == 2:
                before = await lag(h)
            began = time.monotonic()
            await http.post("/api/chat", json={"author": f"viewer{n}", "text": LINES[n % len(LINES)] + " " * (n // 8)})
            _, at = await asyncio.wait_for(ears.first.get(), 60)
            if n >= 2:
                took.append((at - began) * 1000)
            await asyncio.sleep(3)
            await http.post("/api/skip")
            await asyncio.sleep(0.5)
        after = await lag(h)
        turns = (await http.get("/api/state")).json()["turns"]
        result = {
            "bench": "embedded",
            "first_audio_ms": quantiles(took),
            "first_token_ms": quantiles([t["first_token_ms"] for t in turns if t["first_token_ms"]]),
            "first_clause_ms": quantiles([t["first_clause_ms"] for t in turns if t["first_clause_ms"]]),
            "loop_lag_p99_ms_at_most": quantile_ms(before, after, 0.99),
            "loop_lag_p50_ms_at_most": quantile_ms(before, after, 0.50),
            "on_air_s": round(h.started_s, 2),
            "rss_mb": round(h.rss_mb(), 1),
        }
        listening.cancel()
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
