"""Find texts by the words that they share with a question: BM25 over fields of different weight.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): the weights of the fields are summed into the
frequency of a term before it saturates.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

#: How soon a term that is repeated says nothing more, and how much a long text is held against it.
K1: Final = 1.2
B: Final = 0.5
#: Terms of one question that are looked up: the rarest. A hostile question has thousands.
MAX_TERMS: Final = 40

Floats = npt.NDArray[np.float32]


class WordIndex:
    """Terms and where they stand. Rows are numbers from 0 on, given by whoever adds. For one thread at a time."""

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}
        self._counts: dict[str, array[float]] = {}
        self._lengths = np.zeros(0, np.float32)
        self._size = 0
        self._texts = 0
        self._total = 0.0

    def add(self, row: int, terms: Mapping[str, float]) -> None:
        """Add the text of a row that was not added before; a row may come in any order."""
        length = 0.0
        for term, count in terms.items():
            length += count
            if term not in self._rows:
                self._rows[term], self._counts[term] = array("i"), array("f")
            self._rows[term].append(row)
            self._counts[term].append(count)
        if row >= len(self._lengths):
            grown = np.zeros(max(64, 2 * (row + 1)), np.float32)
            grown[: len(self._lengths)] = self._lengths
            self._lengths = grown
        self._lengths[row] = length
        self._size = max(self._size, row + 1)
        self._texts += 1
        self._total += length

    def remove(self, row: int) -> None:
        """Remove the text of a row; its places in the lists stay until `pack`."""
        self._texts -= 1
        self._total -= float(self._lengths[row])

    def pack(self, left: npt.NDArray[np.intp]) -> None:
        """Keep these rows alone, renumbered in their order."""
        new = np.full(self._size, -1, np.int32)
        new[left] = np.arange(len(left), dtype=np.int32)
        for term in list(self._rows):
            rows = new[np.frombuffer(self._rows[term], np.int32)]
            counts = np.frombuffer(self._counts[term], np.float32)[rows >= 0]
            del self._rows[term], self._counts[term]
            if len(counts):
                self._rows[term] = array("i", rows[rows >= 0].tobytes())
                self._counts[term] = array("f", counts.tobytes())
        self._lengths = self._lengths[left]
        self._size = len(left)

    def shares(self, question: Mapping[str, float]) -> Floats:
        """Return the part of the question's words that each row has, from 0 to about 1, rare words counting more.

        The shape is (rows,). It is 1 for a row of usual length that has every word of the question once.
        """
        found = np.zeros(self._size, np.float32)
        if not self._texts or not question:
            return found
        weighed = {term: weight * self._rarity(term) for term, weight in question.items()}
        known = [term for term in question if term in self._rows]
        average = max(self._total / self._texts, 1e-6)
        for term in sorted(known, key=lambda term: len(self._rows[term]))[:MAX_TERMS]:
            rows = np.frombuffer(self._rows[term], np.int32)
            counts = np.frombuffer(self._counts[term], np.float32)
            slow = K1 * (1 - B + B / average * self._lengths[rows])
            found[rows] += np.float32(weighed[term] * (K1 + 1)) * counts / (counts + slow)
        return found / np.float32(sum(weighed.values()))

    def _rarity(self, term: str) -> float:
        """Return the inverse document frequency of a term; a word that stands nowhere counts like one that is rare."""
        texts = min(len(self._rows.get(term, ())), self._texts)
        return math.log(1 + (self._texts - texts + 0.5) / (max(texts, 1) + 0.5))
