"""Paid events that wait: when one is due, when a run of gifts is over, and which ones get one thanks together.

A combo is thanked once, when it is over. When many gifts wait, several viewers share one sentence:
nobody waits ten minutes for a "thank you" behind a hundred small gifts.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.inbox.entries import Entry
from bot.inbox.settings import Limits
from bot.types import Evidence, Kind, Message, Money, Viewer

#: Repetitions that one thanks takes together, and viewers that share one.
MAX_TOGETHER, MAX_SHARING = 500, 6
#: Gifts that are looked at for others to thank along with one.
MAX_LOOKED = 64


def due(entry: Entry, limits: Limits) -> float:
    """Return when its thanks are due."""
    return entry.arrived + (limits.words_due_s if entry.message.text else limits.gift_due_s)


def run_of(message: Message) -> tuple[object, ...] | None:
    """Return the run that a payment without words belongs to: a combo, or the same gift by the same viewer."""
    e = message.evidence
    if message.text or e is None:
        return None
    return (message.source, message.author.id, message.kind, e.combo or e.item or e.tier)


class Runs:
    """Knows until when each run of gifts may go on."""

    def __init__(self) -> None:
        self._over: dict[tuple[object, ...], tuple[float, float]] = {}  # first and last arrival

    def add(self, message: Message, now: float) -> None:
        """Record one more of a run."""
        if message.kind is Kind.GIFT and (run := run_of(message)):
            self._over[run] = (self._over.get(run, (now, now))[0], now)

    def over_at(self, message: Message, limits: Limits) -> float:
        """Return when the run of a message is over; a time in the past when it belongs to none."""
        times = self._over.get(run_of(message) or ())
        return min(times[1] + limits.combo_s, times[0] + limits.combo_most_s) if times else 0.0

    def end(self, message: Message) -> None:
        """Forget a run: it is being thanked."""
        self._over.pop(run_of(message) or (), None)


class PaymentQueue:
    """The paid entries in the order in which their thanks are due: earliest deadline first.

    A run of gifts is not touched before it is over. What has left is skipped when it comes up, so a
    choice costs about the same however many wait.
    """

    def __init__(self) -> None:
        self._runs = Runs()
        self._waiting: dict[int, Entry] = {}  # by number
        self._of_run: dict[tuple[object, ...], dict[int, Entry]] = {}
        self._heap: list[tuple[float, int]] = []  # due, number: whose run may be over
        self._growing: list[tuple[float, int]] = []  # when its run is over at the earliest, number
        #: Gifts without words by kind, the oldest first: who shares a sentence with another.
        self._wordless: dict[Kind, list[int]] = {}

    def __iter__(self) -> Iterator[Entry]:
        """Return all that wait."""
        return iter(self._waiting.values())

    def add(self, entry: Entry, limits: Limits, now: float | None) -> None:
        """Take one in. ``now`` is when it came; None: it is no news of its run."""
        if now is not None:
            self._runs.add(entry.message, now)
        self._sort(entry, limits)

    def remove(self, entry: Entry) -> None:
        """Let one go."""
        del self._waiting[entry.seq]
        if run := run_of(entry.message):
            of_run = self._of_run[run]
            del of_run[entry.seq]
            if not of_run:
                del self._of_run[run]
                self._runs.end(entry.message)

    def update(self, limits: Limits) -> None:
        """Sort all of it anew: deadlines have changed."""
        entries = list(self._waiting.values())
        self._waiting, self._of_run = {}, {}
        self._heap, self._growing, self._wordless = [], [], {}
        for entry in entries:
            self._sort(entry, limits)

    def take(self, now: float, limits: Limits) -> list[Entry]:
        """Return the entries that get the next thanks, the one due first in front; empty when none is ripe.

        They stay in the queue.
        """
        while self._growing and self._growing[0][0] <= now:
            _, seq = heapq.heappop(self._growing)
            if entry := self._waiting.get(seq):
                heapq.heappush(self._heap, (due(entry, limits), seq))
        while self._heap:
            _, seq = self._heap[0]
            first = self._waiting.get(seq)
            if first is not None and (over := self._runs.over_at(first.message, limits)) > now:
                heapq.heappush(self._growing, (over, seq))  # it has grown meanwhile
            elif first is not None:
                return self._together(first, now, limits)
            heapq.heappop(self._heap)
        return []

    def end(self, entries: Iterable[Entry]) -> None:
        """End the runs of those that are thanked now."""
        for entry in entries:
            self._runs.end(entry.message)

    def ripe_at(self, limits: Limits) -> float | None:
        """Return when the first run that waits is over; None when nothing waits."""
        return min((self._runs.over_at(e.message, limits) for e in self._waiting.values()), default=None)

    def _sort(self, entry: Entry, limits: Limits) -> None:
        self._waiting[entry.seq] = entry
        run = run_of(entry.message)
        if run is not None:
            self._of_run.setdefault(run, {})[entry.seq] = entry
            wordless = self._wordless.setdefault(entry.message.kind, [])
            heapq.heappush(wordless, entry.seq)
            if len(wordless) > 2 * len(self._waiting) + 64:
                self._wordless[entry.message.kind] = sorted(set(wordless) & self._waiting.keys())
        heapq.heappush(self._growing, (self._runs.over_at(entry.message, limits), entry.seq))
        if len(self._heap) + len(self._growing) > 3 * len(self._waiting) + 64:  # most of it has left
            self._heap = []
            self._growing = [(self._runs.over_at(e.message, limits), e.seq) for e in self._waiting.values()]
            heapq.heapify(self._growing)

    def _together(self, first: Entry, now: float, limits: Limits) -> list[Entry]:
        """Return what gets one thanks: ``first`` and the rest of its run; or several viewers' gifts."""
        run = run_of(first.message)
        if run is None:
            return [first]
        viewers = {first.viewer: self._run(first)}
        others = self._sharing(first, now, limits)
        if len(others) >= limits.thank_together_from:
            for entry in others[: MAX_SHARING - 1]:
                viewers[entry.viewer] = self._run(entry)
        return [entry for entries in viewers.values() for entry in entries]

    def _sharing(self, first: Entry, now: float, limits: Limits) -> list[Entry]:
        """Return the oldest ripe gift of the same kind of each other viewer, among those that are looked at."""
        found: dict[Viewer, Entry] = {}
        seen: list[int] = []
        wordless = self._wordless.get(first.message.kind, [])
        enough = max(limits.thank_together_from, MAX_SHARING - 1)
        while wordless and len(found) < enough and len(seen) < MAX_LOOKED:
            seq = heapq.heappop(wordless)
            entry = self._waiting.get(seq)
            if entry is None or entry.message.text:
                continue
            seen.append(seq)
            viewer = entry.viewer
            if viewer != first.viewer and self._runs.over_at(entry.message, limits) <= now:
                found.setdefault(viewer, entry)
        for seq in seen:
            heapq.heappush(wordless, seq)
        return list(found.values())

    def _run(self, first: Entry) -> list[Entry]:
        same = self._of_run.get(run_of(first.message) or (), {})
        rest = sorted((e for e in same.values() if e is not first), key=lambda e: e.seq)
        return [first, *rest][:MAX_TOGETHER]


def combined(messages: Sequence[Message]) -> Message:
    """Add up the repetitions of one run: the first message with all counts and amounts."""
    first = messages[0]
    if len(messages) == 1:
        return first
    e = first.evidence or Evidence("")
    units = _sum(m.evidence.units if m.evidence else None for m in messages)
    count = sum(m.evidence.count if m.evidence else 1 for m in messages)
    return replace(first, amount=_sum(m.amount for m in messages), evidence=replace(e, units=units, count=count))


def _sum(amounts: Iterable[Money | None]) -> Money | None:
    """Add money of one currency; None when a part of it is unknown or of another."""
    total: Money | None = None
    for amount in amounts:
        if amount is None or (total and total.currency != amount.currency):
            return None
        total = Money(total.minor + amount.minor, amount.currency) if total else amount
    return total
