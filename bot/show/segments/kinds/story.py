"""A story that the host makes up; between two chapters the chat chooses how it goes on."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.show.segments.kinds.poll import count
from bot.show.segments.phrases import Phrase, numbered, phrase
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost
from bot.text.sanitize import has_word, one_line

CHAT = ChatMode.VOTES
#: So much of the story so far the model is shown, in characters.
SO_FAR: Final = 1500
LONGEST: Final = 70

_OPEN = (
    "Tell the beginning of a story: {premise}\nFive or six sentences. Stop where somebody must decide what to do, and "
    "do not say the choices."
)
_GO_ON = (
    "Go on with the story: {premise}\nThe first text below is the story so far, the last one is what your viewers "
    "decided. Tell what comes of it in five or six sentences. Stop where somebody must decide, and do not say the "
    "choices."
)
_END = (
    "Tell the end of the story: {premise}\nThe first text below is the story so far, the last one is what your viewers "
    "decided. Tell what comes of it, and how it all ends, in six or seven sentences."
)
_CHOICES = (
    "The text below is a story so far. Write {count} different things that could be done next, one a line, "
    "each at most eight words, without numbers. Write in the language of the story and nothing else."
)
_MARK: Final = re.compile(r"^\s*(?:[-*•]+|\(?\d{1,2}[.):、）]|[A-Da-d][.)]|\[[^\]]*\])\s*")


class Config(Section):
    """Makes up a story from your premise; after each chapter the chat votes how it goes on."""

    premise: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=800)] = Field(
        description="who, where and what it is about"
    )
    chapters: int = Field(4, ge=2, le=30, description="chapters, the last one is the end")
    choices: int = Field(3, ge=2, le=4, description="choices after each chapter")
    choice_s: float = Field(40.0, ge=5, le=1800, description="time to choose")


async def perform(config: Config, host: SegmentHost) -> None:
    """Tell chapter after chapter; without a model there is no story, and the segment ends."""
    run = Run(host)
    chosen = str(run.state.get("chosen", ""))
    for chapter in range(config.chapters):
        so_far = str(run.state.get("so far", ""))
        form = _OPEN if chapter == 0 else _END if chapter == config.chapters - 1 else _GO_ON
        brief = Brief(form.format(premise=config.premise), (so_far, chosen) if chapter else ())
        if f"chapter {chapter}" not in run.state.get("done", ()):
            heard = await run.improvise(f"chapter {chapter}", brief)
            if not heard.text and chapter == 0:
                return
            run.state["so far"] = f"{so_far} {heard.text}".strip()[-SO_FAR:]
            await host.save()
        if chapter < config.chapters - 1:
            chosen = await _choose(config, chapter, run)


async def _choose(config: Config, chapter: int, run: Run) -> str:
    """Ask the chat to choose; return the words of the choice. Nobody votes: the first one."""
    host, state = run.host, run.state
    if f"chosen {chapter}" in state.get("done", ()):
        return str(state.get("chosen", ""))
    if state.get("choosing") != chapter:
        choices = await _choices(config, run)
        state.pop("ballot", None)
        run.forget("voting")
        state.update(choosing=chapter, choices=choices)
        await host.save()
    choices = list(state["choices"])
    await run.drop_lines()
    text = phrase(Phrase.STORY_CHOOSE, host.language, choices=numbered(choices, host.language))
    await run.say(f"choices {chapter}", text)
    ballot = await count(run, choices, config.choice_s)
    best = ballot.leaders() or (0,)
    state["chosen"] = choices[best[0]]
    await run.say(f"chosen {chapter}", phrase(Phrase.STORY_CHOSEN, host.language, choice=state["chosen"]))
    return str(state["chosen"])


async def _choices(config: Config, run: Run) -> list[str]:
    """Return what the model thinks could be done; two plain choices when it does not answer."""
    reply = await run.host.ask(_CHOICES.format(count=config.choices), (run.state.get("so far", ""),), max_tokens=120)
    lines = (one_line(_MARK.sub("", line).strip(" \"'“”「」*"), LONGEST) for line in reply[:2000].splitlines())
    found = list(dict.fromkeys(line.rstrip(".。") for line in lines if has_word(line)))[: config.choices]
    plain = [phrase(what, run.host.language) for what in (Phrase.STORY_ON, Phrase.STORY_BACK)]
    return found if len(found) > 1 else plain
