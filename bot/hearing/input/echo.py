"""Takes the host's own voice, noise and uneven loudness out of the microphone: WebRTC's audio processing.

The only file that loads the package with its native library (an import contract keeps it so).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from bot.errors import ConfigError
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.room import Room
from bot.hearing.speech import RATE, Samples

#: What the library takes at once: 10 ms.
STEP = RATE // 100
#: How much later than it was sent to the page the microphone hears it, as a first guess in milliseconds.
HINT_MS = 60
#: So long after the last sound of the stage its echo may still come, in seconds.
TAIL_S = 2.5
#: The clock of the blocks is set right after so many of them, when it is wrong by so much (in seconds).
BLOCKS, LEAST_S = 32, 0.004
MISSING = ConfigError("echo cancellation is not installed", remedy="use headphones, or: pip install 'haishin[echo]'")


def installed() -> bool:
    """Return whether the package is there."""
    return find_spec("livekit") is not None


class EchoCanceller:
    """Cleans sound in steps of 10 ms. For one thread; takes .3 ms of it for each step (2 slow cores)."""

    def __init__(self, far: FarEnd, *, echo: bool, noise_suppression: bool, auto_gain: bool) -> None:
        """Load the library, which takes seconds the first time. Raises `ConfigError` when it is missing or broken."""
        try:
            from livekit.rtc import AudioFrame  # noqa: PLC0415 - an extra, and seconds to import
            from livekit.rtc.apm import AudioProcessingModule  # noqa: PLC0415
        except ImportError as error:
            raise MISSING from error
        except Exception as error:  # a native library that does not fit this machine may raise anything
            raise ConfigError(f"echo cancellation does not load: {error}", remedy=MISSING.remedy) from error
        self._far, self._echo = far, echo
        #: Whether there is work while the stage is silent.
        self._always = noise_suppression or auto_gain
        self._frame: Any = AudioFrame
        self._apm: Any = AudioProcessingModule(
            echo_cancellation=echo,
            # With a voice to take out, the suppressor takes out what the canceller leaves.
            noise_suppression=noise_suppression or echo,
            high_pass_filter=False,
            auto_gain_control=auto_gain,
        )
        self._rest = np.zeros(0, np.float32)
        self._clock, self._room = CaptureClock(), Room()

    @property
    def trouble(self) -> str:
        """What is wrong with the echo, in words; "" for nothing."""
        return self._room.trouble

    @property
    def behind_s(self) -> float:
        """How much of what was taken is still inside, in seconds."""
        return self._rest.size / RATE

    def clear(self) -> None:
        """Forget what was heard: the ears were closed. What was learnt of the room stays."""
        self._rest = np.zeros(0, np.float32)
        self._clock.clear()

    def take(self, samples: Samples, at: float) -> Samples:
        """Return cleaned sound in whole steps; ``at`` is when the last sample was captured."""
        joined = np.concatenate((self._rest, samples))
        begin = self._clock.begin(samples.size, at) - self._rest.size / RATE
        size = joined.size // STEP * STEP
        whole, self._rest = joined[:size], joined[size:].copy()
        if not size:
            return whole
        far_begin = begin - self._room.shift_s
        sounding = self._echo and self._far.sounds(far_begin - TAIL_S, far_begin + size / RATE)
        if not (sounding or self._always):
            return whole
        out = np.empty_like(whole)
        far = self._far.read(int(far_begin * RATE), size)
        for start in range(0, size, STEP):
            step = slice(start, start + STEP)
            if self._echo:
                self._apm.process_reverse_stream(self._to_frame(far[step]))
                self._apm.set_stream_delay_ms(HINT_MS)
            frame = self._to_frame(whole[step])
            self._apm.process_stream(frame)
            out[step] = np.frombuffer(frame.data, np.int16).astype(np.float32) / 32768
        return self._room.heard(far, whole, out) if sounding else out

    def _to_frame(self, samples: Samples) -> Any:
        pcm = (samples * 32767).astype(np.int16).tobytes()
        return self._frame(bytearray(pcm), RATE, 1, STEP)


class CaptureClock:
    """When sound was captured, evenly: blocks arrive by fits and starts, and the canceller needs a steady delay."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._next_at: float | None = None
        self._errors: list[float] = []

    def begin(self, size: int, at: float) -> float:
        """Return when the first sample of a block was captured whose last one is said to have come at ``at``."""
        said = at - size / RATE
        if self._next_at is None:
            self._next_at = said
        self._errors.append(said - self._next_at)
        # A block is often late and never early: the least of some errors is the true one.
        if len(self._errors) == BLOCKS:
            if abs(error := min(self._errors)) > LEAST_S:
                self._next_at += error
            self._errors.clear()
        begin = self._next_at
        self._next_at += size / RATE
        return begin
