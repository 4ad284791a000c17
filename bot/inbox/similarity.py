"""When two chat lines say the same, and which of the newest lines are most like another one.

To compare two lines letter by letter takes a tenth of a microsecond, and there may be hundreds. So the letters
are counted first: two lines that are nearly equal have nearly all letters in common, in any order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.text.scripts import FIRST_EAST_ASIAN

H = TypeVar("H", bound=Hashable)

#: So many characters of a text are compared; two lines that agree up to here say the same.
MAX_COMPARED = 200
#: Two accounts do not write a text of this weight or more by chance; a letter weighs 1, a Han character 2.
DISTINCTIVE = 14
#: Two lines of this weight or more that look alike are copies of one text, even with other numbers or words in it.
PASTED = 36
#: In a flood, lines are looked up by so many letters at their beginning and at their end.
ANCHOR = 12
#: Two words that are at least this much alike (per cent) may be one word, misspelt.
SAME_WORD = 75.0

_DRAWN_OUT = re.compile(r"(.)\1{2,}", re.DOTALL)
_DRAWN = re.compile(r"(.)\1\1", re.DOTALL)
_NOT_WORD = re.compile(r"[\W_]+")
_ASCII_WORDS = {ord(c): " " for c in map(chr, range(128)) if not c.isalnum()}  # the same as `_NOT_WORD`, but faster
_NUMBER = re.compile(r"\d+")


def fold(text: str) -> str:
    """Return the key of a text: its words in lower case, one space between them; without words, its symbols."""
    text = unicodedata.normalize("NFKC", text[: 2 * MAX_COMPARED]).casefold()
    short = _not_drawn_out(text)
    words = " ".join(short.translate(_ASCII_WORDS).split()) if short.isascii() else _NOT_WORD.sub(" ", short).strip()
    return (words or _not_drawn_out("".join(text.split())))[:MAX_COMPARED]


def _not_drawn_out(text: str) -> str:
    """Return a text with one letter in place of three or more equal ones. To search first is faster: most have none."""
    return _DRAWN_OUT.sub(r"\1", text) if _DRAWN.search(text) else text


def distinctive(key: str) -> bool:
    """Return whether two people would hardly write a key by chance: not "hello", but a pasted sentence."""
    return len(key) >= DISTINCTIVE or (2 * len(key) >= DISTINCTIVE and _weight(key) >= DISTINCTIVE)


def anchors(key: str) -> tuple[str, ...]:
    """Return the beginning and the end of a distinctive key, else nothing.

    A raider who changes the beginning of a pasted text usually leaves its end, and the other way round.
    """
    if not distinctive(key):
        return ()
    size = ANCHOR if len(key) >= 2 * ANCHOR else ANCHOR // 3
    return f"<{key[:size]}", f">{key[-size:]}"


def _weight(key: str) -> int:
    return sum(2 if ord(c) >= FIRST_EAST_ASIAN else 1 for c in key)


def same(one: str, other: str) -> bool:
    """Return whether two keys that look alike say the same.

    Their numbers must be equal, and no word may be replaced by another; two long texts are copies in any case.
    """
    if 2 * min(len(one), len(other)) >= PASTED and min(_weight(one), _weight(other)) >= PASTED:
        return True
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    a, b = one.split(), other.split()
    return len(a) != len(b) or all(x == y or fuzz.ratio(x, y) >= SAME_WORD for x, y in zip(a, b, strict=True))


#: Letters are counted in so many buckets, by the lowest bits of their code points.
BUCKETS: Final = 32
#: The longest key, in characters: a count of letters, and the sum of all counts, must fit into a byte.
MAX_KEY: Final = 255


class Nearest(Generic[H]):
    """The newest lines, at most ``window``, each under a handle. A key has 1 to `MAX_KEY` characters.

    ``similarity``, 0..1, is the least that counts as alike: twice the longest common subsequence, divided by the
    sum of both lengths. Lines that are so much alike have at least as many letters in common, so the counts of
    letters miss none of them.
    """

    def __init__(self, similarity: float, window: int) -> None:
        self.similarity, self.window = similarity, window
        self._columns: dict[H, int] = {}  # in order of arrival
        self._lines: list[tuple[H, str] | None] = []  # one for each column; None where a line was removed
        #: So many columns there are; when all are used, the columns of removed lines are closed up.
        self._room = window + window // 8 + 1
        self._counts: npt.NDArray[np.uint8] = np.zeros((BUCKETS, self._room), np.uint8)
        #: How many letters must be in common at least, for this line's length; the other line's share is added.
        self._least: npt.NDArray[np.uint8] = np.zeros(self._room, np.uint8)
        #: `find_alike` writes here, so that it need not allocate memory. Whole rows are faster than a part of them.
        self._shared = np.empty_like(self._counts)
        self._common, self._enough = np.empty_like(self._least), np.empty_like(self._least)

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._columns)

    def add(self, handle: H, key: str) -> None:
        """Add a line; one with the same handle is replaced. With a window of 0 nothing is kept."""
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
        """Remove a line, if it is there."""
        at = self._columns.pop(handle, None)
        if at is not None:
            self._lines[at] = None

    def fill(self, lines: Iterable[tuple[H, str]]) -> None:
        """Replace all lines by these, the oldest first."""
        self._columns.clear()
        self._lines.clear()
        for handle, key in lines:
            self.add(handle, key)

    def find_alike(self, key: str, most: int) -> list[tuple[str, H]]:
        """Return up to ``most`` lines that are alike, the most alike first; of equally alike ones, the older first."""
        np.minimum(self._counts, counted(key)[:, None], out=self._shared)
        np.add.reduce(self._shared, 0, np.uint8, out=self._common)
        np.add(self._least, self._share(key), out=self._enough)
        found = []
        for at in (self._common >= self._enough).nonzero()[0]:
            if at < len(self._lines) and (
                line := self._lines[at]
            ):  # other columns hold counts of lines that were removed
                score = fuzz.ratio(key, line[1], score_cutoff=100 * self.similarity)
                if score > 0:
                    found.append((score, line))
        found.sort(key=lambda pair: -pair[0])
        return [(other, handle) for _, (handle, other) in found[:most]]

    def _share(self, key: str) -> np.uint8:
        """Return a line's share of the letters that must be in common, rounded down so that no alike line is missed."""
        return np.uint8(self.similarity / 2 * len(key))

    def _close_ranks(self) -> None:
        kept = list(self._columns.values())
        self._lines = [self._lines[at] for at in kept]
        self._counts[:, : len(kept)] = self._counts[:, kept]
        self._least[: len(kept)] = self._least[kept]
        self._columns = {handle: at for at, handle in enumerate(self._columns)}


def counted(key: str) -> npt.NDArray[np.uint8]:
    """Return how many letters of a key fall into each bucket: an array of `BUCKETS` counts."""
    letters = np.frombuffer(key.encode("utf-32-le", "surrogatepass"), np.uint32) & (BUCKETS - 1)
    return np.bincount(letters, minlength=BUCKETS).astype(np.uint8)
