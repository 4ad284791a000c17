"""Builds what speaks to the video mixer. The show neither waits for it nor ends with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.config import Settings
from bot.stage.obs.client import Obs


@dataclass(frozen=True, slots=True)
class Mixing:
    """What speaks to the mixer; ``mixer`` is None when none is configured."""

    mixer: Obs | None = None

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        return {"obs": self.mixer.run} if self.mixer else {}


def open_mixing(settings: Settings) -> Mixing:
    """Make the connection to OBS when it is enabled. Connects to nothing yet."""
    return Mixing(Obs(settings.obs) if settings.obs.enabled else None)
