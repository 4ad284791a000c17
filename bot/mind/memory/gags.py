"""Finds running gags by rules: a turn of phrase of the host that several viewers bring up again and again.

Only words that the host itself said are kept, so a gag holds nothing that a viewer wrote first.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from bot.text.scripts import CJK

#: So many viewers, in so many turns, within so many seconds make a gag of a phrase.
VIEWERS, TURNS, WITHIN_S = 3, 3, 2 * 3600.0
#: Phrases of the host that are known at once; the oldest goes.
MAX_PHRASES: Final = 3000
#: The least and the most characters of a Chinese or Japanese phrase.
SHORTEST, LONGEST = 4, 10

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
#: Words that make no phrase memorable: with one of them in it, a pair of words is none.
_PLAIN: Final = frozenset(
    "a about after again all also always am an and any are as at back be because been before being bit but by can come "
    "could day did do does doing don't down even ever every everybody everyone evening few first for from get go going "
    "good got great had happy has have he hello her here hey hi him his how i i'll i'm if in into is it it's its just "
    "know last let let's like little look love make many maybe me mean more morning most much my need never new next "
    "nice night no not now of off oh ok okay on one only or other our out over people please pretty really right said "
    "say see she should so some someone something still stream such take tell than thank thanks that that's the their "
    "them then there these they thing things think this time to today tomorrow tonight too two up us very want was "
    "way we welcome well were what when where which while who why will with would yeah yes yesterday you you're "
    "your".split()
)
#: Characters of Chinese and Japanese grammar: a phrase neither begins nor ends with one.
_GRAMMAR: Final = frozenset(
    "的了是不我你他她它们这那有在和就也都很吗呢吧啊哦嗯呀么什怎哪谁会能要想说のはがをにでとともかよねわ"
)


@dataclass(slots=True)
class _Phrase:
    """A phrase of the host: who brought it up, in which turns, and since when."""

    since: float = 0.0
    viewers: set[tuple[str, str]] = field(default_factory=set)
    turns: set[str] = field(default_factory=set)
    told: bool = False


class GagSpotter:
    """Counts what comes back. It knows viewers by their ids alone, and for two hours at most."""

    def __init__(self) -> None:
        self._phrases: OrderedDict[str, _Phrase] = OrderedDict()

    def heard(self, text: str) -> None:
        """Take note of what the host said."""
        for phrase in phrases(text):
            self._phrases.setdefault(phrase, _Phrase())
        while len(self._phrases) > MAX_PHRASES:
            self._phrases.popitem(last=False)

    def brought_up(self, line: str, viewer: tuple[str, str], turn: str, now: float) -> list[str]:
        """Take note of a viewer's line; return the phrases that have become gags by it. ``now`` is in seconds."""
        found = []
        for phrase in phrases(line):
            known = self._phrases.get(phrase)
            if known is None or known.told:
                continue
            if now - known.since > WITHIN_S:
                known.since, known.viewers, known.turns = now, set(), set()
            known.viewers.add(viewer)
            known.turns.add(turn)
            if len(known.viewers) >= VIEWERS and len(known.turns) >= TURNS:
                known.told = True
                found.append(phrase)
        # Of phrases that lie within one another the longest is the gag.
        return [one for one in found if not any(one != other and one in other for other in found)]

    def forget(self, viewer: tuple[str, str]) -> None:
        """Forget a viewer."""
        for phrase in self._phrases.values():
            phrase.viewers.discard(viewer)


def phrases(text: str) -> Iterator[str]:
    """Yield the phrases of a text that could become a gag: pairs of telling words, stretches of Chinese."""
    words = [match[0].casefold() for match in _WORD.finditer(text[:2000])]
    for first, second in pairwise(words):
        if CJK.search(first) or CJK.search(second):
            continue
        if first not in _PLAIN and second not in _PLAIN and min(len(first), len(second)) > 2:
            yield f"{first} {second}"
    for word in words:
        if CJK.search(word):
            for length in range(SHORTEST, min(LONGEST, len(word)) + 1):
                for start in range(len(word) - length + 1):
                    piece = word[start : start + length]
                    if piece[0] not in _GRAMMAR and piece[-1] not in _GRAMMAR:
                        yield piece
