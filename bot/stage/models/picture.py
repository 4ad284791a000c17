"""The size of a picture by its head: PNG, JPEG, WebP. Nothing of it is decoded."""

from __future__ import annotations

import struct
from collections.abc import Callable

#: Returns so many bytes from a place of the picture, or fewer at its end.
Read = Callable[[int, int], bytes]
#: Segments of a JPEG that are looked at before its size is given up.
_SEGMENTS = 400
#: Markers among those of a JPEG's frames that are none: tables of Huffman and arithmetic coding.
_NO_FRAME = (0xC4, 0xC8, 0xCC)


def size_of(read: Read, length: int) -> tuple[int, int] | None:
    """Return width and height in pixels; None for what is no such picture, or has no size."""
    try:
        found = _size(read, length)
    except (struct.error, IndexError):
        return None
    return found if found and min(found) > 0 else None


def _size(read: Read, length: int) -> tuple[int, int] | None:
    head = read(0, 32)
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return struct.unpack(">II", head[16:24])
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    if head[:2] == b"\xff\xd8":
        return _jpeg(read, length)
    return None


def _jpeg(read: Read, length: int) -> tuple[int, int] | None:
    at = 2
    for _ in range(_SEGMENTS):
        head = read(at, 9)
        if at >= length or head[0] != 0xFF:
            return None
        if 0xC0 <= head[1] <= 0xCF and head[1] not in _NO_FRAME:
            height, width = struct.unpack(">HH", head[5:9])
            return width, height
        at += 2 + struct.unpack(">H", head[2:4])[0]
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF
