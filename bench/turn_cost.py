"""What one spoken turn costs the host in CPU time, from the chat line to silence.

Method: the real host runs as a process of its own with ``configs/bench.yaml`` against `bench.support.upstreams`.
A stage client takes the audio role and reports what it plays as the stage page does: every 64 ms in a turn's first
second, every 192 ms after it. Between the post of a chat line and the end of its turn the CPU time of the host's
process (user and system, all threads) is taken; from it is subtracted what as long a silence costs. Given alone,
and with two panels and a chat page open. CPU time depends less than wall time on what else runs on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import time
from contextlib import AsyncExitStack

import psutil
import websockets

from bench.support.host import ROOT, Host, host
from bench.support.upstreams import serve

REPORT_S = 0.064


class Player:
    """A stage client that plays in real time and reports it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rates: dict[tuple[int, int], int] = {}
        self._ready: dict[tuple[int, int], float] = {}
        self._whole: set[tuple[int, int]] = set()
        self._clauses: dict[int, int] = {}
        self.frames = 0
        self.played_s = 0.0
        self.ended: asyncio.Queue[int] = asyncio.Queue()
        self.on = asyncio.Event()

    async def run(self) -> None:
        """Play until cancelled."""
        async with websockets.connect(self._url, max_size=None) as ws, asyncio.TaskGroup() as group:
            self.on.set()
            group.create_task(self._report(ws))
            async for frame in ws:
                if isinstance(frame, bytes):
                    flags, key = frame[3], (int.from_bytes(frame[4:8], "little"), int.from_bytes(frame[8:12], "little"))
                    self._ready[key] = self._ready.get(key, 0.0) + (len(frame) - 16) / 2 / self._rates[key]
                    self.frames += 1
                    if flags & 2:
                        self._whole.add(key)
                    continue
                message = json.loads(frame)
                if message["type"] == "speak":
                    self._rates[message["epoch"], message["clause"]] = message["rate"]
                elif message["type"] == "end":
                    self._clauses[message["epoch"]] = message["clauses"]

    async def _report(self, ws: websockets.ClientConnection) -> None:
        key, began, tick = (-1, 0), 0.0, 0
        over: set[tuple[int, int]] = set()
        while True:
            await asyncio.sleep(REPORT_S)
            if key in over or key[0] < 0:
                waiting = [k for k in self._ready if k not in over]
                if not waiting:
                    continue
                key, began = min(waiting), time.monotonic()
            position = min(time.monotonic() - began, self._ready[key])
            finished = key in self._whole and position >= self._ready[key]
            tick += 1
            if not finished and (key[1] or position > 1) and tick % 3:
                continue
            await ws.send(json.dumps({
                "type": "playback", "epoch": key[0], "clause": key[1],
                "position_ms": position * 1000, "finished": finished,
            }))  # fmt: skip
            if finished:
                over.add(key)
                self.played_s += position
                if self._clauses.get(key[0]) == key[1] + 1:
                    self.ended.put_nowait(key[0])


async def drain(url: str) -> None:
    """Read a socket until cancelled."""
    async with websockets.connect(url, max_size=None) as ws:
        async for _ in ws:
            pass


def cpu_s(h: Host) -> float:
    """Return the CPU time of the host so far, in seconds."""
    times = psutil.Process(h.process.pid).cpu_times()
    return float(times.user + times.system)


async def measure(h: Host, turns: int, panels: int) -> dict[str, object]:
    """Measure turns one at a time, each after a pause of silence."""
    player = Player(h.socket("stage", role="audio"))
    async with h.client() as http, asyncio.TaskGroup() as group:
        tasks = [group.create_task(player.run())]
        tasks += [group.create_task(drain(h.socket("panel"))) for _ in range(panels)]
        tasks += [group.create_task(drain(h.socket("chat")))] if panels else []
        await player.on.wait()
        await asyncio.sleep(3)
        before, began = cpu_s(h), time.monotonic()
        await asyncio.sleep(5)
        idle = (cpu_s(h) - before) / (time.monotonic() - began)
        costs, lengths, frames = [], [], []
        for n in range(turns + 1):
            before, began, played, sent = cpu_s(h), time.monotonic(), player.played_s, player.frames
            await http.post("/api/chat", json={"author": f"viewer{n}", "text": f"what about cars {n}?"})
            await asyncio.wait_for(player.ended.get(), 60)
            await asyncio.sleep(0.3)
            took = time.monotonic() - began
            if n:  # the first turn warms everything up
                costs.append(cpu_s(h) - before - idle * took)
                lengths.append(player.played_s - played)
                frames.append(player.frames - sent)
        for task in tasks:
            task.cancel()
    per_second = [cost / length for cost, length in zip(costs, lengths, strict=True)]
    return {
        "turn_cpu_s": round(statistics.median(costs), 3),
        "turn_sound_s": round(statistics.median(lengths), 1),
        "cpu_ms_per_second_of_sound": round(statistics.median(per_second) * 1000, 2),
        "cpu_s_of_17_s": round(statistics.median(per_second) * 17, 3),
        "frames": statistics.median(frames),
        "idle_cpu_percent": round(idle * 100, 2),
    }


async def main() -> None:
    """Measure alone and with panels, and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--turns", type=int, default=5)
    wanted = args.parse_args()
    results = {}
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(serve())
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "HAISHIN_LOG__LEVEL": "ERROR"}
        for panels in (0, 2):
            async with host([ROOT / "configs/bench.yaml"], env) as h:
                with contextlib.suppress(asyncio.CancelledError):
                    results[f"with_{panels}_panels"] = await measure(h, wanted.turns, panels)
    print(json.dumps({"bench": "turn_cost", **results}))


if __name__ == "__main__":
    asyncio.run(main())
