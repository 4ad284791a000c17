"""What is shown, made into what is spoken."""

from __future__ import annotations

import re
from typing import Final

from bot.text.scripts import EMOJI

_LINK: Final = {"zh": "链接", "ja": "リンク"}
_RANGE: Final = {"zh": "到", "ja": "から"}

_URL = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.)[!-~]*[0-9a-z/]"
    r"|(?<![\w@.])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|tv|gg|io|cn|jp|me|co|dev|app|xyz)/[!-~]*[0-9a-z/]"
)
_FACE = re.compile(
    r"(?<!\S)(?:[:;=8xX][-'^o]?[)(DPpO3/\\|*]{1,3}|<3+|[><^TtQqOo;-][_.w]+[><^TtQqOo;-]|xD+|XD+)(?!\S)"
    r"|[(（][^\w)）]*(?:[^\x00-\x7f\w]|[_^;])[^)）]{0,8}[)）]"
)
_KEPT_IN_WORD = re.compile(r"(?<=\w)[_|/](?=\w)")
_MARKS = re.compile(r"[*_`#|<>\\^~～{}\[\]【】]+")
_ASKED = re.compile(r"[!?！？‼⁇⁈⁉]{2,}")
_DOTS = re.compile(r"\.{2,}|…+|。{2,}|‥+")
_SAME = re.compile(r"([,，、;；:：—–-])\1+")
_LONG = re.compile(r"([^\W\d])\1{5,}")
_SPACE = re.compile(r"\s+")
_SPOKEN = re.compile(r"[^\W_]")
_BEFORE = re.compile(r"\s+(?=[,.!?;:，。！？、])(?![.]\d)")


def speech(text: str, language: str = "en") -> str:
    """Return what a voice should say for a shown text; empty when there is nothing to pronounce.

    Emoji, faces and left-over markup go, an address is called a link, runs of punctuation and of
    one letter become short.
    """
    if text.isalnum():
        return _LONG.sub(r"\1\1\1\1\1", text)
    said = _URL.sub(f" {_LINK.get(language, 'link')} ", text)
    said = _FACE.sub(" ", said)
    said = re.sub(r"(?<=\d)\s*[~～]\s*(?=\d)", _RANGE.get(language, " to "), said)
    said = EMOJI.sub(" ", said)
    said = _KEPT_IN_WORD.sub(lambda found: " " if found[0] != "/" else "/", said)
    said = _MARKS.sub(" ", said)
    said = _ASKED.sub(_one_mark, said)
    said = _DOTS.sub(lambda found: "..." if found[0][0] == "." else "…", said)
    said = _SAME.sub(r"\1", said)
    said = _LONG.sub(r"\1\1\1\1\1", said)
    said = _BEFORE.sub("", _SPACE.sub(" ", said)).strip()
    return said if _SPOKEN.search(said) else ""


def _one_mark(found: re.Match[str]) -> str:
    run = found[0]
    if "？" in run or "?" in run or "⁇" in run or "⁈" in run or "⁉" in run:
        return "？" if "？" in run else "?"
    return "！" if "！" in run else "!"
