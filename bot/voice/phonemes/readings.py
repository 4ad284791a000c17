"""A text as phonemes, in pieces that a model can take, with the places of its words in both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

#: What the models take at most; a stretch without a pause is cut there.
HARD_LIMIT: Final = 500
#: How far beyond the last word that was found the next one is looked for, in characters.
_AHEAD: Final = 40
_BREAK: Final = re.compile(r"(?<=[,;:—.!?…]) +")


class Word(NamedTuple):
    """The phonemes of a word, with the space that follows, and where it begins in the text."""

    phonemes: str
    at: int


class Reading(NamedTuple):
    """Phonemes to synthesize at once. ``words`` are pairs: a place in ``phonemes``, and the word's in the text."""

    phonemes: str
    words: tuple[tuple[int, int], ...] = ()


class Places:
    """Finds the words of a text, one after the other. What is read otherwise than it is written has the next place."""

    def __init__(self, text: str) -> None:
        self._text = text.casefold()
        # Folding may lengthen a text ("ß"); places would be wrong then.
        if len(self._text) != len(text):
            self._text = text
        self._at = 0

    def find(self, word: str) -> int:
        """Return where a word begins, in characters."""
        word = word.strip()
        if len(folded := word.casefold()) == len(word):
            word = folded
        begin = self._next()
        found = self._text.find(word, self._at, self._at + _AHEAD + len(word)) if word else -1
        if found < 0 or (found > begin and self._within_a_word(found)):
            return begin
        self._at = found + len(word)
        return found

    def _next(self) -> int:
        text, at = self._text, self._at
        while at < len(text) and not text[at].isalnum():
            at += 1
        return at if at < len(text) else self._at

    def _within_a_word(self, at: int) -> bool:
        before, here = self._text[at - 1], self._text[at]
        return before.isalnum() and here.isalnum() and before.isascii() and here.isascii()


def readings(words: Iterable[Word], pieces: Iterable[str]) -> Iterator[Reading]:
    """Yield the pieces with their words. They hold the words' phonemes in order, with other spaces perhaps."""
    begins: list[tuple[int, int]] = []
    count = 0
    for phonemes, at in words:
        if any(c.isalpha() for c in phonemes):
            begins.append((count, at))
        count += sum(not c.isspace() for c in phonemes)
    begins.reverse()
    count = 0
    for piece in pieces:
        found: list[tuple[int, int]] = []
        for index, char in enumerate(piece):
            if char.isspace():
                continue
            while begins and begins[-1][0] <= count:
                found.append((index, begins.pop()[1]))
            count += 1
        yield Reading(piece, tuple(found))


def fitting(phonemes: str, first: int, longest: int) -> Iterator[str]:
    """Cut phonemes at pauses: the first piece of at most ``first``, the others of ``longest``.

    A stretch without a pause stays whole up to the models' limit, then it is cut at a space.
    """
    piece, most = "", first
    for part in _BREAK.split(phonemes) if len(phonemes) > first else [phonemes]:
        if piece and len(piece) + len(part) > most:
            yield piece
            piece, most = "", longest
        piece = f"{piece} {part}" if piece else part
        while len(piece) > HARD_LIMIT:
            cut = piece.rfind(" ", 1, HARD_LIMIT)
            cut = cut if cut > 0 else HARD_LIMIT
            yield piece[:cut].strip()
            piece = piece[cut:].strip()
    if piece:
        yield piece
