"""Knows which viewers write most, so that the ears expect their names."""

from __future__ import annotations

from typing import Final

from bot.inbox.inbox import Offer
from bot.show.observer import Observer
from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict

#: Viewers whose names are known, and how many of them are told.
KNOWN: Final = 500
TOLD: Final = 12


class Regulars(Observer):
    """Knows whose lines come most, so that the recogniser knows their names."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Count a line that moderation let pass."""
        del verdict
        if offer.outcome in (MessageOutcome.REFUSED, MessageOutcome.HELD):
            return
        key = (message.source, message.author.id)
        _, count = self._seen.pop(key, ("", 0))
        self._seen[key] = (message.author.name, count + 1)
        if len(self._seen) > KNOWN:
            del self._seen[next(iter(self._seen))]

    def retracted(self, retraction: Retraction) -> None:
        """Forget a viewer."""
        if retraction.author is not None:
            self._seen.pop((retraction.source, retraction.author), None)

    def names(self) -> list[str]:
        """Return the names, the most frequent first."""
        most = sorted(self._seen.values(), key=lambda one: -one[1])
        return [name for name, _ in most[:TOLD]]
