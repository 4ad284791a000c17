"""The built-in model and voices, warm: how soon the first sound goes out, and whether the event loop stays free.

    python -m bench.embedded [--turns 16]
    python -m bench.embedded --paired [--turns 16]    two hosts side by side, asked in turn: with memory, and without

Method: the real host as a process of its own on its defaults; a stage client takes the audio role and
obeys stops. Each line is posted when the host is silent; measured is the time from just before the post to
the first binary frame at the client, with the host's own stamps beside it. Each turn is skipped after 3 s of
sound. Loop lag is the host's own histogram of a 100 ms timer, read before and after the turns.

``--paired``: the same lines go to a host that remembers the viewer (who told it some facts) and to one without memory,
one after the other, who is first changing each time. The difference of each pair is what memory costs, whatever else
the machine does; ``cpu_s`` is the processor time that each host took for a line. On a quiet machine of two cores
``on.first_audio_ms.p50`` is the first audio with memory on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import psutil

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

ALONE = {
    "HAISHIN_SHOW__GREETING": "false",
    "HAISHIN_SHOW__IDLE_AFTER_S": "0",
    "HAISHIN_SHOW__FILLER_AFTER_S": "30",
    "HAISHIN_INBOX__FOLD_WINDOW": "0",
}
NO_MEMORY = {
    "HAISHIN_MEMORY__LONG_TERM": "false",
    "HAISHIN_MEMORY__VIEWERS": "false",
    "HAISHIN_MEMORY__RECALLED_TOKENS": "0",
    "HAISHIN_MEMORY__EMBEDDER": "off",
    "HAISHIN_MEMORY__MOMENT": "false",
}
VIEWER = "ana"
#: What the viewer tells the host that remembers.
TOLD = ("!remember me", "!remember my cat is called Nimbus", "!remember I live in Bergen", "!remember I love tea")


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


class Side:
    """One of two hosts, and what its turns took."""

    def __init__(self, running: Host, http: httpx.AsyncClient, ears: Ears) -> None:
        self.running = running
        self.http = http
        self.ears = ears
        self.took_ms: list[float] = []
        self.cpu_s: list[float] = []

    def cpu(self) -> float:
        """Return the processor time that the host and its children took so far, in seconds."""
        process = psutil.Process(self.running.process.pid)
        times = [p.cpu_times() for p in (process, *process.children(recursive=True))]
        return sum(t.user + t.system for t in times)

    async def tell(self, text: str) -> None:
        """Write a command into the chat."""
        await self.http.post("/api/chat", json={"author": VIEWER, "text": text})
        await asyncio.sleep(1)

    async def ask(self, text: str, *, counts: bool) -> None:
        """Ask something, listen for the first sound, and cut the answer off."""
        before, began = self.cpu(), time.monotonic()
        await self.http.post("/api/chat", json={"author": VIEWER, "text": text})
        _, at = await asyncio.wait_for(self.ears.first.get(), 120)
        used = self.cpu() - before
        if counts:
            self.took_ms.append((at - began) * 1000)
            self.cpu_s.append(used)
        await asyncio.sleep(1)
        await self.http.post("/api/skip")
        await asyncio.sleep(2)

    async def figures(self) -> dict[str, Any]:
        """Return its figures."""
        turns = (await self.http.get("/api/state")).json()["turns"]
        return {
            "first_audio_ms": quantiles(self.took_ms),
            "first_token_ms": quantiles([t["first_token_ms"] for t in turns if t["first_token_ms"]]),
            "cpu_s": quantiles(self.cpu_s),
        }


async def paired(turns: int) -> dict[str, Any]:
    """Return the figures of a host with memory and of one without, and of the differences of each pair of answers."""
    async with AsyncExitStack() as stack:
        sides = []
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for env in (ALONE, ALONE | NO_MEMORY):
            running = await stack.enter_async_context(host([], env))
            http = await stack.enter_async_context(running.client())
            ears = Ears(running.socket("stage", role="audio"))
            stack.callback(group.create_task(ears.run()).cancel)
            await ears.ready.wait()
            while await warming(http):
                await asyncio.sleep(0.2)
            sides.append(Side(running, http, ears))
        for told in TOLD:
            await sides[0].tell(told)
        for number in range(turns + 2):
            for side in sides if number % 2 else sides[::-1]:
                await side.ask(LINES[number % len(LINES)] + " " * (number // len(LINES)), counts=number > 1)
        on, off = sides
        apart = [a - b for a, b in zip(on.took_ms, off.took_ms, strict=True)]
        used = [a - b for a, b in zip(on.cpu_s, off.cpu_s, strict=True)]
        return {
            "bench": "embedded, paired",
            "on": await on.figures(),
            "off": await off.figures(),
            "on_minus_off_ms": quantiles(apart),
            "on_minus_off_cpu_s": quantiles(used),
            "ratio_of_medians": round(statistics.median(on.took_ms) / statistics.median(off.took_ms), 3),
        }


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--turns", type=int, default=16)
    args.add_argument("--paired", action="store_true", help="with memory and without it, alternating")
    wanted = args.parse_args()
    if wanted.paired:
        print(json.dumps(await paired(wanted.turns)))
        return
    env = ALONE
    took: list[float] = []
    async with host([], env) as h, h.client() as http, asyncio.TaskGroup() as group:
        ears = Ears(h.socket("stage", role="audio"))
        listening = group.create_task(ears.run())
        await ears.ready.wait()
        while await warming(http):
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
