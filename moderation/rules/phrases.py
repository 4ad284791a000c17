"""What takes several words to recognise: offers nobody asked for, and what puts people in danger; English and Chinese.

The patterns are in ``lexicons/selling.yaml`` and ``lexicons/danger.yaml``. They are tried only on a text that holds
one of their hints, so that ordinary chat costs next to nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

from ahocorasick_rs import AhoCorasick

from moderation.policy import Category, Severity
from moderation.rules.files import read_lexicon
from moderation.rules.lexicon import Finding
from moderation.text.forms import HAN, Tables, View, squashed

#: Characters that may stand between the two halves of a pair.
_NEAR: Final = 120
#: Places of one half that are looked at: a text made of nothing else must not take long.
_PLACES: Final = 8
#: Words for a child. Any sexual words beside them are about a child.
_CHILD: Final = re.compile(
    r"\b(?:kids?|child|children|minors?|underage|preteens?|toddlers?|school ?(?:girls?|boys?)"
    r"|(?:little|young) (?:girls?|boys?)"
    r"|(?:[6-9]|1[0-7]) ?-?(?:yo|y/o|yrs?|years?)[ -]?olds?|(?:[6-9]|1[0-7]) ?yo)\b"
    r"|幼女|幼童|儿童|萝莉|正太|小学生|初中生|未成年|小女孩|小男孩|小孩|(?:[6-9]|1[0-7])岁"
)
_PART: Final = re.compile("[A-Z]{3,}")


def names_a_child(folded_text: str) -> bool:
    """Whether a text speaks of a child."""
    return _CHILD.search(folded_text) is not None


class Forms(NamedTuple):
    """The forms of a text in which phrases are looked for. ``chinese`` is None where there is nothing Chinese."""

    english: tuple[View, ...]
    chinese: View | None

    @classmethod
    def from_view(cls, folded: View, tables: Tables) -> Self:
        """Return the forms of a folded text."""
        plain = squashed(folded, keep=1)
        chinese = None
        if not folded.text.isascii() and HAN.search(folded.text):
            joined = tables.joined(folded)
            chinese = tables.whole(joined) or joined
        return cls((folded,) if plain is None else (folded, plain), chinese)


class Phrases:
    """The patterns of a file, ready to use. ``rule`` is the name of its findings; "{}" stands for the category."""

    def __init__(self, file: str, rule: str) -> None:
        raw = read_lexicon(file)
        self._english = _Language(raw["en"], raw["parts"], rule)
        self._chinese = _Language(raw["zh"], raw["parts"], rule)

    def compile_all(self) -> None:
        """Compile what would be compiled with the first text that hints at it."""
        for language in (self._english, self._chinese):
            for group in language.groups:
                group.compile_all()

    def find(self, forms: Forms) -> Iterator[Finding]:
        """Find them, at most one of a category and language, in letters of the original."""
        yield from self._english.find(forms.english)
        if forms.chinese is not None:
            yield from self._chinese.find((forms.chinese,))


class _Pattern:
    """A pattern, compiled when it is first tried: all of them take a third of a start."""

    def __init__(self, raw: str, parts: Mapping[str, str]) -> None:
        self._raw, self._parts = raw, parts

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, ready to use."""
        return compiled(self._raw, self._parts)


class _Group:
    """Patterns for one kind of danger. A pair are two that must both be there, near each other, in any order.

    ``unless`` is what takes the meaning from all of them: talk of a game, as a rule.
    """

    def __init__(self, raw: Mapping[str, Any], parts: Mapping[str, str], rule: str) -> None:
        self.category = Category(raw["category"])
        self.rule = rule.format(self.category)
        self.hints: list[str] = raw["hints"]
        self._patterns = [_Pattern(pattern, parts) for pattern in raw.get("patterns", ())]
        self._pairs = [(_Pattern(one, parts), _Pattern(other, parts)) for one, other in raw.get("pairs", ())]
        self._unless = _Pattern(raw["unless"], parts) if "unless" in raw else None

    def compile_all(self) -> None:
        """Compile what would be compiled when it is first needed."""
        for pattern in (*self._patterns, *itertools.chain(*self._pairs), self._unless):
            _ = pattern and pattern.compiled

    def search(self, text: str) -> tuple[int, int] | None:
        """Return where it is, the place that ends last: a clause is read together with what was said before it."""
        found = max(self._all(text), key=lambda span: span[1], default=None)
        unless = self._unless
        return None if found and unless and unless.compiled.search(text) else found

    def _all(self, text: str) -> Iterator[tuple[int, int]]:
        for pattern in self._patterns:
            yield from _places(pattern, text)
        for one, other in self._pairs:
            firsts = _places(one, text)
            for a, b in itertools.product(firsts, _places(other, text) if firsts else ()):
                start, end = min(a[0], b[0]), max(a[1], b[1])
                between = max(a[0], b[0]) - min(a[1], b[1])
                if 0 <= between <= _NEAR:
                    yield start, end


class _Language:
    def __init__(self, raw: list[Mapping[str, Any]], parts: Mapping[str, str], rule: str) -> None:
        self.groups = [_Group(group, parts, rule) for group in raw]
        hints = [(hint, group) for group in self.groups for hint in group.hints]
        self._hinted = [group for _, group in hints]
        self._hints = AhoCorasick([hint for hint, _ in hints]).find_matches_as_indexes

    def find(self, forms: Iterable[View]) -> Iterator[Finding]:
        found: set[Category] = set()
        for form in forms:
            hits = self._hints(form.text, overlapping=True)
            for group in dict.fromkeys(self._hinted[hit[0]] for hit in hits):
                if group.category not in found and (span := group.search(form.text)):
                    found.add(group.category)
                    yield Finding(group.rule, group.category, Severity.SERIOUS, *form.original(*span))


def compiled(pattern: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern of a list, its capital words exchanged for the parts that they stand for."""
    while _PART.search(pattern):
        pattern = _PART.sub(lambda word: parts[word[0]], pattern)
    return re.compile(pattern)


def _places(pattern: _Pattern, text: str) -> list[tuple[int, int]]:
    return [found.span() for found in itertools.islice(pattern.compiled.finditer(text), _PLACES)]
