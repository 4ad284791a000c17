"""Hold every clause back for a while, so that a person can skip it before anybody hears it.

The stage gets a clause ``delay_s`` seconds after its first sound was ready and its words were allowed. The next
clauses are made and judged meanwhile, so they follow without a gap. With ``delay_s`` 0 nothing is held back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from bot.runtime.signal import Signal
from bot.types import Clause, Pcm

R = TypeVar("R")


class AudioSink(Protocol[R]):
    """The stage as the speaker sees it. ``R`` is the stage's own record of a clause."""

    changed: Signal

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> R | None:
        """Begin a clause and return its record; None when its turn is over.

        ``rate`` is in Hz; 0 means silence for ``silent_ms`` ms, in which the text is shown.
        """
        ...

    def sound(self, reel: R, pcm: Pcm) -> None:
        """Add sound to a clause: s16le mono at the rate of the clause."""
        ...

    def complete(self, reel: R, *, truncated: bool = False) -> None:
        """Mark the sound as whole; ``truncated`` says that the voice broke off."""
        ...

    def ahead_s(self) -> float:
        """Return the seconds of sound that were made and not heard yet."""
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
        """Length of the sound that is held back, or of the silence, in seconds."""
        return sum(len(p.data) / 2 / p.rate for p in self.pieces) if self.rate else self.silent_ms / 1000


class Release(Generic[R]):
    """Stands between the speaker and the stage, and takes clauses as the stage does.

    While `run` is going, it passes each clause on when it is due; see `bot.voice.speaker.Speaker`.
    """

    def __init__(self, sink: AudioSink[R], delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.changed = sink.changed
        #: Whether what is ready may be heard now; whoever sets it notifies ``changed`` when that changes.
        self.gate: Callable[[], bool] = lambda: True
        self._sink = sink
        self._held: deque[PendingClause[R]] = deque()
        self._over = -1

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> PendingClause[R] | None:
        """Hold a clause that may be heard, and return it; None when its turn is over. See `AudioSink.speak`."""
        if epoch <= self._over:
            return None
        held: PendingClause[R] = PendingClause(epoch, clause, rate, silent_ms, _now() + self.delay_s)
        if not self.delay_s and not self._held and self.gate():
            held.reel = self._sink.speak(epoch, clause, rate, silent_ms)
            return None if held.reel is None else held
        self._held.append(held)
        self.changed.notify()
        return held

    def sound(self, held: PendingClause[R], pcm: Pcm) -> None:
        """Add sound to a clause, be it held back or on the stage."""
        if held.reel is not None:
            self._sink.sound(held.reel, pcm)
        elif held in self._held:
            held.pieces.append(pcm)

    def complete(self, held: PendingClause[R], *, truncated: bool = False) -> None:
        """Mark the sound of a clause as whole; ``truncated`` says that the voice broke off."""
        held.complete, held.truncated = True, truncated
        if held.reel is not None:
            self._sink.complete(held.reel, truncated=truncated)

    def ahead_s(self) -> float:
        """Return the seconds of sound that were made and not heard yet, without those that the delay asks for."""
        return self._sink.ahead_s() + max(0.0, sum(held.seconds for held in self._held) - self.delay_s)

    def waiting(self) -> Mapping[int, float]:
        """Return the clauses that are held back: index, and the seconds until each may be heard."""
        now = _now()
        return {held.clause.index: max(0.0, held.due_at - now) for held in self._held}

    async def run(self) -> None:
        """Pass each clause on when it is due, in order. Runs until it is cancelled."""
        while True:
            await self.changed.wait_until(lambda: bool(self._held))
            first = self._held[0]
            await asyncio.sleep(max(0.0, first.due_at - _now()))
            await self.changed.wait_until(lambda: self.gate() or not self._held)
            if self._held and self._held[0] is first:
                self._held.popleft()
                self._let_go(first)

    async def wait_empty(self) -> None:
        """Wait until nothing is held back."""
        await self.changed.wait_until(lambda: not self._held)

    def drop(self, epoch: int) -> None:
        """Remove what is held back of a turn that is over, and take nothing more of it."""
        self._over = max(self._over, epoch)
        self._held.clear()
        self.changed.notify()

    def _let_go(self, held: PendingClause[R]) -> None:
        held.reel = self._sink.speak(held.epoch, held.clause, held.rate, held.silent_ms)
        if held.reel is not None:
            for pcm in held.pieces:
                self._sink.sound(held.reel, pcm)
            if held.complete:
                self._sink.complete(held.reel, truncated=held.truncated)
        held.pieces.clear()
        self.changed.notify()


def _now() -> float:
    return asyncio.get_running_loop().time()
