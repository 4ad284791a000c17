"""Rules that need no word list: how a line is written, and how many write the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from moderation.policy import Category, Policy, Severity
from moderation.rules.lexicon import Finding

#: More combining marks than this on one character are no language's spelling.
MAX_MARKS: Final = 4

_SAME_WORD: Final = re.compile(r"(?:^|\s)(\S{1,20})(?:\s+\1){2,}(?!\S)")
_SAME_CHAR: Final = re.compile(r"(\S)\1{3,}")
_UPPER: Final = re.compile("[A-Z]")
_SYMBOL: Final = re.compile(r"[^\w\s]|_")
_EMOJI: Final = re.compile("[\U0001f1e6-\U0001faff\u2600-\u27bf]")
_MARKED: Final = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
#: Controls, halves of surrogates, changes of direction, tags, and what parts a Latin word unseen.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
    "|(?<=[A-Za-z])[\u00ad\u200b-\u200d\u2060\ufeff]+(?=[A-Za-z])"
)


def find_style(text: str, policy: Policy, *, emotes: int = 0) -> Iterator[Finding]:
    """Look at how a line is written: length, capitals, repetition, emotes, symbols, stacked marks, hidden characters.

    ``emotes`` is how many the platform marked; emoji are counted here.
    """
    size = len(text)
    if size > policy.max_chars:
        yield _style("length", Severity.MILD, policy.max_chars, size)
    pictures = 0 if text.isascii() else len(_EMOJI.findall(text))
    if emotes + pictures > policy.max_emotes:
        yield _style("emotes", Severity.MILD, 0, size)
    if size >= policy.capitals_from:
        upper = len(_UPPER.findall(text)) if text.isascii() else sum(map(str.isupper, text))
        letters = upper + sum(map(str.islower, text)) if upper * 2 > policy.capitals_from else 0
        if letters >= policy.capitals_from and upper * 100 > letters * policy.capitals_percent:
            yield _style("capitals", Severity.MILD, 0, size)
    most = policy.max_repeats
    for found in _SAME_CHAR.finditer(text):
        if found.end() - found.start() > most:
            yield _style("repetition", Severity.MILD, *found.span())
            break
    if " " in text and (words := _SAME_WORD.search(text)) and len(words[0].split()) > most:
        yield _style("repetition", Severity.MILD, *words.span())
    if size >= 10 and not text.isalnum():
        symbols = len(_SYMBOL.findall(text)) - pictures  # these have a rule of their own
        if symbols * 100 > size * policy.symbols_percent:
            yield _style("symbols", Severity.MILD, 0, size)
    if not text.isascii():
        yield from _marks(text)
    if not text.isprintable() and (hidden := _HIDDEN.search(text)):
        yield _style("hidden", Severity.SERIOUS if "\ud800" <= hidden[0] <= "\udfff" else Severity.MILD, *hidden.span())


def _marks(text: str) -> Iterator[Finding]:
    for found in _MARKED.finditer(text):
        if found.end() - found.start() > MAX_MARKS:
            yield _style("zalgo", Severity.SERIOUS, *found.span())
            return


def _style(name: str, severity: Severity, start: int, end: int) -> Finding:
    return Finding(f"style:{name}", Category.STYLE, severity, start, end)


def find_copies(text: str, policy: Policy, *, copies: int) -> Iterator[Finding]:
    """Look at what others wrote lately: a long line that ``copies`` other viewers sent too is copypasta."""
    if copies + 1 >= policy.copypasta_viewers and len(text) >= policy.copypasta_chars:
        yield Finding("copypasta", Category.SPAM, Severity.SERIOUS, 0, len(text))
