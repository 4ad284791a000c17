"""Lines that moderation holds wait here for a person.

A chat line waits as a whole. A payment is thanked for without its words, and only the words wait. A
line leaves when a person decides, when its platform deletes it, or when nobody looked in time. Pure
bookkeeping: callers give the time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict

#: So many lines wait at most; with one more, the oldest leaves.
MAX_HELD = 200
#: A line waits for so many seconds; later an answer would make no sense to its writer.
KEEP_S = 600.0


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A line that waits. ``id`` is the id of its verdict in the verdict log; ``at`` is a moment in seconds.

    ``message`` has the words as they were written.
    """

    id: str
    message: Message
    verdict: Verdict
    at: float


class HoldQueue:
    """Holds lines. ``on_leave(held, outcome, reason)`` is called for each line that leaves without a person's word."""

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
        """Return how many lines wait."""
        return len(self._held)

    def hold(self, held: HeldMessage) -> None:
        """Add a line that waits."""
        self.expire(held.at)
        self._held[held.id] = held
        while len(self._held) > self._most:
            _, oldest = self._held.popitem(last=False)
            self.on_leave(
                oldest, MessageOutcome.DROPPED, f"{self._most} held lines wait already, and nobody looked at this one"
            )

    def items(self, now: float) -> list[HeldMessage]:
        """Return the lines that wait, the oldest first."""
        self.expire(now)
        return list(self._held.values())

    def get(self, id: str) -> HeldMessage | None:  # noqa: A002 - what it is
        """Return a line that waits; None when it does not."""
        return self._held.get(id)

    def take(self, id: str) -> HeldMessage | None:  # noqa: A002 - as above
        """Remove and return a line on a person's word; None when it does not wait any more."""
        return self._held.pop(id, None)

    def expire(self, now: float) -> None:
        """Remove the lines that nobody looked at in time."""
        while self._held and now - (oldest := next(iter(self._held.values()))).at > self.keep_s:
            del self._held[oldest.id]
            self.on_leave(
                oldest, MessageOutcome.EXPIRED, f"held, and nobody looked at it within {self.keep_s / 60:g} min"
            )

    def retract(self, retraction: Retraction) -> None:
        """Remove the lines that their platform took back."""
        for held in list(self._held.values()):
            m = held.message
            if retraction.covers(m.source, m.id, m.author.id):
                del self._held[held.id]
                self.on_leave(held, MessageOutcome.DROPPED, retraction.reason)
