"""What the inbox costs: ``python -m bench.inbox`` prints one JSON object, times in microseconds.

The queue is full all the time and its viewers are many more than are remembered. ``rush``: 10,000
lines a second; ``busy``: 100 lines a second, where each line is compared with all others of the window.
Lines that are ``unlike`` all others are the worst case for folding; ``alike`` are twenty texts.
"""

from __future__ import annotations

import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable

from bot.inbox.inbox import Inbox, Limits
from bot.inbox.settings import ShieldMode
from bot.types import Author, Kind, Message, Money
from moderation.verdict import Action, Verdict

OFFERS = 20_000
TAKES = 2_000
#: Messages a second.
RUSH, BUSY = 10_000.0, 100.0
WORDS = ["what", "game", "is", "this", "hello", "今天", "玩", "什么", "游戏", "lol", "please", "song", "why", "好听"]


def spread(samples: list[float]) -> dict[str, float]:
    """Return the mean, the median and the 99th percentile of seconds, in microseconds."""
    cuts = statistics.quantiles(samples, n=100)
    values = {"mean_us": statistics.fmean(samples), "p50_us": statistics.median(samples), "p99_us": cuts[98]}
    return {name: round(value * 1e6, 1) for name, value in values.items()}


def timed(work: Iterable[Callable[[], object]]) -> list[float]:
    """Run each piece of work and give its time in seconds."""
    out = []
    for piece in work:
        began = time.perf_counter()
        piece()
        out.append(time.perf_counter() - began)
    return out


class Bench:
    """A full inbox on a clock of its own, ``per_s`` messages a second."""

    def __init__(self, size: int, per_s: float = RUSH, shield: ShieldMode = "auto") -> None:
        self.rng = random.Random(1)
        self.now, self.step = 1000.0, 1 / per_s
        self.made = 0
        self.limits = Limits(size=size, shield=shield)
        self.inbox = Inbox(self.limits, lambda: self.now, random.Random(2))

    def message(self, text: str, kind: Kind = Kind.CHAT) -> tuple[Message, Verdict]:
        """Make the next message, from one of 50,000 viewers."""
        self.made += 1
        self.now += self.step
        author = Author(str(self.rng.randrange(50_000)), "Viewer")
        amount = Money(100, "USD") if kind is Kind.GIFT else None
        message = Message(str(self.made), "bench", author, text, kind, amount, self.now)
        return message, Verdict(Action.ALLOW, (), 0.0, text)

    def chat(self, *, same: bool = False) -> tuple[Message, Verdict]:
        """Make a chat line: unlike all others, or one of twenty."""
        if same:
            return self.message(f"this is sentence {self.rng.randrange(20)}")
        return self.message(" ".join(self.rng.choices(WORDS, k=8)) + f" {self.rng.randrange(10**9)}")

    def fill(self, *, same: bool = False, gifts: int = 0) -> None:
        """Offer until the queue is full."""
        for _ in range(gifts):
            self.inbox.offer(*self.message("", Kind.GIFT))
        for _ in range(int(self.limits.size * 1.5) + 100):
            self.inbox.offer(*self.chat(same=same))


def offers(size: int, per_s: float, *, same: bool, shield: ShieldMode = "auto") -> list[float]:
    """Time offers to a full queue."""
    bench = Bench(size, RUSH, shield)
    bench.fill(same=same)
    bench.step = 1 / per_s
    count = OFFERS if per_s == RUSH else OFFERS // 4
    lines = [bench.chat(same=same) for _ in range(count)]
    bench.now = lines[0][0].at

    def one(line: tuple[Message, Verdict]) -> None:
        bench.now = line[0].at
        bench.inbox.offer(*line)

    return timed((lambda line=line: one(line)) for line in lines)  # type: ignore[misc]


def takes(size: int, *, gifts: int) -> list[float]:
    """Time choices from a full queue that is filled up after each."""
    bench = Bench(size, shield="off")
    bench.fill(gifts=gifts)
    out = []
    for _ in range(min(TAKES, size // 2)):
        out += timed([lambda: bench.inbox.take_nowait(bench.now)])
        bench.inbox.offer(*(bench.message("", Kind.GIFT) if gifts else bench.chat()))
    return out


def memory() -> float:
    """Return the growth in KiB between 100,000 and 200,000 offers at 10,000 a second: flat is near 0."""
    tracemalloc.start()
    bench = Bench(Limits().size)
    before = 0
    for half in range(2):
        for number in range(100_000):
            bench.inbox.offer(*bench.chat())
            if number % 1000 == 0:
                bench.inbox.take_nowait(bench.now)
        if not half:
            before, _ = tracemalloc.get_traced_memory()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round((after - before) / 1024, 1)


def at_size(size: int) -> dict[str, dict[str, float]]:
    """Return all times with a queue of so many messages."""
    return {
        "offer_rush_unlike": spread(offers(size, RUSH, same=False)),
        "offer_rush_alike": spread(offers(size, RUSH, same=True)),
        "offer_rush_no_shield": spread(offers(size, RUSH, same=False, shield="off")),
        "offer_busy_unlike": spread(offers(size, BUSY, same=False)),
        "choose_chat": spread(takes(size, gifts=0)),
    }


def main() -> None:
    """Print the figures."""
    limits = Limits()
    full = Bench(limits.size)
    full.fill(gifts=limits.paid_size)
    shown = timed([lambda: full.inbox.items(full.now)] * 50)
    result = {
        "bench": "inbox",
        "fold_window": limits.fold_window,
        **{f"size_{size}": at_size(size) for size in (limits.size, 2000, 10_000)},
        "choose_paid_at_bound": spread(takes(limits.size, gifts=limits.paid_size)),
        "items_2200": spread(shown),
        "growth_kib_per_100000_offers": memory(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
