"""Skip a bracket that was never closed."""

from __future__ import annotations

from typing import Final

#: A bracket that was not closed within the hold is thrown away up to its end or so many characters.
MAX_DISCARD: Final = 240


class HiddenBracket:
    """Skips a bracket whose closer was not found within the hold. At most one is open at a time."""

    def __init__(self) -> None:
        self._closer = ""
        self._skipped = 0

    @property
    def active(self) -> bool:
        """Whether the parser is inside such a bracket."""
        return bool(self._closer)

    def open(self, closer: str) -> None:
        """Begin to skip."""
        self._closer, self._skipped = closer, 0

    def skip(self, text: str, at: int) -> int:
        """Return the index behind what can be skipped now."""
        char = text[at]
        self._skipped += 1
        if char in (self._closer, "\n") or self._skipped >= MAX_DISCARD:
            self._closer = ""
        return at if char == "\n" else at + 1
