"""Lets the host say what commands order: few lines at once, and none whose command was taken back."""

from __future__ import annotations

from bot.show.loop import Show
from bot.show.turn import TurnPlan
from bot.types import Message, Retraction, TurnKind

#: Lines of commands that wait or are on air at once: the host has more to say than that.
MAX_SPOKEN = 2


class Speech:
    """The spoken lines of commands, in front of what waits in the inbox. Moderation judges each clause as ever."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._lines: list[tuple[TurnPlan, Message]] = []

    def say(self, text: str, message: Message) -> bool:
        """Queue a line to be said next for a command; return False when too much waits, or the host is stopped."""
        self._lines = [(plan, given) for plan, given in self._lines if self._show.holds(plan)]
        plan = TurnPlan(TurnKind.SAY, lines=(text,))
        if len(self._lines) >= MAX_SPOKEN or not self._show.order(plan):
            return False
        self._lines.append((plan, message))
        return True

    def retracted(self, retraction: Retraction) -> None:
        """Take back what was ordered by a command that was taken back."""
        for plan, given in self._lines:
            if retraction.covers(given.source, given.id, given.author.id):
                self._show.withdraw(plan, f"the command was taken back: {retraction.reason}")
