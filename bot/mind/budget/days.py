"""Which day it is, by a wall clock that may jump.

The day is the calendar's in the channel's time zone. A clock that jumps is believed once it has run evenly for a
while: set an hour ahead just before midnight and back again, it begins no new day, and a day that goes on keeps what
it has spent. A machine that slept has jumped too, and finds the new day a little later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

#: The wall clock has jumped when it went so much faster or slower than the steady one, in seconds.
JUMP_S: Final = 60.0
#: For so long it must run evenly then, in seconds.
EVEN_S: Final = 600.0


class Days:
    """Tells the day. ``now`` is the wall clock with its zone, ``steady`` a clock in seconds that never jumps."""

    def __init__(self, now: Callable[[], dt.datetime], steady: Callable[[], float], zone: str = "") -> None:
        self._now = now
        self._steady = steady
        self._zone = ZoneInfo(zone) if zone else None
        self._offset = self._off()
        self._even_since: float | None = None
        self._day = self._date()

    def move(self, zone: str) -> None:
        """Count the days of another time zone from now on."""
        self._zone = ZoneInfo(zone) if zone else None
        self._day = self._date()

    def today(self) -> dt.date:
        """Return the day."""
        off, at = self._off(), self._steady()
        if abs(off - self._offset) > JUMP_S:
            self._even_since = at
        self._offset = off
        if self._even_since is not None and at - self._even_since >= EVEN_S:
            self._even_since = None
        if self._even_since is None:
            self._day = self._date()
        return self._day

    def left_s(self) -> float:
        """Return the seconds until the day ends; 0 while the clock says that it is another day already."""
        end = dt.datetime.combine(self._day + dt.timedelta(days=1), dt.time(), self._zone)
        return max(0.0, (end.astimezone(dt.UTC) - self._now().astimezone(dt.UTC)).total_seconds())

    def _date(self) -> dt.date:
        return self._now().astimezone(self._zone).date()

    def _off(self) -> float:
        return self._now().timestamp() - self._steady()
