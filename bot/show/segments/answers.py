"""Whether what a viewer wrote is the answer to a quiz question: leniently, and without a model.

Width, case, accents, articles, traditional characters, katakana, pinyin with or without tones, numbers in words, a
lead-in ("I think it is …") and slips of the keyboard do not count. Digits do: 1946 is not 1945.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.show.segments.votes import fold
from bot.text.sanitize import plain
from bot.text.scripts import CJK, HAN, KANA

#: No answer is longer, in characters.
LONGEST: Final = 120
#: Answers of so many letters may have one slip, and two: a letter too many, missing, wrong, or two exchanged.
ONE_SLIP_FROM: Final = 5
TWO_SLIPS_FROM: Final = 12
#: How much alike (per cent) two texts are that may mean the same.
NEAR: Final = 62.0

_LEAD: Final = re.compile(
    r"^(?:(?:ok|oh|um+|hmm+|so|well|maybe|probably|surely|clearly|i (?:think|guess|say|believe|know)"
    r"|my (?:answer|guess)"
    r"|the answer|answer|it|that|this|is|are|was|were|its|it's|that's|i'd say|a|an|the|to|of course)\b[\s:,.!']*"
    r"|(?:我(?:觉得|猜|想|认为|选)|应该|可能|大概|肯定|一定|答案|正解|难道|就?是|叫做?|たぶん|きっと|おそらく|答えは?|えっと)[\s:：,，、]*)+"
)
_TAIL: Final = re.compile(
    r"(?:[\s,，、]*(?:吧|啊|呀|呢|吗|嘛|哦|啦|了|对吗|です|だ|かな|でしょう?|だよね?|ですか"
    r"|right|i think|i guess|maybe|lol|haha|for sure)"
    r"|[\W_])+$"
)
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_DIGITS: Final = re.compile(r"\d+")
_DENIED: Final = re.compile(r"\b(?:not|never|isn'?t|no)\b|不|没|非|ない|じゃ")
_NUMBERS: Final = {
    word: str(number)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve".split(),
        [*"零一二三四五六七八九十", "十一", "十二"],
    )
    for number, word in enumerate(words)
}


class Judged(IntEnum):
    """How an answer is judged; ``NEAR`` may be right, and is worth asking a model about."""

    WRONG = 0
    NEAR = 1
    RIGHT = 2


@lru_cache(4096)
def forms(text: str) -> frozenset[str]:
    """Return the forms in which a text may equal another: its letters, and their pinyin where it has Chinese."""
    folded = fold(plain(text[: 4 * LONGEST]))[:LONGEST]
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    bare = _LEAD.sub("", folded)
    bare = _TAIL.sub("", bare) or bare or folded
    found = set()
    for each in (folded, bare):
        letters = _hiragana(_NOT_WORD.sub("", each))
        if letters:
            found |= {letters, _NUMBERS.get(letters, letters)}
            if len(HAN.findall(letters)) > 1 and not KANA.search(letters):
                found.add(_pinyin(letters))
    return frozenset(found)


def judge(text: str, answers: Sequence[str]) -> Judged:
    """Judge what a viewer wrote against the right ``answers``, of which one is enough."""
    given = forms(text)
    best = Judged.WRONG
    if _DENIED.search(fold(text[:LONGEST])) and not any(_DENIED.search(fold(answer)) for answer in answers):
        return best
    for answer in answers:
        best = max(best, _compare(given, forms(answer)))
        if best is Judged.RIGHT:
            return best
    if best is Judged.WRONG and given and len(text) <= LONGEST // 2 and _in_another_script(text, answers):
        return Judged.NEAR
    return best


def _compare(given: frozenset[str], right: frozenset[str]) -> Judged:
    if given & right:
        return Judged.RIGHT
    best = Judged.WRONG
    for one in given:
        for other in right:
            if _DIGITS.findall(one) != _DIGITS.findall(other):
                continue
            slips = 2 if len(other) >= TWO_SLIPS_FROM else 1 if len(other) >= ONE_SLIP_FROM else 0
            if slips and OSA.distance(one, other, score_cutoff=slips) <= slips:
                return Judged.RIGHT
            if fuzz.ratio(one, other) >= NEAR:
                best = Judged.NEAR
    return best


def _in_another_script(text: str, answers: Sequence[str]) -> bool:
    written = {script(answer) for answer in answers}
    return script(text) not in written | {""}


def script(text: str) -> str:
    """Return the script that a text is mainly in: "latin", "cjk", "other"; empty without a letter."""
    letters = [c for c in plain(text) if c.isalpha()]
    if not letters:
        return ""
    east = sum(bool(CJK.match(c)) for c in letters)
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    return "cjk" if 2 * east >= len(letters) else "latin" if 2 * latin >= len(letters) else "other"


def _hiragana(text: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


def _pinyin(text: str) -> str:
    import pypinyin  # noqa: PLC0415 - its tables take a tenth of a second, and a quiz in English needs none

    return "".join(pypinyin.lazy_pinyin(text)).replace("ü", "v").casefold()
