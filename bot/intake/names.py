"""Viewers' names, made fit to be shown and said."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from loguru import logger

from bot.text.someone import NOBODY
from bot.types import Author
from moderation import Context, Direction, Verdict, clean_name
from moderation.classifier.classifier import few_words
from moderation.corrections.allowances import ALLOWED
from moderation.names import undisguised

#: What a name may be found to be: loud, not harmful.
MANNERS = frozenset({"style"})
#: So short a name the classifier takes for a part of a sentence.
FEW_CHARACTERS = 4
#: What Bilibili calls viewers who chose no name. The digits are no phone number.
_GIVEN = re.compile(r"bili[ _]\d{6,12}")
#: Names whose verdict is remembered; of a few hundred bytes each at most.
MAX_NAMES = 10_000


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class SafeNames:
    """Remembers what moderation makes of names. ``judged`` is told of each verdict, ``host`` tells the host's names.

    The name that was not met for the longest time is forgotten first: a flood of new names costs the regulars nothing.
    """

    def __init__(
        self,
        judge: Judge,
        judged: Callable[[str, Verdict], None],
        host: Callable[[], tuple[str, ...]] = tuple,
        most: int = MAX_NAMES,
    ) -> None:
        self._judge = judge
        self._host = host
        self._known: tuple[str, ...] = ()
        self._judged = judged
        self._most = most
        self._safe: OrderedDict[str, str] = OrderedDict()

    def clear(self) -> None:
        """Judge every name anew: the rules have changed."""
        self._safe.clear()

    def make_safe(self, author: Author) -> Author:
        """Return the author with a name that may be shown and said; one that may not becomes "someone"."""
        if (host := self._host()) != self._known:
            self.clear()  # another persona is on air
            self._known = host
        name = self._safe.get(author.name)
        if name is None:
            name = self._safe[author.name] = self._check(author.name)
            if len(self._safe) > self._most:
                self._safe.popitem(last=False)
        else:
            self._safe.move_to_end(author.name)
        return author if name == author.name else replace(author, name=name)

    def _check(self, written: str) -> str:
        name = clean_name(written)
        if _GIVEN.fullmatch(name):
            return name
        # A name is read aloud and given to the model as well: it must be fit to be said, and no order either.
        # A trace that a sentence may have makes a name a neutral word: there is nothing around it to excuse it.
        # Of one or two English words the classifier holds nothing, of a few characters too much: it is not asked.
        out = Context(Direction.OUT, quick=few_words(name) or len(name) <= FEW_CHARACTERS, name=True, host=self._known)
        judged = [self._judge.check(name, out), self._judge.check(name, replace(out, direction=Direction.IN))]
        if meant := undisguised(written):
            judged.append(self._judge.check(meant, replace(out, quick=True)))
        verdict = max(judged, key=lambda v: (v.action.severity, v.score))
        self._judged(name, verdict)
        if ALLOWED in judged[0].rules:
            return name  # a person said so
        if verdict.allowed and not any(MANNERS.isdisjoint({r.category}) for v in judged for r in v.reasons):
            return name
        logger.debug("a viewer's name was replaced: {}", ", ".join(verdict.rules))
        return NOBODY
