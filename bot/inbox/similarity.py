"""When two chat lines say the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Generic

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.inbox.nearest import H
from bot.text.scripts import FIRST_EAST_ASIAN

#: Characters of a text that are looked at; two lines that agree so far say the same.
MAX_COMPARED = 200


#: From this weight on (a letter weighs 1, a Han character 2), two accounts do not write the same by chance.
DISTINCTIVE = 14


#: From this weight on, two lines that look alike are copies of one, whatever number or word was put into each.
PASTED = 36


#: In a flood, lines are looked up by so many letters of their beginning and of their end.
ANCHOR = 12


#: In a pair of words that may be one word misspelt, at least this much is equal (per cent).
SAME_WORD = 75.0


_DRAWN_OUT = re.compile(r"(.)\1{2,}", re.DOTALL)


_DRAWN = re.compile(r"(.)\1\1", re.DOTALL)


_NOT_WORD = re.compile(r"[\W_]+")


_ASCII_WORDS = {ord(c): " " for c in map(chr, range(128)) if not c.isalnum()}  # what `_NOT_WORD` does, quicker


_NUMBER = re.compile(r"\d+")


def fold(text: str) -> str:
    """Return the key of a text: words in lower case, one space between them; of symbols alone, the symbols."""
    text = unicodedata.normalize("NFKC", text[: 2 * MAX_COMPARED]).casefold()
    short = _not_drawn_out(text)
    words = " ".join(short.translate(_ASCII_WORDS).split()) if short.isascii() else _NOT_WORD.sub(" ", short).strip()
    return (words or _not_drawn_out("".join(text.split())))[:MAX_COMPARED]


def _not_drawn_out(text: str) -> str:
    """Return a text with one letter for three or more; to look for them is quicker than to replace none."""
    return _DRAWN_OUT.sub(r"\1", text) if _DRAWN.search(text) else text


def distinctive(key: str) -> bool:
    """Whether two people would hardly write this by chance: "hello" is not, a pasted sentence is."""
    return len(key) >= DISTINCTIVE or (2 * len(key) >= DISTINCTIVE and _weight(key) >= DISTINCTIVE)


def anchors(key: str) -> tuple[str, ...]:
    """Return the beginning and the end of a text that nobody writes by chance; who changes one leaves the other."""
    if not distinctive(key):
        return ()
    size = ANCHOR if len(key) >= 2 * ANCHOR else ANCHOR // 3
    return f"<{key[:size]}", f">{key[-size:]}"


def _weight(key: str) -> int:
    return sum(2 if ord(c) >= FIRST_EAST_ASIAN else 1 for c in key)


def same(one: str, other: str) -> bool:
    """Whether two keys that look alike ask the same: numbers equal, and no word exchanged; or both long enough."""
    if 2 * min(len(one), len(other)) >= PASTED and min(_weight(one), _weight(other)) >= PASTED:
        return True
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    a, b = one.split(), other.split()
    return len(a) != len(b) or all(x == y or fuzz.ratio(x, y) >= SAME_WORD for x, y in zip(a, b, strict=True))


#: Letters are counted in so many heaps, by the lowest bits of their numbers.
HEAPS: Final = 32


#: Keys may have so many characters: a count, and the sum of all, must fit into a byte.
LONGEST: Final = 255


class Nearest(Generic[H]):
    """At most ``window`` lines, each under a handle; the eldest makes room. A key has 1 to `LONGEST` characters.

    ``similarity``, 0..1, is the least that counts as alike: twice the longest common subsequence by the sum of both
    lengths. No two lines as alike as that have fewer letters in common, so the counts lose none.
    """

    def __init__(self, similarity: float, window: int) -> None:
        self.similarity, self.window = similarity, window
        self._columns: dict[H, int] = {}  # in order of arrival
        self._lines: list[tuple[H, str] | None] = []  # a column each; None where one has gone
        #: Now and then the columns close up, so that there are never many more than lines.
        self._room = window + window // 8 + 1
        self._counts: npt.NDArray[np.uint8] = np.zeros((HEAPS, self._room), np.uint8)
        #: What the common letters must come to at least, beside the share of the other line's own length.
        self._least: npt.NDArray[np.uint8] = np.zeros(self._room, np.uint8)
        #: Where `like` writes, so that it need not ask for memory: whole columns are quicker than a part of them.
        self._shared = np.empty_like(self._counts)
        self._common, self._enough = np.empty_like(self._least), np.empty_like(self._least)

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._columns)

    def add(self, handle: H, key: str) -> None:
        """Take a line in; one of the same handle is replaced. Nothing is kept where the window is 0."""
        self.discard(handle)
        if not self.window:
            return
        if len(self._columns) == self.window:
            self.discard(next(iter(self._columns)))
        if len(self._lines) == self._room:
            self._close_ranks()
        at = len(self._lines)
        self._lines.append((handle, key))
        self._columns[handle] = at
        self._counts[:, at] = counted(key)
        self._least[at] = self._share(key)

    def discard(self, handle: H) -> None:
        """Let a line go, if it is there."""
        at = self._columns.pop(handle, None)
        if at is not None:
            self._lines[at] = None

    def fill(self, lines: Iterable[tuple[H, str]]) -> None:
        """Let these lines and no others, the eldest first."""
        self._columns.clear()
        self._lines.clear()
        for handle, key in lines:
            self.add(handle, key)

    def like(self, key: str, most: int) -> list[tuple[str, H]]:
        """Return the lines that are alike, the most alike first and the elder of equals; at most so many."""
        np.minimum(self._counts, counted(key)[:, None], out=self._shared)
        np.add.reduce(self._shared, 0, np.uint8, out=self._common)
        np.add(self._least, self._share(key), out=self._enough)
        found = []
        for at in (self._common >= self._enough).nonzero()[0]:
            if at < len(self._lines) and (line := self._lines[at]):  # beyond, and where one has gone, is old ink
                score = fuzz.ratio(key, line[1], score_cutoff=100 * self.similarity)
                if score > 0:
                    found.append((score, line))
        found.sort(key=lambda pair: -pair[0])
        return [(other, handle) for _, (handle, other) in found[:most]]

    def _share(self, key: str) -> np.uint8:
        """Return a line's share of the letters that must be common; rounded, it asks for less, never for more."""
        return np.uint8(self.similarity / 2 * len(key))

    def _close_ranks(self) -> None:
        kept = list(self._columns.values())
        self._lines = [self._lines[at] for at in kept]
        self._counts[:, : len(kept)] = self._counts[:, kept]
        self._least[: len(kept)] = self._least[kept]
        self._columns = {handle: at for at, handle in enumerate(self._columns)}


def counted(key: str) -> npt.NDArray[np.uint8]:
    """Return the number of the letters of a key, in `HEAPS` heaps."""
    letters = np.frombuffer(key.encode("utf-32-le", "surrogatepass"), np.uint32) & (HEAPS - 1)
    return np.bincount(letters, minlength=HEAPS).astype(np.uint8)
