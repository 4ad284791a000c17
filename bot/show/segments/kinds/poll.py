"""A vote: announced, counted in chat or by the platform, and talked about."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from bot.errors import Refused
from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, listed, numbered, phrase
from bot.show.segments.run import Run, key_of
from bot.show.segments.segment import Brief, ChatMode, SegmentHost
from bot.show.segments.votes import MOST, Ballot

CHAT = ChatMode.VOTES
#: So much of the segment's length is left for the result, in seconds; the vote is open for so long at least.
TELLING_S: Final = 25.0
SHORTEST_S: Final = 5.0
Choice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]

_OPEN = "Announce a vote to your viewers and make them curious. Do not read out the choices. The question is: {title}"
_DISCUSS = (
    "Your viewers voted. The question was: {title}\nThe result: {result}\n"
    "Say what you make of it, two or three sentences. The numbers were already read out."
)


class Config(Section):
    """Viewers vote in chat with a number, a word or a letter; one vote each, and the last one counts."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="the question"
    )
    choices: list[Choice] = Field(
        min_length=2, max_length=MOST, description="the choices, in the order of their numbers"
    )
    seconds: float = Field(90.0, ge=5, le=7200, description="how long the vote is open")
    platform: bool = Field(
        default=False,
        description="ask with the platform's own poll too, where the channel has one; chat counts as well",
    )
    in_chat: bool = Field(default=True, description="write the choices into the chat")
    discuss: bool = Field(default=True, description="let the host talk about the result")


async def perform(config: Config, host: SegmentHost) -> None:
    """Announce, count, tell the result and talk about it."""
    run, language = Run(host), host.language
    spoken = phrase(Phrase.POLL_CHOICES, language, choices=numbered(config.choices, language))
    opening = phrase(Phrase.POLL_OPEN, language, title=config.title)
    await run.improvise("open", Brief(_OPEN.format(title=config.title), prepared=opening))
    if config.in_chat and await run.once("announce"):
        with suppress(Refused):
            await host.act("announce", {"text": f"{config.title} {spoken}"})
    if config.platform and await run.once("platform"):
        with suppress(Refused):
            values = {"title": config.title, "choices": config.choices, "seconds": config.seconds}
            run.state["platform"] = bool(await host.act("poll", values))
    await run.say("choices", spoken)
    seconds = min(config.seconds, max(SHORTEST_S, host.remaining_s - TELLING_S))
    ballot = await count(run, config.choices, seconds, midway=True)
    result = words(ballot, language)
    if run.state.get("platform"):
        with suppress(Refused):
            result = await host.act("poll_result", {"title": config.title}) or result
    await run.say("result", result)
    if config.discuss and ballot.total:
        await run.improvise("discuss", Brief(_DISCUSS.format(title=config.title, result=result)))


async def count(run: Run, choices: list[str], seconds: float, *, midway: bool = False) -> Ballot:
    """Return the count of the votes that come within so many seconds; ``midway`` says once who is ahead."""
    ballot = Ballot(choices, run.state.get("ballot"))

    def keep() -> None:
        run.state["ballot"] = ballot.pack()

    async for line in run.lines("voting", seconds, keep):
        if line is not None:
            ballot.cast(key_of(line), line.text)
        if midway and run.left("voting") <= seconds / 2 and len(ballot.leaders()) == 1:
            midway = False
            ahead = choices[ballot.leaders()[0]]
            await run.say("midway", phrase(Phrase.POLL_LEADS, run.host.language, choice=ahead))
    return ballot


def words(ballot: Ballot, language: str) -> str:
    """Return how a vote ended, in words."""
    best = [ballot.choices[index] for index in ballot.leaders()]
    if not best:
        return phrase(Phrase.POLL_NONE, language)
    if len(best) > 1:
        return phrase(Phrase.POLL_TIE, language, choices=listed(best, language))
    return phrase(Phrase.POLL_WON, language, choice=best[0], count=max(ballot.counts), total=ballot.total)
