"""What a person decided about single texts: allowed, or stopped, wherever exactly this text comes again.

A decision is about one text in one direction, letter by letter but for case, width and white space.
It is the narrowest thing that mends a false alarm: no rule and no other text is touched by it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Final

from moderation.policy import Category, Severity
from moderation.rules.lexicon import Finding
from moderation.verdict import Action, Direction, Reason, Verdict


class Expect(StrEnum):
    """What a person wants to become of a text; ``HOLD``: it is held or blocked."""

    ALLOW = "allow"
    HOLD = "hold"


#: Rules by which a verdict tells that a person decided.
ALLOWED: Final = "operator:allow"
STOPPED: Final = "operator:block"
#: A longer text is never decided about.
MAX_TEXT: Final = 2000


def exact(text: str) -> str:
    """Return what makes two texts the same for a decision: all but case, width and white space."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


class Allowances:
    """The decisions in force. Empty, it costs a check nothing."""

    def __init__(self) -> None:
        self._decided: dict[tuple[Direction, str], Expect] = {}

    def __len__(self) -> int:
        """Return how many texts were decided about."""
        return len(self._decided)

    def decide(self, text: str, direction: Direction, expect: Expect) -> None:
        """Allow a text, or hold it, from now on; the last word counts."""
        self._decided[direction, exact(text[:MAX_TEXT])] = expect

    def withdraw(self, text: str, direction: Direction) -> None:
        """Forget what was decided about a text."""
        self._decided.pop((direction, exact(text[:MAX_TEXT])), None)

    def apply(self, text: str, direction: Direction, verdict: Verdict, found: Iterable[Finding]) -> Verdict:
        """Return the verdict as the decision about its text has it.

        An allowed text keeps its findings, but they lead to nothing. Two things no decision lifts: the
        streamer's own words and patterns, and a grave finding in what the host itself would say.
        """
        if not self._decided or len(text) > MAX_TEXT:
            return verdict
        expect = self._decided.get((direction, exact(text)))
        if expect is None:
            return verdict
        if expect == Expect.HOLD:
            return _stopped(text, direction, verdict)
        if any(_beyond(finding, direction) for finding in found):
            return verdict
        if verdict.action is Action.ALLOW:
            return replace(verdict, doubt=False) if verdict.doubt else verdict
        reasons = [replace(reason, action=Action.ALLOW) for reason in verdict.reasons]
        reasons.append(Reason(ALLOWED, Category.CUSTOM.value))
        return Verdict(Action.ALLOW, (*verdict.rules, ALLOWED), verdict.score, text, tuple(reasons))


def _beyond(finding: Finding, direction: Direction) -> bool:
    if finding.category is Category.CUSTOM:
        return True
    return direction is Direction.OUT and finding.severity is Severity.GRAVE


def _stopped(text: str, direction: Direction, verdict: Verdict) -> Verdict:
    action = Action.BLOCK if direction is Direction.OUT else Action.HOLD
    if verdict.action.severity > action.severity:
        action = verdict.action
    reason = Reason(STOPPED, Category.CUSTOM.value, 0, len(text), action)
    return Verdict(action, (STOPPED, *verdict.rules), max(verdict.score, 0.5), text, (reason, *verdict.reasons))
