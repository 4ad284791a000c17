"""Whom a line speaks to: the host, by its name as a word (drawn out or misspelt, too), or another viewer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from bot.text.sanitize import plain
from bot.text.scripts import CJK
from bot.types import Message

#: A name of fewer letters has no misspellings: too many other words are near to it.
LEAST_SWAPPED = 4

_HANGUL = re.compile("[\uac00-\ud7af]")
#: What may not stand beside a name in Latin letters: digits, and the alphabets that are mixed with it (Latin, Greek,
#: Cyrillic) with their marks. Others may: Han, kana, Hangul or Thai are written without a space beside it.
_LETTER = "0-9a-z_\u00c0-\u024f\u0300-\u036f\u0370-\u052f\u1e00-\u1fff\u2c60-\u2c7f\ua720-\ua7ff"
_KATAKANA = "\u30a1-\u30fc"
#: Korean syllables that follow a name: to call somebody, or as a particle.
_AFTER_HANGUL = "야|아|님|씨|는|은|가|이|를|을|도|의|랑|와|과|한테|에게|누나|언니|오빠|형"
_HAN = re.compile("[\u3400-\u9fff]")
#: Latin letters with their marks, as the letters alone: viewers leave the marks out, or put some on.
_UNMARKED = {
    code: bare
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if (bare := unicodedata.normalize("NFD", chr(code))[0]).isascii()
}
#: A mention at the beginning of a line, as viewers and the platforms' answers write it.
_MENTION = re.compile(r"(?:回复\s*)?@([^\s@,:;!?、。]{1,100})[\s,:;、]*")


class NameMatcher:
    """Finds the host's names in lines of chat. ``names`` are its name and aliases; empty ones are left out."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(filter(None, names))
        # Viewers write a Chinese name in simplified characters or in traditional ones.
        self._simplify = _simplifier() if any(map(_HAN.search, self.names)) else str
        forms = [form for name in dict.fromkeys(map(self._folded, self.names)) if name for form in _forms(name)]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def matches(self, text: str) -> bool:
        """Return whether a text names the host."""
        return self._pattern is not None and self._pattern.search(self._folded(text)) is not None

    def _folded(self, text: str) -> str:
        folded = _folded(text)
        return folded if folded.isascii() else self._simplify(folded)


def leading_mentions(text: str) -> tuple[list[str], str]:
    """Return whom a plain line mentions at its beginning, and what follows."""
    names, at = [], 0
    while found := _MENTION.match(text, at):
        names.append(found[1])
        at = found.end()
    return names, text[at:]


def speaks_to_another(message: Message, names: NameMatcher) -> bool:
    """Return whether a line that does not name the host is for another viewer: it answers or mentions one in front."""
    if message.reply is not None:
        return True
    whom, _ = leading_mentions(plain(message.text))
    return bool(whom) and not any(map(names.matches, whom))


def _folded(text: str) -> str:
    """Return a text as it is compared: plain, in lower case."""
    folded = plain(text).casefold()
    return (
        folded if folded.isascii() else plain(folded.translate(_UNMARKED))
    )  # some letters become several, which join anew


@cache
def _simplifier() -> Callable[[str], str]:
    import opencc  # noqa: PLC0415 - costs 20 ms, and only Chinese names need it

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


def _forms(name: str) -> list[str]:
    """Return patterns for a name: as it is, with letters drawn out, with two neighbours swapped."""
    form = re.escape(name)
    if re.fullmatch(f"[{_KATAKANA}]+", name):
        return [f"(?<![{_KATAKANA}]){form}ー*(?![{_KATAKANA}])"]
    if _HANGUL.search(name):
        return [rf"(?<![\uac00-\ud7af]){form}(?=(?:{_AFTER_HANGUL})?(?![\uac00-\ud7af]))"]
    if CJK.search(name):
        return [form]
    words = name.split()
    spellings = [words]
    if len(words) == 1 and len(name) >= LEAST_SWAPPED:
        spellings += [[_swapped(name, at)] for at in range(1, len(name) - 1) if name[at] != name[at + 1]]
    drawn_out = [r"\s*".join("".join(f"{re.escape(c)}+" for c in word) for word in spelling) for spelling in spellings]
    return [f"(?<![{_LETTER}]){form}(?![{_LETTER}])" for form in drawn_out]


def _swapped(name: str, at: int) -> str:
    return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
