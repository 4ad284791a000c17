"""Makes the moderator that the settings ask for, and tries it before anything is said."""

from __future__ import annotations

import sys

from bot.config import Settings
from bot.errors import ConfigError
from moderation.moderator import Moderator, SelfTestError
from moderation.worker import Worker

#: Sources that are a platform, by the beginning of their names: each may have a policy of its own.
PLATFORMS = ("twitch", "bilibili")
#: So long may a thread that computes keep the interpreter to itself while the event loop waits for it, in seconds.
SWITCH_S = 0.001


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
