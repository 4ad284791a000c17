"""Names the stream that goes on: by the moment at which it began.

A stream goes on while a platform says that it is live, and while the host runs where no platform says anything. A
short break ends it not: neither a lost connection nor a restart of the host lets a stream spend its limit twice.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Final

from bot.store.spend import OpenStream

#: A stream that was away for no longer goes on, in seconds.
BREAK_S: Final = 1800.0


class Streams:
    """Tells the stream. ``live`` returns whether a platform is on air; None where none says."""

    def __init__(
        self, live: Callable[[], bool | None], now: Callable[[], dt.datetime], steady: Callable[[], float]
    ) -> None:
        self._live = live
        self._now = now
        self._steady = steady
        self._name = ""
        self._seen = -math.inf

    def resume(self, kept: OpenStream | None) -> None:
        """Take up the stream of an earlier run, unless the break was too long."""
        if kept is not None and (self._now() - kept.seen_at).total_seconds() <= BREAK_S:
            self._name, self._seen = kept.name, self._steady()

    def current(self) -> str:
        """Return the name of the stream that goes on; empty off air."""
        if self._live() is False:
            return ""
        at = self._steady()
        if not self._name or at - self._seen > BREAK_S:
            self._name = self._now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._seen = at
        return self._name

    def kept(self) -> OpenStream | None:
        """Return what an interrupted run must find again; None off air."""
        return OpenStream(name, self._now()) if (name := self.current()) else None
