"""Chinese figures that have a reading of their own beside certain words: bus lines, rooms, heights, years, scores."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.voice.reading.chinese.numbers import cardinal, number, one_by_one

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

#: Three digits or more before these name a line or a room.
_NAMED: Final = re.compile(
    r"(?<![0-9.,])([1-9][0-9]{2,4})(?=路(?:公交|车|电车|到|和|、|，|。|$)|室|次列车|次高铁|航班)"
)
#: Centimetres behind a height in metres.
_HEIGHT: Final = re.compile(r"(?<=[0-9]米)([0-9]{1,2})(?![0-9.]|[米厘个点:：])")
#: A life or a dynasty in brackets.
_LIFE: Final = re.compile(r"(?<=[（(])(前?)([0-9]{3,4})年? ?[-–—~～] ?(前?)([0-9]{3,4})年?(?=[)）])")
#: Two counts that fall are a score and no range, but for hours and months.
_FALLING: Final = re.compile(
    r"(?<![0-9.A-Za-z-])([0-9]{1,3}) ?[-–] ?([0-9]{1,3})(?![0-9.-]*[0-9-]| ?=|等于|[点月时日号])"
)
#: The points of a picture, and an unknown in an equation: "3840x2160", "y=2x+1".
_POINTS: Final = re.compile(r"(?<![A-Za-z0-9.])([0-9]{3,5})[x×*]([0-9]{3,5})(?![\w.])")
_UNKNOWN: Final = re.compile(r"(?<![A-Za-z0-9.])([0-9]{1,3})x(?=[-+=^/*)]|$)")
_INCHES: Final = re.compile(r"(?<![A-Za-z0-9.\"])([0-9]{1,2}(?:\.[0-9]{1,2})?)\"(?= ?[\u4e00-\u9fff])")
#: Kills, deaths and assists; a pressure of the blood and other pairs whose first is the greater.
_THREE: Final = re.compile(r"(?<![0-9/.])([0-9]{1,3})/([0-9]{1,3})/([0-9]{1,3})(?![0-9/])")
_GREATER: Final = re.compile(r"(?<![0-9/.])([0-9]{2,3})/([0-9]{2,3})(?![0-9/])")
#: A lap: minutes, seconds and their parts.
_LAP: Final = re.compile(r"(?<![0-9.:：])([0-9]{1,2})[:：]([0-9]{2})\.([0-9]{1,3})(?![0-9.])")
#: Minutes and seconds by their signs.
_CLOCKED: Final = re.compile(r"(?<![0-9.])([0-9]{1,3})['′’]([0-5][0-9])(?:\"|″|”|'')")
_BAR: Final = re.compile(r"(?<![0-9/.])([2-9]|12)/([248]|16)(?=拍)")


def _inches(m: re.Match[str]) -> str:
    """Read a sign of inches; one that closes a quotation is none."""
    return m[0] if m.string.count('"', 0, m.start()) % 2 else f"{m[1]}英寸"


def _falling(m: re.Match[str]) -> str:
    return f"{cardinal(m[1])}比{cardinal(m[2])}" if int(m[1]) > int(m[2]) else m[0]


def _greater(m: re.Match[str]) -> str:
    if int(m[1]) <= int(m[2]) or {m[1], m[2]} & {"985", "211", "24"}:
        return m[0]
    return f"{cardinal(m[1])}比{cardinal(m[2])}"


def _lap(m: re.Match[str]) -> str:
    return f"{number(m[1])}分{number(m[2].lstrip('0') or '0')}点{one_by_one(m[3])}秒"


FIGURE_RULES: Final[tuple[Rule, ...]] = (
    (_NAMED, lambda m: one_by_one(m[1])),
    (_HEIGHT, lambda m: one_by_one(m[1])),
    (_LIFE, lambda m: f"{m[1]}{one_by_one(m[2])}到{m[3]}{one_by_one(m[4])}"),
    (_POINTS, lambda m: f"{one_by_one(m[1])}乘{one_by_one(m[2])}"),
    (_UNKNOWN, lambda m: f"{number(m[1])}x" if "=" in m.string else m[0]),
    (_CLOCKED, lambda m: f"{number(m[1])}分{number(m[2].lstrip('0') or '0')}秒"),
    (_INCHES, _inches),
    (_LAP, _lap),
    (_BAR, lambda m: f"{cardinal(m[2])}{cardinal(m[1])}"),
    (_THREE, lambda m: "、".join(map(cardinal, m.groups()))),
    (_GREATER, _greater),
    (_FALLING, _falling),
)
