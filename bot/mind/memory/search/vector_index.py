"""Find texts by their meaning: vectors, centred by script, in one array.

Without centring a Chinese question finds Chinese texts and an English one English texts, whatever they say: all vectors
of one script share a direction. Taking each script's mean away lets them meet.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from bot.text.scripts import CJK, HAN, KANA

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

#: Scripts that have a mean of their own: other, Chinese, Japanese, and Latin letters beside East Asian ones.
OTHER, CHINESE, JAPANESE, MIXED = range(4)
_SCRIPTS: Final = 4
#: Texts of the mean of all that stand in for those which a script has not yet.
_PRIOR: Final = 8.0
#: Of fewer texts than some of these the mean is mostly what they say, so less of it is taken away.
_FEW: Final = 4.0
#: More rows than this are looked through by the signs of their numbers first; the best so many are then compared.
EXACT: Final = 20_000
RESCORED: Final = 800
#: The means are taken anew when the number of rows changed by this part.
_DRIFT: Final = 0.05
#: The arrays, by row, with what stands in a row without a vector.
_COLUMNS: Final = {"_vectors": 0, "_scripts": -1, "_norms": 1, "_bits": 0}


def script_of(text: str) -> int:
    """Return which script a text is in."""
    wide = len(CJK.findall(text))
    letters = sum(char.isalpha() for char in text) - wide
    if not wide:
        return OTHER
    if letters > 3 * wide:
        return OTHER if wide < 3 else MIXED
    if letters > wide:
        return MIXED
    return JAPANESE if 5 * len(KANA.findall(text)) > len(HAN.findall(text)) else CHINESE


class VectorIndex:
    """Vectors of length 1, by row. For one thread at a time."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._vectors = np.zeros((64, dimensions), np.float32)
        self._scripts = np.full(64, -1, np.int8)
        self._norms = np.ones(64, np.float32)
        self._bits = np.zeros((64, _words(dimensions)), np.uint64)
        self._sums = np.zeros((_SCRIPTS, dimensions))
        self._counts = np.zeros(_SCRIPTS)
        self._means = np.zeros((_SCRIPTS, dimensions), np.float32)
        self._measured = 0.0

    def __len__(self) -> int:
        return int(self._counts.sum())

    def put(self, row: int, vector: Floats, script: int) -> None:
        """Keep the vector of a row, in place of an earlier one."""
        self._grow(row + 1)
        self.drop(row)
        self._vectors[row], self._scripts[row] = vector, script
        self._sums[script] += vector
        self._counts[script] += 1
        self._centre(np.array([row]))

    def drop(self, row: int) -> None:
        """Remove the vector of a row, if it has one."""
        if row < len(self._scripts) and (script := int(self._scripts[row])) >= 0:
            self._sums[script] -= self._vectors[row]
            self._counts[script] -= 1
            self._scripts[row] = -1
            self._vectors[row] = 0

    def pack(self, left: Rows) -> None:
        """Keep these rows alone, renumbered in their order."""
        self._grow(int(left.max(initial=0)) + 1)
        for name in _COLUMNS:
            setattr(self, name, getattr(self, name)[left])
        self._grow(64)

    def near(self, question: Floats, script: int, allowed: npt.NDArray[np.bool_]) -> tuple[Rows, Floats]:
        """Return rows and how near they are in meaning, from -1 to 1; of very many only the nearest.

        ``allowed`` says of each row whether it may be found, shape (rows,); ``question`` has the length 1.
        """
        self.refresh()
        size = min(len(allowed), len(self._scripts))
        rows = np.flatnonzero(allowed[:size] & (self._scripts[:size] >= 0))
        if not len(rows):
            return rows, np.zeros(0, np.float32)
        centred = self._centred(question, script)
        if len(rows) > EXACT:
            signs = _signs(centred[None])
            apart = np.bitwise_count(self._bits[:size] ^ signs).sum(axis=1, dtype=np.uint16)
            apart = apart[rows]
            rows = rows[np.argpartition(apart, RESCORED)[:RESCORED]]
        return rows, self.similar(centred, rows, centred=True)

    def similar(self, question: Floats, rows: Rows, *, centred: bool = False, script: int = OTHER) -> Floats:
        """Return how near some rows are; 0 for one without a vector."""
        q = question if centred else self._centred(question, script)
        # Many rows are multiplied where they lie: copying them out takes longer.
        whole = 3 * len(rows) > len(self._vectors)
        found = (self._vectors @ q)[rows] if whole else self._vectors[rows] @ q
        scripts = self._scripts[rows]
        found = (found - (self._means @ q)[scripts]) / self._norms[rows]
        return np.where(scripts >= 0, found, np.float32(0)).astype(np.float32)

    def refresh(self) -> None:
        """Take the means anew if the rows changed much since."""
        count = float(self._counts.sum())
        if abs(count - self._measured) <= _DRIFT * self._measured:
            return
        self._measured = count
        prior = self._sums.sum(axis=0) / (count + _FEW)
        means = (self._sums + _PRIOR * prior) / (self._counts[:, None] + _PRIOR)
        self._means = means.astype(np.float32)
        self._centre(np.flatnonzero(self._scripts >= 0))

    def _centred(self, question: Floats, script: int) -> Floats:
        centred = np.asarray(question, np.float32) - self._means[script]
        return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), np.float32)

    def _centre(self, rows: Rows) -> None:
        """Measure rows from the mean of their script, some at a time: a copy of all would double the memory."""
        for start in range(0, len(rows), 4096):
            some = rows[start : start + 4096]
            centred = self._vectors[some] - self._means[self._scripts[some]]
            self._norms[some] = np.maximum(np.linalg.norm(centred, axis=1), 1e-6)
            self._bits[some] = _signs(centred)

    def _grow(self, least: int) -> None:
        if least <= len(self._vectors):
            return
        size = max(least, 2 * len(self._vectors))
        for name, fill in _COLUMNS.items():
            old = getattr(self, name)
            new = np.full((size, *old.shape[1:]), fill, old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)


def _words(dimensions: int) -> int:
    return -(-dimensions // 64)


def _signs(vectors: Floats) -> npt.NDArray[np.uint64]:
    """Return the signs of numbers as bits, 64 in each word; shape (rows, words)."""
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.zeros((len(vectors), 8 * _words(vectors.shape[1])), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)
