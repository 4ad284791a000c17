"""Fair shares among viewers and over time. Pure bookkeeping, no clock of its own.

For the classes see `Rotation`.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, Protocol, TypeVar

from bot.types import Viewer

#: How often a lot is thrown again because the one drawn weighs little, before it counts all the same.
_THROWS = 100


class Owned(Protocol):
    """Something that waits, and that a viewer sent. ``weight`` says how many share it."""

    @property
    def viewer(self) -> Viewer:
        """Whose it is."""
        ...

    @property
    def weight(self) -> float:
        """How strongly it draws when the turn is drawn by lot; above 0."""
        ...

    @property
    def seq(self) -> int:
        """Its number in the order of arrival."""
        ...


E = TypeVar("E", bound=Owned)


def lottery_ticket(viewer: Viewer, salt: bytes, period: int = 0) -> float:
    """Return a viewer's lot, 0..1: the same for all that they write in a period, and known to nobody beforehand."""
    name = f"{period}\0{viewer[0]}\0{viewer[1]}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(name, digest_size=8, key=salt).digest(), "big") / 2**64


class _Round:
    """Viewers of whom one can be drawn at once, however many there are."""

    def __init__(self) -> None:
        self._viewers: list[Viewer] = []
        self._at: dict[Viewer, int] = {}

    def __len__(self) -> int:
        return len(self._viewers)

    def add(self, viewer: Viewer) -> None:
        self._at[viewer] = len(self._viewers)
        self._viewers.append(viewer)

    def discard(self, viewer: Viewer) -> None:
        at, last = self._at.pop(viewer), self._viewers.pop()
        if last != viewer:
            self._viewers[at] = last
            self._at[last] = at

    def draw(self, rng: random.Random, weight: Callable[[Viewer], float], most: float) -> Viewer:
        """Draw one, each as often as it weighs; ``most`` is the largest weight there may be."""
        viewers = self._viewers
        viewer = viewers[0]
        for _ in range(_THROWS if len(viewers) > 1 else 0):
            viewer = viewers[int(rng.random() * len(viewers))]
            if rng.random() * most < weight(viewer):
                break
        return viewer


class _Crowd:
    """Viewers of whom equally many messages wait; the one with the highest lot is found at once."""

    def __init__(self) -> None:
        self._lots: dict[Viewer, float] = {}
        self._heap: list[tuple[float, Viewer]] = []

    def __bool__(self) -> bool:
        return bool(self._lots)

    def add(self, viewer: Viewer, lot: float) -> None:
        self._lots[viewer] = lot
        heapq.heappush(self._heap, (-lot, viewer))

    def discard(self, viewer: Viewer) -> None:
        del self._lots[viewer]
        if len(self._heap) > 2 * len(self._lots) + 64:
            self._heap = [(-lot, viewer) for viewer, lot in self._lots.items()]
            heapq.heapify(self._heap)

    def highest(self) -> Viewer:
        while self._lots.get(self._heap[0][1]) != -self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][1]


@dataclass(slots=True)
class _Place:
    """A viewer in a lane: what of theirs waits, their round, and their lot when there is no room."""

    round: int
    lot: float


class FairQueue(Generic[E]):
    """What waits in one class, by viewer, served in rounds: start-time fair queueing with equal shares.

    Each viewer has one turn in a round, drawn by lot. Who comes while a round lasts joins it, until
    it has lasted as many turns as it has viewers; then newcomers join the next one. So those who wait
    all the time never differ by more than one turn, and a stream of new names shuts nobody out.
    """

    def __init__(self, most_weight: float = 1.0) -> None:
        self._most_weight = most_weight
        self._viewers: dict[Viewer, deque[E]] = {}
        self._places: dict[Viewer, _Place] = {}
        self._size = 0
        self._rounds: dict[int, _Round] = {}
        self._round, self._used = 0, 0.0  # the round of the latest turn, and how much of it is used up
        self._next: dict[Viewer, int] = {}  # who was served in this round belongs to a later one
        #: Viewers by how many of theirs wait, and the largest such number.
        self._with: dict[int, _Crowd] = {}
        self._most = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return self._size

    def __iter__(self) -> Iterator[E]:
        """Yield all that wait, viewer by viewer."""
        for entries in self._viewers.values():
            yield from entries

    def add(self, entry: E, lot: float = 0.0) -> None:
        """Let it wait, at its place among its viewer's own. The highest ``lot`` leaves first when there is no room."""
        viewer = entry.viewer
        entries = self._viewers.get(viewer)
        if entries is None:
            entries = self._viewers[viewer] = deque()
            newest = self._round if self._used < 1.0 else self._round + 1
            place = self._places[viewer] = _Place(max(newest, self._next.get(viewer, 0)), lot)
            self._rounds.setdefault(place.round, _Round()).add(viewer)
        entries.append(entry)
        if len(entries) > 1 and entries[-2].seq > entry.seq:  # one that was put back
            self._viewers[viewer] = deque(sorted(entries, key=lambda e: e.seq))
        self._size += 1
        self._count(viewer, len(entries) - 1, len(entries))

    def remove(self, entry: E) -> None:
        """Take it out. Raises `KeyError` or `ValueError` when it does not wait here."""
        viewer = entry.viewer
        entries = self._viewers[viewer]
        entries.remove(entry)
        self._size -= 1
        self._count(viewer, len(entries) + 1, len(entries))
        if not entries:
            self._leave_round(viewer)
            del self._viewers[viewer], self._places[viewer]

    def next(self, rng: random.Random) -> E:
        """Choose (not remove) what is next, by lot among the viewers of the earliest round.

        Raises `ValueError` when nothing waits.
        """
        earliest = self._rounds[min(self._rounds)]
        return self._viewers[earliest.draw(rng, self._weight, self._most_weight)][0]

    def turn(self, entry: E) -> int:
        """Take out what `next` chose: its viewer has had their turn. Give the round, for `put_back`."""
        viewer = entry.viewer
        had = self._places[viewer].round
        if had > self._round:
            self._round, self._used = had, 0.0
            self._next = {v: later for v, later in self._next.items() if later > had}
        self._used += 1.0 / len(self._viewers)
        self.remove(entry)
        self._move(viewer, had + 1)
        return had

    def put_back(self, entry: E, had: int, lot: float = 0.0) -> None:
        """Undo a turn: the entry waits again, and its viewer belongs to the round in which they ``had`` it."""
        self.add(entry, lot)
        self._move(entry.viewer, min(had, self._places[entry.viewer].round))

    def rivals(self, viewer: Viewer) -> tuple[int, int]:
        """Return how many viewers are before a waiting viewer, and how many draw lots with them, they included."""
        own = self._places[viewer].round
        return sum(len(them) for at, them in self._rounds.items() if at < own), len(self._rounds[own])

    def victim(self) -> E:
        """Choose (not remove) what goes when there is no room: the newest of whoever has most waiting.

        Among equals it is the viewer with the highest lot. As a viewer keeps their lot, what remains
        is a sample of the viewers, each as likely as the next however much they write.
        """
        return self._viewers[self._with[self._most].highest()][-1]

    def hopeless(self, viewer: Viewer, lot: float) -> bool:
        """Whether one more of a viewer would be the `victim` at once."""
        count = len(self._viewers.get(viewer, ())) + 1
        if count != self._most:
            return count > self._most
        return lot > self._places[self._with[count].highest()].lot

    def _weight(self, viewer: Viewer) -> float:
        return self._viewers[viewer][0].weight

    def _move(self, viewer: Viewer, to: int) -> None:
        self._next.pop(viewer, None)
        if to > self._round:
            self._next[viewer] = to
        if place := self._places.get(viewer):
            self._leave_round(viewer)
            place.round = to
            self._rounds.setdefault(to, _Round()).add(viewer)

    def _leave_round(self, viewer: Viewer) -> None:
        number = self._places[viewer].round
        self._rounds[number].discard(viewer)
        if not len(self._rounds[number]):
            del self._rounds[number]

    def _count(self, viewer: Viewer, before: int, after: int) -> None:
        if before:
            self._with[before].discard(viewer)
            if not self._with[before]:
                del self._with[before]
        if after:
            self._with.setdefault(after, _Crowd()).add(viewer, self._places[viewer].lot)
        self._most = max(self._most, after)
        while self._most and self._most not in self._with:
            self._most -= 1


N = TypeVar("N", bound=str)


class Rotation(Generic[N]):
    """Each class gets its weight's share of the turns as long as it wants them.

    A class that has nothing to say saves nothing up.
    """

    def __init__(self, names: tuple[N, ...]) -> None:
        self._names = names
        self._deficit = dict.fromkeys(names, 0.0)
        self._at = 0
        self._fresh = True
        #: How many turns each class had when it was last its turn.
        self.had = dict.fromkeys(names, 0)

    def next(self, waiting: Mapping[N, int], weights: Mapping[N, float]) -> N | None:
        """Choose the class whose turn it is, and charge it; None when nothing waits."""
        if not any(waiting[name] for name in self._names):
            return None
        while True:
            name = self._names[self._at]
            if self._fresh:
                self.had[name] = 0
            if not waiting[name]:
                self._deficit[name] = 0.0
            elif self._fresh:
                self._deficit[name] += weights[name]
            self._fresh = False
            if waiting[name] and self._deficit[name] >= 1.0:
                self._deficit[name] -= 1.0
                self.had[name] += 1
                return name
            self._at = (self._at + 1) % len(self._names)
            self._fresh = True

    def undo(self, name: N) -> None:
        """Return back a turn that was not used."""
        self._deficit[name] += 1.0
        self.had[name] -= 1
