"""The newest lines of chat, and which of them look like another one.

Comparing two lines letter by letter takes a tenth of a microsecond, and there may be hundreds. So the letters
are counted first: of two lines that are nearly equal, nearly all letters are the same, in whatever order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

H = TypeVar("H", bound=Hashable)

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
        """Give how many lines there are."""
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
        """Have these lines and no others, the eldest first."""
        self._columns.clear()
        self._lines.clear()
        for handle, key in lines:
            self.add(handle, key)

    def like(self, key: str, most: int) -> list[tuple[str, H]]:
        """Give the lines that are alike, the most alike first and the elder of equals; at most so many."""
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
        """Give a line's share of the letters that must be common; rounded, it asks for less, never for more."""
        return np.uint8(self.similarity / 2 * len(key))

    def _close_ranks(self) -> None:
        kept = list(self._columns.values())
        self._lines = [self._lines[at] for at in kept]
        self._counts[:, : len(kept)] = self._counts[:, kept]
        self._least[: len(kept)] = self._least[kept]
        self._columns = {handle: at for at, handle in enumerate(self._columns)}


def counted(key: str) -> npt.NDArray[np.uint8]:
    """Count the letters of a key, in `HEAPS` heaps."""
    letters = np.frombuffer(key.encode("utf-32-le", "surrogatepass"), np.uint32) & (HEAPS - 1)
    return np.bincount(letters, minlength=HEAPS).astype(np.uint8)
