"""Builds what speaks to the video mixer. The show neither waits for it nor ends with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.config import Settings
from bot.control.cueing import ChannelPlatform, Cueing, follow
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.sources.registry import SourceRegistry
from bot.stage.director.director import Director
from bot.stage.obs.client import Obs

#: The folder of screenshots in the data folder.
PICTURES = "screenshots"


@dataclass(frozen=True, slots=True)
class Mixing:
    """What speaks to the mixer; ``mixer`` and ``director`` are None when none is configured."""

    mixer: Obs | None = None
    director: Director | None = None
    show: Show | None = None

    def observers(self) -> list[Observer]:
        """Return who is told what happens in the show."""
        show = self.show
        return [Cueing(self.director, lambda: show.cast.policy.language)] if self.director and show else []

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        if self.mixer is None or self.director is None or self.show is None:
            return {}
        return {
            "obs": self.mixer.run,
            "director": self.director.run,
            "states of the show": partial(follow, self.show, self.director),
        }


def open_mixing(settings: Settings, show: Show, sources: SourceRegistry, data: Path) -> Mixing:
    """Make the connection to OBS and its director when it is enabled. Connects to nothing yet."""
    if not settings.obs.enabled:
        return Mixing()
    mixer = Obs(settings.obs)
    director = Director(
        settings.director,
        mixer,
        platform=ChannelPlatform(sources),
        pictures=data / PICTURES,
    )
    return Mixing(mixer, director, show)
