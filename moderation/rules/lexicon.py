"""Words and phrases, found all at once in every form of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from ahocorasick_rs import AhoCorasick

from moderation.policy import Category, Severity
from moderation.rules.files import read_lexicon
from moderation.text.forms import HAN, Tables, View, squashed

LANGUAGES: Final = ("en", "zh")
#: The list of all other languages: short, and used whatever the languages of the show are.
OTHER: Final = "other"
_SEVERITIES: Final = {"grave": Severity.GRAVE, "serious": Severity.SERIOUS, "mild": Severity.MILD}
#: So many findings are enough to judge a text.
_ENOUGH: Final = 50
#: No picture is longer, with its variation mark.
_PICTURE: Final = 2
#: Beyond this are scripts without spaces: Thai, kana, hangul, Chinese.
_LAST_ALPHABET: Final = "\u0e00"
_DIGIT: Final = re.compile(r"\d")
#: A shorter word read backwards is too often an honest one.
_LONG: Final = 5
#: What may stand for an i as well as for an l.
_ONE: Final = re.compile("[a-z][1!|]|[1!|][a-z]")


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


@lru_cache(maxsize=4)
def builtin(languages: tuple[str, ...] = LANGUAGES) -> tuple[Term, ...]:
    """Read the lexicons of this package."""
    terms: list[Term] = []
    for language in languages:
        raw = read_lexicon(f"{language}.yaml")
        terms += [term(text, Category.STYLE, Severity.TRACE, allow=True) for text in raw.pop("allow")]
        for category, by_severity in raw.items():
            for severity, texts in by_severity.items():
                terms += [term(text, Category(category), _SEVERITIES[severity]) for text in texts]
    return tuple(terms)


class Lexicon:
    """Finds terms. Latin ones match whole words of the folded text, Chinese ones the joined text."""

    def __init__(self, terms: Iterable[Term], tables: Tables) -> None:
        latin: dict[str, Term] = {}
        alike: dict[str, Term] = {}
        chinese: dict[str, Term] = {}
        sounds: dict[str, Term] = {}
        for entry in terms:
            folded = tables.folded(entry.text)
            if not HAN.search(folded.text):
                if text := " ".join(folded.text.split()):
                    _add(latin, text, entry)
                    _add(alike, text.replace("l", "i"), entry)
                    if _is_hidden_backwards(text, entry):
                        _add(latin, text[::-1], replace(entry, open_start=False, open_end=True))
                continue
            joined = tables.joined(folded)
            _add(chinese, joined.text, entry)
            if len(joined.text) > 2 and all(map(HAN.match, joined.text)):
                spelt = tables.pinyin(joined).text
                heard = replace(entry, severity=_heard(entry.severity))
                _add(sounds, spelt, replace(heard, open_start=True, open_end=False))
                _add(latin, spelt.replace("'", " ").strip(), heard)
                _add(latin, spelt.replace("'", ""), heard)
        self._latin = _Matcher(latin, whole_words=True)
        self._alike = _Matcher(alike, whole_words=True)
        self._chinese = _Matcher(chinese, whole_words=False)
        self._sounds = _Matcher(sounds, whole_words=True)
        self._tables = tables

    def find(self, folded: View) -> list[Finding]:
        """Return the findings in all views of a text.

        What only sounds like a Chinese term of three characters or more is never worse than serious.
        """
        found = list(self._latin.find(folded, "word"))
        self._disguised(folded, found)
        if folded.text.isascii():
            return found
        if (meant := self._tables.meant(folded)) is not None:
            more = self._latin.find(meant, "emoji")
            # A picture alone is no word: it may well be meant as what it shows.
            _merge(found, (finding for finding in more if finding.end - finding.start > _PICTURE))
        return found + self._han(folded)

    def _disguised(self, folded: View, found: list[Finding]) -> None:
        plain = squashed(folded, keep=1)
        if plain is None:
            return
        _merge(found, self._latin.find(plain, "disguised"))
        if _ONE.search(folded.text):
            # "1" and "!" may stand for i or l: both sides are written with i.
            _merge(found, self._alike.find(View(plain.text.replace("l", "i"), plain), "disguised"))
        if (doubled := squashed(folded, keep=2)) is not None:
            _merge(found, self._latin.find(doubled, "disguised"))

    def _han(self, folded: View) -> list[Finding]:
        joined = self._tables.joined(folded)
        if not HAN.search(joined.text):
            return []
        found = list(self._chinese.find(joined, "word"))
        if _DIGIT.search(joined.text):
            text = folded.source.text if folded.source else folded.text
            for view in self._tables.numerals(joined):
                hidden = self._chinese.find(view, "disguised")
                _merge(found, (_meant(f) for f in hidden if _DIGIT.search(text, f.start, f.end)))
        if (bare := self._tables.bare(folded)).text != joined.text:
            _merge(found, self._chinese.find(bare, "disguised"))
        if (whole := self._tables.whole(joined)) is not None:
            _merge(found, self._chinese.find(whole, "disguised"))
            joined = whole
        _merge(found, self._sounds.find(self._tables.pinyin(joined), "sound"), overlap=True)
        return found


def _is_hidden_backwards(text: str, entry: Term) -> bool:
    """Whether a term is also looked for backwards: the words that nobody may send, long enough to be meant."""
    return (
        entry.category is Category.HATE and entry.severity is Severity.GRAVE and text.isalpha() and len(text) >= _LONG
    )


def _meant(finding: Finding) -> Finding:
    """Who hides a rude word means it: it is no slip of the tongue."""
    return replace(finding, severity=max(finding.severity, Severity.SERIOUS))


def _heard(severity: Severity) -> Severity:
    """Sound alone is a weaker sign: harmless words may sound like bad ones."""
    return min(severity, Severity.SERIOUS) if severity > Severity.MILD else Severity.TRACE


def _merge(found: list[Finding], more: Iterable[Finding], *, overlap: bool = False) -> None:
    """Add what another view shows and the first did not; with ``overlap`` only where nothing was found yet."""
    if overlap:
        spans = [(finding.start, finding.end) for finding in found]
        found.extend(f for f in more if all(f.end <= start or end <= f.start for start, end in spans))
        return
    known = {(finding.category, finding.end): finding.severity for finding in found}
    found.extend(f for f in more if f.severity > known.get((f.category, f.end), Severity.TRACE - 1))


def _add(terms: dict[str, Term], text: str, entry: Term) -> None:
    known = terms.get(text)
    # An allowance wins over a term that is written the same, else the worse of two.
    if known is None or entry.allow or (not known.allow and entry.severity > known.severity):
        terms[text] = entry


class _Matcher:
    def __init__(self, terms: dict[str, Term], *, whole_words: bool) -> None:
        self._terms = tuple(terms.values())
        self._whole_words = whole_words
        self._find = AhoCorasick(list(terms) or ["\x00"]).find_matches_as_indexes

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
    goes_on = _is_latin if entry.text.isascii() else _is_letter
    if not entry.open_start and start and goes_on(text[start - 1]):
        return False
    return entry.open_end or end == len(text) or not goes_on(text[end])


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _is_letter(char: str) -> bool:
    """Whether a character is one of an alphabet whose words stand between spaces, from Latin to Devanagari."""
    return char < _LAST_ALPHABET and char.isalnum()
