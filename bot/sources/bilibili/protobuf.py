"""A small reader of protocol buffers, for the few events that carry one. The platform publishes no schema.

`Fields` gives the fields by number. It checks every length, and reads a message within only when it is asked to.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

#: Bounds of one message. Events have at most a few kilobytes.
MAX_BYTES, MAX_FIELDS = 1 << 18, 5000


class BrokenError(ValueError):
    """The data is not a protocol buffer."""


def decode(text: object) -> bytes:
    """Return the bytes of a base64 text. Raises `BrokenError`."""
    if not isinstance(text, str) or not text or len(text) > MAX_BYTES * 4 // 3:
        raise BrokenError("not a base64 text, or too long")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenError("not base64") from None


class Fields:
    """The fields of one message, by number. A missing one is 0, an empty text or an empty message.

    Raises `BrokenError` when the bytes are not a message.
    """

    __slots__ = ("_fields",)

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        for count, (number, value) in enumerate(_read(data)):
            if count > MAX_FIELDS:
                raise BrokenError("too many fields")
            self._fields.setdefault(number, []).append(value)

    def number(self, field: int) -> int:
        """Return a whole number, signed as int64. Of repeated ones the last counts, as the format says."""
        value = self._last(field)
        if not isinstance(value, int):
            return 0
        return value - (1 << 64) if value >= 1 << 63 else value

    def text(self, field: int) -> str:
        """Return a text; bytes that are not UTF-8 are replaced."""
        value = self._last(field)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""

    def part(self, field: int) -> Fields:
        """Return a message within. Raises `BrokenError`."""
        value = self._last(field)
        return Fields(value if isinstance(value, bytes) else b"")

    def parts(self, field: int) -> list[Fields]:
        """Return all of a repeated message. Raises `BrokenError`."""
        return [Fields(value) for value in self._fields.get(field, ()) if isinstance(value, bytes)]

    def has(self, field: int) -> bool:
        """Return whether the field is there."""
        return field in self._fields

    def _last(self, field: int) -> int | bytes | None:
        values = self._fields.get(field)
        return values[-1] if values else None


def _read(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if not number:
            raise BrokenError("a field without a number")
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise BrokenError(f"a field of the unknown kind {wire}")
        if size > end - at:
            raise BrokenError("a field that goes beyond the end")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
    raise BrokenError("a number without an end")
