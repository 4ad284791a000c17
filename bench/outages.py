"""Every fault that was ever seen, in turn: ``python -m bench.outages [--times 20] [--only twitch,open:drop]``.

It prints a table.

For each fault a fake platform and the real source run with traffic: 20 lines a second, two payments a
second, each with words of its own. The fault begins at a random moment. Time to recover: from the
fault's end (its beginning, for those of one moment) until a line that was written after it is heard.
Lost: what the platform put on a socket that stood, and we did not take in. What it had nobody to tell
(there was no connection) is counted apart: no client can have it, since neither platform says it again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loguru import logger
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select

from bench.platforms import fake_of, live, source_of
from bench.support.channel import Channel, channel, running
from bot.inbox.inbox import Limits
from bot.store.tables import PaidEvent

TIMES, LANES = 20, 16
LINE_S, PAY_EVERY = 0.05, 10
#: A fault that is not over after this long is given up, in seconds.
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Fault:
    """How a fault is made: names of the fake's faults, how long the lasting ones last, and more for the fake."""

    name: str
    does: tuple[str, ...]
    for_s: float = 0.0
    options: tuple[tuple[str, Any], ...] = ()


def _one(*names: str) -> list[Fault]:
    return [Fault(name, (name,)) for name in names]


def _while_lost(*names: str, for_s: float = 2.0) -> list[Fault]:
    """Make faults that matter to a connection which is being made anew."""
    return [Fault(f"{name}, then drop", (name, "drop"), for_s) for name in names]


BROKEN = ("garbage", "bomb", "truncated", "lying_length", "huge_frame", "bad_json", "text_frame", "unknown_event")
SITE = (
    *_one("drop", "close", "half_open", *BROKEN, "missing_key", "wrong_type", "negative_amount"),
    *(Fault(name, (name,), 1.0) for name in ("plain", "zlib", "brotli", "duplicate")),
    Fault("no_heartbeat_reply", ("no_heartbeat_reply",), 60.0),
    *_while_lost("ws_refuse", "auth_refused", "rest_down", "rest_5xx", "dead_host", "one_host"),
    Fault("down", ("down",), 2.0),
)
FAULTS: dict[str, tuple[Fault, ...]] = {
    "twitch": (
        *_one("drop", "half_open", "reconnect_same", "reconnect_new", "forget_subscriptions"),
        *(Fault(f"close {code}", ("close",), 0.0, (("code", code),)) for code in (4000, 4003, 4005, 4007)),
        *_one("missing_key", "wrong_type", "unknown_event", "huge_frame", "garbage", "odd_frame"),
        Fault("revoke one type", ("revoke",), 0.0, (("type", "channel.follow"), ("status", "version_removed"))),
        Fault("duplicate", ("duplicate",), 1.0),
        Fault("no_keepalive", ("no_keepalive",), 20.0),
        *_while_lost("helix_down", "helix_5xx", "helix_429", "ws_refuse", "no_welcome"),
        Fault("expire_tokens, then drop", ("expire_tokens", "drop")),
        Fault("down", ("down",), 2.0),
    ),
    "open": (*SITE, *_one("interaction_end", "code_7003"), *_while_lost("code_7001")),
    "web": (*SITE, *_while_lost("code_352", "rest_412")),
}


@dataclass
class Lane:
    """One fault on one platform, with traffic."""

    kind: str
    fault: Fault
    fake: Any
    c: Channel
    lines: dict[str, tuple[float, bool]] = field(default_factory=dict)  # when, and whether a socket stood
    heard_at: dict[str, float] = field(default_factory=dict)
    payments: dict[str, bool] = field(default_factory=dict)
    thanked: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    stuck: int = 0

    def stands(self) -> bool:
        """Return whether the platform has a socket to put a line on."""
        if self.kind == "twitch":
            return any(
                s.connected and s.socket is not None and not s.silent
                and any(sub["type"] == "channel.chat.message" for sub in s.subscriptions.values())
                for s in self.fake.sessions.values()
            )  # fmt: skip
        return any(s.kind == self.kind and not s.silent and not s.ws.closed for s in self.fake.sockets)

    async def traffic(self) -> None:
        """Write lines and pay, for ever."""
        number = 0
        while True:
            await asyncio.sleep(LINE_S)
            number += 1
            now = asyncio.get_running_loop().time()
            if number % PAY_EVERY == 0:
                text = f"Cheer100 payment number {number} of {self.fault.name}"
                stood = self.stands()
                await self._pay(text)
                self.payments[text] = stood and self.stands()
            else:
                text = f"line {number} of {self.fault.name}, {number * 7919 % 997} words"
                stood = self.stands()
                await self._write(text, number)
                self.lines[text] = (now, stood and self.stands())

    async def _write(self, text: str, number: int) -> None:
        if self.kind == "twitch":
            await self.fake.chat(f"viewer{number % 300}", text)
        else:
            from tests.fakes.bilibili import Viewer  # noqa: PLC0415 - of two platforms one is here

            await self.fake.danmaku(text, Viewer(10_000 + number % 300, f"viewer{number % 300}"))

    async def _pay(self, text: str) -> None:
        if self.kind == "twitch":
            await self.fake.cheer("payer", 100, text)
        else:
            await self.fake.super_chat(text, 30)

    async def trial(self) -> None:
        """Let the fault happen once; note how long it takes until a line is heard again."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(2.2 + random.random())
        for name in self.fault.does:
            await self.fake.misbehave(
                name, **({"for_s": self.fault.for_s} if self.fault.for_s else {}), **dict(self.fault.options)
            )
        lasting = self.fault.for_s if not self._passes_meanwhile() else 0.0
        end = loop.time() + lasting
        while loop.time() < end + PATIENCE_S:
            await asyncio.sleep(0.005)
            after = [
                self.heard_at[t]
                for t, (when, _) in list(self.lines.items())[-1200:]
                if when >= end and t in self.heard_at
            ]
            if after:
                self.times.append(min(after) - end)
                return
        self.stuck += 1
        self.fake.heal()

    def _passes_meanwhile(self) -> bool:
        """Return whether the fault is one that must be outlived while it lasts."""
        return self.fault.name in ("no_heartbeat_reply", "no_keepalive", "plain", "zlib", "brotli", "duplicate") or (
            self.fault.name.startswith(("one_host", "dead_host"))
        )

    async def result(self) -> dict[str, Any]:
        """Count what was lost and doubled."""
        await asyncio.sleep(3)
        rows = await self.c.store.run(_texts)
        written = Counter(rows)
        told = [t for t, stood in self.payments.items() if stood]
        lost = [t for t in told if not written[t]]
        doubled = [t for t in self.payments if written[t] > 1 or self.thanked[t] > 1]
        cut = statistics.quantiles(self.times, n=20)[18] if len(self.times) > 1 else (self.times or [float("nan")])[0]
        return {
            "platform": self.kind,
            "fault": self.fault.name,
            "times": len(self.times),
            "not_recovered": self.stuck,
            "recover_p50_s": round(statistics.median(self.times), 3) if self.times else None,
            "recover_p95_s": round(cut, 3),
            "lines_sent": sum(stood for _, stood in self.lines.values()),
            "lines_lost": sum(stood and t not in self.heard_at for t, (_, stood) in self.lines.items()),
            "lines_untold": sum(not stood for _, stood in self.lines.values()),
            "paid_sent": len(told),
            "paid_lost": len(lost),
            "paid_doubled": len(doubled),
            "paid_not_thanked": sum(not self.thanked[t] for t in told if written[t]),
            "paid_untold": len(self.payments) - len(told),
        }


async def _texts(connection: AsyncConnection) -> list[str]:
    return list((await connection.execute(select(col(PaidEvent.text)))).scalars())


async def drill(kind: str, fault: Fault, times: int, tick: Callable[[], None], opening: asyncio.Lock) -> dict[str, Any]:
    """Run one lane. ``opening`` lets one database be made at a time: the migrations' library wants that."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fake, where = await stack.enter_async_context(fake_of(kind))
        async with opening:
            c = await stack.enter_async_context(channel(folder, limits=Limits()))
        lane = Lane(kind, fault, fake, c)
        _listen(lane)
        source = source_of(kind, c.feed, where, folder)
        async with running(source):
            await asyncio.wait_for(live(c.registry, source.name), 20)
            async with tasks(lane.traffic):
                for _ in range(times):
                    await lane.trial()
                    tick()
                fake.heal()
                await asyncio.sleep(1.5)
            return await lane.result()


def _listen(lane: Lane) -> None:
    """Record what is heard, and what is thanked for."""
    loop = asyncio.get_running_loop()
    intake, inbox = lane.c.intake, lane.c.inbox
    offer, take_in, take = intake.offer, intake.take, inbox.take_nowait

    async def paid(message: Any) -> Any:
        lane.heard_at.setdefault(message.text, loop.time())
        return await offer(message)

    def heard(message: Any) -> None:
        lane.heard_at.setdefault(message.text, loop.time())
        take_in(message)

    def taken(now: float, **wanted: Any) -> Any:
        choice = take(now, **wanted)
        for message in choice.messages if choice else ():
            if message.paid:
                lane.thanked[message.text] += 1
        return choice

    intake.offer, intake.take, inbox.take_nowait = paid, heard, taken  # type: ignore[method-assign]


@asynccontextmanager
async def tasks(*parts: Callable[[], Any]) -> Any:
    """Run parts until the block ends."""
    async with asyncio.TaskGroup() as group:
        made = [group.create_task(part()) for part in parts]
        try:
            yield
        finally:
            for task in made:
                task.cancel()


async def run(wanted: list[tuple[str, Fault]], times: int, console: Console) -> list[dict[str, Any]]:
    """Run every lane, a few at a time."""
    gate, opening = asyncio.Semaphore(LANES), asyncio.Lock()
    results: dict[int, dict[str, Any]] = {}
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("outages", total=len(wanted) * times)

        async def one(index: int, kind: str, fault: Fault) -> None:
            async with gate:
                results[index] = await drill(kind, fault, times, lambda: progress.advance(bar), opening)

        async with asyncio.TaskGroup() as group:
            for index, (kind, fault) in enumerate(wanted):
                group.create_task(one(index, kind, fault))
    return [results[i] for i in sorted(results)]


def show(results: list[dict[str, Any]], console: Console) -> None:
    """Print the table."""
    names = [name for name in results[0] if name != "times"]
    table = Table(*names, box=None)
    for result in results:
        table.add_row(*(str(result[name]) for name in names))
    console.print(table)


def main() -> None:
    """Print the table on stderr, and JSON on stdout."""
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--only", default="", help="platform or platform:fault, several with commas")
    given = parser.parse_args()
    logger.remove()
    only = [o for o in given.only.split(",") if o]
    wanted = [
        (kind, fault)
        for kind, faults in FAULTS.items()
        for fault in faults
        if not only or kind in only or f"{kind}:{fault.name}" in only
    ]
    console = Console(stderr=True, width=200)
    results = asyncio.run(run(wanted, given.times, console))
    show(results, console)
    total = {
        name: sum(r[name] for r in results)
        for name in results[0]
        if name not in ("platform", "fault", "recover_p50_s", "recover_p95_s", "times")
    }
    print(json.dumps({"bench": "outages", "times": given.times, "total": total, "faults": results}))


if __name__ == "__main__":
    main()
