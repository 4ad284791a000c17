"""Whether a text is like one that was said of late: by the words that both have, and letter by letter.

The words of a text are hashed into a vector of length 1; two texts have in common what their product says, 0 to 1. A
story that is told anew in other sentences keeps its nouns. Of the nearest the letters are compared too, which finds
copies with other words in them. No model is needed; a comparison with 4,000 texts takes about a millisecond.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections import deque
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.inbox.similarity import fold
from bot.text.scripts import CJK

#: Texts that are remembered, and the length of their vectors.
MOST: Final = 4000
SIZE: Final = 512
#: The letters of so many of the nearest texts are compared.
NEAREST: Final = 5
#: Shorter Latin words say little of what a text is about.
SHORTEST: Final = 4
#: So much of a text is its opening, in folded characters; so many openings are remembered.
OPENING: Final = 28
OPENINGS: Final = 6
#: Two openings that are so much alike (per cent) are the same.
SAME_OPENING: Final = 80.0

_WORD: Final = re.compile(r"[^\W\d_]+")


class Said:
    """What was said of late, forgotten after a while. Not for several threads."""

    def __init__(self, hours: float) -> None:
        self._age = dt.timedelta(hours=hours)
        self._vectors: npt.NDArray[np.float32] = np.zeros((MOST, SIZE), np.float32)
        self._texts: list[tuple[dt.datetime, str] | None] = [None] * MOST
        self._next = 0
        self._openings: deque[str] = deque(maxlen=OPENINGS)

    def add(self, text: str, at: dt.datetime) -> None:
        """Remember a text that was said."""
        key = fold(text)
        if not key:
            return
        self._vectors[self._next] = vector(text)
        self._texts[self._next] = (at, key)
        self._next = (self._next + 1) % MOST
        self._openings.append(key[:OPENING])

    def like(self, text: str, now: dt.datetime) -> tuple[float, str]:
        """Return how much the most alike text has in common with this one, 0 to 1, and the beginning of that text."""
        shares = self._vectors @ vector(text)
        key, best, found = fold(text), 0.0, ""
        for index in np.argsort(shares)[-NEAREST:]:
            other = self._texts[int(index)]
            if other is None or now - other[0] > self._age:
                continue
            letters = fuzz.ratio(key, other[1]) / 100
            much = max(float(shares[index]), letters if letters > _COPY else 0.0)
            if much > best:
                best, found = much, other[1]
        return best, found

    def opens_alike(self, text: str) -> bool:
        """Return whether a text begins like one of the last few."""
        opening = fold(text)[:OPENING]
        return any(fuzz.ratio(opening, other) >= SAME_OPENING for other in self._openings)


#: Letters in common say that two texts are copies only from here on: any two English texts share half of them.
_COPY: Final = 0.75


def vector(text: str) -> npt.NDArray[np.float32]:
    """Return the vector of a text: `SIZE` numbers, of length 1; all 0 for a text without words."""
    out = np.zeros(SIZE, np.float32)
    words = _WORD.findall(text[:2000].casefold())
    terms = {word[:12] for word in words if len(word) >= SHORTEST and not CJK.search(word)}
    terms |= {one + other for word in words if CJK.search(word) for one, other in pairwise(word)}
    for term in terms:
        out[zlib.crc32(term.encode("utf-8", "surrogatepass")) % SIZE] += 1
    length = float(np.linalg.norm(out))
    return out / length if length else out
