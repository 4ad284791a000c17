"""The microphone of this machine: opened while the ears are on, watched, and opened again when it was lost."""

from __future__ import annotations

from bot.hearing.ears import Ears
from bot.hearing.input.settings import InputSettings
from bot.hearing.input.sound_path import SoundPath


class Microphone:
    """Gives what a sound card captures to a `SoundPath`, and tells `Ears` how it is."""

    def __init__(self, settings: InputSettings, ears: Ears, path: SoundPath) -> None:
        self._settings, self._ears, self._path = settings, ears, path

    async def run(self) -> None:
        """Capture for ever, whatever happens to the device."""
        raise NotImplementedError
