"""The end of the stream: the host thanks and says goodbye."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, phrase
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.PAID
#: So many of the newest events the model is shown.
EVENTS: Final = 20

_TELL = (
    "The stream ends now. Say goodbye to your viewers in your own way, in three or four sentences. "
    "The notes below, if any, say what happened today: mention one or two of these things."
)


class Config(Section):
    """Looks back on the evening in a few words, thanks, and says goodbye."""

    hours: float = Field(6.0, ge=0, le=72, description="how far it looks back; 0: not at all")
    next_time: str = Field("", max_length=300, description="when the next stream is; said word for word at the end")
    cue: str = Field("", max_length=100, description="a cue after the last word, such as the ending scene")


async def perform(config: Config, host: SegmentHost) -> None:
    """Say goodbye, tell when the next stream is, and carry out the cue."""
    run = Run(host)
    events = [event for event in await host.recent(config.hours) if event.strip()] if config.hours else []
    farewell = phrase(Phrase.GOODBYE, host.language)
    await run.improvise("goodbye", Brief(_TELL, events[-EVENTS:], prepared=farewell))
    if config.next_time:
        await run.say("next time", config.next_time)
    if config.cue and await run.once("cue"):
        await host.cue(config.cue)
