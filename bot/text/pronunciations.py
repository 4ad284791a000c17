"""How names are read aloud: a table of names with other spellings, put in where a name stands as a word of its own.

Case does not count. A name in letters must not touch other letters or digits, one in katakana no other katakana; in
Chinese characters no gap shows where a word ends, so there the longest name wins and one of a single character is no
name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from bot.text.scripts import CJK, Language

MAX_NAME: Final = 40
MAX_SPELLING: Final = 80
MAX_ENTRIES: Final = 300

#: Letters and digits of scripts that part their words, and katakana.
_LETTER: Final = re.compile(r"[^\W\u2e80-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_KATAKANA: Final = re.compile("[\u30a1-\u30fa\u30fc-\u30ff]")
_MARKUP: Final = re.compile(r"[\[\]{}<>|\\`*【】]")


class Pronunciation(NamedTuple):
    """A name and how it is spelled for a voice, in a language; an empty one stands for all."""

    name: str
    spelled: str
    language: str = ""


def checked(text: str) -> str:
    """Return a name or a spelling on one line. Raises `ValueError` for one that cannot be read aloud."""
    plain = " ".join(text.split())
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn") for char in plain) or _MARKUP.search(plain):
        raise ValueError("has characters that nobody can say")
    if not any(char.isalnum() for char in plain):
        raise ValueError("has no letter")
    return plain


def checked_name(text: str) -> str:
    """Return a name as `checked` does. Raises `ValueError` for one that would be found within other words."""
    plain = checked(text)
    if len(plain) == 1 and CJK.match(plain):
        raise ValueError("is a single character, which stands in many words")
    return plain


class Pronunciations:
    """The table, made ready. Of two entries for one name the later counts; one for a language before one for all."""

    def __init__(self, entries: Iterable[Pronunciation] = ()) -> None:
        tables: dict[str, dict[str, str]] = {tongue: {} for tongue in Language}
        for entry in sorted(list(entries)[: 2 * MAX_ENTRIES], key=lambda entry: bool(entry.language)):
            for tongue in [entry.language] if entry.language else list(Language):
                tables[tongue][_folded(" ".join(entry.name.split()))] = entry.spelled
        self._tables = {
            tongue: (AhoCorasick(list(table)), list(table.values())) for tongue, table in tables.items() if table
        }

    def put_in(self, text: str, language: str) -> str:
        """Return a text with each name spelled as it is to be said."""
        if language not in self._tables:
            return text
        names, spelled = self._tables[language]
        plain = " ".join(text.split())
        folded = _folded(plain)
        found = [
            (start, -end, index)
            for index, start, end in names.find_matches_as_indexes(folded, overlapping=True)
            if _stands_alone(folded, start, end)
        ]
        parts, at = list[str](), 0
        for start, negative_end, index in sorted(found):  # of those that begin together the longest comes first
            if start >= at:
                parts += [plain[at:start], spelled[index]]
                at = -negative_end
        return "".join([*parts, plain[at:]]) if parts else text


def entries_of(table: Mapping[str, str | Mapping[Language, str]]) -> list[Pronunciation]:
    """Return the entries of a persona's table: a spelling for all languages, or one for each."""
    entries: list[Pronunciation] = []
    for name, spelled in table.items():
        if isinstance(spelled, str):
            entries.append(Pronunciation(name, spelled))
        else:
            entries += [Pronunciation(name, said, tongue.value) for tongue, said in spelled.items()]
    return entries


def _folded(text: str) -> str:
    """Return a text in small letters, each in its old place."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether what stands between two places is a word: nothing of its own kind touches it."""
    for kind in (_LETTER, _KATAKANA):
        if start and kind.match(text[start]) and kind.match(text[start - 1]):
            return False
        if end < len(text) and kind.match(text[end - 1]) and kind.match(text[end]):
            return False
    return True
