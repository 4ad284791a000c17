"""Make the clauses of a turn (what is shown, spoken and acted) from the pieces of a reply."""

from __future__ import annotations

import re
from typing import Final

from bot.text.scripts import language as language_of
from bot.types import Clause, Emotion, Gesture
from bot.voice.clauses.splitter import FIRST_MIN, LATER_MIN, LONGEST, Splitter
from bot.voice.emotion import Fading
from bot.voice.reading.aloud import read_aloud

__all__ = ["FIRST_MIN", "LATER_MIN", "LONGEST", "ClauseMaker", "Splitter"]

_MAX_GESTURES: Final = 3
_MAX_MARKS: Final = 64
#: A text up to its last sign that ends a sentence, with what closes behind it.
_SENTENCES: Final = re.compile(r".*[.!?…。！？~～♪][\"'”’）)」』]*(?=\s|$|(?<=[。！？”’）」』]))", re.DOTALL)


class ClauseMaker:
    """Makes the clauses of one turn from the pieces of a reply: text, `Emotion`, `Gesture`.

    An emotion holds from where it stands until the next one: a clause takes it when it stands in the
    clause's first half, else the next clause does. A gesture belongs to the clause that it stands in
    or before; what stands behind the last word belongs to the last clause.
    """

    def __init__(self, turn: str, language: str = "en", splitter: Splitter | None = None) -> None:
        self._turn = turn
        self._language = language
        self._splitter = splitter or Splitter()
        self._emotion = Emotion.NEUTRAL
        self._fading = Fading()
        self._index = 0
        self._fed = 0  # characters that are no white space, taken and given
        self._given = 0
        self._marks: list[tuple[int, Emotion | Gesture]] = []

    def feed(self, piece: str | Emotion | Gesture) -> list[Clause]:
        """Add the next piece and return the clauses that are complete."""
        if isinstance(piece, Emotion | Gesture):
            if len(self._marks) < _MAX_MARKS:
                self._marks.append((self._fed, piece))
            return []
        self._fed += _weight(piece)
        return [self._clause(text, last=False) for text in self._splitter.feed(piece)]

    def flush(self, *, cut: bool = False) -> list[Clause]:
        """Return the clauses that are left of the turn; one that was ``cut`` off ends with its last whole sentence.

        Half a sentence sounds like a fault; where it is all that there is, it is better than no answer.
        """
        texts = self._splitter.flush()
        if cut and texts:
            whole = _SENTENCES.match(texts[-1])
            if whole:
                texts[-1] = whole[0].rstrip()
            elif self._given or len(texts) > 1:
                texts.pop()
        return [self._clause(text, last=index == len(texts) - 1) for index, text in enumerate(texts)]

    def _clause(self, text: str, *, last: bool) -> Clause:
        begin, size = self._given, _weight(text)
        self._given = end = begin + size
        gestures: list[Gesture] = []
        later: list[tuple[int, Emotion | Gesture]] = []
        for at, mark in self._marks:
            if isinstance(mark, Gesture):
                if last or at < end:
                    gestures.append(mark)
                else:
                    later.append((at, mark))
            elif last or at <= begin or (at - begin) * 2 < size:
                self._emotion = mark
            else:
                later.append((at, mark))
        self._marks = later
        tongue = language_of(text, self._language)
        clause = Clause(
            turn=self._turn,
            index=self._index,
            text=text,
            speech=read_aloud(text, tongue),
            language=tongue,
            emotion=self._emotion,
            gestures=tuple(dict.fromkeys(gestures))[:_MAX_GESTURES],
            tone=self._fading.next(self._emotion),
        )
        self._index += 1
        return clause


def _weight(text: str) -> int:
    return len(text) - sum(map(str.isspace, text))
