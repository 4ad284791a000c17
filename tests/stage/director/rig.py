"""A director over a mixer that takes notes, on the virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.director.settings import DirectorSettings
from bot.stage.director.triggers import Happening, Trigger

SCENES = {
    "starting": "Starting", "live": "Live", "break": "Break", "technical": "Trouble", "ending": "Ending",
    "offline": "Off",
}  # fmt: skip
NAMES = (*SCENES.values(), "Party", "Game", "Alert")


def settings(cues: dict[str, Any] | None = None, **more: Any) -> DirectorSettings:
    return DirectorSettings.model_validate({"scenes": SCENES, "cues": cues or {}, **more})


def event(name: str, **more: Any) -> Happening:
    return Happening(Trigger.EVENT, (name,), **more)


@contextlib.asynccontextmanager
async def directing(director: Director) -> AsyncIterator[Director]:
    """Let a director work."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(director.run())
        await asyncio.sleep(0.01)
        try:
            yield director
        finally:
            running.cancel()


def words(mixer: RehearsalMixer) -> list[str]:
    """Return the orders that a mixer got."""
    return [note.words for note in mixer.notes]


async def settle() -> None:
    """Let everything happen that can happen at once."""
    await asyncio.sleep(0.05)
