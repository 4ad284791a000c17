"""Fair shares: among the viewers of one class (`FairQueue`), and among the classes (`Rotation`).

Pure bookkeeping without a clock.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, Protocol, TypeVar

from bot.types import Viewer


class Owned(Protocol):
    """Something that waits, and that a viewer sent."""

    @property
    def viewer(self) -> Viewer:
        """The viewer who sent it."""
        ...

    @property
    def weight(self) -> float:
        """Its chance when the turn is drawn by lot, in proportion to the others; above 0."""
        ...

    @property
    def arrived(self) -> float:
        """The moment at which it came, in seconds."""
        ...

    @property
    def doubt(self) -> bool:
        """Whether it is put off while anything else waits."""
        ...

    @property
    def seq(self) -> int:
        """Its number in the order of arrival."""
        ...


E = TypeVar("E", bound=Owned)


def lottery_ticket(viewer: Viewer, salt: bytes, period: int = 0) -> float:
    """Return a viewer's lot, 0..1: the same for a whole period. Nobody can know it without the ``salt``."""
    name = f"{period}\0{viewer[0]}\0{viewer[1]}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(name, digest_size=8, key=salt).digest(), "big") / 2**64


class _LotHeap:
    """Viewers with their lots; the one with the highest lot is found quickly."""

    def __init__(self) -> None:
        self._lots: dict[Viewer, float] = {}
        self._heap: list[tuple[float, Viewer]] = []

    def __len__(self) -> int:
        return len(self._lots)

    def add(self, viewer: Viewer, lot: float) -> None:
        """Add a viewer, or change their lot."""
        self._lots[viewer] = lot
        heapq.heappush(self._heap, (-lot, viewer))
        self._tidy()

    def discard(self, viewer: Viewer) -> None:
        del self._lots[viewer]
        self._tidy()

    def _tidy(self) -> None:
        if len(self._heap) > 2 * len(self._lots) + 64:
            self._heap = [(-lot, viewer) for viewer, lot in self._lots.items()]
            heapq.heapify(self._heap)

    def lot(self, viewer: Viewer) -> float:
        return self._lots[viewer]

    def highest(self) -> Viewer:
        while self._lots.get(self._heap[0][1]) != -self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][1]


@dataclass(slots=True)
class _Place:
    """A viewer's place in a queue: their round, their luck in it, and the lot that decides when there is no room."""

    round: int
    luck: float
    lot: float


class FairQueue(Generic[E]):
    """The entries of one class, by viewer, served in rounds: start-time fair queueing with equal shares.

    Each viewer has one turn in a round, drawn by lot. A viewer who comes during a round joins it. When the
    round has lasted for as many turns as there are viewers, newcomers join the next round. So the viewers who
    wait all the time never differ by more than one turn, and a stream of new names keeps nobody waiting for ever.

    With a ``half_life_s`` above 0 the lot favours what is fresh: the chance of a viewer halves with so many seconds
    since their newest entry. When there is no room, a viewer's oldest entry leaves, else the newest. The lots are
    drawn once, as Gumbel variables: adding the logarithm of the weight to one and taking the highest is a draw in
    proportion to the weights, and since all of them fall alike, no time need be known.
    """

    def __init__(self, rng: random.Random, half_life_s: float = 0.0) -> None:
        self._rng = rng
        self._half_life_s = half_life_s
        self._viewers: dict[Viewer, deque[E]] = {}
        self._places: dict[Viewer, _Place] = {}
        self._size = self._doubtful = 0
        self._rounds: dict[int, _LotHeap] = {}
        self._round, self._round_used = 0, 0.0  # the round of the latest turn, and the part of it that is used up
        self._next_round: dict[Viewer, int] = {}  # viewers who were served belong to a later round
        #: Viewers by the number of their entries that wait, and the largest such number.
        self._by_count: dict[int, _LotHeap] = {}
        self._largest_count = 0

    def __len__(self) -> int:
        """Return how many entries wait."""
        return self._size

    def __iter__(self) -> Iterator[E]:
        """Yield all entries that wait, viewer by viewer."""
        for entries in self._viewers.values():
            yield from entries

    def add(self, entry: E, lot: float = 0.0) -> None:
        """Add an entry, by ``seq`` among those of its viewer. When there is no room, the highest ``lot`` leaves."""
        viewer = entry.viewer
        entries = self._viewers.get(viewer)
        if entries is None:
            entries = self._viewers[viewer] = deque()
            newest = self._round if self._round_used < 1.0 else self._round + 1
            self._places[viewer] = _Place(max(newest, self._next_round.get(viewer, 0)), self._draw(), lot)
        entries.append(entry)
        if len(entries) > 1 and entries[-2].seq > entry.seq:  # one that was put back
            self._viewers[viewer] = deque(sorted(entries, key=lambda e: e.seq))
        self._size += 1
        self._doubtful += entry.doubt
        self._count(viewer, len(entries) - 1, len(entries))
        self.weigh(viewer)

    def remove(self, entry: E) -> None:
        """Remove an entry. Raise `KeyError` or `ValueError` when it does not wait here."""
        viewer = entry.viewer
        entries = self._viewers[viewer]
        entries.remove(entry)
        self._size -= 1
        self._doubtful -= entry.doubt
        self._count(viewer, len(entries) + 1, len(entries))
        if entries:
            self.weigh(viewer)
        else:
            self._leave_round(viewer)
            del self._viewers[viewer], self._places[viewer]

    def weigh(self, viewer: Viewer) -> None:
        """Set a viewer's chance anew, if they wait: the weight of one of their entries has changed."""
        if entries := self._viewers.get(viewer):
            place = self._places[viewer]
            chance = place.luck + math.log(self._first(viewer).weight)
            if self._half_life_s:
                chance += math.log(2.0) / self._half_life_s * entries[-1].arrived
            self._rounds.setdefault(place.round, _LotHeap()).add(viewer, chance)

    def update(self, half_life_s: float) -> None:
        """Take over another half-life."""
        self._half_life_s = half_life_s
        for viewer in self._viewers:
            self.weigh(viewer)

    def next(self) -> E:
        """Return the entry that is next, by lot among the viewers of the earliest round; it stays in the queue.

        What is in doubt waits for all that is not. Raise `ValueError` when nothing waits.
        """
        if 0 < self._doubtful < self._size:
            return self._sure()
        return self._first(self._rounds[min(self._rounds)].highest())

    def _sure(self) -> E:
        """Return the entry that is next when what is in doubt is left aside."""
        firsts: dict[Viewer, E] = {}
        for entry in self:
            if not entry.doubt:
                firsts.setdefault(entry.viewer, entry)
        earliest = min(self._places[viewer].round for viewer in firsts)
        rivals = {viewer for viewer in firsts if self._places[viewer].round == earliest}
        return firsts[max(rivals, key=self._rounds[earliest].lot)]

    def take_turn(self, entry: E) -> int:
        """Remove the entry that `next` returned: its viewer had their turn. Return the round, for `put_back`."""
        viewer = entry.viewer
        had = self._places[viewer].round
        if had > self._round:
            self._round, self._round_used = had, 0.0
            self._next_round = {v: later for v, later in self._next_round.items() if later > had}
        self._round_used += 1.0 / len(self._viewers)
        self.remove(entry)
        self._move(viewer, had + 1)
        return had

    def put_back(self, entry: E, had: int, lot: float = 0.0) -> None:
        """Undo a turn: the entry waits again, and its viewer is in round ``had`` again, which `take_turn` returned."""
        self.add(entry, lot)
        self._move(entry.viewer, min(had, self._places[entry.viewer].round))

    def rivals(self, viewer: Viewer) -> tuple[int, int]:
        """Return how many viewers come before a waiting viewer, and how many draw lots in the viewer's own round."""
        own = self._places[viewer].round
        return sum(len(them) for at, them in self._rounds.items() if at < own), len(self._rounds[own])

    def victim(self) -> E:
        """Return the entry that goes when there is no room; it stays in the queue.

        It is an entry of the viewer with the most entries; among equals, of the viewer with the highest lot. A
        viewer keeps their lot, so the viewers who remain are a fair sample: to write more does not help.
        """
        theirs = self._viewers[self._by_count[self._largest_count].highest()]
        return theirs[0 if self._half_life_s else -1]

    def oldest_of(self, viewer: Viewer) -> E | None:
        """Return the oldest entry of a viewer for which nobody else waits; None when they have none."""
        return next((entry for entry in self._viewers.get(viewer, ()) if entry.weight <= 1.0), None)

    def would_leave(self, viewer: Viewer, lot: float) -> bool:
        """Return whether one more entry of a viewer would be the `victim` at once."""
        count = len(self._viewers.get(viewer, ())) + 1
        if count > 1 and self._half_life_s:
            return False  # an older one of theirs would
        if count != self._largest_count:
            return count > self._largest_count
        return lot > self._places[self._by_count[count].highest()].lot

    def _first(self, viewer: Viewer) -> E:
        """Return the entry that a viewer's turn is for: the first of those that came shortly before the newest one."""
        entries = self._viewers[viewer]
        if not self._half_life_s or len(entries) == 1:
            return entries[0]
        fresh = entries[-1].arrived - self._half_life_s
        return next(entry for entry in entries if entry.arrived >= fresh)

    def _draw(self) -> float:
        return -math.log(self._rng.expovariate(1.0) or 1e-300)

    def _move(self, viewer: Viewer, to: int) -> None:
        self._next_round.pop(viewer, None)
        if to > self._round:
            self._next_round[viewer] = to
        if place := self._places.get(viewer):
            self._leave_round(viewer)
            place.round, place.luck = to, self._draw()
            self.weigh(viewer)

    def _leave_round(self, viewer: Viewer) -> None:
        number = self._places[viewer].round
        self._rounds[number].discard(viewer)
        if not len(self._rounds[number]):
            del self._rounds[number]

    def _count(self, viewer: Viewer, before: int, after: int) -> None:
        if before:
            self._by_count[before].discard(viewer)
            if not self._by_count[before]:
                del self._by_count[before]
        if after:
            self._by_count.setdefault(after, _LotHeap()).add(viewer, self._places[viewer].lot)
        self._largest_count = max(self._largest_count, after)
        while self._largest_count and self._largest_count not in self._by_count:
            self._largest_count -= 1


N = TypeVar("N", bound=str)


class Rotation(Generic[N]):
    """Deficit round robin: each class gets turns in proportion to its weight as long as it has entries.

    A class that is empty saves up no turns.
    """

    def __init__(self, names: tuple[N, ...]) -> None:
        self._names = names
        self._deficit = dict.fromkeys(names, 0.0)
        self._index = 0
        self._fresh = True
        #: How many turns in a row each class had when it was served last.
        self.had = dict.fromkeys(names, 0)

    def next(self, waiting: Mapping[N, int], weights: Mapping[N, float]) -> N | None:
        """Return the class whose turn it is, and count the turn; None when nothing waits."""
        if not any(waiting[name] for name in self._names):
            return None
        while True:
            name = self._names[self._index]
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
            self._index = (self._index + 1) % len(self._names)
            self._fresh = True

    def undo(self, name: N) -> None:
        """Return a turn to a class that did not use it."""
        self._deficit[name] += 1.0
        self.had[name] -= 1
