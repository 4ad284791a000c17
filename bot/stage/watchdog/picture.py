"""Looks at a small picture of what is on air: whether it is black, and whether it is the same as another."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

#: How wide the picture is that is asked for, in pixels: a mouth that moves is still seen. A bitmap needs no decoder.
WIDTH = 160
FORMAT = "bmp"
#: Brighter than this, of 255, is not black; so much of the picture must be.
_BLACK, _SHARE = 24, 0.001
_MAX_SIDE = 4096


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was looked at. Two with the same ``digest`` are the same, pixel by pixel."""

    black: bool
    digest: bytes


def look_at(answer: Mapping[str, Any]) -> Picture | None:
    """Return what the answer to ``GetSourceScreenshot`` shows; None when it is no bitmap. Takes half a millisecond."""
    text = answer.get("imageData")
    try:
        data = base64.b64decode(text.partition(",")[2], validate=True) if isinstance(text, str) else b""
        kind, offset, width, height, bits = struct.unpack("<2s8xI4xii2xH", data[:30])
    except (binascii.Error, ValueError, struct.error):
        return None
    channels, height = bits // 8, abs(height)
    if kind != b"BM" or bits not in (24, 32) or not 0 < width <= _MAX_SIDE or not 0 < height <= _MAX_SIDE:
        return None
    row = (width * channels + 3) // 4 * 4
    pixels = np.frombuffer(data, np.uint8)[offset : offset + row * height]
    if pixels.size < row * height:
        return None
    colours = pixels.reshape(height, row)[:, : width * channels].reshape(height, width, channels)[:, :, :3]
    bright = np.count_nonzero(colours.max(axis=2) > _BLACK)
    return Picture(
        black=bool(bright <= _SHARE * width * height), digest=hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
    )
