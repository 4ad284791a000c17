"""Lets moderation hear viewers' names before a voice reads them aloud."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loguru import logger

from bot.voice.names.ear import open_name_ear

if TYPE_CHECKING:
    from bot.app.app import App

#: Voices that read with the dictionary that the ear needs: it is in memory anyway, and else it is 100 MB.
READERS = frozenset({"hibari", "kokoro"})


async def hear_names(app: App) -> None:
    """Open the ear once the show runs: until then names are judged by their writing alone."""
    if wanted(app.settings.intake.hear_names, app.settings.tts):
        ear = await asyncio.to_thread(open_name_ear)
        app.moderator.name_ear = ear.foul
        app.intake.rules_changed()
        logger.debug("names are heard before they are read aloud")


def wanted(setting: str, voices: str | Iterable[Mapping[str, Any]]) -> bool:
    """Return whether names are to be heard, by the setting and the voices of a configuration."""
    if setting != "auto":
        return setting == "on"
    return isinstance(voices, str) or any(voice.get("provider") in READERS for voice in voices)
