"""What open control rooms cost the host: CPU of 16 of them at 200 chat lines a second.

Method: a real `ControlRoom` over a show with a full queue (200 lines) and its real server, in a process of its own;
a line is put into the chat room, and the change told to all, 200 times a second. This process holds the sockets and
reads every frame. ``cpu_percent`` is the share of one core that the server's process uses, ``cpu_panels_percent``
what it uses more than without a panel. ``frame_kb`` is the size of a state. The aim is 10 % for all panels.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import websockets

from bot.control.chat_room import ChatRoom
from bot.inbox.settings import Limits
from bot.types import Author, Message
from bot.web.server import bind, create_app, make_server
from tests.support.control import control_room
from tests.support.harness import Stagehand

ROOT = Path(__file__).parent.parent
TOKEN = "a-long-token-of-the-benchmark"  # noqa: S105 - of a server that lives for seconds
WORDS = "what do you think about the new game that everybody talks about tonight my friend".split()


async def serve(rate: int) -> None:
    """Be the server, until the parent closes the standard input."""
    hand = Stagehand(limits=Limits(size=200, ttl_s=3600, fold_window=0))
    control = control_room(hand)
    room = control.room
    rng = random.Random(7)
    for number in range(260):
        await hand.chat(" ".join(rng.choices(WORDS, k=12)), f"viewer{number}")
    sock = bind("127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as pages:
        server = make_server(create_app(control, hand.stage, Path(pages)), token=TOKEN, host="127.0.0.1", origins=[])
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[sock]))
            telling = group.create_task(lines(room, control.changed.notify, rate))
            print(json.dumps({"port": sock.getsockname()[1], "waiting": len(hand.inbox)}), flush=True)
            await asyncio.to_thread(sys.stdin.read)
            telling.cancel()
            server.should_exit = True
            await serving


async def lines(room: ChatRoom, changed: Callable[[], None], rate: int) -> None:
    """Put lines into the room at a rate, in steps of 20 ms."""
    number, began = 0, time.monotonic()
    while True:
        while number < (time.monotonic() - began) * rate:
            number += 1
            room.add(Message(f"n{number}", "local", Author(f"a{number % 50}", f"viewer{number % 50}"), "hello there"))
            changed()
        await asyncio.sleep(0.02)


async def cpu(process: psutil.Process, seconds: float) -> float:
    """Return the share of a core that a process uses, in percent."""
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    await asyncio.sleep(seconds)
    return 100 * (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    args.add_argument("--panels", type=int, default=16)
    args.add_argument("--rate", type=int, default=200)
    args.add_argument("--seconds", type=float, default=10.0)
    args.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    wanted = args.parse_args()
    if wanted.serve:
        await serve(wanted.rate)
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.panels", "--serve", "--rate", str(wanted.rate),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    ready = json.loads(await process.stdout.readline())
    server = psutil.Process(process.pid)
    alone = await cpu(server, wanted.seconds)
    frames, size = 0, 0

    async def read() -> None:
        nonlocal frames, size
        address = f"ws://127.0.0.1:{ready['port']}/ws/panel?token={TOKEN}"
        async with websockets.connect(address, max_size=None) as panel:
            async for frame in panel:
                frames += 1
                size = len(frame)

    async with asyncio.TaskGroup() as group:
        reading = [group.create_task(read()) for _ in range(wanted.panels)]
        await asyncio.sleep(2)
        frames = 0
        began = time.monotonic()
        together = await cpu(server, wanted.seconds)
        a_second = frames / (time.monotonic() - began) / max(1, wanted.panels)
        for task in reading:
            task.cancel()
    process.stdin.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 10)
    result = {
        "panels": wanted.panels,
        "lines_per_s": wanted.rate,
        "waiting": ready["waiting"],
        "frame_kb": round(size / 1000, 1),
        "frames_per_s_and_panel": round(a_second, 1),
        "cpu_percent": round(together, 1),
        "cpu_without_panels_percent": round(alone, 1),
        "cpu_panels_percent": round(together - alone, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
