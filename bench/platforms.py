"""What a platform's messages cost: ``python -m bench.platforms [twitch|open|web] [--seconds 60]`` prints JSON.

A fake platform in a process of its own sends 2,000 lines a second, one of a hundred a payment, over the
real protocol. This process is pinned to one core and runs the source with the real client library,
moderation, the ledger on a file, and the inbox. First ten seconds of chat with a source that only reads
(the library's cost: socket, frames, JSON), then the same in full: our cost is the difference in processor
time for one line, all threads counted. Then the long run with payments. Lag: how late a wish to wake each
5 ms comes true.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import psutil
from loguru import logger

from bench.support.channel import channel, running
from bot.inbox.inbox import Limits
from bot.runtime.machine import tune_gc
from bot.sources import credentials
from bot.sources.registry import SourceRegistry
from bot.sources.settings import BilibiliOpen, BilibiliWeb, Rates, Twitch
from bot.sources.source import Feed, Link, LinkState, Notice
from bot.types import Message, Retraction

#: Makes the platform send: lines a second, seconds, one of how many is a payment (0: none).
Flood: TypeAlias = Callable[[float, float, int], Awaitable[Any]]
RATE, SECONDS, LIBRARY_S, PAID_EVERY, VIEWERS = 2000, 60, 10, 100, 5_000
KINDS = ("twitch", "open", "web")


class Idle:
    """A feed that throws everything away."""

    def __init__(self) -> None:
        self.count = 0
        self.live = asyncio.Event()

    async def offer(self, message: Message) -> None:
        """Count a message."""
        del message
        self.count += 1

    async def retract(self, retraction: Retraction) -> None:
        """Nothing is deleted here."""

    def notice(self, notice: Notice) -> None:
        """Nothing is told here."""

    def link(self, link: Link) -> None:
        """Notice when it hears."""
        if link.state is LinkState.LIVE:
            self.live.set()


def source_of(kind: str, feed: Feed, where: dict[str, Any], folder: Path) -> Any:
    """Make the real source of a platform, signed in, pointed at the fake."""
    base = where["base"]
    if kind == "twitch":
        from bot.sources.twitch.source import Source as TwitchSource  # noqa: PLC0415 - one of three is loaded

        credentials.write(folder / "twitch.json", where["sign_in"])
        config = Twitch(client_id="fakeclient", api=f"{base}/helix/", id=f"{base}/", eventsub=where["ws"])
        return TwitchSource(config, Rates(), feed, folder / "twitch.json")
    if kind == "open":
        from bot.sources.bilibili.open_source import Source as OpenSource  # noqa: PLC0415 - as above

        return OpenSource(BilibiliOpen(host=base, **where["keys"]), Rates(), feed, folder / "open.json")
    from bot.sources.bilibili.web_source import Source as WebSource  # noqa: PLC0415 - as above

    credentials.write(folder / "web.json", where["cookies"])
    return WebSource(BilibiliWeb(room=where["room"], base=base), Rates(), feed, folder / "web.json")


# --- the platform, in a process of its own --------------------------------------------------------


@asynccontextmanager
async def fake_of(kind: str) -> AsyncIterator[tuple[Any, dict[str, Any]]]:
    """Run a fake; return it, and where and how to sign in."""
    if kind == "twitch":
        from bot.sources.twitch.subscriptions import SCOPES_BOT, SCOPES_STREAMER  # noqa: PLC0415
        from tests.fakes.twitch import fake_twitch  # noqa: PLC0415

        async with fake_twitch() as twitch:
            scopes = tuple(sorted({*SCOPES_BOT, *SCOPES_STREAMER}))
            access, refresh = twitch.mint("1001", scopes)
            account = {
                "role": "bot", "user": "1001", "login": "streamer", "access": access, "refresh": refresh,
                "scopes": list(scopes), "ends_at": time.time() + 14_000,
            }  # fmt: skip
            yield twitch, {"base": twitch.base, "ws": twitch.ws, "sign_in": {"bot": account}}
        return
    from tests.fakes.bilibili import fake_bilibili  # noqa: PLC0415

    async with fake_bilibili() as bili:
        keys = {
            "app_id": bili.app_id, "access_key": bili.access_key, "access_secret": bili.access_secret,
            "code": bili.code,
        }  # fmt: skip
        cookies = {"sessdata": bili.sessdata, "csrf": bili.csrf, "uid": bili.uid, "ends_at": time.time() + 9e5}
        yield bili, {"base": bili.base, "keys": keys, "cookies": cookies, "room": bili.room.room}


def _cores() -> list[int]:
    """Return the cores of this machine when a process can be bound to some; with one alone, nothing is bound."""
    count = os.cpu_count() or 1
    return list(range(count)) if count > 1 and hasattr(os, "sched_setaffinity") else []


async def serve(kind: str) -> None:
    """Be the platform: print where it is, then flood at each line of orders on stdin."""
    if cores := _cores():
        os.sched_setaffinity(0, cores[:-1])
    async with fake_of(kind) as (fake, where):
        print(json.dumps(where), flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            order = json.loads(line)
            sent = await fake.flood(order["rate"], order["seconds"], order["paid_every"], VIEWERS)
            print(json.dumps(asdict(sent)), flush=True)


@asynccontextmanager
async def platform(kind: str) -> AsyncIterator[tuple[dict[str, Any], Flood]]:
    """Run the platform's process; give where it is, and how to make it flood."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.platforms", "--serve", kind,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout
    try:
        where = json.loads(await stdout.readline())

        async def flood(rate: float, seconds: float, paid_every: int) -> Any:
            order = {"rate": rate, "seconds": seconds, "paid_every": paid_every}
            stdin.write(json.dumps(order).encode() + b"\n")
            await stdin.drain()
            return json.loads(await stdout.readline())

        yield where, flood
    finally:
        process.kill()
        await process.wait()


# --- measuring ------------------------------------------------------------------------------------


class Lag:
    """How late the loop is, sampled each 5 ms."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            self.samples.append(time.perf_counter() - began - 0.005)

    def p99_ms(self) -> float:
        """Return the 99th percentile in ms."""
        return round(statistics.quantiles(self.samples, n=100)[98] * 1e3, 2)


async def library_only(kind: str) -> float:
    """Return the processor time that the client library takes for one message, in microseconds."""
    with tempfile.TemporaryDirectory() as name:
        async with platform(kind) as (where, flood):
            feed = Idle()
            source = source_of(kind, feed, where, Path(name))
            with deaf(kind) as count:
                async with running(source):
                    await asyncio.wait_for(feed.live.wait(), 20)
                    tune_gc()
                    began = time.process_time()
                    await flood(RATE, LIBRARY_S, 0)
                    spent = time.process_time() - began
            return spent / max(1, count[0]) * 1e6


class deaf:  # noqa: N801 - used as a statement
    """Replace our handling of an event with a count, so that what is left is the library's."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._count = [0]

    def __enter__(self) -> list[int]:
        """Put the count in place."""

        async def only_count(*_: Any) -> None:
            self._count[0] += 1

        if self._kind == "twitch":
            from bot.sources.twitch import connection as module  # noqa: PLC0415

            self._where: Any = module.Connection
            self._name = "_hear"
        else:
            from bot.sources.bilibili import open_source, web_source  # noqa: PLC0415

            self._where = (open_source if self._kind == "open" else web_source).Source
            self._name = "_deliver"
        self._old = getattr(self._where, self._name)
        setattr(self._where, self._name, only_count)
        return self._count

    def __exit__(self, *_: object) -> None:
        """Put ours back."""
        setattr(self._where, self._name, self._old)


async def chat_only(kind: str) -> float:
    """Return the processor time that one line of chat takes from the socket to the queue, in microseconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with platform(kind) as (where, flood), channel(folder, limits=Limits()) as c:
            source = source_of(kind, c.feed, where, folder)
            async with running(source):
                await asyncio.wait_for(live(c.registry, source.name), 20)
                await flood(RATE, 3, 0)
                tune_gc()
                heard, began = c.heard.total(), time.process_time()
                await flood(RATE, LIBRARY_S, 0)
                return (time.process_time() - began) / (c.heard.total() - heard) * 1e6


async def whole(kind: str, seconds: float) -> dict[str, Any]:
    """Flood the whole way in, payments among it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with platform(kind) as (where, flood), channel(folder, limits=Limits()) as c:
            source = source_of(kind, c.feed, where, folder)
            async with running(source), asyncio.TaskGroup() as group:
                await asyncio.wait_for(live(c.registry, source.name), 20)
                await flood(RATE, 3, PAID_EVERY)  # warm: caches are filled
                tune_gc()
                before, paid_before = c.heard.total(), await c.paid_rows()
                process = psutil.Process()
                lag = Lag()
                sampling = group.create_task(lag.run())
                memory, cpu, began = [process.memory_info().rss / 1e6], time.process_time(), time.monotonic()
                flooding = group.create_task(flooded(flood, seconds))
                while not flooding.done():
                    await asyncio.sleep(1)
                    memory.append(process.memory_info().rss / 1e6)
                spent, took = time.process_time() - cpu, time.monotonic() - began
                sent = flooding.result()
                await asyncio.sleep(2)
                sampling.cancel()
                heard = c.heard.total() - before
                return {
                    "sent": len(sent["chat"]) + len(sent["paid"]),
                    "sent_each_s": round((len(sent["chat"]) + len(sent["paid"])) / seconds),
                    "events_heard": heard,
                    "payments_sent": len(sent["paid"]),
                    "payments_in_ledger": await c.paid_rows() - paid_before,
                    "thanked_twice": sum(n > 1 for n in c.thanked.values()),
                    "lag_p99_ms": lag.p99_ms(),
                    "one_core_busy_percent": round(100 * spent / took),
                    "us_each_with_payments": round(spent / heard * 1e6, 1),
                    "rss_mb": {f"at_{at}_s": round(memory[at], 1) for at in range(0, len(memory), 15)},
                    "reconnects": source.monitor.link.reconnects,
                }


async def flooded(flood: Flood, seconds: float) -> Any:
    """Await a flood as a task."""
    return await flood(RATE, seconds, PAID_EVERY)


async def live(registry: SourceRegistry, name: str) -> None:
    """Wait until a source hears."""
    while name not in registry.links or registry.links[name].state is not LinkState.LIVE:
        await asyncio.sleep(0.01)


async def measure(kind: str, seconds: float) -> dict[str, Any]:
    """Measure one platform."""
    library, chat = await library_only(kind), await chat_only(kind)
    each = {"library_us": round(library, 1), "whole_us": round(chat, 1), "own_us": round(chat - library, 1)}
    return {"line_of_chat": each, **await whole(kind, seconds)}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--serve", default="")
    wanted = parser.parse_args()
    logger.remove()
    if wanted.serve:
        asyncio.run(serve(wanted.serve))
        return
    if cores := _cores():
        os.sched_setaffinity(0, cores[-1:])  # this process and its threads on one, the platform on the others
    result: dict[str, Any] = {"bench": "platforms", "rate": RATE, "seconds": wanted.seconds, "paid_every": PAID_EVERY}
    for kind in wanted.kinds:
        result[kind] = asyncio.run(measure(kind, wanted.seconds))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
