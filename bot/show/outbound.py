"""The last gate before the mouth: what is shown and what is spoken of each clause, with the clauses before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from bot.show.turn import Judge, Opinions
from bot.types import Clause
from moderation import Action, Context, Direction, Verdict
from moderation.rules.leak import Leaks, Private
from moderation.verdict import Reason
from moderation.worker import Worker, called

#: How many clauses before it an outbound check sees: what is bad may be split over them.
WINDOW = 3


class Outbound:
    """Judges the host's clauses by the rules, and asks the ``opinions`` of slower judges where there are some.

    The rules are tried in the thread of the ``worker``, before all lines of viewers that wait there.
    """

    def __init__(self, judge: Judge, opinions: Opinions | None = None, worker: Worker | None = None) -> None:
        self.judge, self.opinions, self._worker = judge, opinions, worker

    async def verdict(
        self, clause: Clause, before: Sequence[Clause], heard: tuple[str, ...], *, strict: bool = False
    ) -> Verdict:
        """Judge what is shown and what is spoken; the stricter counts.

        ``before`` are the clauses of this turn that were allowed, ``heard`` the viewers' words that it answers.
        ``strict`` tells that there is a doubt about those words: then the strictest policy counts.
        """
        window = before[-WINDOW:]
        context = Context(Direction.OUT, window=tuple(c.text for c in window), heard=heard, strict=strict)
        aloud = replace(context, window=tuple(c.speech or c.text for c in window))
        verdict = await called(self._worker, partial(self._by_rules, clause, context, aloud))
        if verdict.allowed and self.opinions is not None:
            verdict = await self.opinions.of(verdict, clause.text, context)
        return verdict

    def _by_rules(self, clause: Clause, context: Context, aloud: Context) -> Verdict:
        verdict = self.judge.check(clause.text, context)
        if clause.speech and clause.speech != clause.text:
            # A smiley within a word keeps the captions clean and not the ears: each is a text of its own.
            verdict = max(verdict, self.judge.check(clause.speech, aloud), key=lambda v: v.action.severity)
        return verdict


class _Judge(Protocol):
    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class LeakGuard:
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
