"""Watches for payments whose thanks are overdue, and calls a person."""

from __future__ import annotations

import asyncio

from loguru import logger

from bot.inbox.inbox import Inbox
from bot.telemetry.alarms import AlarmLevel, Alarms

#: How often overdue thanks are looked for, in seconds.
LOOK_EVERY_S = 5.0


class OverdueWatch:
    """Raises the alarm "overdue" while payments wait too long for their thanks."""

    def __init__(self, inbox: Inbox, alarms: Alarms) -> None:
        self._inbox = inbox
        self._alarms = alarms
        self._reported: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look now and then; runs as long as the show."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look(asyncio.get_running_loop().time())

    def look(self, now: float) -> None:
        """Raise or clear the alarm, and log each payment once."""
        late = self._inbox.overdue(now)
        self._reported &= {(i.message.source, i.message.id) for i in late}
        for item in late:
            key = (item.message.source, item.message.id)
            if key not in self._reported:
                self._reported.add(key)
                logger.error("thanks are overdue: {} {} of {}", *key, item.message.author.name)
        if not late:
            self._alarms.clear("overdue")
            return
        self._alarms.raise_alarm(
            "overdue",
            f"{len(late)} payment(s) wait for their thanks, the oldest for {late[0].age_s / 60:.0f} min",
            "Open the stage page, arm the host, or thank them yourself and drop them from the queue.",
            AlarmLevel.ERROR,
        )
