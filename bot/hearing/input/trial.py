"""A trial of the microphone: some seconds of it, and what they say about its place and its level."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.errors import ProviderError
from bot.hearing.ears import Ears, InputState
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.input.levels import FULL, FULL_SAMPLES, QUIET, SILENT
from bot.hearing.input.microphone import Microphone, found_devices
from bot.hearing.input.settings import EchoMode, InputSettings
from bot.hearing.input.sound_card.devices import Device, named
from bot.hearing.input.sound_card.portaudio import PortAudio, SoundInput
from bot.hearing.input.sound_path import open_path
from bot.hearing.speech import FRAME, RATE, Samples

#: How long a microphone may take to open, in seconds.
OPEN_S = 10.0
#: Speech should stand so far above what is heard between the words: 12 dB.
ABOVE_NOISE = 4.0
#: Names of devices that give back what the computer plays.
LOOPBACKS = ("stereo mix", "stereomix", "what u hear", "loopback", "monitor of", "立体声混音")


class Finding(StrEnum):
    """What is wrong with a microphone's sound."""

    MUTED = "muted"
    CLIPPED = "clipped"
    QUIET = "quiet"
    NOISY = "noisy"
    LOOPBACK = "loopback"


REMEDIES = {
    Finding.MUTED: "there is no sound at all: is it muted at its own switch, or in the sound settings of the system?",
    Finding.CLIPPED: "it is too loud, and its sound is cut off: turn its level down in the system's sound settings",
    Finding.QUIET: "it is too quiet: come nearer, or turn its level up in the system's sound settings (or gain_db)",
    Finding.NOISY: "there is much noise beside the voice: come nearer, or set hearing.input.noise_suppression",
    Finding.LOOPBACK: "it looks like what the computer itself plays, so the host would hear itself: choose another one",
}


@dataclass(frozen=True)
class Trial:
    """What a trial brought. ``trouble`` says why there is no sound, with what to do; "" when there is."""

    device: Device | None
    devices: list[Device]
    sound: Samples
    trouble: str = ""

    @property
    def level(self) -> float:
        """Loudness of the loudest third of a second, root mean square."""
        return max(_levels(self.sound), default=0.0)

    @property
    def peak(self) -> float:
        """The largest sample."""
        return float(np.abs(self.sound).max()) if self.sound.size else 0.0

    def findings(self) -> list[Finding]:
        """Return what is wrong, the worst first."""
        found = []
        levels = _levels(self.sound)
        if self.peak < SILENT:
            found.append(Finding.MUTED)
        elif self.level < QUIET:
            found.append(Finding.QUIET)
        elif np.count_nonzero(np.abs(self.sound) >= FULL) >= FULL_SAMPLES:
            found.append(Finding.CLIPPED)
        elif self.level < ABOVE_NOISE * min(levels):
            found.append(Finding.NOISY)
        if self.device is not None and any(name in self.device.name.casefold() for name in LOOPBACKS):
            found.append(Finding.LOOPBACK)
        return found

    def advice(self) -> str:
        """Return what to change, in words; "" for nothing."""
        said = [REMEDIES[finding] for finding in self.findings()]
        others = [device for device in self.devices if device != self.device]
        if others and {Finding.MUTED, Finding.QUIET, Finding.LOOPBACK} & set(self.findings()):
            said.append(f"or set hearing.input.device to another one: {named(others)}")
        return "; ".join(said)


async def record(
    settings: InputSettings,
    seconds: float,
    on_progress: Callable[[float, float], None],
    sound: SoundInput | None = None,
) -> Trial:
    """Record from the microphone of the settings. ``on_progress`` is told the seconds so far and the level.

    What is heard is not cleaned: the trial is of the microphone. What goes wrong is in the trial's ``trouble``.
    """
    cards = sound or PortAudio()
    ears, inlet = Ears(), AudioInlet()
    try:
        devices = await found_devices(cards)
    except ProviderError as error:
        return Trial(None, [], np.zeros(0, np.float32), _text(error))
    plain = settings.model_copy(update={"echo": EchoMode.OFF, "noise_suppression": False, "auto_gain": False})
    frames: list[Samples] = []
    async with open_path(plain, ears, inlet, FarEnd()) as path, asyncio.TaskGroup() as group:
        microphone = Microphone(plain, ears, path, cards)
        task = group.create_task(microphone.run())
        device = None
        try:
            await ears.changed.wait_until(lambda: ears.input not in {InputState.CLOSED, InputState.OPENING}, OPEN_S)
            device = microphone.device
            if _works(ears):
                await _collect(inlet, seconds, lambda told: on_progress(told, ears.level), frames)
            trouble = "" if _works(ears) else ears.trouble or "it does not answer: unplug it and plug it in again"
        finally:
            task.cancel()
    return Trial(device, devices, np.concatenate(frames) if frames else np.zeros(0, np.float32), trouble)


def _works(ears: Ears) -> bool:
    return ears.input in {InputState.LIVE, InputState.MUTE}


async def _collect(
    inlet: AudioInlet, seconds: float, on_progress: Callable[[float], None], frames: list[Samples]
) -> None:
    inlet.clear()
    wanted = int(seconds * RATE / FRAME)
    try:
        async with asyncio.timeout(seconds * 2 + 1):
            async for frame in inlet.frames():
                frames.append(frame.samples)
                on_progress(len(frames) * FRAME / RATE)
                if len(frames) >= wanted:
                    return
    except TimeoutError:
        return


def _levels(sound: Samples) -> list[float]:
    size = RATE // 3
    return [
        float(np.sqrt((sound[i : i + size].astype(np.float64) ** 2).mean()))
        for i in range(0, sound.size - size + 1, size)
    ]


def _text(error: ProviderError) -> str:
    return f"{error}; {error.remedy}" if error.remedy else str(error)
