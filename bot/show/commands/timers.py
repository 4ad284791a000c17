"""Lines that are written into the chats from time to time, but only while a chat moves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.show.commands.settings import Timer

#: How often it is looked whether one is due, and the least time between two of them in one chat, in seconds.
LOOK_S, GAP_S = 5.0, 60.0


@dataclass(slots=True)
class _Last:
    """When a timer was written last (or when it began), by the loop's clock, and how many lines there were then."""

    at: float
    lines: int


class Timers:
    """Counts the lines of each chat and writes what is due. ``write`` returns whether a line was taken.

    ``chats`` returns the chats that can be written to just now.
    """

    def __init__(self, write: Callable[[str, str], bool], chats: Callable[[], Iterable[str]]) -> None:
        self._write = write
        self._chats = chats
        self._timers: Sequence[Timer] = ()
        self._lines: Counter[str] = Counter()
        self._last: dict[tuple[str, str], _Last] = {}
        self._written: dict[str, float] = {}

    def update(self, timers: Sequence[Timer]) -> None:
        """Take over settings; a timer whose text stays goes on as it was."""
        self._timers = tuple(timers)
        texts = {timer.text for timer in timers}
        self._last = {key: last for key, last in self._last.items() if key[1] in texts}

    def count(self, chat: str) -> None:
        """Count a viewer's line."""
        self._lines[chat] += 1

    async def run(self) -> None:
        """Write what is due, for as long as the show runs."""
        while True:
            self.look(asyncio.get_running_loop().time())
            await asyncio.sleep(LOOK_S)

    def look(self, now: float) -> None:
        """Write into each chat the timer that has been due for longest."""
        for chat in self._chats():
            lines = self._lines[chat]
            due: list[tuple[float, Timer, _Last]] = []
            for timer in self._timers:
                if timer.sources and chat not in timer.sources:
                    continue
                last = self._last.setdefault((chat, timer.text), _Last(now, lines))
                over = now - last.at - timer.every_min * 60
                if over >= 0 and lines - last.lines >= timer.min_lines:
                    due.append((over, timer, last))
            if not due or now - self._written.get(chat, now - GAP_S) < GAP_S:
                continue
            _, timer, last = max(due, key=lambda one: one[0])
            if self._write(chat, timer.text):
                last.at, last.lines = now, lines
                self._written[chat] = now
