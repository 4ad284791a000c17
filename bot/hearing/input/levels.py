"""How loud the microphone is, and what is wrong with it, in words that a streamer understands."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from bot.hearing.speech import RATE, Samples

#: How often a reading is made, and over how much sound its level is taken, in seconds.
EVERY_S, OVER_S = 0.1, 1.0
#: What is quieter than this is no sound: -80 dB, three steps of 16 bits. A room alone is louder.
SILENT = 1e-4
#: After so long a silence the microphone is muted, in seconds.
MUTED_S = 10.0
#: A sample this near to the end of the scale was cut off, and so many in one block are no chance.
FULL, FULL_SAMPLES = 0.995, 3
#: Too loud: in so many of the last `CLIPS_OVER_S` seconds something was cut off.
CLIPS, CLIPS_OVER_S = 3, 10.0
#: Speech below this level is too quiet (-46 dB), root mean square of a second.
QUIET = 0.005

ADVICE_MUTED = (
    "no sound for 10 seconds: is the microphone muted, at its own switch or in the sound settings of the system?"
)
ADVICE_MUTED_BY_SYSTEM = "the microphone is muted in the sound settings of the system: unmute it there"
ADVICE_CLIPPED = (
    "the microphone is too loud and its sound is cut off: turn its level down in the system's sound settings"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter shows. ``level`` is the root mean square of the last second within 0 and 1."""

    level: float
    clipped: bool
    #: How long there was no sound at all, in seconds.
    silent_s: float
    advice: str


class LevelMeter:
    """Measures sound as it comes. For one thread."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due = EVERY_S
        self._energies: deque[tuple[float, float, int]] = deque()
        self._clips: deque[float] = deque()
        self._loud_at = 0.0

    def clear(self) -> None:
        """Forget what was measured."""
        self.__init__()  # type: ignore[misc]

    def take(self, block: Samples, samples: Samples) -> Reading | None:
        """Measure a block as it was captured and what was made of it; return a reading every `EVERY_S`."""
        self._now += samples.size / RATE
        if np.count_nonzero(np.abs(block) >= FULL) >= FULL_SAMPLES:
            self._clips.append(self._now)
        if samples.size:
            if float(np.abs(samples).max()) >= SILENT:
                self._loud_at = self._now
            self._energies.append((self._now, float(np.dot(samples, samples)), samples.size))
        if self._now < self._due:
            return None
        self._due = self._now + EVERY_S
        while self._energies and self._energies[0][0] <= self._now - OVER_S:
            self._energies.popleft()
        while self._clips and self._clips[0] <= self._now - CLIPS_OVER_S:
            self._clips.popleft()
        return self._reading()

    def _reading(self) -> Reading:
        count = sum(n for _, _, n in self._energies) or 1
        level = float(np.sqrt(sum(energy for _, energy, _ in self._energies) / count))
        silent_s = self._now - self._loud_at
        advice = ""
        if silent_s >= MUTED_S:
            advice = ADVICE_MUTED
        elif len({int(at) for at in self._clips}) >= CLIPS:
            advice = ADVICE_CLIPPED
        clipped = bool(self._clips) and self._clips[-1] > self._now - OVER_S
        return Reading(min(1.0, level), clipped, silent_s, advice)
