"""How soon a message is on all of a thousand open stage pages.

Method: the real server and hub in a process of their own; this process holds the sockets, each a plain TCP connection
that reads frames and nothing else, so that it costs less than what it measures. A chat line with the server's clock in
it is put on the board, ``--rate`` times a second; both processes read the machine's one monotonic clock. ``ms`` is
from the call to the moment at which a socket's frame is read, over all sockets and lines; ``last_ms`` from the call
until the last socket has it. ``server_cpu_ms`` is the processor time of the server for one line to all pages: it says
more than the times do on a machine that has other work. The aim is p99 of ``ms`` at most 50.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil

from bench.support.host import ROOT, quantiles
from bot.stage.layers.messages import ChatLine, Part
from bot.web.server import bind, create_app, make_server
from tests.support.control import control_room
from tests.support.harness import Stagehand

TOKEN: Final = "a-long-token-of-the-benchmark"  # noqa: S105 - of a server that lives for seconds
#: Sockets that are opened at once.
OPENING: Final = 40


async def serve(pages: int, rate: float) -> None:
    """Be the server: a line on the board so often, until the parent closes the standard input."""
    hand = Stagehand()
    hand.stage.max_pages = pages + 10
    sock = bind("127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(control_room(hand), hand.stage, Path(folder))
        server = make_server(app, token=TOKEN, host="127.0.0.1", origins=[])
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[sock]))
            print(json.dumps({"port": sock.getsockname()[1]}), flush=True)
            if await asyncio.to_thread(sys.stdin.readline):
                telling = group.create_task(tell(hand, rate))
                await asyncio.to_thread(sys.stdin.read)
                telling.cancel()
            server.should_exit = True
            await serving


async def tell(hand: Stagehand, rate: float) -> None:
    """Put lines on the board, each with the clock at that moment."""
    for number in range(1 << 30):
        now = time.monotonic_ns()
        part = Part(text="what do you think about the new game that everybody talks about tonight?")
        hand.stage.board.line(
            ChatLine(key=f"local/{number}", source="local", author=f"@{now}@", kind="chat", parts=[part])
        )
        await asyncio.sleep(1 / rate)


class Client(asyncio.Protocol):
    """One open page: says hello, then notes when each line comes."""

    def __init__(self, port: int, came: dict[int, list[int]]) -> None:
        self._port, self._came = port, came
        self.open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        asked = (
            f"GET /ws/stage?role=view&layers=chat&platforms=all&token={TOKEN} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        )
        transport.write("\r\n".join([*asked, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Note the lines in what came; frames are not taken apart."""
        if not self.open.done():
            self.open.set_result(b" 101 " in data[:20])
        now = time.monotonic_ns()
        for piece in data.split(b'"@')[1:]:
            self._came.setdefault(int(piece.split(b"@", 1)[0]), []).append(now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits that it was refused."""
        del exc
        if not self.open.done():
            self.open.set_result(False)


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    args.add_argument("--pages", type=int, default=1000)
    args.add_argument("--rate", type=float, default=4.0)
    args.add_argument("--seconds", type=float, default=20.0)
    args.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    wanted = args.parse_args()
    if wanted.serve:
        await serve(wanted.pages, wanted.rate)
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.broadcast", "--serve", "--pages", str(wanted.pages), "--rate", str(wanted.rate),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    port = json.loads(await process.stdout.readline())["port"]
    came: dict[int, list[int]] = {}
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    for _ in range(0, wanted.pages, OPENING):
        count = min(OPENING, wanted.pages - len(clients))
        some = [(await loop.create_connection(lambda: Client(port, came), "127.0.0.1", port))[1] for _ in range(count)]
        opened = await asyncio.wait_for(asyncio.gather(*(client.open for client in some)), 120)
        assert all(opened), "the server refused a page"
        clients += some
    server = psutil.Process(process.pid)
    process.stdin.write(b"go\n")
    await asyncio.sleep(3)
    came.clear()
    before = sum(server.cpu_times()[:2])
    await asyncio.sleep(wanted.seconds)
    cpu, lines = sum(server.cpu_times()[:2]) - before, len(came)
    process.stdin.close()
    whole = {at: times for at, times in came.items() if len(times) == wanted.pages}
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 20)
    print(
        json.dumps({
            "bench": "broadcast",
            "pages": wanted.pages,
            "lines": len(whole),
            "ms": quantiles([(time_ - at) / 1e6 for at, times in whole.items() for time_ in times]),
            "last_ms": quantiles([(max(times) - at) / 1e6 for at, times in whole.items()]),
            "server_cpu_ms": round(cpu * 1000 / max(1, lines), 1),
        })
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
