"""Turn what is shown into what is spoken, for every voice."""

from __future__ import annotations

import re
from typing import Final

from bot.text.scripts import EMOJI
from bot.voice.reading.patterns import MARKUP, drop_faces, name_addresses, shorten_drawn_out, tidy_spaces

_RANGE_WORDS: Final = {"zh": "到", "ja": "から"}

_RANGE: Final = re.compile(r"(?<=\d)\s*[~～]\s*(?=\d)")
_KEPT_IN_WORD: Final = re.compile(r"(?<=\w)[_|/](?=\w)")
_MARKS: Final = re.compile(f"{MARKUP}+")
_ASKED: Final = re.compile(r"[!?！？‼⁇⁈⁉]{2,}")
_DOTS: Final = re.compile(r"\.{2,}|…+|。{2,}|‥+")
_SAME: Final = re.compile(r"([,，、;；:：—–-])\1+")
_SPOKEN: Final = re.compile(r"[^\W_]")


def speakable(text: str, language: str = "en") -> str:
    """Return what a voice should say for a shown text; empty when there is nothing to pronounce.

    Emoji, faces and left-over markup go, an address is called a link, and runs of punctuation and of one letter
    become short. ``language`` is "en", "zh" or "ja".
    """
    if text.isalnum():
        return shorten_drawn_out(text)
    said = drop_faces(name_addresses(text, language))
    said = _RANGE.sub(_RANGE_WORDS.get(language, " to "), said)
    said = EMOJI.sub(" ", said)
    said = _KEPT_IN_WORD.sub(lambda found: " " if found[0] != "/" else "/", said)
    said = _MARKS.sub(" ", said)
    said = _ASKED.sub(_one_mark, said)
    said = _DOTS.sub(lambda found: "..." if found[0][0] == "." else "…", said)
    said = _SAME.sub(r"\1", said)
    said = tidy_spaces(shorten_drawn_out(said))
    return said if _SPOKEN.search(said) else ""


def _one_mark(found: re.Match[str]) -> str:
    run = found[0]
    if "？" in run or "?" in run or "⁇" in run or "⁈" in run or "⁉" in run:
        return "？" if "？" in run else "?"
    return "！" if "！" in run else "!"
