"""When the words of a clause are heard, and which shape the mouth has: what a voice says of its sound, checked.

Voices count characters of what is spoken, the pages show what is written; both hold the same words, nearly.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from difflib import SequenceMatcher
from typing import Any, Final, cast

from bot.stage.protocol import Index, Marks, MouthMark, WordMark
from bot.types import Clause, Mark, MouthShape, Pcm, Viseme

#: Marks of one clause at most, of each kind: a minute of the quickest speech has fewer.
MOST: Final = 2_000
#: No clause is longer, in ms.
LONGEST_MS: Final = 3_600_000
#: Of more words than these the places are estimated, since comparing them would take longer than a moment.
_COMPARED: Final = 160
_WORD: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\\W\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")


class ClauseMarks:
    """The marks of one clause. Whatever a voice sends, times and places never go back and never leave the text."""

    def __init__(self, clause: Clause) -> None:
        self._clause = clause
        self._shown: ShownPlaces | None = None
        self.words: list[Mark] = []
        self.visemes: list[Viseme] = []

    def add(self, pcm: Pcm) -> bool:
        """Add the marks that come with a sound; return whether there were any."""
        before = len(self.words) + len(self.visemes)
        for mark in cast("tuple[Any, ...]", pcm.marks)[: MOST - len(self.words)]:
            if isinstance(mark, Mark) and _whole(mark.at_ms) and _whole(mark.chars):
                last = self.words[-1] if self.words else Mark(0, 0)
                place = self._place(mark.chars)
                self.words.append(Mark(max(last.at_ms, min(mark.at_ms, LONGEST_MS)), max(last.chars, place)))
        for viseme in cast("tuple[Any, ...]", pcm.visemes)[: MOST - len(self.visemes)]:
            if (
                isinstance(viseme, Viseme)
                and _whole(viseme.at_ms)
                and isinstance(cast("Any", viseme.shape), MouthShape)
            ):
                last_ms = self.visemes[-1].at_ms if self.visemes else 0
                self.visemes.append(Viseme(max(last_ms, min(viseme.at_ms, LONGEST_MS)), viseme.shape))
        return len(self.words) + len(self.visemes) > before

    def heard_chars(self, position_ms: float) -> int | None:
        """Return how much of the text comes before the word that is heard at a position; None without marks."""
        if not self.words:
            return None
        passed = bisect_right(self.words, position_ms, key=lambda mark: mark.at_ms)
        return self.words[passed - 1].chars if passed else 0

    def message(self, epoch: Index, words: int = 0, visemes: int = 0) -> Marks:
        """Return what tells the pages the marks from the given numbers on."""
        text, wide = self._clause.text, not self._clause.text.isascii()
        return Marks(
            epoch=epoch,
            clause=self._clause.index,
            words=[
                WordMark(at_ms=m.at_ms, chars=_utf16(text, m.chars) if wide else m.chars) for m in self.words[words:]
            ],
            visemes=[MouthMark(at_ms=v.at_ms, shape=v.shape) for v in self.visemes[visemes:]],
        )

    def _place(self, chars: int) -> int:
        """Return where in what is written a place of what is spoken lies."""
        text, speech = self._clause.text, self._clause.speech
        if speech == text:
            return max(0, min(chars, len(text)))
        if self._shown is None:
            self._shown = ShownPlaces(speech, text)
        return self._shown.of(chars)


class ShownPlaces:
    """From places in what is spoken to those in what is written, by the words that both hold."""

    def __init__(self, speech: str, text: str) -> None:
        spoken, shown = list(_WORD.finditer(speech)), list(_WORD.finditer(text))
        self._from, self._to = [0], [0]
        if max(len(spoken), len(shown)) <= _COMPARED:
            said, read = ([word.group().casefold() for word in words] for words in (spoken, shown))
            for begin, there, size in SequenceMatcher(None, said, read, autojunk=False).get_matching_blocks():
                for one, other in zip(spoken[begin : begin + size], shown[there : there + size], strict=True):
                    self._from += (one.start(), one.end())
                    self._to += (other.start(), other.end())
        self._from.append(len(speech))
        self._to.append(len(text))

    def of(self, chars: int) -> int:
        """Return the place of a place: between two words that both hold, by its share of the way."""
        chars = max(0, min(chars, self._from[-1]))
        index = bisect_right(self._from, chars) - 1
        if index + 1 >= len(self._from):
            return self._to[-1]
        begin, end = self._from[index], self._from[index + 1]
        return self._to[index] + (self._to[index + 1] - self._to[index]) * (chars - begin) // (end - begin)


def _whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _utf16(text: str, chars: int) -> int:
    """Return how many units of UTF-16 the first characters of a text take: browsers count those."""
    return chars + sum(char > "\uffff" for char in text[:chars])
