"""Read small numbers that are written in words, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final

_EN: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS: Final = {
    **{word: number for number, word in enumerate(_EN)},
    **{word: 20 + 10 * number for number, word in enumerate(_TENS)},
    "a": 1, "an": 1, "no": 0, "none": 0, "half": 0, "couple": 2, "dozen": 12, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_ZH: Final = {
    "零": 0,
    "〇": 0,
    **{char: number for number, char in enumerate("一二三四五六七八九", 1)},
    "两": 2,
    "俩": 2,
}
#: A number in digits or words, as a part of a larger pattern.
NUMBER: Final = r"(?:\d{1,6}|(?:(?:" + "|".join([*_TENS, *_EN]) + r"|an?|hundred|thousand|dozen)(?:[ -](?:and )?)?)+)"
NUMBER_ZH: Final = "(?:[0-9]{1,6}|[零〇一二三四五六七八九十百千两]{1,7})"


def number(text: str) -> int | None:
    """Return the number that a text is; None when it is none."""
    text = text.strip().casefold()
    if text.isascii() and text.isdecimal():
        return int(text)
    if text and all(char in _ZH or char in "十百千" for char in text):
        return _chinese(text)
    total = current = 0
    words = [word for word in re.split(r"[\s-]+", text) if word and word != "and"]
    if not words or any(word not in _WORDS for word in words):
        return None
    for word in words:
        value = _WORDS[word]
        if value >= 100:
            current = max(1, current) * value
            total, current = (total + current, 0) if value == 1000 else (total, current)
        elif word == "dozen":
            current = max(1, current) * value
        else:
            current += value
    return total + current


def _chinese(text: str) -> int:
    total = current = 0
    for char in text:
        if char in _ZH:
            current = _ZH[char]
        else:
            total += max(1, current) * {"十": 10, "百": 100, "千": 1000}[char]
            current = 0
    return total + current
