"""The audit: the last verdicts of both directions, so that each can be asked why.

It lives in memory alone, in two rings: one of verdicts that changed something, one of the last that
changed nothing, so that a flood of harmless lines does not push out what matters. Words leave it when
their platform takes them back, and when raw chat of their age is deleted everywhere else.
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

#: Verdicts kept that were not plain "allow", and last ones that were.
MAX_STOPPED, MAX_PASSED = 2_000, 200


@dataclass(slots=True)
class VerdictRecord:
    """One verdict. ``text`` is as it was written; ``outcome`` says in words what came of it so far.

    ``direction`` tells whether a viewer wrote it or the host would have said it; then ``author`` names the
    host's word for it ("a reply", "a name"). ``notes`` is what else a person should know, in words.
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
        """Whether nothing of it passed."""
        return not self.verdict.allowed


class VerdictLog:
    """``now`` gives the wall clock with its zone; ``boot`` tells the ids of this run from those of another."""

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
        """Record a verdict on something that the host would say: ``what`` it is, for people."""
        return self._keep(Direction.OUT, "", turn, what, "", text, verdict, outcome)

    def _keep(
        self, direction: Direction, source: str, message: str, author: str, author_id: str, text: str, verdict: Verdict,
        outcome: str,
    ) -> VerdictRecord:  # fmt: skip
        name = f"v{self._boot}-{next(self._numbers)}"
        text = text[:MAX_TEXT]
        entry = VerdictRecord(name, self._now(), direction, source, message, author, author_id, text, verdict, outcome)
        changed = verdict.action is not Action.ALLOW or ALLOWED in verdict.rules
        ring = self._rings[changed]
        ring[name] = entry
        if len(ring) > self._most[changed]:
            ring.popitem(last=False)
        return entry

    def get(self, id: str) -> VerdictRecord | None:  # noqa: A002 - what it is
        """Return one by its id."""
        return self._rings[True].get(id) or self._rings[False].get(id)

    def last(self, limit: int, *, stopped: bool = False) -> list[VerdictRecord]:
        """Return the last ones, the newest first; with ``stopped`` those alone of which nothing passed."""
        if stopped:
            found = (entry for entry in reversed(self._rings[True].values()) if entry.stopped)
            return list(itertools.islice(found, limit))
        both = itertools.chain.from_iterable(
            itertools.islice(reversed(ring.values()), limit) for ring in self._rings.values()
        )
        return sorted(both, key=_number, reverse=True)[:limit]

    def retract(self, retraction: Retraction) -> None:
        """Forget the words and the name of what its platform took back; that there was a verdict stays."""
        for entry in self._all():
            taken = retraction.covers(entry.source, entry.message, entry.author_id)
            if taken and entry.direction is Direction.IN and entry.text:
                _blank(entry)

    def purge(self, older_than: dt.timedelta) -> int:
        """Forget the words of what is older; give of how many."""
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
