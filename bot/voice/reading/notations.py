"""Write out what machines and games write: times of ISO 8601, powers of ten, levels, a decimal comma."""

from __future__ import annotations

import re
from typing import Final

from bot.voice.reading import latex
from bot.voice.reading.chinese.numbers import one_by_one
from bot.voice.reading.units import UNIT, UNITS

_ISO: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?(?![A-Za-z0-9_])"
)
_POWER: Final = re.compile(r"(?<![A-Za-z0-9_.])(\d{1,9}(?:\.\d{1,9})?)[eE]\+?(-?\d{1,3})(?![A-Za-z0-9_.])")
_LEVEL: Final = re.compile(r"(?i)(?<![A-Za-z])lv\.?\s?(\d{1,4})(?!\d)")
_LEVELS: Final = {"en": r"level \1", "zh": r"\1级", "ja": r"レベル\1"}
#: The port behind the address of a machine.
_PORT: Final = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3}):(\d{2,5})(?!\d)")
_PORTS: Final = {"en": r"\1 port \2", "zh": r"\1端口\2", "ja": r"\1ポート\2"}
_CENTS: Final = re.compile(r"(?<![\d.,])(\d{1,3}) ?¢")
_CENT_NAMES: Final = {"en": "cents", "zh": "美分", "ja": "セント"}
#: A sum or a product over a range: ∑_i=1^n.
_OVER: Final = re.compile(r"([∑∫∏])\s?_\s?\{?([^\s^{}]{1,16})\}?\s?\^\s?\{?([^\s{}]{1,8})\}?")
_OVER_ALL: Final = {
    "en": {"∑": "the sum", "∫": "the integral", "∏": "the product"},
    "zh": {"∑": "求和", "∫": "积分", "∏": "连乘"},
    "ja": {"∑": "シグマ", "∫": "インテグラル", "∏": "総乗"},
}
_FROM_TO: Final = {"en": " {0} from {1} to {2} of ", "zh": "从{1}到{2}{0}", "ja": "{1}から{2}の{0}"}
#: A price with points between the thousands and a comma before the cents.
_POINTS: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d{2})(?![\d,.]*\d)|(?<=[€£$])( ?\d{1,3}),(\d{2})(?![\d,.]*\d)"
)
#: Spaces or points between the thousands. Groups with a plain space may be a telephone number, unless zeros fill one.
_GROUPS: Final = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?![\d.,])|(?<![\d.,])\d{1,3}(?: \d{3})*(?: 000)+(?![\d.,])"
    r"|(?<![\w.,])\d{1,3}(?:\.\d{3}){2}(?![\w.,]*\d)"
)
#: The number of a part behind its family ("i7-13700K") is no range.
_MODEL: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{1,6}[0-9]{1,2})-([0-9]{4,5})([A-Z]{0,3})(?![A-Za-z0-9])")
_ROOT: Final = re.compile(r"(?<![A-Za-z])sqrt ?\((?=[\w.]{1,20}\))([\w.]+)\)")
#: Where English is spoken a comma groups three digits; before a unit one or two behind it are a fraction.
_COMMA: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}),(\d{1,2})(?=\s?(?:km|cm|mm|m|kg|g|mg|l|L|ml|°C|%|€|GB|MB|GHz|h|[Ll]iters?|[Ll]itres?|[Ee]uros?)(?![A-Za-z]))"
)

#: A power of a number, or a negative one of anything, with the unit behind it: its exponent is no number of that unit.
_RAISED: Final = re.compile(
    rf"(?:(?<=[0-9)])\^\s?[{{(]?(?P<plain>[0-9]{{1,6}})|(?<=[\w)])\^\s?[{{(]?[-−–](?P<minus>[0-9]{{1,6}}))[)}}]?"
    rf"(?![0-9.])(?: ?{UNIT})?"
)
_MINUS: Final = {"en": "minus ", "zh": "负", "ja": "マイナス"}
_BEFORE_POWER: Final = re.compile(r"(?<=[0-9]) ?[×x*·⋅] ?(?=10\^)")
_TIMES: Final = {"en": " times ", "zh": "乘", "ja": "かける"}


def powers(text: str, language: str) -> str:
    """Return a text with its powers of numbers, and its negative powers, in words: "10^-3" is 10的负3次方."""
    if "^" not in text:
        return text
    return _RAISED.sub(lambda m: _raised(m, language), _BEFORE_POWER.sub(_TIMES[language], text))


def _raised(found: re.Match[str], language: str) -> str:
    exponent = found["plain"] or _MINUS[language] + found["minus"]
    words = latex.power(exponent, language)
    if not found["unit"]:
        return words
    unit = UNITS[found["unit"]]
    return words + {"en": f" {unit.many}", "zh": unit.zh, "ja": unit.ja}[language]


def written_out(text: str, language: str) -> str:
    """Return a text without notations that nobody says; the numbers in it are read later."""
    for sign, name in _OVER_ALL[language].items():
        if sign in text:
            text = _OVER.sub(lambda m: _FROM_TO[language].format(_OVER_ALL[language][m[1]], m[2], m[3]), text)
            text = text.replace(sign, f" {name} of " if language == "en" else name)
    if not any(char.isdecimal() for char in text):
        return text
    if language == "ja":
        text = text.replace("〒", "郵便番号 ")
    text = _PORT.sub(_PORTS[language], text.replace("^°", "°"))
    text = _POINTS.sub(lambda m: f"{(m[1] or m[3]).replace('.', ',')}.{m[2] or m[4]}", text)
    text = _GROUPS.sub(lambda m: re.sub(r"\D", "", m[0]), text)
    text = _ROOT.sub(r"√\1", text)
    text = _MODEL.sub(lambda m: f"{m[1]} {one_by_one(m[2]) if language == 'zh' else m[2]}{m[3]}", text)
    text = _CENTS.sub(lambda m: f"{m[1]} {'cent' if m[1] == '1' and language == 'en' else _CENT_NAMES[language]}", text)
    text = _ISO.sub(r"\1 \2", text)
    text = _POWER.sub(lambda m: f"10^{m[2]}" if m[1] == "1" else f"{m[1]} × 10^{m[2]}", text)
    text = _LEVEL.sub(_LEVELS[language], text)
    return _COMMA.sub(r"\1.\2", text)
