"""What the inbox costs: ``python -m bench.inbox`` prints one JSON object, times in microseconds.

The queue is full all the time, each line differs from all others (the worst case for folding), and
the viewers are many more than are remembered.
"""

from __future__ import annotations

import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable

from bot.inbox import Inbox, Limits
from bot.types import Author, Kind, Message, Money
from moderation.verdict import Action, Verdict

OFFERS = 20_000
TAKES = 2_000
WORDS = ["what", "game", "is", "this", "hello", "今天", "玩", "什么", "游戏", "lol", "please", "song", "why", "好听"]


def spread(samples: list[float]) -> dict[str, float]:
    """Give the median and the 99th percentile of seconds, in microseconds."""
    cuts = statistics.quantiles(samples, n=100)
    return {"p50_us": round(statistics.median(samples) * 1e6, 1), "p99_us": round(cuts[98] * 1e6, 1)}


def timed(work: Iterable[Callable[[], object]]) -> list[float]:
    """Run each piece of work and give its time in seconds."""
    out = []
    for piece in work:
        began = time.perf_counter()
        piece()
        out.append(time.perf_counter() - began)
    return out


class Bench:
    """A full inbox on a clock that runs at 10,000 messages a second."""

    def __init__(self) -> None:
        self.rng = random.Random(1)
        self.now = 0.0
        self.made = 0
        self.inbox = Inbox(Limits(), lambda: self.now, random.Random(2))

    def message(self, text: str, kind: Kind = Kind.CHAT) -> tuple[Message, Verdict]:
        """Make the next message, from one of 50,000 viewers."""
        self.made += 1
        self.now += 1e-4
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
        for _ in range(500):
            self.inbox.offer(*self.chat(same=same))


def offers(*, same: bool) -> list[float]:
    """Time offers to a full queue."""
    bench = Bench()
    bench.fill(same=same)
    lines = [bench.chat(same=same) for _ in range(OFFERS)]
    return timed((lambda line=line: bench.inbox.offer(*line)) for line in lines)  # type: ignore[misc]


def takes(*, gifts: int) -> list[float]:
    """Time takes from a full queue that is filled up after each."""
    bench = Bench()
    bench.fill(gifts=gifts)
    out = []
    for _ in range(TAKES):
        out += timed([lambda: bench.inbox.take_nowait(bench.now)])
        bench.inbox.offer(*(bench.message("", Kind.GIFT) if gifts else bench.chat()))
    return out


def memory() -> float:
    """Give the growth in KiB between 50,000 and 100,000 offers: flat is near 0."""
    tracemalloc.start()
    bench = Bench()
    for _ in range(50_000):
        bench.inbox.offer(*bench.chat())
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(50_000):
        bench.inbox.offer(*bench.chat())
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round((after - before) / 1024, 1)


def main() -> None:
    """Print the figures."""
    limits = Limits()
    full = Bench()
    full.fill(gifts=limits.paid_size)
    shown = timed([lambda: full.inbox.items(full.now)] * 50)
    result = {
        "bench": "inbox",
        "size": limits.size,
        "fold_window": limits.fold_window,
        "offer_unlike": spread(offers(same=False)),
        "offer_alike": spread(offers(same=True)),
        "take_chat": spread(takes(gifts=0)),
        "take_paid_at_bound": spread(takes(gifts=limits.paid_size)),
        "items_2200": spread(shown),
        "growth_kib_per_50000_offers": memory(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
