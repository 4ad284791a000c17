"""Pours chat lines into a host at a steady rate until it is terminated, then prints how many went in.

python -m bench.support.pour http://127.0.0.1:7878 TOKEN 200
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time

import aiohttp

WORDS = (
    "what about the next game tonight do you like tea or rain why is the lamp so bright tell us a story of the sea "
    "今天 玩 什么 好 看 主播 晚上 哈哈 加油 lol nice hello first time here love the stream music is great"
).split()


async def main(base: str, token: str, rate: float) -> None:
    """Send until told to stop; at most two minutes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    rng, sent = random.Random(1), 0
    statuses: dict[int, int] = {}
    began = time.monotonic()
    limit = asyncio.Semaphore(64)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        asyncio.TaskGroup() as group,
    ):

        async def one(n: int) -> None:
            text = " ".join(rng.choices(WORDS, k=rng.randint(3, 9))) + f" {n}"
            async with limit, http.post(f"{base}/api/chat", json={"author": f"viewer{n % 5000}", "text": text}) as r:
                statuses[r.status] = statuses.get(r.status, 0) + 1

        while not stop.is_set() and time.monotonic() - began < 120:
            group.create_task(one(sent))
            sent += 1
            await asyncio.sleep(max(0.0, began + sent / rate - time.monotonic()))
    seconds = time.monotonic() - began
    print(json.dumps({"sent": sent, "per_s": round(sent / seconds, 1), "statuses": statuses}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
