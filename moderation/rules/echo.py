"""Whether the host is being made to say a viewer's words ("repeat after me")."""

from __future__ import annotations

import re
from typing import Final

from moderation.text.forms import HAN

#: How alike two stretches must be, 0..100.
ALIKE: Final = 88
_ASKED: Final = re.compile(
    r"(?:repeat after me|after me|repeat(?: exactly| this| the following)?|say(?: exactly| this| it)?|word for word|"
    r"read(?: this)?(?: out)?(?: loud)?|(?:跟|跟着|和|照着)我(?:一起)?(?:念|说|读|喊)|"
    r"重复|复述|念(?:出|一下)?|大声(?:说|念))"
    r"\s*[:：,，\"“'「]*\s*(.{6,})"
)
#: What a viewer quotes beside a word for saying it, is asked to be said.
_SAYING: Final = re.compile(
    r"\b(?:say|echo|repeat|read|print|shout|write|type|call|scream|announce|spell|translate|complete|finish|caption)\b"
    r"|[说念读喊写]|重复|翻译"
)
_QUOTED: Final = re.compile(r"[\"“'‘「『《]([^\"“”'‘’「」『』《》]{6,120})[\"”'’」』》]")
_SHORTEST_QUOTE: Final = 8
_LETTERS: Final = re.compile(r"[^\w]+")
_MAX_HEARD: Final = 600


def repeats(reply: str, heard: tuple[str, ...], most: int) -> bool:
    """Whether a folded reply says more than ``most`` letters (a Chinese one counts as two) of what was heard.

    What a viewer explicitly asked to have said counts from a third of that on.
    """
    said = _LETTERS.sub(" ", reply).strip()[-_MAX_HEARD:]
    if not said:
        return False
    for line in heard:
        words = _LETTERS.sub(" ", line).strip()[:_MAX_HEARD]
        if _shared(said, words, most):
            return True
        asked = _ASKED.search(line[:_MAX_HEARD])
        if asked and _shared(said, _LETTERS.sub(" ", asked[1]).strip(), most // 3):
            return True
        if _SAYING.search(line) and any(
            _shared(said, _LETTERS.sub(" ", quoted).strip(), _SHORTEST_QUOTE)
            for quoted in _QUOTED.findall(line[:_MAX_HEARD])
        ):
            return True
    return False


def _shared(said: str, words: str, least: int) -> bool:
    shorter = min(said, words, key=_width)
    if _width(shorter) < least:
        return False
    from rapidfuzz import fuzz  # noqa: PLC0415 - 70 ms, and a program that judges chat alone never comes here

    return fuzz.partial_ratio(said, words, score_cutoff=ALIKE) > 0


def _width(text: str) -> int:
    return len(text) + len(HAN.findall(text))
