"""Detect a model that no longer writes language: loops, signs without letters, broken characters."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """How a stream went wrong."""

    NO_LETTERS = "no letters"
    REPEATED = "one thing over and over"
    UNDECODABLE = "undecodable characters"


#: So many characters in a row without a letter or a digit are no speech.
NO_LETTERS_RUN = 80
#: A token this often in a row is a loop; a single character may stand for a long laugh.
MAX_REPEATS = 12
MAX_SAME_CHARACTER = 40
#: A longer piece (a whole sentence) is a loop sooner.
SHORT_PERIOD, LONG_PERIOD, MAX_LONG_REPEATS = 16, 64, 4
MAX_UNDECODABLE = 2
_STEP = 8
_TAIL = max(SHORT_PERIOD * (MAX_REPEATS + 1), LONG_PERIOD * (MAX_LONG_REPEATS + 1), MAX_SAME_CHARACTER + 1)


class DegenerationDetector:
    """Watches raw text as it streams, cut anywhere; the answer does not depend on the cuts."""

    def __init__(self) -> None:
        self._tail = ""
        self._seen = 0
        self._letterless = 0
        self._undecodable = 0

    def check(self, text: str) -> tuple[Fault, int] | None:
        """Check the next piece; return the fault and how many characters of the piece stand before it, or None."""
        joined = self._tail + text
        base = len(self._tail)
        for at, char in enumerate(text):
            self._seen += 1
            if char.isalnum():
                self._letterless = 0
            else:
                self._letterless += 1
                if self._letterless >= NO_LETTERS_RUN:
                    return Fault.NO_LETTERS, at
                if char == "\ufffd" or "\ud800" <= char <= "\udfff":
                    self._undecodable += 1
                    if self._undecodable > MAX_UNDECODABLE:
                        return Fault.UNDECODABLE, at
            if self._seen % _STEP == 0:
                end = base + at + 1
                if _loops(joined[max(0, end - _TAIL) : end]):
                    return Fault.REPEATED, at
        self._tail = joined[-_TAIL:]
        return None


def _loops(tail: str) -> bool:
    size = len(tail)
    for period in range(1, LONG_PERIOD + 1):
        if period == 1:
            span = MAX_SAME_CHARACTER
        else:
            span = period * (MAX_REPEATS if period <= SHORT_PERIOD else MAX_LONG_REPEATS)
        if size < span + period:
            continue
        if tail[-1] == tail[-1 - period] and tail[-span:] == tail[-span - period : -period]:
            return True
    return False
