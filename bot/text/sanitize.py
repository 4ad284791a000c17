"""Make a stranger's text plain: to be understood, to be stored, to be shown on one line, to be said."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: What shows nothing: controls, format (zero-width, bidi, tags), surrogates, private use, unassigned.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Two marks on a letter is what living scripts need; a pile of them climbs over what stands around it.
_MAX_MARKS: Final = 2
#: So many characters of a text are understood; platforms allow 500.
_MAX_PLAIN: Final = 2000
#: Unicode's default ignorable characters (Hangul fillers and variation selectors are among them), controls that are no
#: white space, interlinear marks, surrogates, and private use.
_IGNORABLE: Final = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)
#: A pattern of braille without a dot looks like a space, and is none.
_BLANK: Final = "\u2800"


def well_formed(text: str, lone: str = "\ufffd") -> str:
    """Return a text that can be encoded: pairs of surrogates as one character, and ``lone`` for a half pair."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return _SURROGATE.sub(lone, joined)


def plain(text: str) -> str:
    """Return what a reader sees of a text, in one width and on one line: for names, commands and emptiness.

    Invisible characters go, wherever they stand. At most 2,000 characters; the same again for what came out of it.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text[:_MAX_PLAIN].split())
    shown = unicodedata.normalize("NFKC", _IGNORABLE.sub("", text)[:_MAX_PLAIN].replace(_BLANK, " "))
    return " ".join(shown.split())[:_MAX_PLAIN].rstrip()


def fit(text: str, longest: int) -> str:
    """Return a text that can be stored: no lone surrogates, no NUL (PostgreSQL takes neither), not too long."""
    return well_formed(text[:longest].replace("\0", "\ufffd"), "?")


def one_line(text: str, longest: int, *, keep: str = "") -> str:
    """Return what can be seen of a text, on one line of at most ``longest`` characters.

    White space becomes single spaces. Invisible characters go, except those of ``keep``; so do lone surrogates and
    the third and further marks on a letter.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:longest].rstrip()
    shown = "".join(c for c in well_formed(text, "") if c.isspace() or c in keep or _is_visible(c))
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", shown):
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return " ".join("".join(kept).split())[:longest].rstrip()


def has_word(text: str) -> bool:
    """Return whether a text holds at least one letter or digit: a lone heart is no thanks."""
    return any(map(str.isalnum, text))


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE
