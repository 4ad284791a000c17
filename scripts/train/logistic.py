"""Logistic regression over sparse binary features, in numpy alone.

Rows are lists of buckets. A row's features are scaled so that its length is 1, and weighted by how much
each alone tells the classes apart (the log-count ratios of naive Bayes: Wang and Manning, "Baselines and
Bigrams", ACL 2012), which transferred better between subjects than plain features. The weights are found by
L-BFGS. No chance is involved: the same rows give the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Buckets = npt.NDArray[np.int64]

_HISTORY: Final = 8
_ENOUGH: Final = 1e-6
_FARTHEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights for each bucket and a bias; the score of a row is in logits."""

    weights: Floats
    bias: float

    def logits(self, rows: Sequence[Buckets]) -> Floats:
        """Score rows."""
        return np.array([self.weights[row].sum() / max(1, len(row)) ** 0.5 + self.bias for row in rows])


class _Matrix:
    """Rows by features, with the features that fewer than ``least`` rows have left out."""

    def __init__(self, rows: Sequence[Buckets], size: int, least: int) -> None:
        lengths = np.array([len(row) for row in rows])
        buckets = np.concatenate(rows)
        counts = np.bincount(buckets, minlength=size)
        self.kept = np.flatnonzero(counts >= least)
        column = np.full(size, -1, np.int32)
        column[self.kept] = np.arange(len(self.kept), dtype=np.int32)
        columns = column[buckets]
        known = columns >= 0
        self._columns = columns[known]
        self._rows = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)[known]
        self._scale = 1 / np.sqrt(np.maximum(lengths, 1))
        self._shape = len(rows), len(self.kept)

    def times(self, weights: Floats) -> Floats:
        return np.asarray(np.bincount(self._rows, weights[self._columns], self._shape[0]) * self._scale, np.float64)

    def transposed_times(self, values: Floats) -> Floats:
        return np.bincount(self._columns, (values * self._scale)[self._rows], self._shape[1]).astype(np.float64)

    def counts(self, values: Floats) -> Floats:
        return np.bincount(self._columns, values[self._rows], self._shape[1]).astype(np.float64)


def fit(
    rows: Sequence[Buckets], labels: Bools, importance: Floats, size: int, *, penalty: float, least: int = 2,
    power: float = 1.0, rounds: int = 60, tick: Callable[[], None] = lambda: None,
) -> Linear:  # fmt: skip
    """Find the weights. ``importance`` weighs rows; ``penalty`` is the L2 term; ``tick`` is called each round.

    ``power`` of the naive-Bayes ratios is taken: 1 as published, 0 to leave them out.
    """
    matrix = _Matrix(rows, size, least)
    wanted = labels.astype(np.float64)
    told = _ratios(matrix, wanted, importance, power)

    def loss(point: Floats) -> tuple[float, Floats]:
        inner, bias = point[:-1], point[-1]
        logits = matrix.times(inner * told) + bias
        error = importance * (probability(logits) - wanted)
        value = float((importance * (np.logaddexp(0, logits) - wanted * logits)).sum() + penalty / 2 * inner @ inner)
        return value, np.append(matrix.transposed_times(error) * told + penalty * inner, error.sum())

    point = minimize(loss, np.zeros(len(matrix.kept) + 1), rounds, tick)
    weights = np.zeros(size)
    weights[matrix.kept] = point[:-1] * told
    return Linear(weights, float(point[-1]))


def _ratios(matrix: _Matrix, wanted: Floats, importance: Floats, power: float) -> Floats:
    bad, good = matrix.counts(wanted * importance) + 1, matrix.counts((1 - wanted) * importance) + 1
    ratios = np.abs(np.log((bad / bad.sum()) / (good / good.sum()))) ** power
    norm = np.sqrt(np.average(ratios**2, weights=matrix.counts(np.ones_like(wanted))))
    return np.asarray(ratios / max(norm, 1e-9))


def probability(logits: Floats) -> Floats:
    """Turn logits into 0..1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_FARTHEST, _FARTHEST))))


def calibrate(logits: Floats, labels: Bools) -> tuple[float, float]:
    """Find slope and offset so that ``probability(slope * logit + offset)`` is a frequency (Platt's scaling)."""
    wanted = labels.astype(np.float64)

    def loss(point: Floats) -> tuple[float, Floats]:
        fitted = point[0] * logits + point[1]
        error = (probability(fitted) - wanted) / len(wanted)
        return float((np.logaddexp(0, fitted) - wanted * fitted).mean()), np.array([error @ logits, error.sum()])

    slope, offset = minimize(loss, np.array([1.0, 0.0]), 100)
    return float(slope), float(offset)


def minimize(
    loss: Callable[[Floats], tuple[float, Floats]], point: Floats, rounds: int, tick: Callable[[], None] = lambda: None
) -> Floats:
    """L-BFGS with backtracking: ``loss`` gives a value and its gradient."""
    value, slope = loss(point)
    history: list[tuple[Floats, Floats, float]] = []
    for _ in range(rounds):
        tick()
        step, way = 1.0, _direction(slope, history)
        descent = float(slope @ way)
        while True:
            there = point - step * way
            there_value, there_slope = loss(there)
            if there_value <= value - 1e-4 * step * descent or step < 1e-8:
                break
            step /= 2
        moved, turned = there - point, there_slope - slope
        if (curve := float(moved @ turned)) > 1e-12:
            history = [*history, (moved, turned, 1 / curve)][-_HISTORY:]
        small = value - there_value < _ENOUGH * max(abs(value), 1e-12)
        point, value, slope = there, there_value, there_slope
        if small:
            break
    return point


def _direction(slope: Floats, history: list[tuple[Floats, Floats, float]]) -> Floats:
    way = slope.copy()
    back: list[float] = []
    for moved, turned, rho in reversed(history):
        back.append(rho * float(moved @ way))
        way -= back[-1] * turned
    if history:
        _, turned, rho = history[-1]
        way /= rho * float(turned @ turned)
    else:
        way /= max(1.0, float(np.linalg.norm(slope)))
    for (moved, turned, rho), amount in zip(history, reversed(back), strict=True):
        way += (amount - rho * float(turned @ way)) * moved
    return way
