"""Splits a folded text into pieces that have numbers: words, parts of words, marks and emoji.

A word that is known whole is one piece; another is made of the longest known parts, as WordPiece does. Words repeat,
so their numbers are remembered; a line of chat costs some microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

#: What continues a word is written so in the list of pieces.
CONTINUES: Final = "##"
#: Always the first pieces: nothing, what has no piece, and the mark that opens a text.
SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]")
PAD, UNKNOWN, OPENS = range(3)

_LONGEST_WORD: Final = 40
#: Words remembered at most; beyond that each is split anew (hostile input).
_MEMORY: Final = 30_000
_LINK: Final = re.compile(r"https?:\S*|www\.\S+|@\w+")
_LONG_RUN: Final = re.compile(r"(\w)\1{2,}")
_WORD: Final = re.compile(r"[a-z]+'[a-z]{1,2}(?![a-z'])|[a-z]+|[0-9]+|[^\sa-z0-9]")


def words(text: str) -> Iterator[str]:
    """Yield words, numbers and single marks of a folded text; of a mark or picture that is repeated, one."""
    if "@" in text or "http" in text or "www." in text:
        text = _LINK.sub(" ", text)
    last = ""
    for word in _WORD.findall(_LONG_RUN.sub(r"\1\1", text)):
        if word != last or word[0].isalnum():
            yield word
        last = word


class Pieces:
    """A vocabulary: its order gives the numbers."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        if tuple(vocabulary[: len(SPECIAL)]) != SPECIAL:
            raise ValueError("its pieces begin otherwise")
        self.vocabulary = tuple(vocabulary)
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._known: dict[str, tuple[int, ...]] = {}

    def ids(self, text: str) -> list[int]:
        """Return the numbers of a folded text, without the opening mark. Empty when there is nothing to read."""
        found: list[int] = []
        known = self._known
        for word in words(text):
            found += known.get(word) or self._split(word)
        return found

    def _split(self, word: str) -> tuple[int, ...]:
        number = self._numbers.get(word)
        found = (number,) if number is not None else tuple(self._parts(word[:_LONGEST_WORD]))
        if len(self._known) < _MEMORY:
            self._known[word] = found
        return found

    def _parts(self, word: str) -> Iterator[int]:
        at, numbers = 0, self._numbers
        for at_least in word.split("'") if "'" in word else (word,):
            start = at = 0
            while at < len(at_least):
                end = len(at_least)
                while end > at and (CONTINUES if at > start else "") + at_least[at:end] not in numbers:
                    end -= 1
                if end == at:
                    yield UNKNOWN
                    break
                yield numbers[(CONTINUES if at > start else "") + at_least[at:end]]
                at = end
