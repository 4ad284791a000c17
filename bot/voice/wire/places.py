"""Where in a text the words stand that a voice names one after the other."""

from __future__ import annotations


class Places:
    """Finds the words in the text, each behind the one before."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def find(self, word: str) -> int:
        """Return where a word begins; where the last one ended, when it is not found."""
        found = self._text.find(word, self._at)
        if found >= 0:
            self._at = found + len(word)
            return found
        return self._at
