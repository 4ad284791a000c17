"""The container of a binary glTF file, and the questions that its description is asked without trusting it.

12 bytes   "glTF", version 2, length
chunks     length, kind, data: first the description in JSON, then all numbers and pictures
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from bot.stage.models.library import MAX_FILE

#: Bound of the description, in bytes.
MAX_JSON: Final = 24 << 20
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_HEAD, _CHUNK = struct.Struct("<4sII"), struct.Struct("<II")
_AGAIN: Final = "export the model again; the program that made it may have failed on the way"


class Wrong(Exception):  # noqa: N818 - a signal between the readers of this folder
    """What is wrong with a file, and what to do, in words."""

    def __init__(self, message: str, remedy: str = _AGAIN) -> None:
        super().__init__(message)
        self.remedy = remedy


def open_glb(file: BinaryIO, size: int) -> tuple[dict[str, Any], tuple[int, int]]:
    """Return the description of a file of ``size`` bytes, and offset and length of its binary part. Raise `Wrong`."""
    if size > MAX_FILE:
        raise Wrong(f"it has {size >> 20} MB; at most {MAX_FILE >> 20} are taken")
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or head[:4] != b"glTF":
        raise Wrong("it is no VRM file: it does not begin as a binary glTF file does")
    _, version, length = _HEAD.unpack(head)
    if version != 2:
        raise Wrong(f"it is glTF {version}; VRM is glTF 2")
    if length > size:
        raise Wrong(f"it is cut off: {size:,} of {length:,} bytes are there", "copy or download it again")
    text, binary = b"", (0, 0)
    at = _HEAD.size
    while at + _CHUNK.size <= length:
        file.seek(at)
        found, kind = _CHUNK.unpack(file.read(_CHUNK.size))
        at += _CHUNK.size
        if found > length - at:
            raise Wrong("a part of it claims more bytes than the file has")
        if kind == _JSON and not text:
            if found > MAX_JSON:
                raise Wrong(f"its description has {found >> 20} MB; at most {MAX_JSON >> 20} are read")
            text = file.read(found)
        elif kind == _BIN and not binary[1]:
            binary = (at, found)
        at += found + (-found) % 4
    return _parse(text), binary


def _parse(text: bytes) -> dict[str, Any]:
    if not text:
        raise Wrong("it has no description")
    try:
        found = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Wrong(f"its description is no JSON ({str(error)[:80]})") from None
    if not isinstance(found, dict):
        raise Wrong("its description is no JSON object")
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


def plain(value: object) -> int:
    """Return a whole number; -1 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def amount(value: object, what: str) -> int:
    """Return a number of things, an offset or a length. Raise `Wrong`."""
    found = plain(value)
    if not 0 <= found <= 1 << 32:
        raise Wrong(f"{what} in it is no number that can be")
    return found


def index(value: object, among: Sequence[object], what: str) -> int:
    """Return the place of something in a list of the file. Raise `Wrong`."""
    found = plain(value)
    if not 0 <= found < len(among):
        raise Wrong(f"it speaks of a {what} that it does not have")
    return found


def listed(value: object, what: str) -> list[Any]:
    """Return a list of the file. Raise `Wrong`."""
    if not isinstance(value, list) or len(value) > 100_000:
        raise Wrong(f"its {what} are no list")
    return value
