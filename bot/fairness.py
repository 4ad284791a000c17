"""Fair shares: among viewers, among classes, and over time. Pure bookkeeping, no clock of its own."""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

#: Whose a message is: the source and the viewer's id in it.
Viewer = tuple[str, str]


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
N = TypeVar("N", bound=str)


@dataclass(slots=True)
class _Account:
    tokens: float
    at: float
    served: int = 0


class Accounts:
    """What is remembered of viewers: a token bucket each, and when they were last served.

    At most ``size`` are remembered; who was not seen for longest is forgotten first, so a million
    names cost no more memory than ten thousand.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._accounts: OrderedDict[Viewer, _Account] = OrderedDict()

    def __len__(self) -> int:
        """Give how many viewers are remembered."""
        return len(self._accounts)

    def admit(self, viewer: Viewer, now: float, burst: float, refill_per_s: float) -> bool:
        """Take one token; False when there is none left."""
        account = self._of(viewer, now, burst)
        account.tokens = min(burst, account.tokens + max(0.0, now - account.at) * refill_per_s)
        account.at = now
        if account.tokens < 1.0:
            return False
        account.tokens -= 1.0
        return True

    def served(self, viewer: Viewer) -> int:
        """Give the number of the turn in which a viewer was last served; 0 for never."""
        account = self._accounts.get(viewer)
        return account.served if account else 0

    def serve(self, viewer: Viewer, turn: int, now: float, burst: float) -> None:
        """Note that a viewer was served in a turn."""
        self._of(viewer, now, burst).served = turn

    def _of(self, viewer: Viewer, now: float, burst: float) -> _Account:
        account = self._accounts.get(viewer)
        if account is None:
            account = self._accounts[viewer] = _Account(burst, now)
            while len(self._accounts) > self.size:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(viewer)
        return account


class _Drawn:
    """Viewers of whom one can be drawn at once, however many there are."""

    def __init__(self) -> None:
        self._viewers: list[Viewer] = []
        self._at: dict[Viewer, int] = {}

    def __bool__(self) -> bool:
        return bool(self._viewers)

    def add(self, viewer: Viewer) -> None:
        self._at[viewer] = len(self._viewers)
        self._viewers.append(viewer)

    def discard(self, viewer: Viewer) -> None:
        at, last = self._at.pop(viewer), self._viewers.pop()
        if last != viewer:
            self._viewers[at] = last
            self._at[last] = at

    def draw(self, rng: random.Random) -> Viewer:
        return rng.choice(self._viewers) if len(self._viewers) > 1 else self._viewers[0]


class Lane(Generic[E]):
    """What waits in one class, by viewer; each viewer's own in order of arrival."""

    def __init__(self) -> None:
        self._viewers: dict[Viewer, deque[E]] = {}
        self._size = 0
        #: Viewers by how many of theirs wait, and the largest such number.
        self._with: dict[int, _Drawn] = {}
        self._most = 0

    def __len__(self) -> int:
        """Give how many wait."""
        return self._size

    def __iter__(self) -> Iterator[E]:
        """Give all that wait, viewer by viewer."""
        for entries in self._viewers.values():
            yield from entries

    def add(self, entry: E) -> None:
        """Let it wait, at its place among its viewer's own."""
        entries = self._viewers.setdefault(entry.viewer, deque())
        entries.append(entry)
        if len(entries) > 1 and entries[-2].seq > entry.seq:  # one that was put back
            self._viewers[entry.viewer] = deque(sorted(entries, key=lambda e: e.seq))
        self._size += 1
        self._count(entry.viewer, len(entries) - 1, len(entries))

    def remove(self, entry: E) -> None:
        """Take it out. Raises `KeyError` or `ValueError` when it does not wait here."""
        entries = self._viewers[entry.viewer]
        entries.remove(entry)
        if not entries:
            del self._viewers[entry.viewer]
        self._size -= 1
        self._count(entry.viewer, len(entries) + 1, len(entries))

    def _count(self, viewer: Viewer, before: int, after: int) -> None:
        if before:
            self._with[before].discard(viewer)
            if not self._with[before]:
                del self._with[before]
        if after:
            self._with.setdefault(after, _Drawn()).add(viewer)
        self._most = max(self._most, after)
        while self._most and self._most not in self._with:
            self._most -= 1

    def next(self, served: Callable[[Viewer], int], rng: random.Random) -> E:
        """Choose (not remove) what is next: of the viewer least recently served; by lot among equals.

        Raises `ValueError` when nothing waits.
        """
        oldest = min(served(viewer) for viewer in self._viewers)
        first = [entries[0] for viewer, entries in self._viewers.items() if served(viewer) == oldest]
        return rng.choices(first, [entry.weight for entry in first])[0] if len(first) > 1 else first[0]

    def victim(self, rng: random.Random) -> E:
        """Choose (not remove) what goes when there is no room: the newest of whoever has most waiting.

        Among equals one viewer is drawn, not one message, so that writing more never helps.
        """
        return self._viewers[self._with[self._most].draw(rng)][-1]


class Rotation(Generic[N]):
    """Deficit round robin over classes: each gets its weight's share of the turns as long as it wants them.

    A class that has nothing to say saves nothing up.
    """

    def __init__(self, names: tuple[N, ...]) -> None:
        self._names = names
        self._deficit = dict.fromkeys(names, 0.0)
        self._at = 0
        self._fresh = True

    def next(self, waiting: Mapping[N, int], weights: Mapping[N, float]) -> N | None:
        """Choose the class whose turn it is, and charge it; None when nothing waits."""
        if not any(waiting[name] for name in self._names):
            return None
        while True:
            name = self._names[self._at]
            if not waiting[name]:
                self._deficit[name] = 0.0
            elif self._fresh:
                self._deficit[name] += weights[name]
            self._fresh = False
            if waiting[name] and self._deficit[name] >= 1.0:
                self._deficit[name] -= 1.0
                return name
            self._at = (self._at + 1) % len(self._names)
            self._fresh = True
