"""What takes several words to recognise: offers nobody asked for, and what puts people in danger; English and Chinese.

The patterns are in ``lexicons/selling.yaml`` and ``lexicons/danger.yaml``. They are tried only on a text that holds
one of their hints, and of each of their needs (``data/needs.json``: what every match spells out) a word, so that
ordinary chat costs next to nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any, Final, NamedTuple, Self

from ahocorasick_rs import AhoCorasick

from moderation.policy import Category, Severity
from moderation.rules.files import read_lexicon
from moderation.rules.lexicon import Finding
from moderation.text.forms import HAN, Tables, View, squashed

LEXICONS: Final = ("danger.yaml", "selling.yaml")
#: The file in ``data/`` that ``scripts/make_needs.py`` writes.
NEEDS: Final = "needs.json"
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
        raw, needs = read_lexicon(file), _read_needs(file)
        self._english = _Language(raw["en"], raw["parts"], rule, needs["en"])
        self._chinese = _Language(raw["zh"], raw["parts"], rule, needs["zh"])

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


@dataclass(frozen=True, slots=True)
class _Needs:
    """What texts must hold: of some sets one word each. ``of_patterns`` are the numbers of a pattern's sets, in order.

    Empty, every pattern is tried on every text.
    """

    words: Sequence[Sequence[str]] = ()
    of_patterns: Sequence[Sequence[int]] = ()


def _read_needs(file: str) -> dict[str, _Needs]:
    """Return the needs by language; those of other patterns than the file has now are none."""
    folder = resources.files("moderation")
    raw = json.loads(folder.joinpath("data", NEEDS).read_text("utf-8"))[file]
    if hashlib.sha256(folder.joinpath("lexicons", file).read_bytes()).hexdigest() != raw["sha256"]:
        return {"en": _Needs(), "zh": _Needs()}
    words = [need.split(" | ") for need in raw["words"]]
    return {language: _Needs(words, raw[language]) for language in ("en", "zh")}


class _Pattern:
    """A pattern, compiled when it is first tried: all of them take a third of a start.

    ``needs`` are the numbers of the sets of which a text holds a word wherever this fits.
    """

    def __init__(self, raw: str, parts: Mapping[str, str], needs: Iterable[int] = ()) -> None:
        self._raw, self._parts, self.needs = raw, parts, frozenset(needs)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, ready to use."""
        return compiled(self._raw, self._parts)


class _Group:
    """Patterns for one kind of danger. A pair are two that must both be there, near each other, in any order.

    ``unless`` is what takes the meaning from all of them: talk of a game, as a rule.
    """

    def __init__(
        self, raw: Mapping[str, Any], parts: Mapping[str, str], rule: str, needs: Iterator[Iterable[int]]
    ) -> None:
        self.category = Category(raw["category"])
        self.rule = rule.format(self.category)
        self.hints: list[str] = raw["hints"]
        made = [_Pattern(pattern, parts, next(needs, ())) for pattern in in_order(raw)]
        single = len(raw.get("patterns", ()))
        self._patterns = made[:single]
        self._pairs = list(zip(made[single::2], made[single + 1 :: 2], strict=True))
        self._unless = _Pattern(raw["unless"], parts) if "unless" in raw else None

    def compile_all(self) -> None:
        """Compile what would be compiled when it is first needed."""
        for pattern in (*self._patterns, *itertools.chain(*self._pairs), self._unless):
            _ = pattern and pattern.compiled

    def search(self, text: str, held: set[int]) -> tuple[int, int] | None:
        """Return where it is, the place that ends last: a clause is read together with what was said before it.

        ``held`` are the needs that the text meets; a pattern with others cannot fit.
        """
        found = max(self._all(text, held), key=lambda span: span[1], default=None)
        unless = self._unless
        return None if found and unless and unless.compiled.search(text) else found

    def _all(self, text: str, held: set[int]) -> Iterator[tuple[int, int]]:
        for pattern in self._patterns:
            if pattern.needs <= held:
                yield from _places(pattern, text)
        for one, other in self._pairs:
            firsts = _places(one, text) if one.needs <= held and other.needs <= held else ()
            for a, b in itertools.product(firsts, _places(other, text) if firsts else ()):
                start, end = min(a[0], b[0]), max(a[1], b[1])
                between = max(a[0], b[0]) - min(a[1], b[1])
                if 0 <= between <= _NEAR:
                    yield start, end


class _Language:
    def __init__(self, raw: list[Mapping[str, Any]], parts: Mapping[str, str], rule: str, needs: _Needs) -> None:
        of_patterns = iter(needs.of_patterns)
        self.groups = [_Group(group, parts, rule, of_patterns) for group in raw]
        hints = [(hint, group) for group in self.groups for hint in group.hints]
        self._hinted = [group for _, group in hints]
        self._hints = AhoCorasick([hint for hint, _ in hints]).find_matches_as_indexes
        mine = set(itertools.chain.from_iterable(needs.of_patterns))
        #: The needs by each of their words.
        self._needs: dict[str, list[int]] = {}
        for number in sorted(mine):
            for word in needs.words[number]:
                self._needs.setdefault(word, []).append(number)
        self._met_by = list(self._needs.values())

    @cached_property
    def _needed(self) -> AhoCorasick:
        return AhoCorasick(list(self._needs) or ["\x00"])

    def _held(self, text: str) -> set[int]:
        """Return the numbers of the needs that a text meets."""
        words = {hit[0] for hit in self._needed.find_matches_as_indexes(text, overlapping=True)}
        return {number for word in words for number in self._met_by[word]} if self._met_by else set()

    def find(self, forms: Iterable[View]) -> Iterator[Finding]:
        found: set[Category] = set()
        for form in forms:
            hits = self._hints(form.text, overlapping=True)
            if not hits:
                continue
            held = self._held(form.text)
            for group in dict.fromkeys(self._hinted[hit[0]] for hit in hits):
                if group.category not in found and (span := group.search(form.text, held)):
                    found.add(group.category)
                    yield Finding(group.rule, group.category, Severity.SERIOUS, *form.original(*span))


def in_order(group: Mapping[str, Any]) -> list[str]:
    """Return the patterns of a group that may find something: the single ones, then both of each pair."""
    return [*group.get("patterns", ()), *itertools.chain.from_iterable(group.get("pairs", ()))]


def spelt_out(pattern: str, parts: Mapping[str, str]) -> str:
    """Return a pattern of a list with its capital words exchanged for the parts that they stand for."""
    while _PART.search(pattern):
        pattern = _PART.sub(lambda word: parts[word[0]], pattern)
    return pattern


def compiled(pattern: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern of a list, ready to use."""
    return re.compile(spelt_out(pattern, parts))


def _places(pattern: _Pattern, text: str) -> list[tuple[int, int]]:
    return [found.span() for found in itertools.islice(pattern.compiled.finditer(text), _PLACES)]
