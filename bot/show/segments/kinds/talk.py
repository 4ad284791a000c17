"""The host talks about a topic, or about one topic after the other."""

from __future__ import annotations

import random
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.ALL
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]

_OPEN = (
    "Begin to talk to your viewers about this: {topic}\nSay in passing what it will be about. Three or four sentences."
)
_GO_ON = (
    "Go on about this: {topic}\nSay something that you have not said yet: a detail, an example, a memory, a question "
    "to the chat. Three or four sentences."
)
_CLOSE = "Come to an end with this: {topic}\nOne last thought, then close it. Two sentences."


class Config(Section):
    """The host talks within its persona; between two pieces the chat has its turn, and then the topic goes on."""

    topics: list[Topic] = Field(min_length=1, max_length=50, description="what to talk about: one topic or several")
    pieces: int = Field(4, ge=1, le=100, description="so many pieces of some sentences each for a topic")
    pause_s: float = Field(20.0, ge=0, le=3600, description="quiet between two pieces, for the chat")
    shuffled: bool = Field(default=False, description="take the topics in an order of chance")


async def perform(config: Config, host: SegmentHost) -> None:
    """Talk about each topic in pieces; one that nobody can hear is left out."""
    run = Run(host)
    order = list(range(len(config.topics)))
    if config.shuffled:
        random.Random(host.run).shuffle(order)  # noqa: S311 - the same order after a crash
    for index in order:
        for piece in range(config.pieces):
            form = _OPEN if piece == 0 else _CLOSE if piece == config.pieces - 1 else _GO_ON
            step = f"{index}.{piece}"
            await run.improvise(step, Brief(form.format(topic=config.topics[index])))
            await run.wait(f"after {step}", config.pause_s)
