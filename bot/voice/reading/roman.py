"""Tell Roman numerals from words and acronyms: "World War III", "第II章", never "IV drip", "MIX", "XXL"."""

from __future__ import annotations

import re
from typing import Final

from bot.voice.reading.english.numbers import cardinal, ordinal

_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_VALID: Final = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
#: Words before which no numeral stands by chance.
_LEADS: Final = (
    "chapter part act phase volume vol book war type level episode season gta civilization civ bowl mark title stage "
    "class tier rank fantasy souls quest halo section article appendix factor schedule generation gen world dota "
    "diablo warcraft starcraft battlefield resident rocky wars league division grade rule scene game round day"
).split()
#: Rulers are counted: "Henry VIII" is the eighth.
_RULERS: Final = frozenset(
    "henry elizabeth charles louis george edward richard william james paul pope philip napoleon catherine nicholas "
    "alexander wilhelm ramses leo benedict peter pius ivan mary frederick otto ferdinand ludwig gustav francis john "
    "darius ptolemy queen king".split()
)
#: Words that open a sentence with a capital and carry no number.
_NO_NAMES: Final = frozenset(
    "The An This That My Your His Her Our Their And But Or For With An Is Was On In At To Of From By If When Then "
    "So No "
    "Yes Oh Get Got Use See Has Have It We You He She They Size Plus Not New Try Go".split()
)
_AFTER_WORD: Final = re.compile(
    r"(?<![A-Za-z0-9.'-])([A-Za-z][A-Za-z'-]{0,30})( |-)([IVXLCDM]{1,9})(?![A-Za-z0-9'’&+-]|\.[A-Za-z])"
)
_ALONE: Final = re.compile(r"(?<![A-Za-z0-9.'&+-])([IVX]{2,7})(?![A-Za-z0-9'&+-])")
_ONE_LETTER: Final = re.compile(r"(?<=GTA |asy )([VX])(?![A-Za-z0-9])")
_LONE_LETTER_ENDS: Final = re.compile(r"\s*(?:$|[,.!?;:)\"”]|(?:of|was|is|in|and|on|for|at|has|will)\b)")


def value(numeral: str) -> int:
    """Return the value of a Roman numeral; 0 when it is none."""
    if not numeral or not _VALID.fullmatch(numeral):
        return 0
    total = 0
    for char, after in zip(numeral, numeral[1:] + " ", strict=True):
        worth = _VALUES[char]
        total += -worth if _VALUES.get(after, 0) > worth else worth
    return total


def english_numerals(text: str) -> str:
    """Write out numerals behind a name or a word that is counted, and those of three letters wherever they stand."""
    return _ALONE.sub(_alone, _AFTER_WORD.sub(_english, text))


def _alone(found: re.Match[str]) -> str:
    number = value(found[1])
    return cardinal(str(number)) if number and len(found[1]) > 2 and set(found[1]) != {"X"} else found[0]


def _english(found: re.Match[str]) -> str:
    word, gap, numeral = found.groups()
    number, lead = value(numeral), word.lower() in _LEADS
    named = word[0].isupper() and not word.isupper() and word not in _NO_NAMES
    if not number or not (lead or named):
        return found[0]
    if len(numeral) == 1:
        ends = _LONE_LETTER_ENDS.match(found.string, found.end())
        if not lead or not ends or numeral not in "IVX" or (numeral == "I" and not named):
            return found[0]
    elif not lead and (number > 39 or set(numeral) - set("IVX") or numeral in ("XX", "XXX")):
        return found[0]
    if word.lower() in _RULERS:
        return f"{word} the {ordinal(number)}"
    return f"{word}{gap}{cardinal(str(number))}"


def east_asian_numerals(text: str) -> str:
    """Write numerals of two letters or more as digits: 第III章 is 第3章; XX stands for a name that is not told."""
    text = _ONE_LETTER.sub(lambda m: str(value(m[1])), text)
    return _ALONE.sub(lambda m: m[0] if not value(m[1]) or set(m[1]) == {"X"} else str(value(m[1])), text)
