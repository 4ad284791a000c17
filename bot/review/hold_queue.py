"""Lines that moderation holds wait here for a person.

Of a chat line all waits; of a payment only the words, its thanks go on without them. A line leaves by
a person's word, by a deletion, or when nobody looked in time. Pure bookkeeping with the time given.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict

#: Lines that wait at most; then the oldest leaves.
MAX_HELD = 200
#: How long a line waits, in seconds: later no answer would make sense to its writer.
KEEP_S = 600.0


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A line that waits. ``id`` is its verdict's in the audit; ``message`` has the words as they were written."""

    id: str
    message: Message
    verdict: Verdict
    at: float


class HoldQueue:
    """Holds lines. ``on_leave(held, outcome, reason)`` is told of each that leaves without a person's word."""

    def __init__(
        self,
        most: int = MAX_HELD,
        keep_s: float = KEEP_S,
        on_leave: Callable[[HeldMessage, MessageOutcome, str], None] = lambda _h, _o, _r: None,
    ) -> None:
        self.keep_s = keep_s
        self.on_leave = on_leave
        self._most = most
        self._held: OrderedDict[str, HeldMessage] = OrderedDict()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._held)

    def hold(self, held: HeldMessage) -> None:
        """Let a line wait."""
        self.expire(held.at)
        self._held[held.id] = held
        while len(self._held) > self._most:
            _, oldest = self._held.popitem(last=False)
            self.on_leave(
                oldest, MessageOutcome.DROPPED, f"{self._most} held lines wait already, and nobody looked at this one"
            )

    def items(self, now: float) -> list[HeldMessage]:
        """Return what waits, the oldest first."""
        self.expire(now)
        return list(self._held.values())

    def get(self, id: str) -> HeldMessage | None:  # noqa: A002 - what it is
        """Return a line that waits."""
        return self._held.get(id)

    def take(self, id: str) -> HeldMessage | None:  # noqa: A002 - as above
        """Take a line out on a person's word; None when it does not wait any more."""
        return self._held.pop(id, None)

    def expire(self, now: float) -> None:
        """Let go of what nobody looked at in time."""
        while self._held and now - (oldest := next(iter(self._held.values()))).at > self.keep_s:
            del self._held[oldest.id]
            self.on_leave(
                oldest, MessageOutcome.EXPIRED, f"held, and nobody looked at it within {self.keep_s / 60:g} min"
            )

    def retract(self, retraction: Retraction) -> None:
        """Take out what its platform took back."""
        for held in list(self._held.values()):
            m = held.message
            if retraction.covers(m.source, m.id, m.author.id):
                del self._held[held.id]
                self.on_leave(held, MessageOutcome.DROPPED, retraction.reason)
