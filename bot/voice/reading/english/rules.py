"""Write English as it is read aloud: numbers of all kinds, dates, times, money, units, signs, and shouted words.

A rule is a pattern and what it becomes; they run in order. The first ones bring different ways of writing into one form
and keep the digits ("1–2" becomes "1 to 2"), the later ones turn digits into words, and what is left goes one by one.
"""

from __future__ import annotations

import re
from typing import Final

from bot.voice.reading import latex
from bot.voice.reading.english.capitals import calm_capitals
from bot.voice.reading.english.dates import BOUND, DATE_RULES, DATE_WORDS, Rule, date, is_date, is_year
from bot.voice.reading.english.figures import with_figures
from bot.voice.reading.english.money import price
from bot.voice.reading.english.numbers import cardinal, fraction, in_pairs, number, one_by_one, ordinal, pair, year
from bot.voice.reading.english.shortened import WORD_RULES
from bot.voice.reading.roman import english_numerals
from bot.voice.reading.units import (
    CURRENCY,
    CURRENCY_BEHIND,
    MONEY_SIGNS,
    NUMBER,
    UNIT,
    UNITS,
)

_CALL_WORDS: Final = re.compile(
    r"(?i)\b(?:call|phone|dial|number|tel|code|pin|id|uid|qq|zip|room|password|otp|text)\b[^.!?]{0,12}$"
)


def english(text: str) -> str:
    """Return an English text with its numbers, signs and shortened words as words."""
    if "." in text or ";" in text or "WW" in text:
        for pattern, become in WORD_RULES:
            text = pattern.sub(become, text)
    if not text.isascii() or any(char in _MARKED for char in text):
        text = english_numerals(with_figures(text))
        for pattern, become in _RULES:
            text = pattern.sub(become, text)
        text = _LEFT_OVER.sub(" ", text)
    return calm_capitals(text)


_MARKED: Final = frozenset("0123456789$%&+=<>@#/^~*-_IVX")
_LEFT_OVER: Final = re.compile(rf"[*_^~#=<>|\\°{MONEY_SIGNS}]+|(?<!\w)\+|@")


def _phone(m: re.Match[str]) -> str:
    groups = re.findall("[0-9]+", m[0])
    return ("plus " if "+" in m[0] else "") + ", ".join(map(one_by_one, groups))


def _slashed(m: re.Match[str]) -> str:
    top, bottom = int(m[1]), int(m[2])
    if is_date(m[1], m[2]) and DATE_WORDS.search(m.string[: m.start()][-20:]):
        return date("", m[1], m[2])
    if bottom == 0:
        return f"{m[1]} over 0"
    if top == bottom or bottom in (5, 10, 100):
        return f"{m[1]} {'out of' if top <= bottom else 'over'} {m[2]}"
    if top < bottom and bottom in (2, 3, 4, 6, 8, 16):
        return fraction(top, bottom)
    return f"{m[1]} {'out of' if top < bottom else 'over'} {m[2]}"


def _version(m: re.Match[str]) -> str:
    behind = " " if m.string[m.end() : m.end() + 1].isalnum() else ""
    return " point ".join(map(cardinal, m[0].split("."))) + behind


#: What stands for a time behind a slash.
_PER: Final = {"hr": "hour", "wk": "week", "mo": "month", "yr": "year", "min": "minute"}


def _mixed(m: re.Match[str]) -> str:
    whole, top, bottom = m[1], int(m[2]), int(m[3])
    if not 0 < top < bottom:
        return m[0]
    name = "a " + fraction(1, bottom)[4:] if top == 1 else fraction(top, bottom)
    return f"{cardinal(whole)} and {name}"


def _clocked(m: re.Match[str]) -> str:
    minutes, seconds = filter(None, m.groups())
    return f"{minutes} minutes {int(seconds)} seconds"


def _unit(m: re.Match[str]) -> str:
    unit = UNITS[m["unit"]]
    if m["unit"] == "s" and _decade_before(m):
        return m[0]
    one = m["n"] == "1" or (m["n"] == "half" and not m.string.endswith("and a ", 0, m.start()))
    return f"{m['n']} {unit.one if one else unit.many}"


#: The last word of a whole number before such a part, and what `fraction` makes, but for halves.
_WHOLE: Final = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z-]*(?:teen|ty))"
_PARTS: Final = "(?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth|sixteenth|hundredth)s?"


def _part_of_unit(m: re.Match[str]) -> str:
    """Return a part of a unit: "one third of a cup", and "two and a third cups" where there are whole ones before."""
    unit = UNITS[m["unit"]]
    if m["mixed"]:
        return f"{m['mixed']}{m['part']} {unit.many}"
    return f"{m['part']} of {'an' if unit.one[0] in 'aeiou' or unit.one.startswith('hour') else 'a'} {unit.one}"


def _decade_before(m: re.Match[str]) -> bool:
    """Return whether "30s" are years of a life or of a century, and no seconds."""
    if m["n"][-1:] != "0" or len(m["n"]) not in (2, 4):
        return False
    return len(m["n"]) == 4 or bool(
        _ERA_BEFORE.search(m.string[: m.start()][-20:]) or _ERA_AFTER.match(m.string, m.end())
    )


_ERA_BEFORE: Final = re.compile(
    r"(?i)\b(?:the|my|his|her|their|your|our|mid|late|early)[ -](?:mid[ -]|late |early )?'?$"
)
_ERA_AFTER: Final = re.compile(
    r" (?:music|songs?|styles?|kids?|vibes?|movies?|fashion|rock|pop|bands?|anime|films?|shows?|games?|era|hits?)\b"
)


def _decade(m: re.Match[str]) -> str:
    words = year(m[1]) if len(m[1]) == 4 else pair(int(m[1]))
    return words[:-1] + "ies" if words.endswith("y") else words + "s"


def _times(m: re.Match[str]) -> str:
    return f"{m[1]} by {m[2]}" if len(m[1]) < 3 or len(m[2]) < 3 else f"{in_pairs(m[1])} by {in_pairs(m[2])}"


def _letter_times(m: re.Match[str]) -> str:
    return f"{m[1]} {'million' if m[2] in 'mM' else 'billion'}" if m[2] not in "kK" else _thousands(m)


def _thousands(m: re.Match[str]) -> str:
    if m[2] == "K" and m[1] in ("2", "4", "8"):
        return f"{m[1]} K"
    return f"{m[1]} thousand"


def _plain(m: re.Match[str]) -> str:
    text, before, after = m[0], m.string[: m.start()][-30:], m.string[m.end() : m.end() + 20]
    if text.isdecimal():
        if len(text) == 4 and is_year(text, before, after):
            words = year(text)
        elif (text[0] == "0" and len(text) > 1) or len(text) > 9 or (_CALL_WORDS.search(before) and len(text) > 2):
            words = cardinal(text) if text.endswith("0000") and text[0] != "0" else one_by_one(text)
        elif len(text) == 4 and re.search(r"\b(?:RTX|GTX|RX|Ryzen|Core|Model|Route|Flight)[ -]?$", before):
            words = in_pairs(text)
        else:
            words = cardinal(text)
    else:
        words = number(text)
    left = " " if before[-1:].isalnum() else ""
    return left + words + (" " if after[:1].isalpha() else "")


def _unknown(m: re.Match[str]) -> str:
    """Return "3 X" for 3x where it stands in an equation; elsewhere it means three times."""
    return f"{m[1]} {m[2].upper()}" if "=" in m.string else m[0]


def _model(m: re.Match[str]) -> str:
    digits = m[1]
    first = in_pairs(digits) if len(digits) == 4 else f"{pair(int(digits[:2]))} {_hundreds(digits[2:])}"
    return f"{first} {m[2]}"


_RULES: Final[tuple[Rule, ...]] = (
    (re.compile(rf"(?<=[A-Za-z0-9]) @ (?=[A-Za-z0-9{MONEY_SIGNS}])"), " at "),
    (re.compile(r"(?<![0-9A-Za-z.])([0-9]{1,3})([xyz])(?= ?[-+=^/*]| ?$)"), _unknown),
    (re.compile(r"(?<=[\w)]) - (?=[0-9a-z(])"), lambda m: " minus " if "=" in m.string else m[0]),
    (re.compile(r"(?<![0-9A-Za-z.,])([0-9]{4,5})(K[SF]?|KF|X3D|HX|H|U|G)(?![A-Za-z0-9])"), _model),
    *DATE_RULES,
    # telephone numbers, addresses of machines, versions
    (re.compile(r"(?<![0-9+])\+[0-9]{1,3}(?:[ -][0-9]{2,5}){2,4}(?![0-9])|(?<![0-9+])\+[0-9]{9,14}(?![0-9])"), _phone),
    (re.compile(BOUND + r"(?:1[- ])?(?:\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-.][0-9]{4}(?![0-9])"), _phone),
    (re.compile(r"(?<!\w)\(0[0-9]{1,4}\) ?[0-9]{3,4}[ -][0-9]{3,4}(?![0-9])"), _phone),
    (
        re.compile(r"(?<![A-Za-z0-9])0x([0-9A-Fa-f]{1,16})(?![A-Za-z0-9])"),
        lambda m: "zero X " + " ".join(one_by_one(char) or char.upper() for char in m[1]),
    ),
    (re.compile(BOUND + r"(?:[0-9]{3}-[0-9]{4}|[0-9]{2,4}-[0-9]{3,4}-[0-9]{4})(?![0-9-])"), _phone),
    (
        re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])"),
        lambda m: " dot ".join(map(one_by_one, m[0].split("."))),
    ),
    (re.compile(r"(?<![A-Za-z0-9])[vV]\.?(?=[0-9])"), "version "),
    (re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}"), _version),
    # sums, ranges, scores, ratios
    (re.compile(r"(?<![0-9/])24/7/365(?![0-9/])"), "twenty-four seven three sixty-five"),
    (re.compile(r"(?<![0-9-])50-50(?![0-9-])"), "fifty-fifty"),
    (re.compile(r"(?<![0-9-])24-7(?![0-9-])"), "twenty-four seven"),
    (re.compile(r"(?<=[0-9])-(in|on|to|by|for|and)-(?=[0-9])"), r" \1 "),
    (re.compile(r"(?<=[0-9](?:st|nd|rd|th)) ?[-–] ?(?=[0-9])"), " to "),
    (re.compile(r"(?<=[0-9]) ?[-–] ?(?=[0-9]+ ?=)"), " minus "),
    (
        re.compile(rf"{BOUND}{CURRENCY} ?(?P<n>{NUMBER}) ?[-–~] ?(?P=sign)?(?=[0-9])"),
        lambda m: f"{m['n']} to {m['sign']}",
    ),
    (re.compile(r"(?<![0-9-])[0-9]+(?:-[0-9]+){2,}(?![0-9-])"), lambda m: m[0].replace("-", ", ")),
    (re.compile(r"(?<=UTC|GMT)-(?=[0-9])"), " minus "),
    (re.compile(r"(?<=[A-Za-z])(-?[0-9]+(?:\.[0-9]+)?)-(?=[0-9])"), r"\1 "),
    (re.compile(r"(?<=[0-9%])(?<![0-9]-[0-9]) ?[–~] ?(?=[$€£]?[0-9])|(?<=[0-9%])-(?=[$€£]?[0-9])"), " to "),
    (re.compile(r"(?<=[0-9])-(?=[A-Za-z]{2})"), " "),
    (re.compile(r"(?<![0-9:])([0-9]{1,4}) ?: ?([0-9]{1,4})(?![0-9:])"), r"\1 to \2"),
    (re.compile(r"(?<![A-Za-z0-9-])([A-Z])-(?!\1)([A-Z])(?![A-Za-z0-9-])"), r"\1 to \2"),
    (re.compile(r"(?:(?<=^)|(?<=[\s(\"“=]))[-–](?=[$€£]?[0-9])"), "minus "),
    (re.compile(r"(?<![\w)])(?:[Aa]bout )?[~≈] ?(?=[$€£]?[0-9])"), "about "),
    # money and percent
    (
        re.compile(
            rf"{CURRENCY} ?(?P<n>{NUMBER})(?: ?(?P<zeros>bn|[kKMBm]))?(?![A-Za-z0-9])"
            r"(?: (?P<big>thousand|million|billion)\b)?"
        ),
        price,
    ),
    (re.compile(rf"(?P<n>{NUMBER})(?P<zeros>[kK])? ?{CURRENCY_BEHIND}"), price),
    (re.compile(rf"({NUMBER}) ?bn(?![A-Za-z0-9])"), r"\1 billion"),
    (re.compile(rf"({NUMBER}) ?tn(?![A-Za-z0-9])"), r"\1 trillion"),
    (re.compile(r" ?%(?=[A-Za-z])"), " percent "),
    (re.compile(r" ?%"), " percent"),
    (re.compile(r" ?‰"), " per mille"),
    # slashes
    (re.compile(r"(?<=[0-9]/)([0-9]+)(?:nds?|rds?|ths?)\b"), r"\1"),
    (re.compile(r"(?<![0-9/.])24[/-]7(?![0-9/-])"), "twenty-four seven"),
    (re.compile(r"(?<![0-9/.])20/20(?![0-9/])"), "twenty twenty"),
    (re.compile(r"(?<![0-9/.])([0-9]+\.[0-9]+) ?/ ?([45](?:\.0)?|10|100)(?![0-9/])"), r"\1 out of \2"),
    (
        re.compile(r"(?<=[a-z0-9])/(hr|hour|day|wk|week|mo|month|yr|year|min|person|night)\b"),
        lambda m: f" per {_PER.get(m[1], m[1])}",
    ),
    (re.compile(r"(?<=dollars)/(?=[a-z])|(?<=pounds|.euros)/(?=[a-z])"), " per "),
    (re.compile(r"(?<![0-9/.])9/11(?![0-9/])"), "nine eleven"),
    (re.compile(r"(?<![0-9/.])50/50(?![0-9/])"), "fifty-fifty"),
    (re.compile(r"(?<![0-9/.])([0-9]{1,3}) ([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"), _mixed),
    (re.compile(r"(?<![0-9/.])([0-9]{1,4}) ?/ ?([0-9]{1,4})(?![0-9/])"), _slashed),
    # units, measures and counts
    (re.compile(r"(?<![0-9A-Za-z])'([0-9]0)s(?![A-Za-z0-9])"), _decade),
    (re.compile(rf"([0-9] ?){UNIT} ?[-–~] ?(?=-?[0-9])"), r"\1\g<unit> to "),
    # Twelve inches are a foot: what is more is seconds.
    (re.compile(r"(?<![0-9])(?:([1-9][0-9]{1,2})'([0-5][0-9])|([0-9])'(1[2-9]|[2-5][0-9]))(?:\"|''|”)"), _clocked),
    (re.compile(r"(?<![0-9])([0-9])'([0-9]{1,2})(?:\"|''|”|(?![0-9]))"), lambda m: f"{m[1]} foot {m[2]}"),
    (re.compile(r"(?<![0-9'])([0-9]{1,2})'(?![\w'])"), r"\1 feet"),
    (re.compile(rf"\b(?P<mixed>{_WHOLE} and \w+ )?(?P<part>{_PARTS}) {UNIT}"), _part_of_unit),
    (
        re.compile(rf"({NUMBER})m(?= (?:views|followers|subs|people|users|players|downloads|viewers|likes|fans)\b)"),
        r"\1 million",
    ),
    (re.compile(r" ?°(?=[NSEW]\b)"), " degrees "),
    (re.compile(rf"(?P<n>{NUMBER}|half) ?{UNIT}"), _unit),
    (
        re.compile(r"(?<![0-9.])([0-9]{3,4})([pi])(?![A-Za-z])"),
        lambda m: f"{in_pairs(m[1]) if len(m[1]) == 4 else _hundreds(m[1])} {m[2].upper()}",
    ),
    (re.compile(rf"(?<![A-Za-z])(?!98K)({NUMBER})([kKMB])\b"), _letter_times),
    (re.compile(r"(?<![0-9])([0-9]{2,5})[x×]([0-9]{2,5})(?![0-9])"), _times),
    (re.compile(r"(?<![0-9])([0-9]{1,3}) ?[x×] ?([0-9]{1,3})(?![0-9])(?= ?=)"), r"\1 times \2"),
    (re.compile(r"(?<![0-9])([0-9])x([0-9])(?![0-9])"), r"\1 by \2"),
    (re.compile(rf"({NUMBER})[x×](?![A-Za-z0-9])"), r"\1 times"),
    (re.compile(r"(?<![A-Za-z0-9])[x×](?=[0-9])"), "times "),
    (re.compile(r"(?<![0-9])'?([0-9]{2}|1[0-9]{2}0|20[0-9]0)'?s(?![A-Za-z0-9])"), _decade),
    (
        re.compile(r"(?<![0-9.,])([0-9]{1,3}(?:,[0-9]{3})*|[0-9]{1,7})(?:st|nd|rd|th)\b"),
        lambda m: ordinal(int(m[1].replace(",", ""))),
    ),
    (re.compile(r"(?<!\w)(?:#|[Nn][Oo]\. ?|No)(?=[0-9])"), "number "),
    (re.compile(r"([0-9]) ?v(?:s\.?)? ?(?=[0-9])"), r"\1 V "),
    (latex.POWER, lambda m: latex.power(m["raised"], "en")),
    # signs
    (re.compile(r"(?<=[\w)])\s?\+\s?(?=[\w(])"), " plus "),
    (re.compile(r"(?<![A-Za-z])([A-G])#(?!\w)"), r"\1 sharp"),
    (re.compile(r"(?<=[A-Za-z])\+\+"), " plus plus"),
    (re.compile(r"(?<=[A-Za-z0-9])\+"), " plus"),
    (re.compile(r"(?<!\w)\+(?=[0-9])"), "plus "),
    (re.compile(r"(?<=[0-9)]) ?[*×x] ?(?=[0-9(])|(?<=[a-z)]) [×*] (?=[a-z(])|×"), " times "),
    (re.compile(r" ?÷ ?"), " divided by "),
    (re.compile(r" ?± ?"), " plus or minus "),
    (re.compile(r" ?≠ ?|(?<=[\w)]) ?!={1,2} ?(?=[\w(-])"), " is not equal to "),
    (re.compile(r" ?≈ ?"), " is about "),
    (re.compile(r" ?≥ ?|(?<=[\w)]) ?>= ?(?=[\w(])"), " is at least "),
    (re.compile(r" ?≤ ?|(?<=[\w)]) ?<= ?(?=[\w(])"), " is at most "),
    (re.compile(r"(?<=[\w)]) ?={1,3} ?(?=[\w(-])"), " equals "),
    (re.compile(r"(?<=[\w)]) >(?=[0-9])"), " more than "),
    (re.compile(r"(?<=[\w)]) <(?=[0-9])"), " less than "),
    (re.compile(r"(?<=[\w)]) ?> ?(?=[0-9])"), " is more than "),
    (re.compile(r"(?<=[\w)]) ?< ?(?=[0-9])"), " is less than "),
    (re.compile(r"(?<=[\w)]) > (?=\w)"), " is more than "),
    (re.compile(r"(?<![\w)>=-])> ?(?=[0-9])"), "more than "),
    (re.compile(r"(?<![\w)<])< ?(?=[0-9])"), "less than "),
    (re.compile(r"§ ?(?=[0-9])"), "section "),
    (re.compile(r"(?<=[\w)]) < (?=\w)"), " is less than "),
    (re.compile(r" ?√ ?"), " the square root of "),
    (re.compile(r" ?∛ ?"), " the cube root of "),
    (re.compile(r"(?<=[0-9a-z)]) [·⋅] (?=[0-9a-z(])"), " times "),
    (re.compile("∞"), " infinity "),
    (re.compile("π"), " pi "),
    (re.compile("µ|μ"), " mu "),
    (re.compile("∠ ?"), "angle "),
    (re.compile(r"\s?&{1,2}\s?"), " and "),
    (re.compile(r"(?i)(?<![\w/])n/a(?![\w/])"), "N A"),
    (re.compile(r"(?<![\w/])([ru])/(?=[A-Za-z0-9]{2})"), lambda m: "user " if m[1] == "u" else "r slash "),
    (
        re.compile(r"(?i)(?<![\w/])(he/she|she/he|his/her|him/her|yes/no|true/false|win/lose|his/hers)(?![\w/])"),
        lambda m: m[0].replace("/", " or "),
    ),
    (re.compile(r"(?<=\w)(?: / |/)(?=[A-Za-z])|(?<=[A-Za-z])(?: / |/)(?=\w)"), " "),
    (re.compile(r"/(?=[A-Za-z])"), "slash "),
    (re.compile("/"), " "),
    # what is left
    (re.compile(NUMBER), _plain),
)


def _hundreds(digits: str) -> str:
    return f"{pair(int(digits[0]))} {pair(int(digits[1:]))}" if int(digits[1:]) else cardinal(digits)
