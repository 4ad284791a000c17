"""Counts what the goals of the stage ask for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.stage.layers.messages import GoalState
from bot.stage.settings import Goal
from bot.text.money import minor_digits
from bot.types import Message


class GoalCounts:
    """The goals of the settings, and how far each is. Counts begin anew with the host, at ``begin`` of each goal."""

    def __init__(self, goals: Sequence[Goal]) -> None:
        self._goals = list(goals)
        self._values = [goal.begin for goal in goals]

    def update(self, goals: Sequence[Goal]) -> None:
        """Take over settings; a goal that was there before, by title and what it counts, keeps its count."""
        before = {_same(goal): value for goal, value in zip(self._goals, self._values, strict=True)}
        self._goals, self._values = list(goals), [before.get(_same(goal), goal.begin) for goal in goals]

    def take(self, message: Message) -> None:
        """Count what somebody did."""
        for index, goal in enumerate(self._goals):
            if goal.of == message.kind.value or (goal.of == "paid" and message.paid):
                self._values[index] += _worth(message, goal.currency.upper())

    def state(self) -> list[GoalState]:
        """Return how far all are."""
        return [
            GoalState(title=goal.title, value=round(value, 2), target=goal.target, unit=goal.currency.upper())
            for goal, value in zip(self._goals, self._values, strict=True)
        ]


def _same(goal: Goal) -> tuple[str, str, str, float]:
    return goal.title, goal.of, goal.currency, goal.begin


def _worth(message: Message, currency: str) -> float:
    evidence = message.evidence
    if not currency:
        return float(max(1, evidence.count)) if evidence else 1.0
    for paid in (evidence.units if evidence else None, message.amount):
        if paid is not None and paid.currency.upper() == currency and paid.minor > 0:
            return float(paid.minor / 10 ** minor_digits(currency))
    return 0.0
