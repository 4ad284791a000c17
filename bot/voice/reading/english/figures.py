"""English figures that have a reading of their own beside certain words: codes, bars of music, rooms, inches."""

from __future__ import annotations

import re
from typing import Final

from bot.voice.reading.english.dates import Rule
from bot.voice.reading.english.numbers import in_pairs, one_by_one, year

_DIGITS: Final = frozenset("0123456789-")
#: A number behind these names something and counts nothing.
_CODE: Final = re.compile(r"(?<![\w.,-])[0-9]{3,5}(?![\w.,:%-]*[0-9])")
_CODE_WORDS: Final = re.compile(
    r"(?i)(?<![A-Za-z])(?:error|https?|status|rfc|iso|ieee|extension|ext\.?)(?: code)?[ :#-]{1,2}$"
)
_FLIGHT: Final = re.compile(r"(?<=light )([A-Z]{2}|[A-Z][0-9]) ?([0-9]{2,4})(?![0-9])")
#: A bar of music is no fraction: "in 4/4", "3/4 time".
_BAR: Final = re.compile(
    r"(?<![0-9/.])([2-9]|12)/([248]|16)(?= (?:time|beats?|met(?:er|re)|groove|rhythm|signature)\b)"
    r"|(?<=\bin )([2-9]|12)/([48]|16)(?=[.,!?;)]|$| (?:at|and|or|with|then|but)\b)"
)
#: A letter behind the number of a room, a gate or a house is no thousand or billion.
_LETTERED: Final = re.compile(r"(?<![\w.])([0-9]{1,4})([A-Z])(?![A-Za-z0-9])")
_PLACE: Final = re.compile(
    r"(?i)\b(?:room|gate|seat|apartment|apt\.?|unit|flat|exit|row|block|section|page|figure|class|grade|step|route|suite"
    r"|platform) $"
)
_STREET: Final = re.compile(r" [A-Z][a-z]+ (?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd)\b")
#: What keeps its name in pairs: cards of a computer.
_CARD: Final = re.compile(r"(?<![\w.])([0-9]{3,4}) ?(Ti|XT|XTX|SUPER|Super)(?![A-Za-z0-9])")
#: A year that hangs on a word: FY2023, gg2024.
_YEAR_ON_WORD: Final = re.compile(r"(?<=[A-Z]{2}|[a-z]{2})(19[5-9][0-9]|20[0-4][0-9])(?![0-9A-Za-z.])")
#: A range of years, not of what is counted behind it.
_YEARS: Final = re.compile(
    r"(?<![\w.,/$€£-])(1[1-9][0-9]{2}|20[0-9]{2}) ?[-–] ?((?:1[1-9]|20)[0-9]{2})(?![\w.,/%-]*[0-9])"
    r"(?=[.,!?;:)\"]|$| (?:was|were|is|are|and|or|in|season|era|period|edition|when|the|it|he|she|they|AD|BC)\b)"
)
_BEFORE_CHRIST: Final = re.compile(r"(?<![\w.,-])([1-9][0-9]{3})(?= (?:BCE?|AD|CE)(?![A-Za-z]))")
_SHORT_YEAR: Final = re.compile(r"(?<![\w'\"])'([0-9]{2})(?![0-9'\"A-Za-z])")
_ANGLE: Final = re.compile(r"([0-9]{1,3})° ?([0-9]{1,2})' ?(?:([0-9]{1,2}(?:\.[0-9]+)?)(?:\"|''))?")
#: The side of a thing in inches, before the thing ("a 27" screen") and alone. A quotation's end is none.
_INCHES: Final = re.compile(r"(?<![\w\".,/'])((?:[0-9]{1,2} )?[0-9]{1,2}(?:/[0-9]{1,2}|\.[0-9]{1,2})?)\"(?!\w)")
_NO_THING: Final = re.compile(
    r" (?:is|was|are|were|and|or|to|by|in|on|at|of|tall|long|wide|deep|high|thick|across|away|apart|from|for|off|more"
    r"|less|then|but|so|the|a|an|I|it|you|x)\b"
)
_FEET_AND_INCHES: Final = re.compile(r"(?i)(?<=[0-9])( ?(?:ft|feet|foot))\.? ?([0-9]{1,2}) ?in\b\.?(?! [0-9])")
_GLUED_INCHES: Final = re.compile(r"(?<![\w.])([0-9]{1,3}(?:\.[0-9]{1,2})?)in(?![A-Za-z0-9])")
_SUBNET: Final = re.compile(r"(?<![\d.])([0-9]{1,3}(?:\.[0-9]{1,3}){3})/([0-9]{1,2})(?![0-9])")
_GRADE: Final = re.compile(r"(?i)(?<=\b)((?:an?|type|grade|got|blood) (?-i:[ABCDFO]|AB))-(?=[\s.,!?;)]|$)")
_LONG_CODE: Final = re.compile(r"(?<![\w-])[0-9]+(?:-[0-9]+){2,}(?![\w-])")
_WATTS: Final = re.compile(r"(?<![\w.,-])([0-9]{2,4}(?:\.[0-9]+)?) ?(W|V)(?![\w-]| [0-9])")
_WATT_NAMES: Final = {"W": "watts", "V": "volts"}
#: Letters between two figures of a formula are no words: H2SO4.
_FORMULA: Final = re.compile(r"(?<=[A-Z])( ?[0-9])(S|N|H|O)(O|H)(?![A-Za-z])")
#: Figures in a row, without a space behind their commas.
_ROW: Final = re.compile(r"(?<![0-9.,])[0-9]{1,2}(?:,[0-9]{1,2}){2,}(?![0-9.,]*[0-9])")
#: Shares of a hundred: 80/20.
_SHARES: Final = re.compile(r"(?<![0-9/.])([1-9][0-9])/([1-9][0-9])(?![0-9/])")
#: Rates of what letters stand for: 10k/s.
_RATE: Final = re.compile(r"(?<=[0-9][kKMB])/(s|sec|min|h|hr)\b")
_RATES: Final = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour"}
_SHORT_DAYS: Final = {
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday", "Sat": "Saturday",
    "Sun": "Sunday",
}  # fmt: skip
_SHORT_DAY: Final = re.compile(
    rf"(?<![\w–-])({'|'.join(_SHORT_DAYS)})\.?(?=,? (?:[0-9]{{1,2}}(?:[/:][0-9]| ?[ap]\.?m)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)))"
)


def _code(m: re.Match[str]) -> str:
    return one_by_one(m[0]) if _CODE_WORDS.search(m.string[: m.start()][-20:]) else m[0]


def _bar(m: re.Match[str]) -> str:
    return f"{one_by_one(m[1] or m[3])} {m[2] or m[4]}" if (m[1] or m[3]) != "12" else f"twelve {m[2] or m[4]}"


def _lettered(m: re.Match[str]) -> str:
    named = _PLACE.search(m.string[: m.start()][-12:]) or _STREET.match(m.string, m.end())
    return f"{m[1]} {m[2]}" if named else m[0]


def _years(m: re.Match[str]) -> str:
    return f"{year(m[1])} to {year(m[2])}" if m[1] < m[2] else m[0]


def _short_year(m: re.Match[str]) -> str:
    return f"oh {one_by_one(m[1][1])}" if m[1][0] == "0" and m[1] != "00" else m[1]


def _angle(m: re.Match[str]) -> str:
    return f"{m[1]} degrees {m[2]} minutes" + (f" {m[3]} seconds" if m[3] else "")


def _inches(m: re.Match[str]) -> str:
    if m.string.count('"', 0, m.start()) % 2:
        return m[0]
    thing = re.match(r" (?:[a-z]|[A-Z]{2})", m.string[m.end() :]) and not _NO_THING.match(m.string, m.end())
    return f"{m[1]} {'inch' if thing or '/' in m[1] or m[1] == '1' else 'inches'}"


def _long_code(m: re.Match[str]) -> str:
    groups = m[0].split("-")
    return ", ".join(map(one_by_one, groups)) if sum(map(len, groups)) > 8 and max(map(len, groups)) > 2 else m[0]


#: Characters of which one must stand in a text (none: a digit is enough), a pattern, and what it becomes; in order.
_RULES: Final[tuple[tuple[str, *Rule], ...]] = (
    ("", _CODE, _code),
    ("l", _FLIGHT, lambda m: f"{m[1]} {one_by_one(m[2])}"),
    ("/", _BAR, _bar),
    ("", _LETTERED, _lettered),
    ("TXS", _CARD, lambda m: f"{in_pairs(m[1]) if len(m[1]) == 4 else m[1]} {m[2]}"),
    ("", _YEAR_ON_WORD, lambda m: f" {year(m[1])}"),
    ("-–", _YEARS, _years),
    ("CA", _BEFORE_CHRIST, lambda m: year(m[1])),
    ("'", _SHORT_YEAR, _short_year),
    ("°", _ANGLE, _angle),
    ("f", _FEET_AND_INCHES, r"\1 \2 inches"),
    ("n", _GLUED_INCHES, r"\1 inches"),
    ("/", _SUBNET, r"\1 slash \2"),
    ("-", _GRADE, r"\1 minus"),
    ("-", _LONG_CODE, _long_code),
    ("WV", _WATTS, lambda m: f"{m[1]} {_WATT_NAMES[m[2]]}"),
    ("O", _FORMULA, r"\1 \2 \3"),
    (",", _ROW, lambda m: m[0].replace(",", ", ")),
    ("/", _SHARES, lambda m: f"{m[1]} {m[2]}" if int(m[1]) + int(m[2]) == 100 and m[1] != m[2] else m[0]),
    ("/", _RATE, lambda m: f" per {_RATES[m[1]]}"),
    ('"', _INCHES, _inches),
    ("MTWFS", _SHORT_DAY, lambda m: _SHORT_DAYS[m[1]]),
)
_NEEDED: Final = tuple((frozenset(chars), pattern, become) for chars, pattern, become in _RULES)


def with_figures(text: str) -> str:
    """Return a text whose figures beside such words are written out, or in a form that the other rules read right."""
    chars = frozenset(text)
    if chars.isdisjoint(_DIGITS):
        return text
    for needed, pattern, become in _NEEDED:
        if not needed or not chars.isdisjoint(needed):
            text = pattern.sub(become, text)
    return text
