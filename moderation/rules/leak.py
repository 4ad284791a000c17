"""Whether a reply gives away what only the model was told: a canary, a mark, or a stretch of its instructions.

A canary is a random word among the instructions. Nobody can guess it and nothing but the instructions has
it, so a reply with it repeats them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from moderation.text.forms import HAN, Tables
from moderation.verdict import Action, Reason, Verdict

#: So many letters in a row of the instructions are no accident; a Chinese character counts as two.
STRETCH: Final = 40
_HAN_STRETCH: Final = STRETCH // 2
#: A shorter secret would be found in ordinary words.
_SHORTEST: Final = 6
#: No more of a reply is looked at, in characters.
_MOST: Final = 4000


@dataclass(frozen=True, slots=True)
class Private:
    """What must never be said: random ``words``, and ``text`` of which no long stretch may be heard."""

    words: tuple[str, ...]
    text: str


class Leaks:
    """Finds private things in replies, however they are spaced, written or turned round. Thread-safe."""

    def __init__(self, private: Private, tables: Tables | None = None) -> None:
        """Raise `ValueError` for a word of fewer than six letters."""
        self.private = private
        self._tables = tables or _tables()
        words = [self._letters(word) for word in private.words]
        if any(len(word) < _SHORTEST for word in words):
            raise ValueError(f"a secret word needs {_SHORTEST} letters")
        self._words = tuple({*words, *(word[::-1] for word in words)})
        text = self._letters(private.text)
        self._stretches = frozenset(_stretches(text))

    def in_reply(self, text: str, before: Iterable[str] = ()) -> bool:
        """Whether ``text``, behind the clauses ``before`` it, says a private word or ends such a stretch."""
        told = self._letters(" ".join(before))[-2 * STRETCH :]
        letters = told + self._letters(text[:_MOST])
        old = len(told)
        for word in self._words:
            if letters.find(word, max(0, old - len(word) + 1)) >= 0:
                return True
        first = max(0, old - STRETCH + 1)
        return any(stretch in self._stretches for stretch in _stretches(letters[first:]))

    def verdict(self, text: str) -> Verdict:
        """Return the verdict on a reply that leaks."""
        reason = Reason("leak", "injection", 0, len(text), Action.BLOCK)
        return Verdict(Action.BLOCK, ("leak",), 1.0, text, (reason,))

    def _letters(self, text: str) -> str:
        return "".join(filter(str.isalnum, self._tables.folded(text).text))


def _stretches(letters: str) -> Iterable[str]:
    """Yield every stretch that is long enough: of letters, and the shorter ones of Chinese characters alone."""
    for at in range(len(letters) - STRETCH + 1):
        yield letters[at : at + STRETCH]
    if HAN.search(letters):
        for at in range(len(letters) - _HAN_STRETCH + 1):
            stretch = letters[at : at + _HAN_STRETCH]
            if len(HAN.findall(stretch)) > _HAN_STRETCH - 3:
                yield stretch


@lru_cache(maxsize=1)
def _tables() -> Tables:
    return Tables()
