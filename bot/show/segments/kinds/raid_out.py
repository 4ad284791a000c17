"""The viewers are sent over to another channel."""

from __future__ import annotations

from typing import Annotated

from loguru import logger
from pydantic import Field, StringConstraints

from bot.errors import Refused
from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, phrase
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.PAID
Channel = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]

_OPEN = (
    "You are about to take your viewers over to the channel {channel}. Say goodbye, and ask them to be kind there. "
    "Two or three sentences."
)


class Config(Section):
    """Raids the first of your channels that can be raided; when none can, the host says so."""

    channels: list[Channel] = Field(min_length=1, max_length=20, description="where to, the first choice first")
    notice_s: float = Field(10.0, ge=0, le=300, description="time between the words and the raid")


async def perform(config: Config, host: SegmentHost) -> None:
    """Say it, wait, raid. A raid is begun once, whatever crashes."""
    run = Run(host)
    channel = config.channels[0]
    words = phrase(Phrase.RAID, host.language, channel=channel)
    await run.improvise("open", Brief(_OPEN.format(channel=channel), prepared=words))
    await run.wait("notice", config.notice_s)
    for target in config.channels:
        if not await run.once(f"raid {target}"):
            continue
        if target != channel:
            await run.say(f"other {target}", phrase(Phrase.RAID, host.language, channel=target))
        try:
            await host.act("raid", {"channel": target})
        except Refused as error:
            logger.warning("{} cannot be raided: {}", target, error)
        else:
            run.state["raided"] = True
            await host.save()
            return
    if not run.state.get("raided"):
        await run.say("failed", phrase(Phrase.RAID_FAILED, host.language))
