"""2,000 lines a second from one source for a minute: ``python -m bench.torrent [--rate 2000] [--seconds 60]``.

The real way in in one process: the replay source, feed, moderation, the ledger on a file, the inbox; what is chosen
is taken out 20 times a second. 5,000 viewers and 20 who write a hundred times as much; of a hundred lines ten
name the host and five are for other bots or viewers; of a thousand one is a payment, one a moderator's command.
Once a second a line is deleted. Printed: what was taken in and judged, what was left out and why, the memory each 10 s,
how late the loop ran (a wish to wake each 5 ms), how long a payment took to be on the disk, and processor time. It
exits 1 when a payment or a line's outcome is lost, or a moderator's command was left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import psutil
from loguru import logger

from bench.flood import line
from bench.platforms import Lag
from bench.support.channel import Channel, channel
from bench.support.host import quantiles
from bot.inbox.inbox import Limits, Offer
from bot.runtime.machine import tune_gc
from bot.show.observer import Observer
from bot.sources import replay
from bot.sources.replay import Arrival, Event
from bot.types import Author, Kind, Message, MessageOutcome, Money, Role
from moderation import Verdict

RATE, SECONDS, VIEWERS, LOUD = 2000, 60, 5_000, 20
PAID_EVERY = 1000
STEP_S = 10.0
MODERATOR = Author("boss", "Boss", frozenset({Role.MODERATOR}))


class Torrent(Sequence[Event]):
    """The events of the minute, each made up when it is its turn, so that they take no memory."""

    def __init__(self, rate: int, seconds: float) -> None:
        self.rate, self.total = rate, int(rate * seconds)

    def __len__(self) -> int:
        """Return how many events there are."""
        return self.total

    @overload
    def __getitem__(self, at: int) -> Event: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Event]: ...
    def __getitem__(self, at: int | slice) -> Event | Sequence[Event]:
        """Return the event of a number: always the same."""
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(self.total))]
        if not 0 <= at < self.total:
            raise IndexError(at)
        when = at / self.rate
        if at % self.rate == self.rate - 1:
            return replay.Retraction(when, id=str(at - 50))
        return Arrival(when, self._message(at))

    def __iter__(self) -> Iterator[Event]:
        """Yield all events."""
        return (self[at] for at in range(self.total))

    def _message(self, at: int) -> Message:
        rng = random.Random(at)
        draw = rng.random()
        loud = draw < 2 / 7
        viewer = f"loud{rng.randrange(LOUD)}" if loud else f"viewer{rng.randrange(VIEWERS)}"
        author, kind, amount, text = Author(viewer, viewer), Kind.CHAT, None, line(rng)
        if at % 1000 == 500:
            author, text = MODERATOR, f"!permit viewer{at} 60"
        elif at % PAID_EVERY == 0:
            kind, amount = Kind.SUPER_CHAT, Money(500, "USD")
        elif at % 10 == 1:
            text = f"Mira, {text}"
        elif at % 20 == 2:
            text = rng.choice(("!uptime", f"@viewer{at} {text}"))
        return Message(str(at), "twitch", author, text, kind, amount)


class Fates(Observer):
    """Counts what becomes of the messages."""

    def __init__(self, count: int) -> None:
        self.settled_ids = bytearray(count)
        self.outcomes: Counter[str] = Counter()
        self.commands: Counter[str] = Counter()
        self.judged_lines = 0

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Count it."""
        self.settled_ids[int(message.id)] += 1
        if message.author.id == MODERATOR.id:
            self.commands["done" if reason.startswith("a command: ") else reason] += 1
        words = "".join(c for c in reason if not c.isdigit())
        self.outcomes[outcome.value if outcome is MessageOutcome.FOLDED else f"{outcome.value}: {words[:50]}"] += 1

    def judged(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Count it."""
        del message, verdict, offer
        self.judged_lines += 1


async def measure(rate: int, seconds: float) -> dict[str, Any]:
    """Let it pour."""
    torrent = Torrent(rate, seconds)
    fates = Fates(len(torrent))
    with tempfile.TemporaryDirectory() as name:
        async with channel(Path(name), limits=Limits()) as c, asyncio.TaskGroup() as group:
            c.observers.add(fates)
            lag, process = Lag(), psutil.Process()
            memory: list[float] = []
            waits: list[float] = []

            async def offer(message: Message) -> None:
                began = time.perf_counter()
                await c.feed.offer(message)
                if message.paid:
                    waits.append((time.perf_counter() - began) * 1e3)

            async def watch() -> None:
                while True:
                    memory.append(round(process.memory_info().rss / 1e6, 1))
                    await asyncio.sleep(STEP_S)

            tune_gc()
            cpu, began = time.process_time(), time.monotonic()
            others = [group.create_task(lag.run()), group.create_task(watch())]
            tally = await replay.play(torrent, 1.0, offer, c.feed.retract)
            took, spent = time.monotonic() - began, time.process_time() - cpu
            await asyncio.sleep(5)
            for task in others:
                task.cancel()
            result = await _account(c, fates, torrent)
            return {
                "bench": "torrent", "rate": rate, "seconds": seconds, "took_s": round(took, 1),
                "offered": tally.offered, "given_up_by_the_source": tally.lost, "late_s": round(tally.late_s, 2),
                "judged": fates.judged_lines, **result,
                "payment_to_disk_ms": quantiles(waits), "moderators_commands": dict(fates.commands),
                "rss_mb": memory, "lag_ms": quantiles([s * 1e3 for s in lag.samples]),
                "one_core_busy_percent": round(100 * spent / took), "cpu_us_each": round(spent / len(torrent) * 1e6, 1),
            }  # fmt: skip


async def _account(c: Channel, fates: Fates, torrent: Torrent) -> dict[str, Any]:
    """Return what became of everything; what was taken out of the inbox or still waits has no outcome yet."""
    paid = sum(at % PAID_EVERY == 0 for at in range(len(torrent)))
    open_ids = {int(i.message.id) for i in c.inbox.items(asyncio.get_running_loop().time(), 10_000)} | c.taken
    ids = (at for at in range(len(torrent)) if at % torrent.rate != torrent.rate - 1)
    return {
        "outcomes": dict(fates.outcomes.most_common()),
        "without_an_outcome": sum(not fates.settled_ids[at] and at not in open_ids for at in ids),
        "payments": paid, "payments_lost": paid - await c.paid_rows(),
        "payments_thanked_twice": sum(n > 1 for n in c.thanked.values()),
    }  # fmt: skip


def main() -> int:
    """Print the figures; 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    wanted = parser.parse_args()
    logger.remove()
    result = asyncio.run(measure(wanted.rate, wanted.seconds))
    print(json.dumps(result, ensure_ascii=False, indent=2))
    commands = result["moderators_commands"]
    lost = result["payments_lost"] or result["without_an_outcome"] or result["given_up_by_the_source"]
    return 1 if lost or set(commands) - {"done"} else 0


if __name__ == "__main__":
    sys.exit(main())
