"""How long after its upstreams the host lets the first sound go out: idle, and with 200 chat lines a second.

Method: the real host runs as a process of its own with ``configs/bench.yaml`` against `bench.support.upstreams`
in this process; a stage client on a WebSocket takes the audio role. For each turn the time of the first
binary frame at the client is taken; from it are subtracted what model and voice themselves took, by
their own clock: request to third word, request to first sound. Idle turns count from the moment before
the chat line is posted. Under load the queue is never empty, so turns count from the model's request,
and the time from the choice of a message to that request is given apart (``choose_to_request_ms``).
Each turn is skipped after its first frame. ``nominal`` is the same with the declared 350 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time

import websockets

from bench.support.host import ROOT, Host, host, quantiles
from bench.support.upstreams import Upstreams, serve

FLOOR_MS = 350.0
TOPICS = "cars cats tea rain maps ships moths lamps songs games soup boats stars books trains".split()


class Ears:
    """A stage client that notes first frames and obeys stops."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.first: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        last = -1
        async with websockets.connect(self._url, max_size=None) as ws:
            async for frame in ws:
                now = time.monotonic()
                if isinstance(frame, bytes):
                    epoch = int.from_bytes(frame[4:8], "little")
                    if epoch > last:
                        last = epoch
                        self.first.put_nowait((epoch, now))
                    continue
                message = json.loads(frame)
                if message["type"] == "hello":
                    self.ready.set()
                elif message["type"] == "stop":
                    await ws.send(json.dumps(
                        {"type": "stopped", "epoch": message["epoch"], "clause": 0, "position_ms": 40.0}
                    ))  # fmt: skip


async def idle(h: Host, fake: Upstreams, turns: int) -> dict[str, object]:
    """Measure turns one at a time."""
    over, nominal = [], []
    ears = Ears(h.socket("stage", role="audio"))
    async with h.client() as http, asyncio.TaskGroup() as group:
        listening = group.create_task(ears.run())
        await ears.ready.wait()
        for n in range(turns + 3):
            began = time.monotonic()
            await http.post(
                "/api/chat", json={"author": f"viewer{n}", "text": f"what about {random.choice(TOPICS)} {n}?"}
            )
            _, at = await asyncio.wait_for(ears.first.get(), 10)
            took = fake.took_ms(began)
            if n >= 3 and took is not None:
                over.append((at - began) * 1000 - took)
                nominal.append((at - began) * 1000 - FLOOR_MS)
            await http.post("/api/skip")
            await asyncio.sleep(0.15)
        listening.cancel()
    return {"over_upstreams_ms": quantiles(over), "over_nominal_350_ms": quantiles(nominal)}


async def loaded(h: Host, fake: Upstreams, turns: int, rate: float) -> dict[str, object]:
    """Measure turns while chat pours in from another process."""
    over, nominal = [], []
    ears = Ears(h.socket("stage", role="audio"))
    flood = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.support.pour", h.http, h.token, str(rate), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    async with h.client() as http, asyncio.TaskGroup() as group:
        listening = group.create_task(ears.run())
        await ears.ready.wait()
        for n in range(turns + 3):
            _, at = await asyncio.wait_for(ears.first.get(), 10)
            request = next(t for t, what in reversed(fake.log) if what == "llm.request" and t <= at)
            took = fake.took_ms(request)
            if n >= 3 and took is not None:
                over.append((at - request) * 1000 - took)
                nominal.append((at - request) * 1000 - FLOOR_MS)
            await http.post("/api/skip")
        state = (await http.get("/api/state")).json()
        listening.cancel()
    flood.terminate()
    sent = json.loads((await flood.communicate())[0] or b"{}")
    chosen = [t["first_audio_ms"] for t in state["turns"] if t["first_audio_ms"]]
    return {
        "over_upstreams_ms": quantiles(over),
        "over_nominal_350_ms": quantiles(nominal),
        "choice_to_first_frame_sent_ms": quantiles(chosen),
        "flood": sent,
    }


async def main() -> None:
    """Run both and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--turns", type=int, default=100)
    args.add_argument("--rate", type=float, default=200)
    wanted = args.parse_args()
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "HAISHIN_LOG__LEVEL": "ERROR"}
        results: dict[str, object] = {}
        async with host([ROOT / "configs/bench.yaml"], env) as h:
            results["idle"] = await idle(h, fake, wanted.turns)
            results["rss_mb"] = round(h.rss_mb(), 1)
            results["on_air_s"] = round(h.started_s, 2)
        async with host([ROOT / "configs/bench.yaml"], env) as h:
            results[f"with_{wanted.rate:g}_lines_a_second"] = await loaded(h, fake, wanted.turns, wanted.rate)
    print(json.dumps({"bench": "first_audio", **results}))


if __name__ == "__main__":
    asyncio.run(main())
