"""Paid events that wait: when the thanks are due, when a run of gifts is over, and which ones are thanked together.

A combo gets one thanks, when it is over. When many gifts wait, several viewers share one sentence, so
that nobody waits ten minutes for a "thank you" behind a hundred small gifts.

Payments with words are due earlier, and each gets thanks of its own. When more come than can be thanked for in
time, both kinds are late: then they take turns, so that neither waits for ever behind the other, and the gifts
without words share their thanks whatever was given.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.inbox.entries import Entry
from bot.inbox.settings import Limits
from bot.types import Evidence, Kind, Message, Money, Viewer

#: One thanks covers at most so many repetitions of a gift, and so many viewers.
MAX_TOGETHER, MAX_SHARING = 500, 6
#: Late payments of one class are passed over at most so many times in a row for the other class.
MAX_PASSED = 2
#: So many gifts at most are looked at to find others that share a thanks.
MAX_LOOKED = 64


def due(entry: Entry, limits: Limits) -> float:
    """Return the moment at which the thanks for an entry are due."""
    return entry.arrived + (limits.words_due_s if entry.message.text else limits.gift_due_s)


def run_of(message: Message) -> tuple[object, ...] | None:
    """Return the key of the run of a payment without words: one combo, or one kind of gift from one viewer.

    Return None for a payment with words: it is thanked for alone.
    """
    if message.text:
        return None
    e = message.evidence
    return (message.source, message.author.id, message.kind, (e.combo or e.item or e.tier) if e else "")


class Runs:
    """Knows when each run of gifts is over."""

    def __init__(self) -> None:
        self._over: dict[tuple[object, ...], tuple[float, float]] = {}  # first and last arrival

    def add(self, message: Message, now: float) -> None:
        """Record that one more gift of a run arrived."""
        if message.kind is Kind.GIFT and message.evidence and (run := run_of(message)):
            self._over[run] = (self._over.get(run, (now, now))[0], now)

    def over_at(self, message: Message, limits: Limits) -> float:
        """Return the moment at which the run of a message is over; 0 when it belongs to no run."""
        times = self._over.get(run_of(message) or ())
        return min(times[1] + limits.combo_s, times[0] + limits.combo_most_s) if times else 0.0

    def end(self, message: Message) -> None:
        """Forget the run of a message: its thanks are being said."""
        self._over.pop(run_of(message) or (), None)


class PaymentQueue:
    """The paid entries in the order in which their thanks are due: earliest deadline first, late ones by turns.

    A run of gifts is not thanked for before it is over. An entry that was removed stays in the heaps and is
    skipped when its turn comes, so a choice takes about the same time for any number of entries.
    """

    def __init__(self) -> None:
        self._runs = Runs()
        self._waiting: dict[int, Entry] = {}  # by number
        self._of_run: dict[tuple[object, ...], dict[int, Entry]] = {}
        self._of_viewer: dict[Viewer, dict[int, Entry]] = {}  # without words
        #: When due, number; those with words, those without: the run may be over.
        self._ripe: dict[bool, list[tuple[float, int]]] = {True: [], False: []}
        self._growing: list[tuple[float, int]] = []  # when the run is over at the earliest, number
        #: The numbers of gifts without words by kind, the oldest first: these may share a sentence.
        self._wordless: dict[Kind, list[int]] = {}
        #: How often in a row payments with words were thanked for, and those without.
        self._in_a_row = {True: 0, False: 0}

    def __iter__(self) -> Iterator[Entry]:
        """Yield all entries that wait."""
        return iter(self._waiting.values())

    def add(self, entry: Entry, limits: Limits, now: float | None) -> None:
        """Add an entry that came at ``now``. With None it was here before, and does not make its run last longer."""
        if now is not None:
            self._runs.add(entry.message, now)
        self._sort(entry, limits)

    def remove(self, entry: Entry) -> None:
        """Remove an entry. Raise `KeyError` when it does not wait here."""
        del self._waiting[entry.seq]
        if run := run_of(entry.message):
            of_run = self._of_run[run]
            del of_run[entry.seq]
            if not of_run:
                del self._of_run[run]
                self._runs.end(entry.message)
            of_viewer = self._of_viewer[entry.viewer]
            del of_viewer[entry.seq]
            if not of_viewer:
                del self._of_viewer[entry.viewer]

    def update(self, limits: Limits) -> None:
        """Sort all entries again: the limits, and so the deadlines, have changed."""
        entries = list(self._waiting.values())
        self._waiting, self._of_run, self._of_viewer = {}, {}, {}
        self._ripe, self._growing, self._wordless = {True: [], False: []}, [], {}
        for entry in entries:
            self._sort(entry, limits)

    def take(self, now: float, limits: Limits) -> list[Entry]:
        """Return the entries that get the next thanks, the one due first in front; empty when every run goes on.

        The entries stay in the queue.
        """
        while self._growing and self._growing[0][0] <= now:
            _, seq = heapq.heappop(self._growing)
            if entry := self._waiting.get(seq):
                heapq.heappush(self._ripe[bool(entry.message.text)], (due(entry, limits), seq))
        firsts = {words: entry for words in (True, False) if (entry := self._first(words, now, limits))}
        if not firsts:
            return []
        words = min(firsts, key=lambda kind: due(firsts[kind], limits))
        late = len(firsts) == 2 and all(due(entry, limits) < now for entry in firsts.values())
        if late and self._in_a_row[words] >= MAX_PASSED:
            words = not words
        return self._together(firsts[words], now, limits)

    def _first(self, words: bool, now: float, limits: Limits) -> Entry | None:
        """Return the entry with words, or without, that is due first and whose run is over; None when there is none."""
        ripe = self._ripe[words]
        while ripe:
            _, seq = ripe[0]
            entry = self._waiting.get(seq)
            if entry is not None and (over := self._runs.over_at(entry.message, limits)) > now:
                heapq.heappush(self._growing, (over, seq))  # the run has grown in the meantime
            elif entry is not None:
                return entry
            heapq.heappop(ripe)
        return None

    def record_thanks(self, entries: Iterable[Entry]) -> None:
        """End the runs of entries whose thanks are said now, and count whose turn it was."""
        words = False
        for entry in entries:
            self._runs.end(entry.message)
            words = words or bool(entry.message.text)
        self._in_a_row = {words: self._in_a_row[words] + 1, not words: 0}

    def ripe_at(self, limits: Limits) -> float | None:
        """Return when the first run that waits is over; None when nothing waits."""
        return min((self._runs.over_at(e.message, limits) for e in self._waiting.values()), default=None)

    def _sort(self, entry: Entry, limits: Limits) -> None:
        self._waiting[entry.seq] = entry
        run = run_of(entry.message)
        if run is not None:
            self._of_run.setdefault(run, {})[entry.seq] = entry
            self._of_viewer.setdefault(entry.viewer, {})[entry.seq] = entry
            wordless = self._wordless.setdefault(entry.message.kind, [])
            heapq.heappush(wordless, entry.seq)
            if len(wordless) > 2 * len(self._waiting) + 64:
                self._wordless[entry.message.kind] = sorted(set(wordless) & self._waiting.keys())
        heapq.heappush(self._growing, (self._runs.over_at(entry.message, limits), entry.seq))
        if sum(map(len, (self._growing, *self._ripe.values()))) > 3 * len(self._waiting) + 64:
            # most of the heaps is removed entries
            self._ripe = {True: [], False: []}
            self._growing = [(self._runs.over_at(e.message, limits), e.seq) for e in self._waiting.values()]
            heapq.heapify(self._growing)

    def _together(self, first: Entry, now: float, limits: Limits) -> list[Entry]:
        """Return the entries that get one thanks: the run of ``first``, and other viewers' runs when many wait.

        Late thanks take along all that their viewers gave without words.
        """
        if run_of(first.message) is None:
            return [first]
        late = due(first, limits) < now
        theirs = self._all_of if late else self._run
        viewers = {first.viewer: theirs(first, now, limits)}
        others = self._sharing(first, now, limits, tuple(self._wordless) if late else (first.message.kind,))
        if len(others) >= limits.thank_together_from:
            for entry in others[: MAX_SHARING - 1]:
                viewers[entry.viewer] = theirs(entry, now, limits)
        return [entry for entries in viewers.values() for entry in entries]

    def _sharing(self, first: Entry, now: float, limits: Limits, kinds: Iterable[Kind]) -> list[Entry]:
        """Return the oldest gift of each other viewer that is of one of ``kinds`` and whose run is over, oldest first.

        At most `MAX_LOOKED` gifts of a kind are looked at.
        """
        found: dict[Viewer, Entry] = {}
        enough = max(limits.thank_together_from, MAX_SHARING - 1)
        for kind in kinds:
            seen: list[int] = []
            new = set[Viewer]()
            wordless = self._wordless.get(kind, [])
            while wordless and len(new) < enough and len(seen) < MAX_LOOKED:
                seq = heapq.heappop(wordless)
                entry = self._waiting.get(seq)
                if entry is None or entry.message.text:
                    continue
                seen.append(seq)
                viewer = entry.viewer
                if viewer == first.viewer or self._runs.over_at(entry.message, limits) > now:
                    continue
                new.add(viewer)
                if viewer not in found or seq < found[viewer].seq:
                    found[viewer] = entry
            for seq in seen:
                heapq.heappush(wordless, seq)
        return sorted(found.values(), key=lambda entry: entry.seq)

    def _run(self, first: Entry, _now: float, _limits: Limits) -> list[Entry]:
        return _in_front(first, self._of_run.get(run_of(first.message) or (), {}).values())

    def _all_of(self, first: Entry, now: float, limits: Limits) -> list[Entry]:
        """Return all that the viewer of ``first`` gave without words, but for runs that go on."""
        gifts = self._of_viewer.get(first.viewer, {}).values()
        return _in_front(first, (e for e in gifts if self._runs.over_at(e.message, limits) <= now))


def _in_front(first: Entry, entries: Iterable[Entry]) -> list[Entry]:
    rest = sorted((entry for entry in entries if entry is not first), key=lambda entry: entry.seq)
    return [first, *rest][:MAX_TOGETHER]


def combined(messages: Sequence[Message]) -> Message:
    """Return the first message of a run with the counts and the amounts of all; ``messages`` is not empty."""
    first = messages[0]
    if len(messages) == 1:
        return first
    e = first.evidence or Evidence("")
    units = _sum(m.evidence.units if m.evidence else None for m in messages)
    count = sum(m.evidence.count if m.evidence else 1 for m in messages)
    return replace(first, amount=_sum(m.amount for m in messages), evidence=replace(e, units=units, count=count))


def _sum(amounts: Iterable[Money | None]) -> Money | None:
    """Return the sum of money; None when an amount is unknown or the currencies differ."""
    total: Money | None = None
    for amount in amounts:
        if amount is None or (total and total.currency != amount.currency):
            return None
        total = Money(total.minor + amount.minor, amount.currency) if total else amount
    return total
