"""Paid events that wait: when one is due, when a run of gifts is over, and which ones get one thanks together.

A combo is thanked once, when it is over. When many gifts wait, several viewers share one sentence:
nobody waits ten minutes for a "thank you" behind a hundred small gifts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from bot.limits import Limits
from bot.types import Evidence, Kind, Message, Money

#: Repetitions that one thanks takes together, and viewers that share one.
MAX_TOGETHER, MAX_SHARING = 500, 6


class Waiting(Protocol):
    """An entry of the queue."""

    seq: int

    @property
    def message(self) -> Message:
        """The paid message."""
        ...

    @property
    def arrived(self) -> float:
        """When it arrived."""
        ...


E = TypeVar("E", bound=Waiting)


def due(entry: Waiting, limits: Limits) -> float:
    """Give when its thanks are due."""
    return entry.arrived + (limits.words_due_s if entry.message.text else limits.gift_due_s)


def run_of(message: Message) -> tuple[object, ...] | None:
    """Name the run that a payment without words belongs to: a combo, or the same gift of the same viewer again."""
    e = message.evidence
    if message.text or e is None:
        return None
    return (message.source, message.author.id, message.kind, e.combo or e.item or e.tier)


class Runs:
    """Knows until when each run of gifts may go on."""

    def __init__(self) -> None:
        self._over: dict[tuple[object, ...], tuple[float, float]] = {}  # first and last arrival

    def add(self, message: Message, now: float) -> None:
        """Note one more of a run."""
        if message.kind is Kind.GIFT and (run := run_of(message)):
            self._over[run] = (self._over.get(run, (now, now))[0], now)

    def over_at(self, message: Message, limits: Limits) -> float:
        """Give when the run of a message is over; a time in the past when it belongs to none."""
        times = self._over.get(run_of(message) or ())
        return min(times[1] + limits.combo_s, times[0] + limits.combo_most_s) if times else 0.0

    def end(self, message: Message) -> None:
        """Forget a run: it is being thanked."""
        self._over.pop(run_of(message) or (), None)


def together(first: E, waiting: Iterable[E], ripe: Sequence[E], limits: Limits) -> list[E]:
    """Give the entries that get one thanks: ``first`` and the rest of its run; or several viewers' gifts.

    ``waiting`` are all paid entries, ``ripe`` those whose run is over.
    """
    run = run_of(first.message)
    if run is None:
        return [first]
    viewers: dict[tuple[str, str], list[E]] = {_viewer(first): _run(first, waiting)}
    wordless = [e for e in ripe if not e.message.text and e.message.kind is first.message.kind]
    if len({_viewer(e) for e in wordless}) > limits.thank_together_from:
        for entry in sorted(wordless, key=lambda e: e.seq):
            if len(viewers) < MAX_SHARING and _viewer(entry) not in viewers:
                viewers[_viewer(entry)] = _run(entry, waiting)
    return [entry for entries in viewers.values() for entry in entries]


def _run(first: E, waiting: Iterable[E]) -> list[E]:
    run = run_of(first.message)
    rest = (e for e in waiting if e is not first and run_of(e.message) == run)
    return [first, *sorted(rest, key=lambda e: e.seq)][:MAX_TOGETHER]


def _viewer(entry: Waiting) -> tuple[str, str]:
    return entry.message.source, entry.message.author.id


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
