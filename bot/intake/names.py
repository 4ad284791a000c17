"""Viewers' names, made fit to be shown and said."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from loguru import logger

from bot.types import Author
from moderation import Context, Direction, Verdict, clean_name
from moderation.classifier.classifier import few_words
from moderation.corrections.allowances import ALLOWED

#: What a name may be found to be: loud, not harmful.
MANNERS = frozenset({"style", "spam"})
#: Names whose verdict is remembered; of a few hundred bytes each at most.
MAX_NAMES = 10_000
#: What a viewer is called whose name may not be said.
NEUTRAL = "someone"


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class SafeNames:
    """Remembers what moderation makes of names. ``judged`` is told of each verdict.

    The name that was not met for the longest time is forgotten first: a flood of new names costs the regulars nothing.
    """

    def __init__(self, judge: Judge, judged: Callable[[str, Verdict], None], most: int = MAX_NAMES) -> None:
        self._judge = judge
        self._judged = judged
        self._most = most
        self._safe: OrderedDict[str, str] = OrderedDict()

    def clear(self) -> None:
        """Judge every name anew: the rules have changed."""
        self._safe.clear()

    def make_safe(self, author: Author) -> Author:
        """Return the author with a name that may be shown and said; one that may not becomes a neutral word."""
        name = self._safe.get(author.name)
        if name is None:
            name = self._safe[author.name] = self._check(author.name)
            if len(self._safe) > self._most:
                self._safe.popitem(last=False)
        else:
            self._safe.move_to_end(author.name)
        return author if name == author.name else replace(author, name=name)

    def _check(self, name: str) -> str:
        name = clean_name(name)
        # A name is read aloud and given to the model as well: it must be fit to be said, and no order either.
        # A trace that a sentence may have makes a name a neutral word: there is nothing around it to excuse it.
        # Of one or two English words the classifier holds nothing: it is not asked, for a flood has many names.
        quick = few_words(name)
        directions = (Direction.OUT, Direction.IN)
        judged = [self._judge.check(name, Context(direction, quick=quick)) for direction in directions]
        verdict = max(judged, key=lambda v: (v.action.severity, v.score))
        self._judged(name, verdict)
        if ALLOWED in judged[0].rules:
            return name  # a person said so
        if verdict.allowed and not any(MANNERS.isdisjoint({r.category}) for v in judged for r in v.reasons):
            return name
        logger.debug("a viewer's name was replaced: {}", ", ".join(verdict.rules))
        return NEUTRAL
