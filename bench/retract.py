"""How fast a deletion on the platform silences its answer: ``python -m bench.retract`` prints one JSON object, in ms.

The real host, as a process of its own, reads the fake Twitch and the fake Bilibili over their real
protocols; model and voice are `bench.support.upstreams`. A line is answered; when its first sound reaches a stage
client, the platform deletes the line (or bans its viewer, or withdraws a super chat). Taken is the time from
the platform's sending of it until the stage client is told to stop. What the page then needs to be silent is
in `bench.stage`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import websockets

from bench.platforms import fake_of
from bench.support.host import ROOT, host, quantiles
from bench.support.upstreams import serve
from bot.sources import credentials
from tests.fakes.bilibili import Viewer


class Ears:
    """A stage client that notes the first sound of each turn, and each stop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.ready = asyncio.Event()
        self.first: asyncio.Queue[int] = asyncio.Queue()
        self.stops: asyncio.Queue[float] = asyncio.Queue()

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
                        self.first.put_nowait(epoch)
                    continue
                message = json.loads(frame)
                if message["type"] == "hello":
                    self.ready.set()
                elif message["type"] == "stop":
                    self.stops.put_nowait(now)
                    answer = {"type": "stopped", "epoch": message["epoch"], "clause": 0, "position_ms": 40.0}
                    await ws.send(json.dumps(answer))


async def once(ears: Ears, say: Callable[[], Awaitable[Any]], take_back: Callable[[Any], Awaitable[Any]]) -> float:
    """Let one line answered and taken back; return the time to the stop in ms."""
    name = await say()
    await asyncio.wait_for(ears.first.get(), 15)
    while not ears.stops.empty():
        ears.stops.get_nowait()
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await take_back(name)
    took = (await asyncio.wait_for(ears.stops.get(), 5) - began) * 1000
    await asyncio.sleep(0.3)
    return took


async def main() -> None:
    """Measure each way of taking back."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=30)
    times = parser.parse_args().times
    async with serve() as models, fake_of("twitch") as (twitch, tw), fake_of("web") as (bili, bw):
        base = f"http://127.0.0.1:{models.port}/v1"
        with tempfile.TemporaryDirectory() as name:
            home = Path(name)
            credentials.write(home / "twitch.json", tw["sign_in"])
            credentials.write(home / "bilibili_web.json", bw["cookies"])
            env = {
                "HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "HAISHIN_LOG__LEVEL": "ERROR",
                "HAISHIN_SOURCES__TWITCH__CLIENT_ID": "fakeclient", "HAISHIN_SOURCES__TWITCH__ID": f"{tw['base']}/",
                "HAISHIN_SOURCES__TWITCH__API": f"{tw['base']}/helix/",
                "HAISHIN_SOURCES__TWITCH__EVENTSUB": tw["ws"],
                "HAISHIN_SOURCES__BILIBILI_WEB__ROOM": str(bw["room"]),
                "HAISHIN_SOURCES__BILIBILI_WEB__BASE": bw["base"],
            }  # fmt: skip
            async with host([ROOT / "configs/bench.yaml"], env, home=home) as h, h.client() as http:
                while True:
                    state = (await http.get("/api/state")).json()
                    if {c["state"] for c in state["connections"]} == {"live"}:
                        break
                    await asyncio.sleep(0.1)
                ears = Ears(h.socket("stage", role="audio"))
                async with asyncio.TaskGroup() as group:
                    listening = group.create_task(ears.run())
                    await ears.ready.wait()
                    result = await measure(ears, twitch, bili, times)
                    listening.cancel()
    print(json.dumps({"bench": "retract", "unit": "ms", **result}))


async def measure(ears: Ears, twitch: Any, bili: Any, times: int) -> dict[str, Any]:
    """Take lines back in every way, one after the other."""
    number = 0

    def line() -> str:
        nonlocal number
        number += 1
        return f"what do you think of place {number * 7919 % 997} and colour {number}?"

    async def recall(found: str) -> None:
        await bili.recall(found)

    ways: dict[str, tuple[Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[Any]]]] = {
        "twitch_delete": (lambda: twitch.chat(f"ann{number}", line()), twitch.delete),
        "twitch_ban": (lambda: twitch.chat(f"bo{number}", line()), lambda _: twitch.ban(f"bo{number - 1}")),
        "twitch_clear": (lambda: twitch.chat(f"cy{number}", line()), lambda _: twitch.clear()),
        "bilibili_recall": (lambda: bili.danmaku(line(), Viewer(9000 + number, f"v{number}")), recall),
        "bilibili_silence": (
            lambda: bili.danmaku(line(), Viewer(9000 + number, f"v{number}")),
            lambda _: bili.block(Viewer(9000 + number, f"v{number}")),
        ),
        "bilibili_withdraw": (
            lambda: bili.super_chat(line(), 30, Viewer(9000 + number, f"v{number}")),
            bili.super_chat_delete,
        ),
    }
    found: dict[str, Any] = {}
    for name, (say, take_back) in ways.items():
        found[name] = quantiles([await once(ears, say, take_back) for _ in range(times)])
    return found


if __name__ == "__main__":
    asyncio.run(main())
