"""Viewers' questions are collected, and then answered in the order of their coming: everybody's first one first."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from bot.inbox.similarity import fold
from bot.runtime.settings import Section
from bot.show.segments.phrases import Phrase, name_of, phrase
from bot.show.segments.run import Run, key_of
from bot.show.segments.segment import Brief, ChatMode, SegmentHost
from bot.text.sanitize import has_word, one_line
from bot.types import Message

CHAT = ChatMode.VOTES
#: Questions that are kept, and how much of each, in characters: together at most 55 kB.
MOST: Final = 40
LONGEST: Final = 160
#: So many questions of one viewer are kept.
EACH: Final = 3

_OPEN = (
    "Invite your viewers to write their questions into the chat now; you will go through them. One or two sentences."
)
_ANSWER = (
    "A viewer asked this in the chat. Say the viewer's name and in a few words what was asked, then answer. "
    "Two or three sentences."
)
_CLOSE = "The round of questions is over. Close it in one sentence."


class Config(Section):
    """Collects questions for a while and answers them: each viewer's first question before anybody's second."""

    about: str = Field("", max_length=400, description="what the questions should be about; empty: anything")
    collect_s: float = Field(60.0, ge=5, le=3600, description="how long questions are collected")
    most: int = Field(10, ge=1, le=MOST, description="so many questions are answered at most")
    pause_s: float = Field(3.0, ge=0, le=600, description="quiet between two answers")


async def perform(config: Config, host: SegmentHost) -> None:
    """Collect, order and answer; a question that was deleted meanwhile is not answered."""
    run = Run(host)
    about = f"\nThey should be about: {config.about}" if config.about else ""
    await run.improvise("open", Brief(_OPEN + about, prepared=phrase(Phrase.QUESTIONS_OPEN, host.language)))
    asked: list[dict[str, Any]] = run.state.setdefault("asked", [])
    async for line in run.lines("collecting", config.collect_s):
        if line is not None:
            keep(asked, line)
    answered = 0
    for number in in_order(asked):
        question = asked[number]
        if answered >= config.most:
            break
        if not host.stands(question["source"], question["id"], question["author"]):
            continue
        answered += 1
        material = (f"{name_of(question['name'], host.language)}: {question['text']}",)
        await run.improvise(f"answer {question['key']} {question['id']}", Brief(_ANSWER, material))
        await host.wait(config.pause_s)
    if answered:
        await run.improvise("close", Brief(_CLOSE))
    else:
        await run.say("close", phrase(Phrase.QUESTIONS_NONE, host.language))


def keep(asked: list[dict[str, Any]], line: Message) -> None:
    """Keep a line as a question if there is room.

    The same words count once. When there is no room, a first question takes the place of somebody's second or third.
    """
    text = one_line(line.text, LONGEST)
    key, keys = key_of(line), [other["key"] for other in asked]
    full = len(asked) >= MOST
    further = [index for index, other in enumerate(keys) if other in keys[:index]] if full else []
    if not has_word(text) or keys.count(key) >= EACH or (full and (key in keys or not further)):
        return
    if any(fold(text) == fold(other["text"]) for other in asked):
        return
    if full:
        del asked[further[-1]]
    author = line.author
    asked.append(
        {"key": key, "source": line.source, "id": line.id, "author": author.id, "name": author.name, "text": text}
    )


def in_order(asked: list[dict[str, Any]]) -> list[int]:
    """Return the numbers of the questions in the order of their answers: round after round, in each by arrival."""
    rounds: dict[str, int] = {}
    ranked = []
    for index, question in enumerate(asked):
        rounds[question["key"]] = rounds.get(question["key"], 0) + 1
        ranked.append((rounds[question["key"]], index))
    return [index for _, index in sorted(ranked)]
