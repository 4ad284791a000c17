"""What is remembered, as something that can be searched: words and vectors together.

The scores of words are brought to a range from 0 to 1 and the nearness in meaning is added with a weight. Ranks alone,
as reciprocal rank fusion takes them, forget how good a find was: a weak embedder then drags a good find of words down,
while here its small differences change little.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.mind.memory.search.terms import terms
from bot.mind.memory.search.vector_index import VectorIndex
from bot.mind.memory.search.word_index import WordIndex

#: What nearness in meaning counts beside the words, whose best find counts 1.
MEANING: Final = 1.5
#: The part of the question's words that counts 1 at least; without it one common word would count as much as all.
FULL_WORDS: Final = 0.5
#: What importance and freshness add at most, as a part of the score; freshness halves in so many days.
WEIGHT_SHARE: Final = 0.05
FRESH_SHARE: Final = 0.05
HALF_LIFE_DAYS: Final = 30.0
#: A find needs this part of the question's words, or this nearness in meaning; else it is about something else. Of two
#: texts that have nothing to do with one another 5 in 100 are nearer than the first, 3 in 1000 than the second (15,000
#: pairs of the tuned half of `bench/memory.py`, within a language and across alike). Who asks misses what is left out,
#: and what is found too much stands behind what is better; who only talks is best left without.
LEAST_WORDS: Final = 0.25
LEAST_MEANING: Final = 0.13
LEAST_OF_TALK: Final = 0.26
#: Candidates of each of the two ways that are compared with one another.
CANDIDATES: Final = 200
#: Rows that are gone are taken out of the arrays when they are this part of all.
_WASTE: Final = 0.3
_COLUMNS: Final = ("_ids", "_owners", "_kinds", "_scripts", "_weights", "_days", "_alive")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one piece. ``owner`` is whose it is, empty for the world; ``terms`` are words with weights."""

    id: int
    kind: str
    owner: str
    terms: Mapping[str, float]
    script: int
    weight: float = 0.5
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: its terms, its vector (None: by words alone) with its script, and whether it asks."""

    terms: Mapping[str, float]
    vector: npt.NDArray[np.float32] | None = None
    script: int = 0
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A find. ``words`` is the part of the question's words that it has, ``meaning`` how near it is."""

    id: int
    score: float
    words: float
    meaning: float


class Index:
    """Entries by id. For one thread at a time."""

    _vectors: VectorIndex | None

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._size = 0
        self._words = WordIndex()
        self._vectors = None
        self._owner_numbers = {"": 0}
        self._kind_numbers = {"": 0}
        self._ids = np.zeros(64, np.int64)
        self._owners = np.zeros(64, np.int32)
        self._kinds = np.zeros(64, np.int8)
        self._scripts = np.zeros(64, np.int8)
        self._weights = np.zeros(64, np.float32)
        self._days = np.zeros(64, np.float64)
        self._alive = np.zeros(64, np.bool_)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def with_vector(self) -> int:
        """How many entries have a vector."""
        return len(self._vectors) if self._vectors is not None else 0

    def ids(self) -> list[int]:
        """Return the ids of all entries."""
        return list(self._rows)

    def put(self, entry: Entry) -> None:
        """Add an entry, in place of an earlier one of its id; a vector is given after it."""
        self.remove(entry.id)
        row, self._size = self._size, self._size + 1
        if row >= len(self._ids):
            self._grow(row + 1)
        self._rows[entry.id] = row
        self._ids[row] = entry.id
        self._owners[row] = self._number(entry.owner, self._owner_numbers)
        self._kinds[row] = self._number(entry.kind, self._kind_numbers)
        self._scripts[row] = entry.script
        self._weights[row] = entry.weight
        self._days[row] = entry.at.timestamp() / 86400 if entry.at else 0.0
        self._alive[row] = True
        self._words.add(row, entry.terms)

    def put_vector(self, id: int, vector: npt.NDArray[np.float32]) -> None:  # noqa: A002 - the piece's own name
        """Add the vector of an entry. Vectors of another length than the first one's begin anew (`clear_vectors`)."""
        if id in self._rows:
            row = self._rows[id]
            if self._vectors is None:
                self._vectors = VectorIndex(len(vector))
            self._vectors.put(row, vector, int(self._scripts[row]))

    def clear_vectors(self) -> None:
        """Forget all vectors."""
        self._vectors = None

    def remove(self, id: int) -> None:  # noqa: A002 - the piece's own name
        """Remove an entry, if it is there."""
        row = self._rows.pop(id, None)
        if row is None:
            return
        self._alive[row] = False
        self._words.remove(row)
        if self._vectors is not None:
            self._vectors.drop(row)
        if self._size > 1000 and self._size - len(self._rows) > _WASTE * self._size:
            self._pack()

    def find(
        self,
        question: Question,
        *,
        owners: Collection[str] = (),
        kinds: Collection[str] | None = None,
        limit: int = 5,
        now: dt.datetime | None = None,
        everything: bool = False,
    ) -> list[Hit]:
        """Return the best finds, the best first: of nobody's entries, and of those of ``owners`` alone.

        Without ``everything``, what shares too little with the question is left out; often nothing is left.
        """
        allowed = self._allowed(owners, kinds)
        shares = self._words.shares(question.terms)
        shares[~allowed[: len(shares)]] = 0
        rows = _best(shares, CANDIDATES)
        vectors, vector = self._vectors, question.vector
        if vectors is not None and vector is not None and len(vector) == vectors.dimensions:
            near, nearness = vectors.near(vector, question.script, allowed)
            rows = np.union1d(rows, near[_best(nearness, CANDIDATES)])
            meaning = vectors.similar(vector, rows, script=question.script)
        else:
            meaning = np.zeros(len(rows), np.float32)
        if not len(rows):
            return []
        words = shares[rows]
        score = words / max(float(words.max()), FULL_WORDS) + MEANING * np.maximum(meaning, 0)
        score *= 1 + WEIGHT_SHARE * self._weights[rows] + FRESH_SHARE * self._fresh(rows, now)
        if not everything:
            least = LEAST_MEANING if question.asks else LEAST_OF_TALK
            score[(words < LEAST_WORDS) & (meaning < least)] = 0
        order = sorted(_best(score, limit), key=lambda at: (-score[at], self._ids[rows[at]]))
        return [Hit(int(self._ids[rows[at]]), float(score[at]), float(words[at]), float(meaning[at])) for at in order]

    def _allowed(self, owners: Collection[str], kinds: Collection[str] | None) -> npt.NDArray[np.bool_]:
        allowed = self._alive[: self._size].copy()
        numbers = [0, *(self._owner_numbers[owner] for owner in owners if owner in self._owner_numbers)]
        allowed &= np.isin(self._owners[: self._size], numbers)
        if kinds is not None:
            wanted = [self._kind_numbers[kind] for kind in kinds if kind in self._kind_numbers]
            allowed &= np.isin(self._kinds[: self._size], wanted)
        return allowed

    def _fresh(self, rows: npt.NDArray[np.intp], now: dt.datetime | None) -> npt.NDArray[np.float64]:
        today = (now or dt.datetime.now(dt.UTC)).timestamp() / 86400
        fresh: npt.NDArray[np.float64] = 0.5 ** (np.maximum(today - self._days[rows], 0) / HALF_LIFE_DAYS)
        return fresh

    def _number(self, name: str, numbers: dict[str, int]) -> int:
        return numbers.setdefault(name, len(numbers))

    def _grow(self, least: int) -> None:
        for name in _COLUMNS:
            old = getattr(self, name)
            new = np.zeros(max(least, 2 * len(old)), old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def _pack(self) -> None:
        """Move what is left together, in its order."""
        left = np.flatnonzero(self._alive[: self._size])
        self._words.pack(left)
        if self._vectors is not None:
            self._vectors.pack(left)
        for name in _COLUMNS:
            old = getattr(self, name)
            new = np.zeros(max(64, len(left)), old.dtype)
            new[: len(left)] = old[left]
            setattr(self, name, new)
        self._size = len(left)
        self._rows = {int(self._ids[row]): row for row in range(len(left))}


def question_of(text: str) -> Question:
    """Return a question by its words alone."""
    return Question(terms(text))


def _best(scores: npt.NDArray[np.floating], most: int) -> npt.NDArray[np.intp]:
    """Return where the highest scores above 0 stand, in no order."""
    found = np.flatnonzero(scores > 0)
    if len(found) > most:
        found = found[np.argpartition(-scores[found], most - 1)[:most]]
    return found
