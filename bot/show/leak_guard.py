"""Keeps what the model is told from being told on: stands before moderation wherever the host speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from moderation import Action, Context, Direction, Verdict
from moderation.rules.leak import Leaks, Private
from moderation.verdict import Reason


class _Judge(Protocol):
    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class Confidence:
    """A judge that blocks what gives the instructions away, and asks another judge about the rest.

    ``private`` gives what must not be said now: it changes with the persona. It is asked at each check and
    must be cheap. When it cannot be looked at, nothing goes out.
    """

    def __init__(self, judge: _Judge, private: Callable[[], Private]) -> None:
        self._judge = judge
        self._private = private
        self._leaks: Leaks | None = None

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        if context.direction is Direction.OUT:
            try:
                leaks = self._now()
                if leaks.in_reply(text, context.window):
                    return leaks.verdict(text)
            except Exception:  # noqa: BLE001 - whatever is wrong here, an unchecked text must not go out
                return Verdict(Action.BLOCK, ("error",), 1.0, "", (Reason("error", "error", action=Action.BLOCK),))
        return self._judge.check(text, context)

    def _now(self) -> Leaks:
        private = self._private()
        if self._leaks is None or self._leaks.private is not private:
            self._leaks = Leaks(private)
        return self._leaks
