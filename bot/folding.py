"""Folding: when two chat lines say the same thing.

Half of a live chat repeats itself, and a raid is one sentence from a hundred accounts. Lines are
compared by a key: what is left of a text without case, width, punctuation and drawn-out letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable
from itertools import islice
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

H = TypeVar("H", bound=Hashable)

#: Characters of a text that are looked at; two lines that agree so far say the same.
MAX_COMPARED = 200
#: Near matches that are looked at more closely.
CLOSEST = 4
#: From this weight on (a letter weighs 1, a Han character 2), two accounts do not write the same by chance.
DISTINCTIVE = 14
#: In a pair of words that may be one word misspelt, at least this much is equal (per cent).
SAME_WORD = 75.0

_DRAWN_OUT = re.compile(r"(.)\1{2,}", re.DOTALL)
_NOT_WORD = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")
_FIRST_WIDE = 0x2E80  # where the East Asian scripts begin


def fold(text: str) -> str:
    """Give the key of a text: words in lower case, one space between them; of symbols alone, the symbols."""
    text = unicodedata.normalize("NFKC", text[: 2 * MAX_COMPARED]).casefold()
    words = _NOT_WORD.sub(" ", _DRAWN_OUT.sub(r"\1", text)).strip()
    return (words or _DRAWN_OUT.sub(r"\1", "".join(text.split())))[:MAX_COMPARED]


def distinctive(key: str) -> bool:
    """Whether two people would hardly write this by chance: "hello" is not, a pasted sentence is."""
    return sum(2 if ord(c) >= _FIRST_WIDE else 1 for c in key) >= DISTINCTIVE


def same(one: str, other: str) -> bool:
    """Whether two keys that look alike ask the same: numbers equal, and no word exchanged for another."""
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    a, b = one.split(), other.split()
    return len(a) != len(b) or all(x == y or fuzz.ratio(x, y) >= SAME_WORD for x, y in zip(a, b, strict=True))


class Folds(Generic[H]):
    """Keys of lines, each under a handle. The work of `find` is bounded by ``window``."""

    def __init__(self, similarity: float, window: int) -> None:
        #: Least similarity of two keys, 0..1, and how many of the newest lines a new one is compared with.
        self.similarity, self.window = similarity, window
        self._keys: dict[H, str] = {}
        self._exact: dict[str, H] = {}

    def __len__(self) -> int:
        """Give how many lines are known."""
        return len(self._keys)

    def find(self, key: str) -> H | None:
        """Give the handle of a line that says the same, the most alike first, or None."""
        if not key or not self._keys:
            return None
        if (handle := self._exact.get(key)) is not None:
            return handle
        newest = dict(islice(reversed(self._keys.items()), self.window))
        near = process.extract(
            key, newest, scorer=fuzz.ratio, score_cutoff=self.similarity * 100, limit=CLOSEST, processor=None
        )
        return next((handle for other, _, handle in near if same(key, other)), None)

    def add(self, handle: H, key: str) -> None:
        """Take a line in."""
        self._keys[handle] = key
        self._exact[key] = handle

    def discard(self, handle: H) -> None:
        """Let a line go."""
        key = self._keys.pop(handle, None)
        if key is not None and self._exact.get(key) == handle:
            del self._exact[key]
