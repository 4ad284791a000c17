"""How good a detector is, in the usual figures: from labels, decisions and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one detector on one set, each 0..1; None where the set has no row to tell it by.

    ``recall_at_1`` is the share of the bad rows that lie above the score which 1 % of the good ones exceed.
    """

    rows: int
    bad: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    macro_f1: float | None
    false_alarms: float | None
    auc: float | None
    recall_at_1: float | None


def quality(bad: Sequence[bool], flagged: Sequence[bool], scores: Sequence[float]) -> Quality:
    """Compare decisions and scores with labels. Raises `ValueError` when they are not of one length."""
    if not len(bad) == len(flagged) == len(scores):
        raise ValueError("labels, decisions and scores differ in number")
    hits = sum(b and f for b, f in zip(bad, flagged, strict=True))
    positives, alarms, rows = sum(bad), sum(flagged), len(bad)
    false, missed = alarms - hits, positives - hits
    rest = rows - positives - false
    good_f1 = _ratio(2 * rest, 2 * rest + missed + false)
    f1 = _ratio(2 * hits, 2 * hits + missed + false)
    return Quality(
        rows=rows,
        bad=positives,
        accuracy=_ratio(hits + rest, rows),
        precision=_ratio(hits, alarms),
        recall=_ratio(hits, positives),
        f1=f1,
        macro_f1=None if f1 is None or good_f1 is None else round((f1 + good_f1) / 2, 4),
        false_alarms=_ratio(false, rows - positives),
        auc=auc(bad, scores),
        recall_at_1=recall_at(bad, scores, 0.01),
    )


def auc(bad: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Return the chance that a bad row scores above a good one; ties count half.

    None when one of the two kinds is missing.
    """
    positives = sum(bad)
    negatives = len(bad) - positives
    if not positives or not negatives:
        return None
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    total = 0.0
    at = 0
    while at < len(order):
        end = at
        while end < len(order) and scores[order[end]] == scores[order[at]]:
            end += 1
        rank = (at + 1 + end) / 2
        total += rank * sum(bad[i] for i in order[at:end])
        at = end
    return round((total - positives * (positives + 1) / 2) / (positives * negatives), 4)


def recall_at(bad: Sequence[bool], scores: Sequence[float], false_alarms: float) -> float | None:
    """Return the recall at the lowest threshold that lets at most so large a share of the good rows through."""
    good = sorted((s for b, s in zip(bad, scores, strict=True) if not b), reverse=True)
    positives = sum(bad)
    if not positives or not good:
        return None
    allowed = int(false_alarms * len(good))
    limit = good[allowed] if allowed < len(good) else -1.0
    return _ratio(sum(b and s > limit for b, s in zip(bad, scores, strict=True)), positives)


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
