"""How soon a message is on all of a thousand open stage pages.

Method: the real server and hub in a process of their own, on the event loop that the host runs on; this process holds
the sockets and reads them one after the other, without an event loop, so that it costs less than what it measures. A
chat line with the server's clock in it is put on the board, ``--rate`` times a second; both processes read the
machine's one monotonic clock. ``ms`` is from the call to the moment at which a socket's frame is read, over all sockets
and lines; ``last_ms`` from the call until the last socket has it. ``server_cpu_us`` is the processor time of the server
for one line to one page: it says more than the times do on a machine that has other work. First each frame goes through
the page's own task (``queued``), then as it is (``now``); ``slow`` is that with ``--slow`` further pages that never
read. The aim is p99 of ``ms`` at most 50.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import psutil

from bench.support.host import ROOT, quantiles
from bot.cli.interrupts import run
from bot.stage.layers.messages import ChatLine, Part
from bot.web.frames import QuickSocket
from bot.web.server import bind, create_app, make_server
from tests.support.control import control_room
from tests.support.harness import Stagehand

TOKEN: Final = "a-long-token-of-the-benchmark"  # noqa: S105 - of a server that lives for seconds
#: Until what was there before the lines has gone out, in seconds.
SETTLES_S: Final = 3.0


async def serve(pages: int, rate: float, *, queued: bool) -> None:
    """Be the server: a line on the board so often, until the parent closes the standard input."""
    hand = Stagehand()
    hand.stage.max_pages = pages
    if queued:
        QuickSocket.write_now = lambda *_: False  # type: ignore[method-assign]
    sock = bind("127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(control_room(hand), hand.stage, Path(folder))
        server = make_server(app, token=TOKEN, host="127.0.0.1", origins=[])
        server.config.ws_ping_interval = None  # the readers answer nothing
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


def opened(port: int, *, slow: bool = False) -> socket.socket:
    """Return the socket of a page. A ``slow`` one never reads, and its system keeps little for it."""
    sock = socket.socket()
    if slow:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(60)
    sock.connect(("127.0.0.1", port))
    asked = (
        f"GET /ws/stage?role=view&layers=chat&platforms=all&token={TOKEN} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
    )
    sock.sendall("\r\n".join([*asked, "", ""]).encode())
    answer = sock.recv(4096)
    assert b" 101 " in answer[:20], answer[:200]
    sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
    return sock


def read(socks: list[socket.socket], until: float) -> dict[int, list[int]]:
    """Read all sockets until a moment; return by the clock in each line when it came."""
    came: dict[int, list[int]] = {}
    with selectors.DefaultSelector() as selector:
        for sock in socks:
            selector.register(sock, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                assert data, "the server closed a page"
                now = time.monotonic_ns()
                for piece in data.split(b'"@')[1:]:
                    came.setdefault(int(piece.split(b"@", 1)[0]), []).append(now)
    return came


def measured(pages: int, rate: float, seconds: float, *, slow: int = 0, queued: bool = False) -> dict[str, Any]:
    """Return the figures of one server."""
    command = [sys.executable, "-m", "bench.broadcast", "--serve", "--pages", str(pages + slow), "--rate", str(rate)]
    with subprocess.Popen(
        [*command, *(["--queued"] if queued else [])], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = json.loads(process.stdout.readline())["port"]
        server = psutil.Process(process.pid)
        socks = [opened(port) for _ in range(pages)]
        deaf = [opened(port, slow=True) for _ in range(slow)]
        process.stdin.write(b"go\n")
        process.stdin.flush()
        read(socks, time.monotonic() + SETTLES_S)
        before = sum(server.cpu_times()[:2])
        came = read(socks, time.monotonic() + seconds)
        cpu = sum(server.cpu_times()[:2]) - before
        for sock in [*socks, *deaf]:
            sock.close()
        process.stdin.close()
        process.wait(30)
    whole = {at: times for at, times in came.items() if len(times) == pages}
    return {
        "lines": len(whole),
        "ms": quantiles([(time_ - at) / 1e6 for at, times in whole.items() for time_ in times]),
        "last_ms": quantiles([(max(times) - at) / 1e6 for at, times in whole.items()]),
        "server_cpu_us": round(cpu * 1e6 / max(1, sum(map(len, came.values()))), 1),
    }


def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    args.add_argument("--pages", type=int, default=1000)
    args.add_argument("--rate", type=float, default=4.0)
    args.add_argument("--seconds", type=float, default=20.0)
    args.add_argument("--slow", type=int, default=20, help="further pages that never read")
    args.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args.add_argument("--queued", action="store_true", help=argparse.SUPPRESS)
    wanted = args.parse_args()
    if wanted.serve:
        run(lambda _: serve(wanted.pages, wanted.rate, queued=wanted.queued))
        return
    once = wanted.pages, wanted.rate, wanted.seconds
    result: dict[str, Any] = {"bench": "broadcast", "pages": wanted.pages, "queued": measured(*once, queued=True)}
    result["now"] = measured(*once)
    if wanted.slow:
        result["slow"] = measured(*once, slow=wanted.slow)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
