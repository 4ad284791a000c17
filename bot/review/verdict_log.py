"""The verdict log: the last verdicts of both directions, so that a person can ask why each was given.

It is in memory alone, in two rings: one for verdicts that changed something, one for verdicts that changed
nothing, so that a flood of harmless lines does not push out what matters. Words are removed when their
platform takes them back, and when raw chat of their age is deleted everywhere else.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.types import Message, Retraction
from moderation import Action, Direction, Verdict
from moderation.corrections.allowances import ALLOWED, MAX_TEXT

#: How many verdicts are kept of those that changed something, and of those that were a plain "allow".
MAX_STOPPED, MAX_PASSED = 2_000, 200


@dataclass(slots=True)
class VerdictRecord:
    """One verdict. ``text`` is the text as it was written; ``outcome`` says in words what came of it so far.

    ``direction`` tells whether a viewer wrote the text or the host was about to say it. In the second case
    ``author`` says what it is ("a reply", "a name"). ``notes`` is what else a person should know, in words.
    """

    id: str
    at: dt.datetime
    direction: Direction
    source: str
    message: str
    author: str
    author_id: str
    text: str
    verdict: Verdict
    outcome: str = ""
    paid: bool = False
    notes: tuple[str, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether nothing of the text passed."""
        return not self.verdict.allowed


class VerdictLog:
    """Keeps the last verdicts. ``now`` returns the wall-clock time with its zone.

    ``boot`` is part of every id, so that the ids of two runs differ.
    """

    def __init__(
        self,
        boot: str = "",
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        stopped: int = MAX_STOPPED,
        passed: int = MAX_PASSED,
    ) -> None:
        self._now, self._boot = now, boot
        self._numbers = itertools.count(1)
        self._rings: dict[bool, OrderedDict[str, VerdictRecord]] = {True: OrderedDict(), False: OrderedDict()}
        self._most = {True: stopped, False: passed}

    def __len__(self) -> int:
        """Return how many verdicts are kept."""
        return sum(map(len, self._rings.values()))

    def heard(self, message: Message, verdict: Verdict, outcome: str) -> VerdictRecord:
        """Record a verdict on a viewer's message, with its text as it was written."""
        m, author = message, message.author
        entry = self._keep(Direction.IN, m.source, m.id, author.name, author.id, m.text, verdict, outcome)
        entry.paid = m.paid
        return entry

    def spoken(self, what: str, text: str, verdict: Verdict, outcome: str, turn: str = "") -> VerdictRecord:
        """Record a verdict on a text that the host is about to say; ``what`` says in words what it is."""
        return self._keep(Direction.OUT, "", turn, what, "", text, verdict, outcome)

    def _keep(
        self, direction: Direction, source: str, message: str, author: str, author_id: str, text: str, verdict: Verdict,
        outcome: str,
    ) -> VerdictRecord:  # fmt: skip
        name = f"v{self._boot}-{next(self._numbers)}"
        text = text[:MAX_TEXT]
        entry = VerdictRecord(name, self._now(), direction, source, message, author, author_id, text, verdict, outcome)
        changed = verdict.action is not Action.ALLOW or verdict.doubt or ALLOWED in verdict.rules
        ring = self._rings[changed]
        ring[name] = entry
        if len(ring) > self._most[changed]:
            ring.popitem(last=False)
        return entry

    def get(self, id: str) -> VerdictRecord | None:  # noqa: A002 - what it is
        """Return a verdict by its id, or None."""
        return self._rings[True].get(id) or self._rings[False].get(id)

    def last(self, limit: int, *, stopped: bool = False) -> list[VerdictRecord]:
        """Return up to ``limit`` verdicts, the newest first; with ``stopped``, only those that let nothing pass."""
        if stopped:
            found = (entry for entry in reversed(self._rings[True].values()) if entry.stopped)
            return list(itertools.islice(found, limit))
        both = itertools.chain.from_iterable(
            itertools.islice(reversed(ring.values()), limit) for ring in self._rings.values()
        )
        return sorted(both, key=_number, reverse=True)[:limit]

    def retract(self, retraction: Retraction) -> None:
        """Remove the words and the names of messages that their platform took back; the verdicts stay."""
        for entry in self._all():
            taken = retraction.covers(entry.source, entry.message, entry.author_id)
            if taken and entry.direction is Direction.IN and entry.text:
                _blank(entry)

    def forget(self, source: str, viewer: str) -> None:
        """Remove the words, the name and the id of a viewer; what was decided stays."""
        for entry in self._all():
            if entry.direction is Direction.IN and (entry.source, entry.author_id) == (source, viewer):
                _blank(entry)
                entry.author_id = ""

    def purge(self, older_than: dt.timedelta) -> int:
        """Remove the words of verdicts that are older; return how many had some."""
        before = self._now() - older_than
        old = [entry for entry in self._all() if entry.at < before and entry.text]
        for entry in old:
            _blank(entry)
        return len(old)

    def _all(self) -> Iterator[VerdictRecord]:
        return itertools.chain.from_iterable(ring.values() for ring in self._rings.values())


def _blank(entry: VerdictRecord) -> None:
    v = entry.verdict
    entry.text = entry.author = ""
    entry.verdict = Verdict(v.action, v.rules, v.score, "", v.reasons)


def _number(entry: VerdictRecord) -> int:
    return int(entry.id.rpartition("-")[2])
