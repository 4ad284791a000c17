"""Makes the moderator that the settings ask for, and tries it before anything is said."""

from __future__ import annotations

from bot.config import Settings
from bot.errors import ConfigError
from moderation.moderator import Moderator, SelfTestError

#: Sources that are a platform, by the beginning of their names: each may have a policy of its own.
PLATFORMS = ("twitch", "bilibili")


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
