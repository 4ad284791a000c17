"""How much a viewer's line looks like an order to the model. A risk, not a proof: nothing stops all of them.

An order has a shape that survives rewording and translation: a verb that takes back, near a word for rules;
a verb that shows, near a word for what is hidden. `lexicons/injection.yaml` lists the words by what they
mean, in some twenty languages, and the shapes that they make. One pass finds all words; a shape is a few of
them in an order, not far from each other. Marks are what no word tells: chat templates, markup, ciphers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ahocorasick_rs import AhoCorasick

from moderation.rules.files import read_lexicon
from moderation.text.ciphers import find_hidden
from moderation.text.forms import Tables, View, squashed

#: The joint weight of all witnesses (as if independent), and how often such a line is an attack. Measured on
#: attacks against ordinary chat, `bench.injection` prints both.
_CHANCES: Final = ((0.0, 0.0), (0.45, 0.45), (0.5, 0.85), (1.0, 0.99))
#: The risk of a line that hides a text, even when the hidden text is harmless.
_HIDDEN: Final = 0.55
#: Hits of one class that are looked at: more of them say nothing more.
_MANY_HITS: Final = 40
#: Scripts that part words by spaces; elsewhere a term may stand anywhere.
_SPACED: Final = re.compile("[a-z\u00c0-\u024f\u0370-\u058f]", re.IGNORECASE)
_SPACES: Final = {ord(char): " " for char in "\n\t_*`"} | {ord(char): "'" for char in "’‘´"}
_SPACING: Final = re.compile(f"[{''.join(map(chr, _SPACES))}]")
_LEET: Final = re.compile(r"[a-z][0-9@$|!]+[a-z]|(?<![a-z0-9])[a-z] [a-z] [a-z] [a-z]\b")

Found = tuple[str, int, int]
_Span = tuple[int, int]
_REST: Final = re.compile("[a-z]{1,30}")
_Witness = tuple[float, str, int, int]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Some classes of words in this order, each at most ``within`` letters after the one before."""

    name: str
    weight: float
    within: int
    classes: tuple[str, ...]
    unless: str

    def span(self, hits: dict[str, list[_Span]]) -> _Span | None:
        """Find the first place where the shape is."""
        if self.unless and self.unless in hits:
            return None
        lists = [hits.get(name) for name in self.classes]
        if not all(lists):
            return None
        for first in lists[0] or ():
            end = first[1]
            for spans in lists[1:]:
                at = bisect_left(spans or [], (end, 0))
                if not spans or at == len(spans) or spans[at][0] - end > self.within:
                    break
                end = spans[at][1]
            else:
                return first[0], end
        return None


@dataclass(frozen=True, slots=True)
class _Mark:
    """A pattern that is tried where a line has its ``sign``."""

    name: str
    weight: float
    sign: str
    pattern: re.Pattern[str]


class Detector:
    """The words, shapes and marks of ``lexicons/injection.yaml``, ready to use. Thread-safe."""

    def __init__(self, tables: Tables | None = None) -> None:
        """``tables`` may be those of a moderator, so that both share them."""
        raw = read_lexicon("injection.yaml")
        tables = tables or Tables()
        self._tables = tables
        terms: dict[str, list[tuple[str, bool, bool]]] = {}
        for name, by_language in raw["words"].items():
            for text in (term for line in by_language for term in line.split(" | ")):
                spaced = bool(_SPACED.match(text))
                folded = tables.folded(text.strip().rstrip("*")).text
                terms.setdefault(folded, []).append((name, spaced, spaced and not text.strip().endswith("*")))
        self._terms = list(terms.values())
        self._words = AhoCorasick(list(terms))
        self._shapes = tuple(
            _Shape(name, float(weight), int(within), tuple(c for c in classes if c[0] != "-"), _unless(classes))
            for name, shapes in raw["shapes"].items()
            for weight, within, *classes in shapes
        )
        self._by_class: dict[str, list[_Shape]] = {}
        for shape in self._shapes:
            self._by_class.setdefault(shape.classes[-1], []).append(shape)
        self._marks = tuple(
            _Mark(name, float(weight), sign, re.compile(pattern))
            for name, marks in raw["marks"].items()
            for weight, sign, pattern in marks
        )

    def risk(self, folded: str, raw: str = "") -> tuple[float, list[Found]]:
        """Return the risk, 0..1, for a folded text, and what it comes from: a name and a span each.

        ``raw`` is the text before it was folded, if there is one: it may carry what folding takes away.
        """
        hits = self._hits(folded)
        found = self._found(folded, hits)
        if _LEET.search(folded) and (plain := squashed(View(folded), keep=1)):
            found += [(weight, name, *plain.original(*span)) for weight, name, *span in self._witnesses(plain.text)]
        for text, sure in find_hidden(raw or folded, turned="TURNED" in hits):
            inner = self._witnesses(self._tables.folded(text).text)
            if inner or sure:
                found.append((_HIDDEN, "encoding", 0, len(folded)))
            found += [(weight, name, 0, len(folded)) for weight, name, _, _ in inner]
        if not found:
            return 0.0, []
        best: dict[tuple[str, int], _Witness] = {}
        for item in found:
            key = (item[1], item[3])  # shapes of a kind that end at the same word are one witness
            if key not in best or best[key][0] < item[0]:
                best[key] = item
        clear = 1.0
        for weight, *_ in best.values():
            clear *= 1 - weight
        names: dict[str, Found] = {}
        for _, name, start, end in sorted(best.values(), key=lambda item: -item[0]):
            names.setdefault(name, (name, *_whole(folded, start, end)))
        return _chance(1 - clear), list(names.values())

    def _witnesses(self, text: str) -> list[_Witness]:
        return self._found(text, self._hits(text))

    def _found(self, text: str, hits: dict[str, list[_Span]]) -> list[_Witness]:
        found = [
            (shape.weight, shape.name, *span)
            for name in hits
            for shape in self._by_class.get(name, ())
            if (span := shape.span(hits))
        ]
        found += [
            (mark.weight, mark.name, *match.span())
            for mark in self._marks
            if mark.sign in text and (match := mark.pattern.search(text))
        ]
        return found

    def _hits(self, text: str) -> dict[str, list[_Span]]:
        hits: dict[str, list[_Span]] = {}
        if _SPACING.search(text):
            text = text.translate(_SPACES)
        size = len(text)
        for index, start, end in self._words.find_matches_as_indexes(text, overlapping=True):
            before = start > 0 and text[start - 1].isalnum()
            after = end < size and text[end].isalnum()
            for name, left, right in self._terms[index]:
                if (left and before) or (right and after):
                    continue
                spans = hits.setdefault(name, [])
                if len(spans) < _MANY_HITS:
                    spans.append((start, end))
        for spans in hits.values():
            if len(spans) > 1:
                spans.sort()
        return hits


def _whole(text: str, start: int, end: int) -> _Span:
    """Extend a span to where a Latin word ends: terms are often only the beginning of one."""
    rest = _REST.match(text, end) if end and text[end - 1].isalpha() else None
    return start, rest.end() if rest else end


def _chance(together: float) -> float:
    for (low, at_low), (high, at_high) in pairwise(_CHANCES):
        if together <= high:
            return at_low + (together - low) / (high - low) * (at_high - at_low)
    return _CHANCES[-1][1]


def _unless(classes: list[str]) -> str:
    return next((name[1:] for name in classes if name[0] == "-"), "")
