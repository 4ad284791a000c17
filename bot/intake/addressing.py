"""Whether a line speaks to the host: its name as a word, an @mention, a drawn-out or swapped spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.text.scripts import CJK

#: A name of fewer letters has no misspellings: too many other words are near to it.
LEAST_SWAPPED = 4
#: Letters of a text that are looked at.
MAX_LOOKED = 2000

_HANGUL = re.compile("[\uac00-\ud7af]")
#: What may not stand beside a name in Latin letters. Han characters may: nobody writes spaces there.
_LETTER = "0-9a-z_\u00c0-\u024f\u0400-\u04ff"


class NameMatcher:
    """Finds the host's names in lines of chat. ``names`` are its name and aliases; empty ones are left out."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(filter(None, names))
        forms = [form for name in dict.fromkeys(map(_plain, self.names)) if name for form in _forms(name)]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def matches(self, text: str) -> bool:
        """Return whether a text names the host."""
        return self._pattern is not None and self._pattern.search(_plain(text[:MAX_LOOKED])) is not None


def _plain(text: str) -> str:
    """Return a text in lower case and one width, without invisible characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded.strip()
    return "".join(c for c in folded if unicodedata.category(c) != "Cf").strip()


def _forms(name: str) -> list[str]:
    """Return patterns for a name: as it is, with letters drawn out, with two neighbours swapped."""
    if CJK.search(name) or _HANGUL.search(name):
        return [re.escape(name)]
    words = name.split()
    spellings = [words]
    if len(words) == 1 and len(name) >= LEAST_SWAPPED:
        spellings += [[_swapped(name, at)] for at in range(1, len(name) - 1) if name[at] != name[at + 1]]
    drawn_out = [r"\s*".join("".join(f"{re.escape(c)}+" for c in word) for word in spelling) for spelling in spellings]
    return [f"(?<![{_LETTER}]){form}(?![{_LETTER}])" for form in drawn_out]


def _swapped(name: str, at: int) -> str:
    return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
