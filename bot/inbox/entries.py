"""What waits in the inbox, and what comes out of it: the words that its parts share."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.inbox.similarity import fold
from bot.types import Kind, Message, MessageOutcome, Viewer

Group = Literal["paid", "addressed", "ordinary", "event"]
#: The classes that share the turns which payments leave, in the order of their round robin.
SHARED: tuple[Group, ...] = ("addressed", "event", "ordinary")

#: Longest text that waits, in characters; platforms allow 500.
MAX_TEXT = 2000
#: Distinct viewers of one cluster are counted up to here, and so many of them are known by name.
MAX_COUNTED, MAX_NAMED = 256, 5
#: How much more often a cluster is drawn than a single line, at most.
MAX_WEIGHT = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """What became of a message when it was offered; ``reason`` is in words."""

    outcome: MessageOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is answered next. ``viewers`` is how many distinct viewers asked it, ``arrived`` when the first did.

    ``names`` are those of a few of them, the first one's first.
    """

    messages: tuple[Message, ...]
    group: Group
    reason: str
    viewers: int = 1
    arrived: float = 0.0
    #: For `Inbox.put_back`: the number in the order of arrival, the viewer's round, the number of the
    #: choice, and when the viewer was answered before (0: never).
    seq: int = 0
    served: int = 0
    names: tuple[str, ...] = ()
    turn: int = 0
    before: float = 0.0


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue, for the control room. Times are seconds; None means that it waits for ever."""

    message: Message
    group: Group
    viewers: int
    age_s: float
    expires_in_s: float | None
    reason: str


@dataclass(slots=True, eq=False)
class Entry:
    """One message that waits, and all who sent one that says the same. ``arrived`` is a moment of the clock."""

    message: Message
    group: Group
    seq: int
    arrived: float
    key: str = ""
    #: Whether its viewer is new while the shield is up: then it gives way to everybody else's.
    stranger: bool = False
    viewers: set[Viewer] = field(default_factory=set)
    names: dict[Viewer, str] = field(default_factory=dict)
    viewer: Viewer = field(init=False)

    def __post_init__(self) -> None:
        """Its author is the first who asked it."""
        self.viewer = viewer_of(self.message)
        self.join(self.message)

    @property
    def weight(self) -> float:
        """How strongly it draws in a lot."""
        return min(len(self.viewers) or 1, MAX_WEIGHT)

    def join(self, message: Message) -> None:
        """Count one more who asks it."""
        viewer = viewer_of(message)
        if len(self.viewers) < MAX_COUNTED:
            self.viewers.add(viewer)
        if viewer in self.viewers and len(self.names) < MAX_NAMED:
            self.names[viewer] = message.author.name

    def wordless(self) -> None:
        """Forget its words: they were taken back."""
        self.message = replace(self.message, text="")

    def leave(self, viewers: Iterable[Viewer]) -> None:
        """Forget some who asked it."""
        for viewer in viewers:
            self.viewers.discard(viewer)
            self.names.pop(viewer, None)


class Ages:
    """Knows which entry is the oldest, at the cost of a heap; what has left is skipped when it comes up."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._waiting: dict[int, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Take an entry in."""
        heapq.heappush(self._heap, (entry.arrived, entry.seq))
        self._waiting[entry.seq] = entry

    def discard(self, entry: Entry) -> None:
        """Let an entry go."""
        self._waiting.pop(entry.seq, None)
        if len(self._heap) > 2 * len(self._waiting) + 64:  # most of it has left: forget that
            self._heap = [(e.arrived, e.seq) for e in self._waiting.values()]
            heapq.heapify(self._heap)

    def older(self, now: float, than_s: float) -> Entry | None:
        """Return the oldest entry if it is older than so many seconds."""
        while self._heap:
            arrived, seq = self._heap[0]
            if seq in self._waiting:
                return self._waiting[seq] if now - arrived > than_s else None
            heapq.heappop(self._heap)
        return None


def viewer_of(message: Message) -> Viewer:
    """Return whose a message is."""
    return message.source, message.author.id


def key_of(message: Message) -> str:
    """Return the key by which a line is folded; empty for what is never folded."""
    return fold(message.text) if message.kind is Kind.CHAT and message.text else ""


def group_of(message: Message, *, addressed: bool) -> Group:
    """Return the class of an unpaid message."""
    if addressed or message.kind is Kind.HOST:
        return "addressed"
    return "ordinary" if message.kind is Kind.CHAT else "event"
