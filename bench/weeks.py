"""Two days on air with an outage each twenty minutes: ``python -m bench.weeks [--hours 48]`` prints one JSON object.

The whole show (its loop, inbox, moderation, persona, stage) with Twitch and both ways into Bilibili, on a
clock that jumps. The client libraries and the fake platforms speak over real sockets; model, voice, page
and database are stand-ins without threads. In each window of twenty minutes every platform has a payment
before the outage, one after it and a line of chat; the faults take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import logging
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loguru import logger

from bench.outages import FAULTS, Fault
from bench.platforms import fake_of, live, source_of
from bench.support.channel import running
from bot.inbox.inbox import Limits
from bot.sources.registry import SourceRegistry
from bot.sources.source import LinkState
from bot.sources.twitch import connection
from bot.store.payments import Recorded
from bot.types import Message
from tests.fakes.bilibili import Viewer
from tests.fakes.stage_page import FakePage
from tests.support.clock import JumpingLoop
from tests.support.harness import MemoryLedger, Stagehand

WINDOW_S = 20 * 60.0
KINDS = ("twitch", "open", "web")
NAMES = {"twitch": "twitch", "open": "bilibili_open", "web": "bilibili_web"}
#: A payment told of by several events is one within this, in seconds, as in `bot.store.payments`.
PAIR_S = 120.0


@dataclass
class _Payment:
    source: str
    pair: str
    at: float
    events: set[str] = field(default_factory=set)


class PairLedger(MemoryLedger):
    """Takes the events of one payment as one, as the real ledger does in its database."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: list[_Payment] = []

    async def record(self, message: Message) -> Recorded:
        """Record a payment."""
        if await super().record(message) is not Recorded.NEW:
            return Recorded.SETTLED
        e, now = message.evidence, asyncio.get_running_loop().time()
        if e is None or not e.pair:
            return Recorded.NEW
        self.payments = [p for p in self.payments if now - p.at < PAIR_S]
        for p in self.payments:
            if (p.source, p.pair) == (message.source, e.pair) and e.event not in p.events:
                p.events.add(e.event)
                return Recorded.DUPLICATE
        self.payments.append(_Payment(message.source, e.pair, now, {e.event}))
        return Recorded.NEW


@dataclass
class Weeks:
    """The show, its platforms, and what was counted."""

    hand: Stagehand
    registry: SourceRegistry
    fakes: dict[str, Any]
    paid: dict[str, str] = field(default_factory=dict)  # text: platform
    thanked: Counter[str] = field(default_factory=Counter)
    outages: Counter[str] = field(default_factory=Counter)
    unrecovered: list[str] = field(default_factory=list)
    number: int = 0
    page: FakePage = field(default_factory=FakePage)

    async def window(self, faults: dict[str, Fault]) -> None:
        """Live through twenty minutes."""
        loop = asyncio.get_running_loop()
        end = loop.time() + WINDOW_S
        for kind in KINDS:
            await self._pay(kind)
        await asyncio.sleep(60)
        for kind, fault in faults.items():
            self.outages[f"{kind}: {fault.name}"] += 1
            for name in fault.does:
                more = {"for_s": fault.for_s} if fault.for_s else {}
                await self.fakes[kind].misbehave(name, **more, **dict(fault.options))
        await asyncio.sleep(120)
        for kind in KINDS:
            if self.registry.links[NAMES[kind]].state not in (LinkState.LIVE, LinkState.QUIET):
                self.unrecovered.append(f"{kind}: {faults[kind].name}")
            self.fakes[kind].heal()
            await self._pay(kind)
            await self._chat(kind)
        await asyncio.sleep(max(0.0, end - loop.time()))

    async def _pay(self, kind: str) -> None:
        self.number += 1
        text = f"thank you for show number {self.number}"
        self.paid[text] = kind
        if kind == "twitch":
            await self.fakes[kind].cheer(f"payer{self.number % 50}", 100, text)
        else:
            await self.fakes[kind].super_chat(text, 30, Viewer(500 + self.number % 50, f"payer{self.number % 50}"))

    async def _chat(self, kind: str) -> None:
        text = f"Mira, what is the weather like in place {self.number}?"
        if kind == "twitch":
            await self.fakes[kind].chat(f"viewer{self.number}", text)
        else:
            await self.fakes[kind].danmaku(text, Viewer(9000 + self.number, f"viewer{self.number}"))


def _counts() -> dict[str, float]:
    gc.collect()
    return {
        "tasks": len(asyncio.all_tasks()),
        "files": sum(1 for _ in Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").exists() else 0,
        "traced_mb": round(tracemalloc.get_traced_memory()[0] / 1e6, 2),
    }


async def weeks(hours: float, tick: Callable[[float], None] = lambda _h: None) -> dict[str, Any]:
    """Live through so many hours; return what was counted."""
    connection.LOOK_S = 5.0  # each look costs real time here, and nothing else
    cycles = {kind: itertools.cycle(FAULTS[kind]) for kind in KINDS}
    with tempfile.TemporaryDirectory() as name:
        async with fake_of("twitch") as (t, tw), fake_of("open") as (o, ow), fake_of("web") as (w, ww):
            w.ids._count = itertools.count(500_000)  # noqa: SLF001 - the harness knows messages by their ids alone
            hand = Stagehand(limits=Limits())
            hand.keep(PairLedger())
            made = Weeks(hand, hand.registry, {"twitch": t, "open": o, "web": w})
            where = {"twitch": tw, "open": ow, "web": ww}
            sources = []
            for kind in KINDS:
                folder = Path(name) / kind
                folder.mkdir()
                sources.append(source_of(kind, hand.feed, where[kind], folder))
            async with hand.on_air() as page, running(*sources), asyncio.TaskGroup() as group:
                made.page = page
                watching = group.create_task(hand.feed.run())
                for kind in KINDS:
                    await live(hand.registry, NAMES[kind])
                began, samples = time.monotonic(), []
                windows = round(hours * 3600 / WINDOW_S)
                for number in range(windows):
                    await made.window({kind: next(cycles[kind]) for kind in KINDS})
                    _note_thanks(made)
                    if number % max(1, windows // 12) == 0 or number == windows - 1:
                        samples.append({"hour": round((number + 1) / 3, 1), **_counts()})
                    tick((number + 1) / 3)
                await hand.quiet()
                _note_thanks(made)
                watching.cancel()
            return _result(made, hours, samples, time.monotonic() - began)


def _note_thanks(made: Weeks) -> None:
    """Move what the show did since into our counts, and throw its growing lists away: they are the harness's."""
    for past in made.hand.past:
        for message in past.plan.messages:
            if message.paid and past.text:
                made.thanked[message.text] += 1
    made.hand.past.clear()
    ledger = made.hand.ledger
    ledger.turns.clear()
    ledger.outcomes.clear()
    made.hand.fates.clear()
    made.hand.llm.prompts.clear()
    made.hand.tts.spoken.clear()
    made.page.frames.clear()
    made.page.messages.clear()
    made.page.heard_ms.clear()
    if made.hand.show.on_air is None:
        made.page.tracks.clear()
    for kind in ("open", "web"):
        made.fakes[kind].nonces.clear()
    for fake in made.fakes.values():
        fake.calls.clear()


def _result(made: Weeks, hours: float, samples: list[dict[str, float]], took: float) -> dict[str, Any]:
    middle, last = samples[len(samples) // 2], samples[-1]
    return {
        "bench": "weeks",
        "virtual_hours": hours,
        "real_s": round(took, 1),
        "outages": made.outages.total(),
        "kinds_of_outages": len(made.outages),
        "not_recovered_in_2_min": made.unrecovered,
        "payments": len(made.paid),
        "thanked_once": sum(made.thanked[t] == 1 for t in made.paid),
        "thanked_never": [t for t in made.paid if not made.thanked[t]],
        "thanked_twice": [t for t in made.paid if made.thanked[t] > 1],
        "reconnects": {name: link.reconnects for name, link in made.registry.links.items()},
        "growth_from_the_middle": {k: round(last[k] - middle[k], 2) for k in ("tasks", "files", "traced_mb")},
        "samples": samples,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=48.0)
    wanted = parser.parse_args()
    logger.remove()
    logging.disable()
    tracemalloc.start()
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        print(json.dumps(runner.run(weeks(wanted.hours))))


if __name__ == "__main__":
    main()
