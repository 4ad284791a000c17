"""What the host sees of its own accord, with a model of a real wire: the picture goes out, the words come back."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from bot.inbox.entries import Offer
from bot.mind.failover import open_llm
from bot.show.tools.glances import APART_S, Glances
from bot.types import Author, Kind, Message, MessageOutcome
from bot.vision.eyes import Eyes
from bot.vision.settings import GlanceEvent, VisionSettings
from tests.fakes.openai_server import openai_server

PICTURE = b"\x89PNG\r\n\x1a\n of a boat"
RAID = Message("r", "twitch", Author("ann", "Ann"), "", Kind.RAID)


async def capture() -> bytes:
    return PICTURE


async def passes(text: str) -> bool:
    return "secret" not in text


async def test_a_raid_is_looked_at_through_a_server_and_what_moderation_stops_is_not_said() -> None:
    async with openai_server() as fake:
        fake.reply = "A red boat on blue water."
        entry = {"provider": "openai", "base_url": f"{fake.address}/v1", "model": "sees", "api_key": "k"}
        async with open_llm([entry]) as llm, asyncio.TaskGroup() as group:
            clock = asyncio.get_running_loop().time
            ahead = 0.0
            eyes = Eyes(capture, llm.aside, deadline_s=20)
            glances = Glances(
                eyes,
                VisionSettings(enabled=True, events=[GlanceEvent.RAID]),
                clock=lambda: clock() + ahead,
                scene=str,
                language=lambda: "en",
                passes=passes,
            )
            running = group.create_task(glances.run())
            glances.offered(RAID, cast("Any", None), Offer(MessageOutcome.QUEUED, ""))
            assert await glances.changed.wait(30)
            plan = glances.next(clock() + 1, 0.0)
            assert plan is not None
            assert plan.brief is not None
            assert plan.brief.material == ("A red boat on blue water.",)
            (body,) = fake.requests
            assert "data:image/png;base64," in str(body["messages"])
            fake.reply = "A secret."
            ahead = APART_S + 1
            glances.offered(RAID, cast("Any", None), Offer(MessageOutcome.QUEUED, ""))
            assert not await glances.changed.wait(4)
            assert len(fake.requests) == 2
            running.cancel()
