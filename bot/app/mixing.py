"""Builds what speaks to the video mixer. The show neither waits for it nor ends with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.config import Settings
from bot.stage.hub import Overlay
from bot.stage.obs.client import Obs
from bot.stage.obs.voice import ObsVoice
from bot.web.settings import is_loopback


@dataclass(frozen=True, slots=True)
class Mixing:
    """What speaks to the mixer; ``mixer`` is None when none is configured.

    ``voice`` is None too when OBS runs on another machine: it could not open the files.
    """

    mixer: Obs | None = None
    voice: ObsVoice | None = None

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        parts = {"obs": self.mixer, "voice in OBS": self.voice}
        return {name: part.run for name, part in parts.items() if part is not None}


def open_mixing(settings: Settings, stage: Overlay) -> Mixing:
    """Make the connection to OBS when it is enabled. Connects to nothing yet."""
    if not settings.obs.enabled:
        return Mixing()
    mixer = Obs(settings.obs)
    return Mixing(mixer, ObsVoice(stage, mixer) if is_loopback(settings.obs.host) else None)
