"""Display names, made fit to be shown and read aloud."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_NAME: Final = 32
NOBODY: Final = "someone"
#: A longer input is cut before anything looks at it.
_MAX_INPUT: Final = 400

_MARKUP: Final = re.compile(r"[\[\]{}<>*_`|\\#~^=@【】［］｛｝＜＞]+")
_SPACE: Final = re.compile(r"\s+")
_ADDRESS: Final = re.compile(r"(?i)(?:https?://|www\.)\S+|\S+\.(?:com|net|org|gg|tv|ru|xyz)\b\S*")


#: Signs that clean_name takes out, where they stand for letters: "f@ggot", "k|ll", "sh*t".
_FOR_LETTER: Final = re.compile(r"(?:(?<=\w)[@|*#^=~`\\¡]+|^@)(?=\w)")


def undisguised(name: str) -> str:
    """Return a name with the signs between its letters read as letters or left out; empty when it has none."""
    text = unicodedata.normalize("NFKC", name[:_MAX_INPUT].encode("utf-16", "ignore").decode("utf-16", "ignore"))
    if not _FOR_LETTER.search(text):
        return ""
    return _FOR_LETTER.sub(lambda sign: {"@": "a", "|": "l", "¡": "i"}.get(sign[0], ""), text)[:MAX_NAME]


def clean_name(name: str) -> str:
    """Return a name without controls, bidi marks, stacked marks, markup and links, at most 32 characters.

    An empty one becomes "someone". Whether the name is decent is for the moderator to say.
    """
    text = name[:_MAX_INPUT].encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    text = unicodedata.normalize("NFKC", text)
    kept = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > 2:
                continue
        else:
            marks = 0
        if category[0] == "C" and not char.isspace():
            continue
        kept.append(char)
    text = _MARKUP.sub(" ", _ADDRESS.sub(" ", "".join(kept)))
    text = _SPACE.sub(" ", text).strip(" .,:;-!?\"'/")[:MAX_NAME].strip()
    return text if any(map(str.isalnum, text)) else NOBODY
