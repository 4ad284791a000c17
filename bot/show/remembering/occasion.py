"""Knows the occasion: since when the host is live, what is on, what hour it is, and when the last show was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.show.observer import Observer
from bot.show.turn import FinishedTurn

#: After so long without a word a new show begins, also when the host was never switched off.
GAP: Final = dt.timedelta(hours=1)
#: The hour is told in steps of so many minutes, so that prompts stay alike.
STEP_MIN: Final = 15
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What a segment is called by which the host pauses.
BREAK: Final = "break"


class Occasion(Observer):
    """The show that is on. ``began`` and ``ended_before`` are of the wall clock; a restart begins no new show."""

    def __init__(
        self,
        clock: Callable[[], dt.datetime],
        heard: Sequence[dt.datetime] = (),
        *,
        zone: Callable[[], dt.tzinfo | None] = lambda: None,
        segment: Callable[[], tuple[str, str]] = lambda: ("", ""),
        game: Callable[[], str] = lambda: "",
    ) -> None:
        """Take when earlier turns were heard, and what tells the kind and name of the segment on air, and the game."""
        self.clock = clock
        self._zone = zone
        self._segment = segment
        self._game = game
        self._in_break = False
        #: When the last break ended in this run.
        self.break_ended: dt.datetime | None = None
        now = clock()
        past = sorted(at for at in heard if at <= now)
        self.began, self.ended_before = now, past[-1] if past else None
        for later, earlier in zip([now, *past[::-1]], [*past[::-1], None], strict=True):
            self.ended_before = earlier
            if earlier is None or later - earlier > GAP:
                break
            self.began = earlier
        self._last = now

    @property
    def local(self) -> dt.datetime:
        """The time in the zone of the show."""
        return self.clock().astimezone(self._zone())

    def turn_over(self, turn: FinishedTurn) -> None:
        """Note that something was heard."""
        if turn.text:
            now = self.clock()
            if now - self._last > GAP:
                self.began, self.ended_before = now, self._last
            self._last = max(self._last, now)
        self.look()

    def look(self) -> None:
        """Note whether a break is on."""
        kind, _ = self._segment()
        if self._in_break and kind != BREAK:
            self.break_ended = self.clock()
        self._in_break = kind == BREAK

    def moment(self) -> Mapping[str, object]:
        """Return the hour, how long the host is live, and what is on, coarsely, for the prompt."""
        now = self.local
        hour = now.replace(minute=now.minute // STEP_MIN * STEP_MIN)
        told: dict[str, object] = {"now": f"{_DAYS[hour.weekday()]} {hour:%H:%M}"}
        minutes = int((self.clock() - self.began).total_seconds() // 60) // STEP_MIN * STEP_MIN
        if minutes > 0:
            told["live_for"] = f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
        for name, value in (("segment", self._segment()[1]), ("game", self._game())):
            if value:
                told[name] = value[:60]
        return told
