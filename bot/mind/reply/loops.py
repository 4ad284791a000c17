"""Notice a reply that says the same clause again and again, before the one that is too much is given away."""

from __future__ import annotations

import re
from typing import Final

#: A clause that is said for the third time is a loop; a short one ("one more time") may come four times, and a word
#: or two (a laugh, a chant) as often as it likes.
LIMIT, SHORT_LIMIT = 2, 4
_LONG, _SHORT = 12, 6  # letters, where words have spaces
_EASTERN_LONG, _EASTERN_SHORT = 6, 4  # characters of scripts without
_LAUGH: Final = 3  # a laugh has so few different letters
_EASTERN: Final = "\u2e80"
_PARTS: Final = re.compile(r"[.!?,;:…。！？，、；：\n]+|[^.!?,;:…。！？，、；：\n]+")
_ENDS: Final = frozenset(".!?,;:…。！？，、；：\n")


def parts(text: str) -> list[str]:
    """Split a text into runs of words and runs of the signs that end a clause."""
    return _PARTS.findall(text)


class ClauseCounter:
    """Counts the clauses of one reply. Case, spaces and signs within a clause do not matter."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}
        self._key = ""
        self._words = 0
        self._in_word = False

    def add(self, part: str) -> bool:
        """Add a part; return True when it ends a clause that was said too often before."""
        if part[0] not in _ENDS:
            for char in part:
                if char.isalnum():
                    self._key += char.casefold()
                    self._words += not self._in_word
                self._in_word = char.isalnum() or char in "'’"
            return False
        return self.end()

    def end(self) -> bool:
        """End the clause; return True when it was said too often before."""
        key, words = self._key, self._words
        self._key, self._words, self._in_word = "", 0, False
        if not key:
            return False
        said = self._said[key] = self._said.get(key, 0) + 1
        return said > _limit(key, words)

    def may_loop(self) -> bool:
        """Return whether the clause so far may become one that was said as often as it may be."""
        if not self._key:
            return False
        return any(said >= LIMIT and key.startswith(self._key) for key, said in self._said.items())


def _limit(key: str, words: int) -> float:
    if len(set(key)) <= _LAUGH:
        return float("inf")
    eastern = sum(char >= _EASTERN for char in key)
    if eastern >= _EASTERN_LONG or (words > 2 and len(key) >= _LONG) or len(key) > 2 * _LONG:
        return LIMIT
    if eastern >= _EASTERN_SHORT or (words > 1 and len(key) >= _SHORT):
        return SHORT_LIMIT
    return float("inf")
