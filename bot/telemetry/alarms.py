"""What needs a person: raised once, shown until it is over or dismissed, the worst first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from loguru import logger

from bot.runtime.signal import Signal

#: Alarms that stand at once. When one more comes, the oldest of the lowest level leaves.
MAX_ALARMS = 50


class AlarmLevel(StrEnum):
    """How bad it is: an error costs viewers or money now, a warning will."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs a person. ``at`` is when it was raised, in seconds of the clock."""

    id: str
    level: AlarmLevel
    text: str
    remedy: str
    at: float


class Alarms:
    """The standing alarms. ``changed`` is notified of every change."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.changed = Signal()
        self._clock = clock
        self._standing: OrderedDict[str, Alarm] = OrderedDict()

    def raise_alarm(self, name: str, text: str, remedy: str, level: AlarmLevel = AlarmLevel.WARNING) -> None:
        """Raise an alarm, or change the words of one that stands."""
        old = self._standing.get(name)
        if old is None:
            logger.log(level.name, "{} {}", text, remedy)
        self._standing[name] = Alarm(name, level, text, remedy, old.at if old else self._clock())
        while len(self._standing) > MAX_ALARMS:
            lowest = min(self._standing.values(), key=lambda a: (a.level is AlarmLevel.ERROR, a.id == name, a.at))
            del self._standing[lowest.id]
        self.changed.notify()

    def clear(self, name: str) -> bool:
        """Take an alarm back: it is over, or a person has seen it. Return whether it stood."""
        if self._standing.pop(name, None) is None:
            return False
        self.changed.notify()
        return True

    def standing(self) -> list[Alarm]:
        """Return what needs a person, the worst first, then the oldest."""
        return sorted(self._standing.values(), key=lambda a: (a.level is not AlarmLevel.ERROR, a.at))
