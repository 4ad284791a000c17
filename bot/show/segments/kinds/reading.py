"""Texts of a folder are read aloud, each once; one that is long goes on the next time."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from bot.runtime.settings import Section
from bot.show.segments import texts
from bot.show.segments.phrases import Phrase, phrase
from bot.show.segments.run import AGAIN_S, Run
from bot.show.segments.segment import ChatMode, SegmentHost
from bot.text.speed import characters_per_second

CHAT = ChatMode.ADDRESSED
#: Marks of files that are remembered as read; 11 bytes each.
REMEMBERED: Final = texts.MOST_FILES


class Config(Section):
    """Reads plain text, Markdown and HTML in pieces that end with a sentence; where it was is kept for good."""

    folder: Path = Field(description="the folder of the texts: .txt, .md, .html")
    texts: int = Field(1, ge=1, le=1000, description="so many texts are read in one go")
    piece_s: float = Field(
        25.0, ge=5, le=60, description="about so long a piece takes to read; then the chat has its turn"
    )
    pause_s: float = Field(2.0, ge=0, le=600, description="quiet between two pieces")
    shuffled: bool = Field(default=False, description="in an order of chance instead of by name")
    again: bool = Field(default=True, description="begin anew when all were read")
    titles: bool = Field(default=True, description="say the title, which is the file's name")


async def perform(config: Config, host: SegmentHost) -> None:
    """Read on where the last run ended, then text after text."""
    run = Run(host)
    folder = host.folder / config.folder
    for _ in range(texts.MOST_FILES):
        if run.state.setdefault("texts", 0) >= config.texts:
            return
        found = await asyncio.to_thread(texts.names, folder)
        name = _current(config, run, found)
        if not name:
            return
        pieces = await asyncio.to_thread(texts.load, folder / name, _length(config))
        if pieces:
            await _read(config, run, name, pieces)
        await _finish(run, name, counts=bool(pieces))


def _current(config: Config, run: Run, found: list[str]) -> str:
    """Return the text to read: the one that was begun, else the next one; empty when there is none."""
    memory = run.host.memory
    begun: dict[str, Any] | None = memory.get("open")
    if begun and begun["name"] in found:
        return str(begun["name"])
    read = set(memory.setdefault("read", []))
    fresh = [name for name in found if texts.mark_of(name) not in read]
    if not fresh and config.again and found and not run.state.get("anew"):
        run.state["anew"] = True  # once a run: a folder of unreadable files is not gone through for ever
        memory["read"] = []
        fresh = found
    if not fresh:
        return ""
    chance = random.Random(f"{run.host.run} {run.state['texts']}")  # noqa: S311 - the same text after a crash
    name = chance.choice(fresh) if config.shuffled else fresh[0]
    memory["open"] = {"name": name, "at": 0}
    return name


async def _read(config: Config, run: Run, name: str, pieces: list[str]) -> None:
    host, begun = run.host, run.host.memory["open"]
    at = min(int(begun["at"]), len(pieces))
    what = Phrase.READING_GOES_ON if at else Phrase.READING_BEGINS
    if config.titles and at < len(pieces):
        await run.say(f"title {run.state['texts']}", phrase(what, host.language, title=texts.title_of(name)))
    for number in range(at, len(pieces)):
        begun["at"] = number + 1
        await host.save()
        heard = await host.say(pieces[number])
        if not heard.text:  # nobody could hear it, or it may not be said: once more, then on
            await host.wait(AGAIN_S)
            await host.say(pieces[number])
        await host.wait(config.pause_s)


async def _finish(run: Run, name: str, *, counts: bool) -> None:
    memory = run.host.memory
    memory["read"] = [*memory.get("read", []), texts.mark_of(name)][-REMEMBERED:]
    memory.pop("open", None)
    run.state["texts"] += counts
    await run.host.save()


def _length(config: Config) -> int:
    """Return the length of a piece as `texts.pieces` weighs it: English letters."""
    return int(config.piece_s * characters_per_second("en"))
