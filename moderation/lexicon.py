"""Words and phrases, found all at once in every form of a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import yaml
from ahocorasick_rs import AhoCorasick, Implementation

from moderation.policy import Category, Severity
from moderation.views import HAN, Tables, View, squashed

LANGUAGES: Final = ("en", "zh")
_SEVERITIES: Final = {"grave": Severity.GRAVE, "serious": Severity.SERIOUS, "mild": Severity.MILD}
#: So many findings are enough to judge a text.
_ENOUGH: Final = 50


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a lexicon. ``open_start`` and ``open_end``: the word may go on there."""

    text: str
    category: Category
    severity: Severity
    open_start: bool = False
    open_end: bool = False
    allow: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule saw, in letters of the original text."""

    rule: str
    category: Category
    severity: Severity
    start: int
    end: int


def term(text: str, category: Category, severity: Severity, *, allow: bool = False) -> Term:
    """Read an entry as it is written in a lexicon: ``word``, ``word*``, ``*word``."""
    return Term(text.strip("*"), category, severity, text.startswith("*"), text.endswith("*"), allow)


@lru_cache(maxsize=1)
def builtin() -> tuple[Term, ...]:
    """Read the lexicons of this package."""
    terms: list[Term] = []
    for language in LANGUAGES:
        raw: dict[str, Any] = yaml.safe_load(
            resources.files("moderation").joinpath("lexicons", f"{language}.yaml").read_text("utf-8")
        )
        terms += [term(text, Category.STYLE, Severity.TRACE, allow=True) for text in raw.pop("allow")]
        for category, by_severity in raw.items():
            for severity, texts in by_severity.items():
                terms += [term(text, Category(category), _SEVERITIES[severity]) for text in texts]
    return tuple(terms)


class Lexicon:
    """Finds terms. Latin ones match whole words of the folded text, Chinese ones the joined text."""

    def __init__(self, terms: Iterable[Term], tables: Tables) -> None:
        latin: dict[str, Term] = {}
        chinese: dict[str, Term] = {}
        sounds: dict[str, Term] = {}
        for entry in terms:
            folded = tables.folded(entry.text)
            if not HAN.search(folded.text):
                if text := " ".join(folded.text.split()):
                    _add(latin, text, entry)
                continue
            joined = tables.joined(folded)
            _add(chinese, joined.text, entry)
            if len(joined.text) > 2 and all(map(HAN.match, joined.text)):
                _add(sounds, tables.pinyin(joined).text, entry)
        self._latin = _Matcher(latin, whole_words=True)
        self._chinese = _Matcher(chinese, whole_words=False)
        self._sounds = _Matcher(sounds, whole_words=False)
        self._tables = tables

    def find(self, folded: View) -> list[Finding]:
        """Give the findings in all views of a text.

        A word that only sounds like a Chinese term, or appears only when emoji are read as words,
        is a trace.
        """
        found = list(self._latin.find(folded, "word"))
        for keep in (1, 2):
            if view := squashed(folded, keep=keep):
                _merge(found, self._latin.find(view, "disguised"))
        if folded.text.isascii():
            return found
        if named := self._tables.named(folded):
            _merge(found, self._latin.find(named, "emoji"))
        joined = self._tables.joined(folded)
        if not HAN.search(joined.text):
            return found
        chinese = list(self._chinese.find(joined, "word"))
        if not chinese:
            # Sound alone is a weak sign: many harmless words sound like a bad one.
            chinese = [
                Finding("sound", f.category, Severity.TRACE, f.start, f.end)
                for f in self._sounds.find(self._tables.pinyin(joined), "sound")
            ]
        return found + chinese


def _merge(found: list[Finding], more: Iterable[Finding]) -> None:
    """Add what another view shows and the first did not."""
    known = {(finding.category, finding.end) for finding in found}
    found.extend(finding for finding in more if (finding.category, finding.end) not in known)


def _add(terms: dict[str, Term], text: str, entry: Term) -> None:
    known = terms.get(text)
    # An allowance wins over a term that is written the same, else the worse of two.
    if known is None or entry.allow or (not known.allow and entry.severity > known.severity):
        terms[text] = entry


class _Matcher:
    def __init__(self, terms: dict[str, Term], *, whole_words: bool) -> None:
        self._terms = tuple(terms.values())
        self._whole_words = whole_words
        self._find = AhoCorasick(
            list(terms) or ["\x00"], implementation=Implementation.DFA if len(terms) < 3000 else None
        ).find_matches_as_indexes

    def find(self, view: View, rule: str) -> Iterator[Finding]:
        text = view.text
        hits = self._find(text, overlapping=True)
        if not hits:
            return
        allowed: list[tuple[int, int]] = []
        bad: list[tuple[int, int, Term]] = []
        for index, start, end in hits:
            entry = self._terms[index]
            if self._whole_words and not _is_word(text, start, end, entry):
                continue
            if entry.allow:
                allowed.append((start, end))
            elif len(bad) < _ENOUGH:
                bad.append((start, end, entry))
        for start, end, entry in bad:
            if not any(first <= start and end <= last for first, last in allowed):
                begin, stop = view.original(start, end)
                yield Finding(f"{rule}:{entry.category}", entry.category, entry.severity, begin, stop)


def _is_word(text: str, start: int, end: int, entry: Term) -> bool:
    if not entry.open_start and start and _is_latin(text[start - 1]):
        return False
    return entry.open_end or end == len(text) or not _is_latin(text[end])


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
