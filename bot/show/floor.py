"""The floor: whether the host may speak now, and why not.

The panic latch is sticky: once pressed, nothing is said until a person arms the host again.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.runtime.signal import Signal
from bot.types import CutKind


@dataclass(frozen=True, slots=True)
class Cut:
    """An order to end the turn on air. ``reason`` is for people, ``kind`` for the record."""

    kind: CutKind
    reason: str


class Floor:
    """Who may speak. Everything here takes effect at once; waiters are woken by ``changed``."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.stopped_because = ""
        self.closing = False
        self._cut: Cut | None = None

    @property
    def stopped(self) -> bool:
        """Whether the panic latch is in."""
        return bool(self.stopped_because)

    @property
    def open(self) -> bool:
        """Whether a new turn may begin."""
        return not self.stopped and not self.closing

    @property
    def cut(self) -> Cut | None:
        """The order to end the present turn, if there is one."""
        return self._cut

    def begin(self) -> None:
        """Begin a turn: orders for earlier turns do not concern it."""
        self._cut = None
        if self.stopped:
            self._cut = Cut(CutKind.STOPPED, self.stopped_because)

    def interrupt(self, kind: CutKind, reason: str) -> None:
        """End the present turn."""
        if self._cut is None or kind is CutKind.STOPPED:
            self._cut = Cut(kind, reason)
        self.changed.notify()

    def stop(self, reason: str) -> None:
        """Press the panic latch: the present turn ends and no other begins."""
        self.stopped_because = reason or "stopped"
        self.interrupt(CutKind.STOPPED, self.stopped_because)

    def rearm(self) -> None:
        """Release the panic latch."""
        self.stopped_because = ""
        self.changed.notify()

    def close(self) -> None:
        """Let no further turn begin: the show is ending."""
        self.closing = True
        self.changed.notify()
