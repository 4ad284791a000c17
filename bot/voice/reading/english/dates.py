"""Dates, times and years in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.voice.reading.english.numbers import one_by_one, ordinal, pair, year

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

#: No number or sign of one adjoins.
BOUND: Final = r"(?<![0-9.,/:-])"
_MONTHS: Final = ("January February March April May June July August September October November December").split()
_SHORT: Final = {name[:3].lower(): index for index, name in enumerate(_MONTHS, 1)} | {"sept": 9}
_MONTH: Final = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b(?:(?<=\b[A-Z][a-z]{2})\.(?=[ ,]))?"
)
_DAYS: Final = {name[:3]: name for name in "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()}
DATE_WORDS: Final = re.compile(
    r"(?i)\b(?:on|by|since|until|till|before|after|from|dated?|due|to|through"
    r"|see (?:you|ya|u)|deadline|[a-z]{2,6}day|mon|tue|wed|thu|fri|sat|sun),?\s(?:the\s)?$"
)
_SCORE_WORDS: Final = re.compile(
    r"(?i)\b(?:scores?|ratio|odds|won|win|lost|lose|lead|leads|led|beat|final|tied?)\b[^.!?]{0,20}$"
)
_YEAR_BEFORE: Final = re.compile(
    r"(?i)\b(?:in|since|by|of|year|until|till|from|to|before|after|around|circa|late|early|mid|summer|winter|spring|fall"
    r"|autumn|the|january|february|march|april|may|june|july|august|september|october|november|december|and|or|"
    r"christmas|back in)[ -]$"
)
_YEAR_AFTER: Final = re.compile(
    r"\s*(?:$|[,.!?;:)\"'”—–])|\s+(?:was|is|were|will|had|has|and|or|to|when|edition|season|world|i|we|it|the|but|for|my)\b",
    re.IGNORECASE,
)
#: Other years stand before it: "in 1776, 1812 and 1945".
_YEAR_LIST: Final = re.compile(r"(?i)\b(?:in|since|from|years?)\s(?:[12][0-9]{3}(?:,\s|,?\sand\s|,?\sor\s))+$")
_PLURAL: Final = re.compile(r" (?!(?:was|is|has|this|his|its|as)\b)[a-z]+s\b")


def date(y: str, m: str, d: str) -> str:
    """Read a date; ``y`` may be empty."""
    return f"{_MONTHS[int(m) - 1]} {ordinal(int(d))}" + (f", {year(y)}" if y else "")


def is_date(m: str, d: str) -> bool:
    """Return whether a month and a day can be a date."""
    return 1 <= int(m) <= 12 and 1 <= int(d) <= 31


def _iso_date(m: re.Match[str]) -> str:
    return date(m[1], m[2], m[3]) if is_date(m[2], m[3]) else m[0]


def _slash_date(m: re.Match[str]) -> str:
    first, second, y = m.groups()
    if is_date(first, second):
        return date(y, first, second)
    return date(y, second, first) if is_date(second, first) else m[0]


def _month_day(m: re.Match[str]) -> str:
    day = int(m["d"])
    if not 1 <= day <= 31:
        return m[0]
    return date(m["y"] or "", str(_SHORT[m["month"][:3].lower()]), m["d"])


def _day_month(m: re.Match[str]) -> str:
    if not 1 <= int(m["d"]) <= 31:
        return m[0]
    name = _MONTHS[_SHORT[m["month"][:3].lower()] - 1]
    return f"the {ordinal(int(m['d']))} of {name}" + (f", {year(m['y'])}" if m["y"] else "")


def _month_name(m: re.Match[str]) -> str:
    return _MONTHS[_SHORT[m[1].lower()] - 1] + " "


def _two(digits: str) -> str:
    if digits == "00":
        return "oh oh"
    return f"oh {one_by_one(digits[1])}" if digits[0] == "0" and len(digits) == 2 else pair(int(digits))


def _days(m: re.Match[str]) -> str:
    """Read "May 3-5": from a day to a later one of the same month."""
    if not int(m["d"]) < int(m["e"]) <= 31:
        return m[0]
    name = _MONTHS[_SHORT[m["month"][:3].lower()] - 1]
    return f"{name} {ordinal(int(m['d']))} to {ordinal(int(m['e']))}"


def _first_day(m: re.Match[str]) -> str:
    return f"{ordinal(int(m['d']))} to " if 1 <= int(m["d"]) <= 31 else m[0]


def _clock(m: re.Match[str]) -> str:
    if m["part"]:
        return " ".join(_two(p) for p in (m["h"], m["m"], m["s"]) if p) + f" point {one_by_one(m['part'])}"
    hour, minute, second, half = int(m["h"]), int(m["m"]), m["s"], (m["half"] or "").replace(".", "").upper()
    if hour > 24 or minute > 59 or (not half and not second and _SCORE_WORDS.search(m.string[: m.start()][-40:])):
        return f"{m['h']} to {m['m']}"
    if hour in (0, 24) and not (minute or second or half):
        return "midnight"
    words = pair(hour)
    if minute or second:
        words += f" {'oh ' if minute < 10 else ''}{pair(minute) if minute else 'oh'}"
    elif not half:
        words += " o'clock" if 1 <= hour <= 12 else " hundred"
    if second:
        words += f" {'oh ' if int(second) < 10 else ''}{pair(int(second))}"
    return f"{words} {half}" if half else words


def _hour(m: re.Match[str]) -> str:
    end = "." if m[2].endswith(".") and m.end() == len(m.string) else ""
    return f"{m[1]} {m[2].replace('.', '').upper()}{end}"


def _compound(m: re.Match[str]) -> str:
    """Read "1h30m" as hours and minutes."""
    words = [f"{m[1]} hour{'' if m[1] == '1' else 's'}"]
    words += [f"{m[2]} minute{'' if m[2] == '1' else 's'}"] if m[2] else []
    return " ".join(words)


def is_year(text: str, before: str, after: str) -> bool:
    """Return whether four digits between two texts are a year: by a word before them, or nothing to count behind."""
    if not 1001 <= int(text) <= 2099 or before[-1:].isalnum() or after[:1].isalpha() or _PLURAL.match(after):
        return False
    if _YEAR_LIST.search(before):
        return True
    led = _YEAR_BEFORE.search(before) is not None
    if int(text) >= 1900:
        return led or _YEAR_AFTER.match(after) is not None
    return led and re.search(r"(?i)\b(?:in|since|year|circa|until|from|to|back in|and)[ -]$", before) is not None


DATE_RULES: Final[tuple[Rule, ...]] = (
    # dates
    (re.compile(BOUND + r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])"), _iso_date),
    (re.compile(BOUND + r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?![0-9])"), _slash_date),
    (
        re.compile(
            rf"\b{_MONTH} (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)? ?[-–] ?(?P<e>[0-9]{{1,2}})(?![0-9:/%-]| ?[ap]\.?m\b)"
        ),
        _days,
    ),
    (re.compile(rf"(?<=[0-9])(?:st|nd|rd|th)? ?[-–] ?(?={_MONTH} [0-9])"), " to "),
    (
        re.compile(rf"\b(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)? ?[-–] ?(?=[0-9]{{1,2}}(?:st|nd|rd|th)? {_MONTH})"),
        _first_day,
    ),
    (
        re.compile(
            rf"\b{_MONTH} (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>(?:1[1-9]|20)[0-9]{{2}})(?![0-9]))?"
            r"(?![0-9%:.,]?[0-9])(?! ?(?:[ap]\.?m\b|:))"
        ),
        _month_day,
    ),
    (
        re.compile(
            rf"(?:\bthe )?\b(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}"
            r"(?:,? (?P<y>(?:1[1-9]|20)[0-9]{2})(?![0-9]))?"
        ),
        _day_month,
    ),
    (
        re.compile(rf"\b({'|'.join(_DAYS)})\.?[-–]({'|'.join(_DAYS)})\b(?:\.(?= [0-9a-z]))?"),
        lambda m: f"{_DAYS[m[1]]} to {_DAYS[m[2]]}",
    ),
    (re.compile(rf"\b({'|'.join(name[:3] for name in _MONTHS)})\.? (?=(?:19|20)[0-9]{{2}}(?![0-9]))"), _month_name),
    # times
    (re.compile(r"(?<![0-9:])([0-9]{1,2}:[0-9]{2}) ?[-–—~] ?(?=[0-9]{1,2}:[0-9]{2}(?![0-9]))"), r"\1 to "),
    (re.compile(r"(?i)(?<=[0-9 ][ap]m) ?[-–—~] ?(?=[0-9])"), " to "),
    (
        re.compile(
            BOUND + r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2}))?(?:\.(?P<part>[0-9]{1,3}))?(?![0-9:])"
            r"(?: ?(?P<half>[AaPp]\.?[Mm])\b(?:\.(?= [a-z]))?)?"
        ),
        _clock,
    ),
    (re.compile(r"(?<![0-9])([0-9]{1,2}) ?([ap]m\b|[AP]M\b|[ap]\.m\.)"), _hour),
    (re.compile(r"(?<![0-9])([0-9]{1,2})h ?(?:([0-9]{1,2})m(?:in)?)?\b"), _compound),
)
