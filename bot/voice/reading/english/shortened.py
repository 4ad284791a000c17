"""English words that are written short, before a name or a number."""

from __future__ import annotations

import re
from typing import Final

from bot.voice.reading.english.dates import Rule

_SHORT_WORDS: Final = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Prof": "Professor", "Capt": "Captain", "Sgt": "Sergeant",
    "Lt": "Lieutenant", "Gen": "General", "Sen": "Senator", "Gov": "Governor", "St": "Saint", "Ft": "Fort",
    "Mt": "Mount",
}  # fmt: skip
_SHORT_PARTS: Final = {
    "p": "page", "pp": "pages", "ch": "chapter", "vol": "volume", "ep": "episode", "fig": "figure", "sec": "section",
    "approx": "approximately", "pt": "part", "art": "article", "ex": "exercise",
    "op": "opus", "apt": "apartment", "max": "at most", "min": "at least",
}  # fmt: skip
_STREETS: Final = {"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard"}
_SHORT_DAYS: Final = {"Tues": "Tuesday", "Wed": "Wednesday", "Thur": "Thursday", "Thurs": "Thursday"}


def _short_word(m: re.Match[str]) -> str:
    if m[1] == "St" and re.search(r"[A-Z][a-z]+ $", m.string[: m.start()]):
        return "Street. "
    return f"{_SHORT_WORDS[m[1]]} "


def _junior(m: re.Match[str]) -> str:
    return " Junior" if m[1] == "Jr" else " Senior"


#: These need no digit or sign in the text.
WORD_RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"\b(Mr|Mrs|Ms|Dr)\.(?= (?:and|or|&) (?:Mr|Mrs|Ms|Dr)\b)"), lambda m: _SHORT_WORDS.get(m[1], m[1])),
    (
        re.compile(
            r"(?<![A-Za-z.])(?:(?P<eg>[Ee]\. ?g\.,?)|(?P<ie>[Ii]\. ?e\.,?)"
            r"|[Ee]tc(?:\.(?=[,;:!?)]| [a-z])|(?=\.(?:$| ))))"
        ),
        lambda m: "for example" if m["eg"] else "that is" if m["ie"] else "et cetera",
    ),
    (re.compile(r"(?:(?<=[a-z]),)? ([JS]r)(?=\.)"), _junior),
    (re.compile(r"(?<![A-Za-z.])c\. ?(?=[0-9]{3,4}(?![0-9]))"), "circa "),
    (
        re.compile(r"(?<=[0-9][snrt][tdh] )(St|Ave|Rd|Blvd)(?:\.(?=,| [a-z0-9])|(?=\.?$))"),
        lambda m: _STREETS[m[1]],
    ),
    (
        re.compile(r"\b([A-Z][a-z]+) (St|Ave|Rd|Blvd)(?:\.(?=,| [a-z0-9])|(?=\.$))"),
        lambda m: f"{m[1]} {_STREETS[m[2]]}",
    ),
    (re.compile(rf"\b({'|'.join(_SHORT_WORDS)})\. ?(?=[A-Z][a-z'])"), _short_word),
    (
        re.compile(rf"(?i)(?<![A-Za-z.])(?<![0-9] )({'|'.join(_SHORT_PARTS)})\. ?(?=[0-9])"),
        lambda m: f"{_SHORT_PARTS[m[1].lower()]} ",
    ),
    (
        re.compile(rf"\b({'|'.join(_SHORT_DAYS)})(?:\.(?=,| [a-z0-9])|(?=\.(?:$| [A-Z])))"),
        lambda m: _SHORT_DAYS[m[1]],
    ),
    (
        re.compile(r"(?<![A-Za-z0-9])WW ?(?:(II|2)|I|1)(?![A-Za-z0-9])"),
        lambda m: f"World War {'Two' if m[1] else 'One'}",
    ),
    (re.compile(r"(?i)(?<![A-Za-z])TL ?; ?DR(?![A-Za-z])"), "too long, didn't read"),
)
