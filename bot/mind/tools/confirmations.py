"""Calls that wait for a person: shown on the panel, carried out when one says yes, gone when nobody does in time."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.mind.tools.function import Asker
from bot.runtime.signal import Signal
from bot.types import Retraction

#: More calls than these never wait at once.
MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A call that waits. ``arguments`` are shown to the person; ``why`` says why one is asked; ``until`` is the end."""

    id: int
    tool: str
    arguments: str
    asker: Asker
    why: str
    until: float
    go: Callable[[], Awaitable[None]]


class Confirmations:
    """The calls that wait, the oldest first. ``changed`` is notified when one comes or goes."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.waiting: dict[int, Confirmation] = {}
        self._ids = itertools.count(1)

    def add(
        self, tool: str, arguments: str, asker: Asker, why: str, until: float, go: Callable[[], Awaitable[None]]
    ) -> bool:
        """Add a call that waits; return False when too many do, or the same one does already."""
        if len(self.waiting) >= MOST or any((w.tool, w.arguments) == (tool, arguments) for w in self.waiting.values()):
            return False
        one = Confirmation(next(self._ids), tool, arguments, asker, why, until, go)
        self.waiting[one.id] = one
        self.changed.notify()
        return True

    def take(self, number: int) -> Confirmation | None:
        """Remove and return a call that waits; None when it does not wait any more."""
        one = self.waiting.pop(number, None)
        self.changed.notify()
        return one

    def expired(self, now: float) -> list[Confirmation]:
        """Remove and return the calls that nobody confirmed in time."""
        gone = [one for one in self.waiting.values() if one.until <= now]
        return [one for late in gone if (one := self.take(late.id))]

    def withdrawn(self, retraction: Retraction) -> list[Confirmation]:
        """Remove and return the calls that were asked for by what is taken back."""
        gone = [
            one
            for one in self.waiting.values()
            if any(retraction.covers(source, message, one.asker.author_id) for source, message in one.asker.messages)
        ]
        return [one for each in gone if (one := self.take(each.id))]

    def next_end(self) -> float | None:
        """Return when the next of them expires; None when none waits."""
        return min((one.until for one in self.waiting.values()), default=None)
