"""What arrived before: platforms send twice, and send again what they sent before a reconnect or a restart."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable

from bot.types import Kind, Message, Retraction

#: Events remembered, and deletions.
MAX_SEEN, MAX_GONE = 50_000, 5_000
#: A platform's second event about the same raid comes within this, in seconds.
PAIR_S = 120.0
#: Messages of a banned viewer that were on their way at the ban arrive within this, in seconds.
BAN_S = 3.0


class _Recent(OrderedDict[Hashable, float]):
    """Keys with the time they were last put, at most so many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def put(self, key: Hashable, now: float) -> None:
        self[key] = now
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)


class Deduplicator:
    """Remembers ids across reconnects; seeded from the store, across restarts too. Not for payments: see the ledger."""

    def __init__(self, seen: Iterable[tuple[str, str]] = ()) -> None:
        self._seen = _Recent(MAX_SEEN)
        self._pairs: dict[Hashable, tuple[str, float]] = {}
        self._gone = _Recent(MAX_GONE)
        for key in seen:
            self._seen.put(key, 0.0)

    def is_duplicate(self, message: Message, now: float) -> str:
        """Record a message; say in words why it is one that came before, or give an empty string."""
        # Somebody who follows, unfollows and follows is greeted once.
        name = f"follow:{message.author.id}" if message.kind is Kind.FOLLOW else message.id
        key = (message.source, name)
        if key in self._seen:
            return "it came before"
        evidence = message.evidence
        if evidence and evidence.pair and not message.paid:
            pair = (message.source, evidence.pair)
            event, at = self._pairs.get(pair, ("", 0.0))
            if event and event != evidence.event and now - at < PAIR_S:
                return "another event told of it already"
            if len(self._pairs) > MAX_GONE:
                self._pairs.clear()
            self._pairs[pair] = (evidence.event, now)
        self._seen.put(key, now)
        return ""

    def take_back(self, retraction: Retraction, now: float) -> None:
        """Record a deletion: what it deletes may arrive after it."""
        if retraction.id:
            self._gone.put((retraction.source, "id", retraction.id), now)
        elif retraction.author:
            self._gone.put((retraction.source, "author", retraction.author), now)

    def taken_back(self, message: Message, now: float) -> bool:
        """Return whether a message was deleted before it arrived."""
        if not self._gone:
            return False
        for source in (message.source, ""):
            if (source, "id", message.id) in self._gone:
                return True
            if now - self._gone.get((source, "author", message.author.id), -BAN_S) < BAN_S:
                return True
        return False
