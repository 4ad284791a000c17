"""Reading what a stranger can shape: the fields of one event, whatever is in them.

Nothing here raises. What cannot be read gets a default and is noted in ``faults``: a payment keeps
the note (`bot.types.Evidence.fault`), anything else is dropped because of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sources import rates
from bot.text.sanitize import fit

#: Characters of a text and of a name that are taken in; the platforms' own limits are 500 and 30.
MAX_TEXT, MAX_NAME = 2000, 200
#: Characters of an id (theirs have 36 at most), and of the note on what could not be read.
MAX_ID, MAX_FAULT = 100, 300
_NOTHING: Mapping[str, Any] = {}


def describe_value(value: object) -> str:
    """Show a broken value in a few characters: never all of it, never more than a glance costs."""
    if isinstance(value, str):
        return ascii(value[:40])
    if value is None or isinstance(value, bool | float):
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a huge number"
    return type(value).__name__


class Fields:
    """The fields of an event, or of a part of one, read with care; ``faults`` names those that were broken."""

    __slots__ = ("_at", "_data", "_known", "faults")

    def __init__(self, data: object, *, at: str = "", faults: list[str] | None = None) -> None:
        self.faults: list[str] = [] if faults is None else faults
        self._at = at
        #: Whether the part is there at all. When it is not, that is noted once, not for each field of it.
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
        """What could not be read so far, in words for a person; empty when all could."""
        return "; ".join(self.faults[:8])[:MAX_FAULT]

    def get(self, key: str) -> Any:
        """Return a field as it came; None when it is not there."""
        return self._data.get(key)

    def has(self, key: str) -> bool:
        """Return whether the field is there, be it null."""
        return key in self._data

    def part(self, key: str) -> Fields:
        """Return the fields of a part that must be there."""
        faults = self.faults if self._known else []
        return Fields(self._data.get(key), at=f"{self._at}{key}.", faults=faults)

    def ident(self, key: str) -> str:
        """Read an id: a string that is not empty, or the number that a sloppy sender made of it; else ""."""
        value = self._data.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
            return str(value)
        if isinstance(value, str) and value and len(value) <= MAX_ID:
            return fit(value, MAX_ID)
        self.note_fault(key, value)
        return ""

    def text(self, key: str, most: int = MAX_TEXT) -> str:
        """Read a text that must be there; it may be empty, and a long one is cut."""
        value = self._data.get(key)
        if isinstance(value, str):
            return fit(value, most)
        self.note_fault(key, value)
        return ""

    def optional_text(self, key: str, most: int = MAX_NAME) -> str:
        """Read a text that may be missing: then, and when it is broken, it is empty."""
        value = self._data.get(key)
        return fit(value, most) if isinstance(value, str) else ""

    def count(self, key: str, most: int, *, least: int = 1) -> int | None:
        """Read a whole number from ``least`` to ``most``; None when it is anything else."""
        value = self._data.get(key)
        number = rates.count(value, most)
        if number is None or number < least:
            self.note_fault(key, value)
            return None
        return number

    def number(self, key: str, most: int = 10**12) -> int:
        """Read a count, or a time in seconds, that may be missing: then, and when it is broken, it is 0."""
        return rates.count(self._data.get(key), most) or 0

    def flag(self, key: str) -> bool:
        """Read a yes or no that must be there; False when it is neither."""
        value = self._data.get(key)
        if not isinstance(value, bool):
            self.note_fault(key, value)
        return value is True

    def is_true(self, key: str) -> bool:
        """Return whether a yes or no that may be missing is yes."""
        return self._data.get(key) is True
