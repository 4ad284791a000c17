"""Numbers in English words: cardinals, ordinals, years, digits one by one."""

from __future__ import annotations

from typing import Final

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "- ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_GROUPS: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
#: Longer numbers are read digit by digit.
_MOST_DIGITS: Final = 18


def cardinal(digits: str) -> str:
    """Read a whole number: "1,250" is one thousand two hundred fifty."""
    digits = digits.replace(",", "").lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        return one_by_one(digits)
    if digits == "0":
        return "zero"
    groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)]
    words = [_group(int(group)) + _GROUPS[place] for place, group in enumerate(groups) if int(group)]
    return " ".join(reversed(words))


def _group(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest:
        words.append(pair(rest))
    return " ".join(words)


def pair(number: int) -> str:
    """Read a number below a hundred."""
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def number(text: str) -> str:
    """Read a number that may have a fraction: "3.14" is three point one four."""
    whole, point, fraction = text.replace(",", "").partition(".")
    return cardinal(whole) + (f" point {one_by_one(fraction)}" if point else "")


def one_by_one(digits: str) -> str:
    """Read each digit."""
    return " ".join(_ONES[int(char)] for char in digits if char.isdecimal())


def ordinal(number: int) -> str:
    """Read the place in an order: 21 is twenty-first."""
    words = cardinal(str(number))
    at = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[at:]
    return words[:at] + (_ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th"))


def year(digits: str) -> str:
    """Read a year of four digits: 1905 is nineteen oh five, 2000 is two thousand, 2024 is twenty twenty-four."""
    century, rest = int(digits[:2]), int(digits[2:])
    if digits[1:3] == "00":
        return cardinal(digits)
    if not rest:
        return f"{pair(century)} hundred"
    return f"{pair(century)} {'oh ' if rest < 10 else ''}{pair(rest)}"


def in_pairs(digits: str) -> str:
    """Read the number of a model or of lines: 4090 is forty ninety, 1080 is ten eighty, 3060 is thirty sixty."""
    if len(digits) != 4 or digits[0] == "0" or digits[1:] == "000" or digits[2] == "0":
        return cardinal(digits)
    if digits[2:] == "00":
        return f"{pair(int(digits[:2]))} hundred"
    return f"{pair(int(digits[:2]))} {pair(int(digits[2:]))}"


_SINGULAR: Final = {2: "half", 4: "quarter"}


def fraction(top: int, bottom: int) -> str:
    """Read a written fraction: 1/2 is one half, 3/4 is three quarters, 2/3 is two thirds."""
    name = _SINGULAR.get(bottom) or ordinal(bottom)
    if top != 1:
        name = "halves" if bottom == 2 else name + "s"
    return f"{cardinal(str(top))} {name}"
