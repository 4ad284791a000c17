"""Read the fields of one event, which a stranger may have shaped.

Nothing here raises. A field that cannot be read gets a default and is noted in ``faults``. A payment keeps the note
(`bot.types.Evidence.fault`); any other event is dropped because of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sources import rates
from bot.text.sanitize import fit

#: The longest text and name, in characters; the platforms' own limits are 500 and 30.
MAX_TEXT, MAX_NAME = 2000, 200
#: The longest id (the platforms' have 36 at most), and the longest note on broken fields, in characters.
MAX_ID, MAX_FAULT, MAX_URL = 100, 300, 300
_NOTHING: Mapping[str, Any] = {}


def describe_value(value: object) -> str:
    """Return a short text for a broken value, without the cost of a whole huge one."""
    if isinstance(value, str):
        return ascii(value[:40])
    if value is None or isinstance(value, bool | float):
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a huge number"
    return type(value).__name__


class Fields:
    """The fields of an event, or of a part of one. ``faults`` names those that were broken."""

    __slots__ = ("_at", "_data", "_known", "faults")

    def __init__(self, data: object, *, at: str = "", faults: list[str] | None = None) -> None:
        self.faults: list[str] = [] if faults is None else faults
        self._at = at
        #: Whether the part exists. When it does not, that is noted once, and not for each field of it.
        self._known = isinstance(data, Mapping)
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else _NOTHING
        if not self._known:
            self.faults.append(f"{at.rstrip('.') or 'event'}: {describe_value(data)}")

    def note_fault(self, key: str, value: object) -> None:
        """Record that a field could not be read."""
        if self._known:
            self.faults.append(f"{self._at}{key}: {describe_value(value)}")

    @property
    def fault(self) -> str:
        """Return what could not be read so far, in words for a person; empty when nothing was broken."""
        return "; ".join(self.faults[:8])[:MAX_FAULT]

    def get(self, key: str) -> Any:
        """Return a field as it came; None when it is missing."""
        return self._data.get(key)

    def has(self, key: str) -> bool:
        """Return whether the field exists, even if it is null."""
        return key in self._data

    def part(self, key: str) -> Fields:
        """Return the fields of a part that must exist."""
        faults = self.faults if self._known else []
        return Fields(self._data.get(key), at=f"{self._at}{key}.", faults=faults)

    def ident(self, key: str) -> str:
        """Return an id, sent as a string or as a number; "" when it is missing or broken."""
        value = self._data.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
            return str(value)
        if isinstance(value, str) and value and len(value) <= MAX_ID:
            return fit(value, MAX_ID)
        self.note_fault(key, value)
        return ""

    def text(self, key: str, most: int = MAX_TEXT) -> str:
        """Return a text that must exist; it may be empty, and a long one is cut to ``most`` characters."""
        value = self._data.get(key)
        if isinstance(value, str):
            return fit(value, most)
        self.note_fault(key, value)
        return ""

    def optional_text(self, key: str, most: int = MAX_NAME) -> str:
        """Return a text that may be missing; empty when it is missing or broken."""
        value = self._data.get(key)
        return fit(value, most) if isinstance(value, str) else ""

    def count(self, key: str, most: int, *, least: int = 1) -> int | None:
        """Return a whole number from ``least`` to ``most``; None when it is anything else."""
        value = self._data.get(key)
        number = rates.count(value, most)
        if number is None or number < least:
            self.note_fault(key, value)
            return None
        return number

    def number(self, key: str, most: int = 10**12) -> int:
        """Return a count, or a time in seconds, that may be missing; 0 when it is missing or broken."""
        return rates.count(self._data.get(key), most) or 0

    def flag(self, key: str) -> bool:
        """Return a boolean that must exist; False when it is anything else."""
        value = self._data.get(key)
        if not isinstance(value, bool):
            self.note_fault(key, value)
        return value is True

    def is_true(self, key: str) -> bool:
        """Return whether a boolean that may be missing is true."""
        return self._data.get(key) is True
