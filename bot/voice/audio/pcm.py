"""Turn a model's floats into whole s16le samples, and cut the silence around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: How long the silence after a clause may last, in ms, by the punctuation that ends it. A reader's
#: pause at a comma is about half of that at a full stop; anything else runs on into the next clause.
_PAUSE_MS = {**dict.fromkeys(".!?…。！？", 240), **dict.fromkeys(",;:，、；：—", 130)}
_RUN_ON_MS = 70
_LEAD_MS = 25
#: Quieter than this part of the loudest 10 ms (-40 dB) counts as silence.
_FLOOR = 0.01


def s16le(wave: NDArray[np.float32]) -> bytes:
    """Convert samples in -1…1 to signed 16-bit little-endian; what lies outside is clipped."""
    return bytes((np.clip(wave, -1.0, 1.0) * 32767.0).astype("<i2").tobytes())


def trim(wave: NDArray[np.float32], rate: int, text: str) -> NDArray[np.float32]:
    """Cut the silence before and after a spoken ``text``, leaving the pause that its last character asks for.

    Sound that is all silence comes back empty. Nothing is added when the voice itself paused less.
    """
    begin, end = spoken(wave, rate, text)
    return wave[begin:end]


def spoken(wave: NDArray[np.float32], rate: int, text: str) -> tuple[int, int]:
    """Return which samples `trim` leaves: the first, and the one behind the last."""
    frame = rate // 100
    count = len(wave) // frame
    if count == 0:
        return 0, len(wave)
    loudness = np.sqrt(np.mean(np.square(wave[: count * frame].reshape(count, frame)), axis=1))
    peak = float(loudness.max())
    if peak < 1e-4:
        return 0, 0
    loud = np.flatnonzero(loudness > peak * _FLOOR)
    tail_ms = _PAUSE_MS.get(text.rstrip("\"'”’」』)）]】 ")[-1:], _RUN_ON_MS)
    begin = max(0, int(loud[0]) * frame - rate * _LEAD_MS // 1000)
    end = min(len(wave), (int(loud[-1]) + 1) * frame + rate * tail_ms // 1000)
    return begin, end


class Samples:
    """Joins network chunks of any length into whole 16-bit samples."""

    def __init__(self) -> None:
        self._half = b""

    @property
    def odd(self) -> bool:
        """Whether the bytes so far end within a sample."""
        return bool(self._half)

    def add(self, data: bytes) -> bytes:
        """Add the next bytes and return the whole samples among them; they may be none."""
        if self._half:
            data = self._half + data
        cut = len(data) & ~1
        self._half = data[cut:]
        return data if cut == len(data) else data[:cut]
