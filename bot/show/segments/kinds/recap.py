"""What happened in the last hour, told by the host from the ledger."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, phrase
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.ALL
#: So many of the newest events the model is shown.
EVENTS: Final = 30

_TELL = (
    "Tell your viewers what happened on the stream of late, from the notes below, as if for somebody who has just "
    "come in. Only what stands there; thank those who gave something. Four or five sentences."
)


class Config(Section):
    """Tells what happened: gifts, raids, segments, what was talked about."""

    hours: float = Field(1.0, gt=0, le=72, description="how far back it goes")


async def perform(config: Config, host: SegmentHost) -> None:
    """Tell it; of an hour in which nothing happened, that it was quiet."""
    run = Run(host)
    events = [event for event in await host.recent(config.hours) if event.strip()][-EVENTS:]
    if events:
        good = phrase(Phrase.HOUR_WAS_GOOD, host.language)
        await run.improvise("tell", Brief(_TELL, events, prepared=good))
    else:
        await run.say("tell", phrase(Phrase.HOUR_WAS_QUIET, host.language))
