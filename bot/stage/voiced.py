"""How much of a sound was spoken by a position in it: pauses hold no words, and a voice leaves silence at both ends."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Length of the pieces that are loud or not, in ms.
PIECE_MS: Final = 10
#: A piece is loud from this part of the loudest one on (-30 dB).
LOUD: Final = 0.03


def loud_pieces(pcm: bytes | bytearray, rate: int) -> NDArray[np.integer[Any]]:
    """Return for each piece of a sound (s16le mono) how many pieces were loud up to its end; shape (pieces,)."""
    size = max(1, rate * PIECE_MS // 1000)
    whole = len(pcm) // 2 // size
    pieces = np.frombuffer(pcm, "<i2", whole * size).astype(np.float32).reshape(whole, size)
    energy = np.einsum("ij,ij->i", pieces, pieces)
    return np.cumsum(energy > energy.max(initial=0.0) * LOUD**2)


def spoken_part(loud: NDArray[np.integer[Any]], position_ms: float) -> float | None:
    """Return which part of what is spoken lies before a position, 0 to 1; None where nothing is loud."""
    if not loud.size or not loud[-1]:
        return None
    passed = min(loud.size, int(position_ms / PIECE_MS))
    return float(loud[passed - 1] / loud[-1]) if passed else 0.0
