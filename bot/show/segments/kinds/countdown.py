"""A countdown: now and then the host says how much time is left."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, phrase, spoken_time
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.ALL
#: A mark that is missed by more than so many seconds is left out.
LATE_S: Final = 4.0

_OPEN = "Tell your viewers what you are all waiting for: {about}\nIt begins in {time}. One or two sentences."
_CLOSE = "The waiting is over. It begins now: {about}\nOne sentence, lively."


class Config(Section):
    """Counts down to something; a cue at each mark can show the rest in a text source."""

    seconds: float = Field(300.0, ge=5, le=86_400, description="how long it counts down")
    about: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)] = Field(
        description="what begins then"
    )
    marks: list[float] = Field(
        default=[600, 300, 120, 60, 30, 10], max_length=50, description="the host says the rest at so many seconds"
    )
    cue: str = Field("", max_length=100, description="a cue at each mark; it is given text and seconds")


async def perform(config: Config, host: SegmentHost) -> None:
    """Open, tell the rest at each mark, and say when it is over."""
    run, language = Run(host), host.language
    rest = spoken_time(config.seconds, language)
    left = phrase(Phrase.TIME_LEFT, language, time=rest)
    await run.improvise("open", Brief(_OPEN.format(about=config.about, time=rest), prepared=f"{config.about} {left}"))
    marks = sorted({mark for mark in config.marks if 0 < mark < config.seconds}, reverse=True)
    for mark in [*marks, 0.0]:
        await run.until("left", config.seconds, mark)
        late = mark - run.left("left")
        if late > LATE_S or not await run.once(f"mark {mark:g}"):
            continue  # the host spoke, or was away: the words would be wrong
        text = spoken_time(mark, language)
        if config.cue:
            await host.cue(config.cue, {"text": text, "seconds": mark})
        if mark:
            await host.say(phrase(Phrase.TIME_LEFT, language, time=text))
    over = phrase(Phrase.TIME_IS_UP, language)
    await run.improvise("close", Brief(_CLOSE.format(about=config.about), prepared=over))
