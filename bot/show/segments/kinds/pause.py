"""A break: the host says so, is quiet, and comes back."""

from __future__ import annotations

from pydantic import Field

from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, phrase, spoken_time
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.PAID

_OPEN = "Tell your viewers that there is a break of {time} now. One or two sentences.{reason}"
_CLOSE = "The break is over, and you are back. Greet your viewers in one or two sentences."


class Config(Section):
    """Is quiet for a while. The scene for it is set by the programme, or by the two cues."""

    seconds: float = Field(300.0, ge=5, le=43_200, description="how long the break is")
    reason: str = Field("", max_length=300, description="what the break is for, in the host's words")
    before: str = Field("", max_length=100, description="a cue when it begins: the scene of the break")
    after: str = Field("", max_length=100, description="a cue when it is over, whatever happens")


async def perform(config: Config, host: SegmentHost) -> None:
    """Announce the break, wait, and come back."""
    run, language = Run(host), host.language
    time = spoken_time(config.seconds, language)
    task = _OPEN.format(time=time, reason=f"\nThe reason: {config.reason}" if config.reason else "")
    await run.improvise("open", Brief(task, prepared=phrase(Phrase.BREAK_LASTS, language, time=time)))
    try:
        if config.before and await run.once("before"):
            await host.cue(config.before)
        await run.wait("break", config.seconds)
    finally:
        if config.after:
            await host.cue(config.after)
    await run.improvise("close", Brief(_CLOSE, prepared=phrase(Phrase.BREAK_OVER, language)))
