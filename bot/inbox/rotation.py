"""Fair shares among classes: deficit round robin. Pure bookkeeping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

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
        """Give back a turn that was not used."""
        self._deficit[name] += 1.0
        self.had[name] -= 1
