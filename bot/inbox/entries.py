"""What waits in the inbox and what comes out of it: the types that its parts share."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.inbox.similarity import fold
from bot.types import Kind, Message, MessageOutcome, Viewer

Group = Literal["paid", "addressed", "ordinary", "event"]
#: The classes that share the turns which paid messages do not use, in the order of their round robin.
SHARED: tuple[Group, ...] = ("addressed", "event", "ordinary")
ALL: frozenset[Group] = frozenset({"paid", *SHARED})

#: The longest text that waits, in characters; a longer one is cut. Platforms allow 500.
MAX_TEXT = 2000
#: How many viewers of one cluster are counted at most, and how many of their names are kept.
MAX_COUNTED, MAX_NAMED = 256, 5
#: A cluster is drawn at most so many times as often as a single line, and a line to another viewer so much less often.
MAX_WEIGHT, ASIDE_WEIGHT = 10, 0.25


@dataclass(frozen=True, slots=True)
class Offer:
    """What became of a message when it was offered; ``reason`` is in words for people."""

    outcome: MessageOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is answered next. ``viewers`` is the number of viewers who asked it.

    ``arrived`` is the moment at which the first of them asked, by the inbox's clock. ``names`` are the names of
    up to `MAX_NAMED` of them, the first viewer's name first.
    """

    messages: tuple[Message, ...]
    group: Group
    reason: str
    viewers: int = 1
    arrived: float = 0.0
    #: The rest is for `Inbox.put_back`: ``seq`` is the number in the order of arrival, ``served`` the viewer's
    #: round, ``turn`` the number of the choice, ``before`` when the viewer was answered before (0: never).
    seq: int = 0
    served: int = 0
    names: tuple[str, ...] = ()
    turn: int = 0
    before: float = 0.0
    #: Whether moderation is in doubt about it; see `moderation.Verdict`.
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue, for the control room. Times are in seconds; ``expires_in_s`` is None for no limit."""

    message: Message
    group: Group
    viewers: int
    age_s: float
    expires_in_s: float | None
    reason: str
    doubt: bool = False


@dataclass(slots=True, eq=False)
class Entry:
    """One message that waits, and the viewers who sent one that says the same. ``arrived`` is a moment of the clock."""

    message: Message
    group: Group
    seq: int
    arrived: float
    key: str = ""
    #: Whether its viewer is new while the shield is up. When there is no room, the lines of new viewers go first.
    stranger: bool = False
    #: Whether moderation is in doubt about it: whatever else of its class waits goes first.
    doubt: bool = False
    viewers: set[Viewer] = field(default_factory=set)
    names: dict[Viewer, str] = field(default_factory=dict)
    viewer: Viewer = field(init=False)

    def __post_init__(self) -> None:
        """Count the author as the first viewer who asked."""
        self.viewer = viewer_of(self.message)
        self.add_viewer(self.message)

    @property
    def weight(self) -> float:
        """Its chance when a line is drawn by lot, against 1 for a single line."""
        return min(len(self.viewers) or 1, MAX_WEIGHT) * (ASIDE_WEIGHT if self.message.aside else 1.0)

    def add_viewer(self, message: Message) -> None:
        """Count the author of another message that says the same."""
        viewer = viewer_of(message)
        if len(self.viewers) < MAX_COUNTED:
            self.viewers.add(viewer)
        if viewer in self.viewers and len(self.names) < MAX_NAMED:
            self.names[viewer] = message.author.name

    def remove_words(self) -> None:
        """Remove the words of the message: the platform took them back."""
        self.message = replace(self.message, text="")

    def remove_viewers(self, viewers: Iterable[Viewer]) -> None:
        """Remove some of the viewers who asked."""
        for viewer in viewers:
            self.viewers.discard(viewer)
            self.names.pop(viewer, None)


class Ages:
    """Knows which entry is the oldest. It is a heap; an entry that was discarded is skipped when its turn comes."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._waiting: dict[int, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        heapq.heappush(self._heap, (entry.arrived, entry.seq))
        self._waiting[entry.seq] = entry

    def discard(self, entry: Entry) -> None:
        """Remove an entry, if it is there."""
        self._waiting.pop(entry.seq, None)
        if len(self._heap) > 2 * len(self._waiting) + 64:  # most of the heap is discarded entries
            self._heap = [(e.arrived, e.seq) for e in self._waiting.values()]
            heapq.heapify(self._heap)

    def oldest_beyond(self, now: float, age_s: float) -> Entry | None:
        """Return the oldest entry if it has waited for more than ``age_s`` seconds, else None."""
        while self._heap:
            arrived, seq = self._heap[0]
            if seq in self._waiting:
                return self._waiting[seq] if now - arrived > age_s else None
            heapq.heappop(self._heap)
        return None


def viewer_of(message: Message) -> Viewer:
    """Return the viewer who sent a message."""
    return message.source, message.author.id


def key_of(message: Message) -> str:
    """Return the key by which a chat line is folded; empty for a message that is never folded."""
    return fold(message.text) if message.kind is Kind.CHAT and message.text else ""


def group_of(message: Message, *, addressed: bool) -> Group:
    """Return the class of an unpaid message; ``addressed`` says that it speaks to the host."""
    if addressed or message.kind is Kind.HOST:
        return "addressed"
    return "ordinary" if message.kind is Kind.CHAT else "event"
