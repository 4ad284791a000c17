"""Overdue thanks call a person."""

from __future__ import annotations

import asyncio
import random

from bot.control.overdue import OverdueWatch
from bot.inbox.inbox import Inbox, Limits
from bot.telemetry.alarms import Alarms
from bot.types import Author, Evidence, Kind, Message, Money
from moderation import Action, Verdict
from tests.support.virtual import virtual


@virtual
async def test_overdue_thanks_are_an_alarm_until_they_are_said() -> None:
    clock = asyncio.get_running_loop().time
    inbox, alarms = Inbox(Limits(gift_due_s=60), clock, random.Random(1)), Alarms(clock)
    gift = Message("g1", "twitch", Author("1", "Ann"), "", Kind.GIFT, Money(5, "USD"), evidence=Evidence("SEND_GIFT"))
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(OverdueWatch(inbox, alarms).run())
        inbox.offer(gift, Verdict(Action.ALLOW, (), 0.0, ""))
        await asyncio.sleep(50)
        assert alarms.standing() == []
        await asyncio.sleep(20)
        assert [(a.id, a.level) for a in alarms.standing()] == [("overdue", "error")]
        assert inbox.take_nowait(clock())
        await asyncio.sleep(10)
        assert alarms.standing() == []
        watching.cancel()
