"""How well a transcript agrees with what was to be said."""

from __future__ import annotations

from collections.abc import Sequence


def error_rate(wanted: Sequence[str], heard: Sequence[str]) -> float:
    """Return the edit distance as a part of the wanted length: the word or character error rate."""
    row = list(range(len(heard) + 1))
    for at, want in enumerate(wanted, 1):
        corner, row[0] = row[0], at
        for column, got in enumerate(heard, 1):
            corner, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, corner + (want != got))
    return row[-1] / max(1, len(wanted))
