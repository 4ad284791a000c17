"""Makes the moderator that the settings ask for, tries it before anything is said, and lets it hear names."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loguru import logger

from bot.config import Settings
from bot.errors import ConfigError
from moderation.moderator import Moderator, SelfTestError
from moderation.worker import Worker

if TYPE_CHECKING:
    from bot.app.app import App
    from bot.voice.names.ear import NameEar

#: Sources that are a platform, by the beginning of their names: each may have a policy of its own.
PLATFORMS = ("twitch", "bilibili")
#: So long may a thread that computes keep the interpreter to itself while the event loop waits for it, in seconds.
SWITCH_S = 0.001
#: Voices that read with the dictionary that the ear needs: it is in memory anyway, and else it is 100 MB.
READERS = frozenset({"hibari", "kokoro"})


def checked_moderator(settings: Settings) -> Moderator:
    """Make it. Raise `ConfigError` when it cannot be made, or does not tell known-bad lines from ordinary ones."""
    on_air = [name for name, source in settings.sources if name.startswith(PLATFORMS) and source]
    try:
        moderator = Moderator(settings.moderation, on_air=on_air)
        moderator.self_test()
    except (ValueError, SelfTestError) as error:
        raise ConfigError(
            f"moderation does not work, so the show does not go on air: {error}",
            remedy="check the section 'moderation' of the configuration, or install Haishin again",
        ) from error
    return moderator


def open_worker(moderator: Moderator) -> Worker:
    """Make the thread in which a moderator judges while the show goes on. It is closed by its ``close``."""
    sys.setswitchinterval(SWITCH_S)
    return Worker(moderator.check_all)


async def hear_names(app: App) -> None:
    """Open the ear once the show runs: until then names are judged by their writing alone."""
    if names_are_heard(app.settings.intake.hear_names, app.settings.tts):
        ear = await asyncio.to_thread(_open_name_ear)
        app.moderator.name_ear = ear.foul
        app.intake.rules_changed()
        logger.debug("names are heard before they are read aloud")


def _open_name_ear() -> NameEar:
    from bot.voice.names.ear import open_name_ear  # noqa: PLC0415 - 50 MB, which a host whose voices need no ear spares

    return open_name_ear()


def names_are_heard(setting: str, voices: str | Iterable[Mapping[str, Any]]) -> bool:
    """Return whether names are to be heard, by the setting and the voices of a configuration."""
    if setting != "auto":
        return setting == "on"
    return isinstance(voices, str) or any(voice.get("provider") in READERS for voice in voices)
