"""Takes the host's own voice, noise and uneven loudness out of the microphone: WebRTC's audio processing.

The only file that loads the package with its native library (an import contract keeps it so).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.errors import ConfigError
from bot.hearing.input.far_end import FarEnd
from bot.hearing.speech import RATE, Samples

#: What the library takes at once: 10 ms.
STEP = RATE // 100
#: How much later than it was sent to the page the microphone hears it, as a first guess in milliseconds.
HINT_MS = 60
#: So long after the last sound of the stage its echo may still come, in seconds.
TAIL_S = 1.0
MISSING = ConfigError("echo cancellation is not installed", remedy="use headphones, or: pip install 'haishin[echo]'")


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

    @property
    def behind_s(self) -> float:
        """How much of what was taken is still inside, in seconds."""
        return self._rest.size / RATE

    def clear(self) -> None:
        """Forget what was heard: the ears were closed."""
        self._rest = np.zeros(0, np.float32)

    def take(self, samples: Samples, at: float) -> Samples:
        """Return cleaned sound in whole steps; ``at`` is when the last sample was captured."""
        joined = np.concatenate((self._rest, samples))
        steps = joined.size // STEP
        begin = at - joined.size / RATE
        whole, self._rest = joined[: steps * STEP], joined[steps * STEP :].copy()
        if not steps:
            return whole
        if not self._always and not self._far.sounds(begin - TAIL_S, at):
            return whole
        out = np.empty_like(whole)
        far = self._far.read(int(begin * RATE), whole.size) if self._echo else None
        for start in range(0, whole.size, STEP):
            step = slice(start, start + STEP)
            if far is not None:
                self._apm.process_reverse_stream(self._to_frame(far[step]))
                self._apm.set_stream_delay_ms(HINT_MS)
            frame = self._to_frame(whole[step])
            self._apm.process_stream(frame)
            out[step] = np.frombuffer(frame.data, np.int16).astype(np.float32) / 32768
        return out

    def _to_frame(self, samples: Samples) -> Any:
        pcm = (samples * 32767).astype(np.int16).tobytes()
        return self._frame(bytearray(pcm), RATE, 1, STEP)
