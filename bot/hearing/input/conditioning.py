"""Makes of captured blocks, whatever their rate and channels, what the ears take: mono at `RATE`, without an offset."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import ConfigError
from bot.hearing.speech import RATE, Samples

#: What the high-pass lets through, in Hz: the offset of a cheap sound card and rumble go, the deepest voice stays.
CUTOFF_HZ = 40.0
#: A channel that was ever louder than this carries a microphone.
ALIVE = 1e-3
#: Rates that a device may have, in Hz.
RATES = range(8_000, 384_001)
#: The filter is computed in pieces of so many samples, short enough for its powers to stay exact.
_PIECE = 512
_DECAY = 1 - 2 * np.pi * CUTOFF_HZ / RATE


class HighPass:
    """A filter of one pole. `clear` forgets what it heard."""

    def __init__(self) -> None:
        self._powers = _DECAY ** np.arange(1, _PIECE + 1)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._mean: float | None = None

    def take(self, samples: Samples) -> Samples:
        """Return the samples without their slowly moving mean."""
        if not samples.size:
            return samples
        # Begun at the first sample, an offset makes no click.
        mean = float(samples[0]) if self._mean is None else self._mean
        out = np.empty_like(samples)
        for begin in range(0, samples.size, _PIECE):
            piece = samples[begin : begin + _PIECE].astype(np.float64)
            powers = self._powers[: piece.size]
            means = powers * (mean + (1 - _DECAY) * np.cumsum(piece / powers))
            out[begin : begin + piece.size] = piece - means
            mean = float(means[-1])
        self._mean = mean
        return out


class Conditioner:
    """Mixes, resamples and filters blocks. For one thread.

    ``behind_s`` is how much of what was taken is still inside, in seconds.
    """

    def __init__(self, gain_db: float = 0.0) -> None:
        self.behind_s = 0.0
        self._gain = np.float32(10 ** (gain_db / 20))
        self._high_pass = HighPass()
        self._rate: int | None = None
        self._offset = np.float32(0)
        self._resampler: Any = None
        self._alive = np.zeros(0, bool)

    def clear(self) -> None:
        """Forget what was heard: the ears were closed."""
        self._high_pass.clear()
        self._rate = None
        self.behind_s = 0.0

    def take(self, block: NDArray[np.floating[Any]], rate: int) -> Samples:
        """Return what can be told of a block of shape ``(samples,)`` or ``(samples, channels)`` at ``rate`` Hz.

        Raises `ConfigError` for a rate that no device has, and when the resampler is not installed.
        """
        if not np.isfinite(np.vdot(block, block)):
            block = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
        mono = self._mix(block.astype(np.float32, copy=False))
        if rate != self._rate:
            self._resampler = _resampler(rate)
            self._rate = rate
            # A resampler begins in silence: a steady offset would be a click to it.
            self._offset = mono.mean() if mono.size else np.float32(0)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono - self._offset)
            self.behind_s = self._resampler.delay() / RATE
        clean: Samples = np.clip(self._high_pass.take(mono) * self._gain, -1.0, 1.0)
        return clean

    def _mix(self, block: Samples) -> Samples:
        """Return the mean of those channels that carry sound: one microphone on an interface of eight is no whisper."""
        if block.ndim == 1 or block.shape[1] == 1:
            return np.ascontiguousarray(block.reshape(-1))
        if self._alive.size != block.shape[1]:
            self._alive = np.zeros(block.shape[1], bool)
        if block.shape[0]:
            self._alive |= np.ptp(block, axis=0) > ALIVE
        used = block[:, self._alive] if self._alive.any() else block
        return np.ascontiguousarray(used.mean(axis=1), np.float32)


def _resampler(rate: int) -> Any:
    """Return a resampler from ``rate`` to `RATE`; None when there is nothing to do."""
    if rate not in RATES:
        raise ConfigError(f"no microphone has a rate of {rate} Hz", remedy="choose another device")
    if rate == RATE:
        return None
    try:
        import soxr  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("soxr is not installed", remedy="install it with: pip install 'haishin[ears]'") from error
    # The better qualities hold 30 ms back; what a recogniser hears differs by nothing.
    return soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="LQ")
