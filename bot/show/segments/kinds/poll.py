"""A vote: announced, counted in chat or by the platform, and talked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
            run.state["platform"] = _platforms(await host.act("poll", values))
    await run.say("choices", spoken)
    seconds = min(config.seconds, max(SHORTEST_S, host.remaining_s - TELLING_S))
    begun = run.state.get("platform")
    polled = [str(name) for name in begun] if isinstance(begun, list) else []
    elsewhere = Elsewhere(config.choices, polled, run.state.get("elsewhere")) if polled else None
    ballot = await count(run, config.choices, seconds, title=config.title, midway=True, elsewhere=elsewhere)
    if elsewhere is not None:
        ballot = elsewhere.with_platforms(host.votes(config.title, config.choices)) or ballot
        run.asks("voting", 0.0, title=config.title, choices=config.choices, counts=ballot.counts)
    result = words(ballot, language)
    await run.say("result", result)
    if config.discuss and ballot.total:
        await run.improvise("discuss", Brief(_DISCUSS.format(title=config.title, result=result)))


class Elsewhere:
    """The votes in the chats of platforms that have no poll of their own on.

    A viewer has one vote: who may vote in the platform's poll is counted there, once its votes are known.
    """

    def __init__(self, choices: list[str], polled: Sequence[str], counts: Sequence[int] | None = None) -> None:
        """Begin a count, or go on with the ``counts`` that were kept before a crash."""
        self.polled = frozenset(polled)
        self._choices = choices
        self.ballot = Ballot(choices, {"counts": counts} if counts else None)

    def cast(self, source: str, viewer: str, text: str) -> None:
        """Count a line of a platform without a poll."""
        if source not in self.polled:
            self.ballot.cast(viewer, text)

    def with_platforms(self, votes: Mapping[str, Sequence[int]]) -> Ballot | None:
        """Return the count with the votes of the polls; None when they are not known, or nobody voted in them."""
        known = [votes[name] for name in self.polled if len(votes.get(name, ())) == len(self._choices)]
        if len(known) != len(self.polled) or not any(map(sum, known)):
            return None
        return Ballot(self._choices, {"counts": [sum(each) for each in zip(self.ballot.counts, *known, strict=True)]})


def _platforms(done: str) -> list[str]:
    """Return where a poll was begun, from what `SegmentHost.act` tells."""
    return [part.partition(":")[0].strip() for part in done.split("; ") if part.strip()]


async def count(
    run: Run,
    choices: list[str],
    seconds: float,
    *,
    title: str = "",
    midway: bool = False,
    elsewhere: Elsewhere | None = None,
) -> Ballot:
    """Return the count of the votes that come within so many seconds; ``midway`` says once who is ahead.

    ``elsewhere`` is told of each line too.
    """
    ballot = Ballot(choices, run.state.get("ballot"))
    run.asks("voting", seconds, title=title, choices=choices, counts=ballot.counts)  # the list itself: it counts on

    def keep() -> None:
        run.state["ballot"] = ballot.pack()
        if elsewhere is not None:
            run.state["elsewhere"] = list(elsewhere.ballot.counts)

    async for line in run.lines("voting", seconds, keep):
        if line is not None:
            ballot.cast(key_of(line), line.text)
            if elsewhere is not None:
                elsewhere.cast(line.source, key_of(line), line.text)
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
