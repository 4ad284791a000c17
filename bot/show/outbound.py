"""The last gate before the mouth: what is shown and what is spoken of each clause, with the clauses before it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.show.turn import Judge, Opinions
from bot.types import Clause
from moderation import Context, Direction, Verdict

#: How many clauses before it an outbound check sees: what is bad may be split over them.
WINDOW = 3


class Outbound:
    """Judges the host's clauses by the rules, and asks the ``opinions`` of slower judges where there are some."""

    def __init__(self, judge: Judge, opinions: Opinions | None = None) -> None:
        self.judge, self.opinions = judge, opinions

    async def verdict(self, clause: Clause, before: Sequence[Clause], heard: tuple[str, ...]) -> Verdict:
        """Judge what is shown and what is spoken; the stricter counts.

        ``before`` are the clauses of this turn that were allowed, ``heard`` the viewers' words that it answers.
        """
        window = before[-WINDOW:]
        context = Context(Direction.OUT, window=tuple(c.text for c in window), heard=heard)
        verdict = self.judge.check(clause.text, context)
        if clause.speech and clause.speech != clause.text:
            # A smiley within a word keeps the captions clean and not the ears: each is a text of its own.
            aloud = Context(Direction.OUT, window=tuple(c.speech or c.text for c in window), heard=heard)
            verdict = max(verdict, self.judge.check(clause.speech, aloud), key=lambda v: v.action.severity)
        if verdict.allowed and self.opinions is not None:
            verdict = await self.opinions.of(verdict, clause.text, context)
        return verdict
