"""A picture of the show that says what is in it."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from bot.disclosure.statement import COMMENTS, Origin, xmp

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: The signature and the first chunk (IHDR), which is always 25 bytes.
_HEAD: Final = len(_SIGNATURE) + 25


def marked(png: bytes) -> bytes:
    """Return a PNG with its marks behind the first chunk; what is no PNG comes back as it was."""
    if not png.startswith(_SIGNATURE) or png[12:16] != b"IHDR" or len(png) < _HEAD:
        return png
    marks = _text("XML:com.adobe.xmp", xmp(Origin.PARTLY)) + _text("Comment", COMMENTS[Origin.PARTLY].encode())
    return png[:_HEAD] + marks + png[_HEAD:]


def _text(key: str, value: bytes) -> bytes:
    # iTXt: the key, then: not compressed, no method, no language, no translated key.
    body = b"iTXt" + key.encode() + b"\0" + b"\0\0" + b"\0" + b"\0" + value
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
