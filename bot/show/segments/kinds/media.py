"""A file is played by the mixer: a song, a clip, a jingle."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

from loguru import logger
from pydantic import Field

from bot.errors import Refused
from bot.runtime.settings import Section
from bot.show.segments.run import Run
from bot.show.segments.segment import Brief, ChatMode, SegmentHost

CHAT = ChatMode.COLLECT
#: How long a file plays whose length nobody knows, in seconds.
UNKNOWN_S: Final = 180.0

_OPEN = "Announce to your viewers what is played now: {about}\nOne or two sentences."


class Config(Section):
    """Plays a file in a media source of OBS. A cue before it and one after it can lower the other sounds."""

    files: list[Path] = Field(min_length=1, max_length=500, description="the file; of several one by chance")
    source: str = Field("Host media", min_length=1, max_length=200, description="the media source in OBS")
    about: str = Field("", max_length=400, description="what is played, for the host's announcement; empty: none")
    length_s: float | None = Field(None, gt=0, le=43_200, description="end after so long; unset: the file's own length")
    before: str = Field("", max_length=100, description="a cue before it: a scene, other sounds lower")
    after: str = Field("", max_length=100, description="a cue after it, whatever happens")


async def perform(config: Config, host: SegmentHost) -> None:
    """Announce, play and wait for the end. A mixer that declines ends the segment; the sound is always put back."""
    run = Run(host)
    if config.about:
        await run.improvise("open", Brief(_OPEN.format(about=config.about), prepared=config.about))
    file = random.Random(host.run).choice(config.files)  # noqa: S311 - the same after a crash
    if not (host.folder / file).is_file():
        logger.warning("{} is not there, and is not played", host.folder / file)
        return
    values = {"file": file.name, "source": config.source}
    try:
        if config.before:
            await host.cue(config.before, values)
        if await run.once("play"):
            length = await host.play(config.source, host.folder / file)
            run.state["length"] = config.length_s or length or UNKNOWN_S
        await run.wait("playing", min(float(run.state.get("length", 0.0)), host.remaining_s))
    except Refused as error:
        logger.warning("{} is not played: {}", file.name, error)
    finally:
        await _put_back(config, host)


async def _put_back(config: Config, host: SegmentHost) -> None:
    try:
        await host.play(config.source, None)
    except Refused:
        logger.debug("the mixer does not stop {}", config.source)
    if config.after:
        await host.cue(config.after)
