"""Holds every clause back for a while, so that a person can skip it before anybody hears it.

The stage gets a clause ``delay_s`` after its first sound was ready and its words were allowed; the clauses
behind it are made and judged meanwhile, so they follow without a gap. Without a delay this only passes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from bot.runtime.signal import Signal
from bot.types import Clause, Pcm

R = TypeVar("R")


class AudioSink(Protocol[R]):
    """The stage as the speaker sees it. ``R`` is the stage's own record of a clause."""

    changed: Signal

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> R | None:
        """Begin a clause; None when its turn is over."""
        ...

    def sound(self, reel: R, pcm: Pcm) -> None:
        """Add sound."""
        ...

    def complete(self, reel: R, *, truncated: bool = False) -> None:
        """All the sound is there."""
        ...

    def ahead_s(self) -> float:
        """Seconds made and not heard yet."""
        ...


@dataclass(eq=False)
class PendingClause(Generic[R]):
    """A clause that is on its way to the stage. ``reel`` is None until the stage has it."""

    epoch: int
    clause: Clause
    rate: int
    silent_ms: int
    due_at: float
    reel: R | None = None
    pieces: list[Pcm] = field(default_factory=list)
    complete: bool = False
    truncated: bool = False

    @property
    def seconds(self) -> float:
        """Length of the sound that is held back, or of the silence."""
        return sum(len(p.data) / 2 / p.rate for p in self.pieces) if self.rate else self.silent_ms / 1000


class Release(Generic[R]):
    """A mouth before the mouth. `run` lets the clauses go when they are due; see `Speaker`."""

    def __init__(self, mouth: AudioSink[R], delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.changed = mouth.changed
        self._mouth = mouth
        self._held: deque[PendingClause[R]] = deque()
        self._over = -1

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> PendingClause[R] | None:
        """Take a clause that may be heard; None when its turn is over."""
        if epoch <= self._over:
            return None
        held: PendingClause[R] = PendingClause(epoch, clause, rate, silent_ms, _now() + self.delay_s)
        if not self.delay_s and not self._held:
            held.reel = self._mouth.speak(epoch, clause, rate, silent_ms)
            return None if held.reel is None else held
        self._held.append(held)
        self.changed.notify()
        return held

    def sound(self, held: PendingClause[R], pcm: Pcm) -> None:
        """Add sound to a clause, wherever it is."""
        if held.reel is not None:
            self._mouth.sound(held.reel, pcm)
        elif held in self._held:
            held.pieces.append(pcm)

    def complete(self, held: PendingClause[R], *, truncated: bool = False) -> None:
        """All the sound of a clause is there."""
        held.complete, held.truncated = True, truncated
        if held.reel is not None:
            self._mouth.complete(held.reel, truncated=truncated)

    def ahead_s(self) -> float:
        """Seconds made and not heard yet, beyond those that the delay itself asks for."""
        return self._mouth.ahead_s() + max(0.0, sum(held.seconds for held in self._held) - self.delay_s)

    def waiting(self) -> Mapping[int, float]:
        """Return the clauses that are held back: index, and the seconds until each may be heard."""
        now = _now()
        return {held.clause.index: max(0.0, held.due_at - now) for held in self._held}

    async def run(self) -> None:
        """Let each clause go when it is due, in order, for ever."""
        while True:
            await self.changed.wait_until(lambda: bool(self._held))
            first = self._held[0]
            await asyncio.sleep(max(0.0, first.due_at - _now()))
            if self._held and self._held[0] is first:
                self._held.popleft()
                self._let_go(first)

    async def empty(self) -> None:
        """Wait until nothing is held back."""
        await self.changed.wait_until(lambda: not self._held)

    def drop(self, epoch: int) -> None:
        """Forget what is held back: its turn is over, and nobody hears it."""
        self._over = max(self._over, epoch)
        self._held.clear()
        self.changed.notify()

    def _let_go(self, held: PendingClause[R]) -> None:
        held.reel = self._mouth.speak(held.epoch, held.clause, held.rate, held.silent_ms)
        if held.reel is not None:
            for pcm in held.pieces:
                self._mouth.sound(held.reel, pcm)
            if held.complete:
                self._mouth.complete(held.reel, truncated=held.truncated)
        held.pieces.clear()
        self.changed.notify()


def _now() -> float:
    return asyncio.get_running_loop().time()
