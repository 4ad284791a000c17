"""Write Chinese numbers and signs as they are read: "3.14" is 三点一四, "100%" is 百分之百, "12:30" is 十二点三十分."""

from __future__ import annotations

import re
from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")

_UNITS = {
    "km/h": "公里每小时",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "kg": "公斤",
    "mg": "毫克",
    "ml": "毫升",
    "mAh": "毫安时",
    "m": "米",
    "g": "克",
    "h": "小时",
    "min": "分钟",
    "ms": "毫秒",
    "s": "秒",
    "fps": "帧",
    "GB": "G B",
    "MB": "兆",
    "TB": "T B",
    "Hz": "赫兹",
    "w": "万",
    "W": "万",
    "k": "千",
    "K": "千",
    "x": "倍",
    "°C": "摄氏度",
    "°F": "华氏度",
    "°": "度",
}
_MONEY = {"$": "美元", "¥": "元", "€": "欧元", "£": "英镑", "₩": "韩元", "USD": "美元", "CNY": "元", "RMB": "元"}
#: Before these 2 is 两, not 二. Only measure words that hardly ever end a longer word.
_COUNTED = "个位次只条张块件倍句场局把首天年周岁点分秒万千亿种杯本台部片遍回集款"
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?<![\dA-Za-z])-?(?:{_NUMBER})"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def cardinal(digits: str) -> str:
    """Read a whole number: "1250" is 一千二百五十. More than 16 digits are read one by one."""
    digits = digits.replace(",", "").lstrip("0")
    if not digits:
        return "零"
    if len(digits) > 16:
        return one_by_one(digits)
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    words, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not int(group):
            gap = True
            continue
        if words and (gap or group[0] == "0"):
            words += "零"
        words, gap = words + _group(group) + _GROUPS[place], False
    return words[1:] if words.startswith("一十") else words


def _group(group: str) -> str:
    words, gap = "", False
    group = group.lstrip("0")
    for index, char in enumerate(group):
        if char == "0":
            gap = True
            continue
        words += ("零" if gap else "") + _DIGITS[int(char)] + _PLACES[len(group) - 1 - index]
        gap = False
    return words


def one_by_one(digits: str) -> str:
    """Read each digit: telephone numbers, years, 666."""
    return "".join(_DIGITS[int(c)] if c.isdecimal() else c for c in digits)


def number(text: str) -> str:
    """Read a number with an optional sign and fraction: "-3.14" is 负三点一四."""
    sign = "负" if text.startswith("-") else ""
    whole, dot, fraction = text.lstrip("-").replace(",", "").partition(".")
    return sign + cardinal(whole) + ("点" + one_by_one(fraction) if dot else "")


def _percent(m: re.Match[str]) -> str:
    text = m["n"]
    sign, text = ("负", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}百分之{'百' if text == '100' else number(text)}"


def _clock(m: re.Match[str]) -> str:
    hour, minute, second = int(m["h"]), int(m["m"]), m["s"]
    if hour > 24 or minute > 59:
        return f"{number(m['h'])}比{number(m['m'])}"
    words = f"{_two(m['h'])}点" + ("整" if minute == 0 and not second else f"{'零' if minute < 10 else ''}{minute}分")
    return words + (f"{int(second)}秒" if second else "")


def _date(m: re.Match[str]) -> str:
    month, day = int(m["m"]), int(m["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return m.group()
    return f"{one_by_one(m['y'])}年{month}月{day}日"


def _two(digits: str) -> str:
    return "两" if digits.lstrip("0") == "2" else number(digits)


def _money(m: re.Match[str]) -> str:
    return f"{number(m['n'])}{m['big'] or ''}{_MONEY[m['sign'].upper()]}"


def _plain_number(m: re.Match[str]) -> str:
    text, after = m.group(), m.string[m.end() : m.end() + 1]
    bare = text.lstrip("-")
    if "." not in bare and "," not in bare:
        if (len(bare) >= 3 and len(set(bare)) == 1) or bare in {"233", "520", "1314", "996", "007"}:
            return one_by_one(bare)
        if len(bare) >= 7 or (bare.startswith("0") and len(bare) > 1):
            return one_by_one(bare)
        if bare == "2" and after and after in _COUNTED:
            return ("负" if text.startswith("-") else "") + "两"
    return number(text)


_RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"), _date),
    (re.compile(r"(?<!\d)(\d{4}(?=年)|\d{2}(?=年\d{1,2}月))"), lambda m: one_by_one(m[1])),
    (re.compile(r"(?<![\d:])(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?![\d:])"), _clock),
    (re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}"), lambda m: "点".join(one_by_one(p) for p in m.group().split("."))),
    (
        re.compile(rf"(?P<sign>[$¥€£₩]|USD|CNY|RMB) ?(?P<n>{_NUMBER})(?P<big>[万亿千百])?", re.IGNORECASE),
        _money,
    ),
    (re.compile(rf"(?P<n>(?<![\d.])(?:(?<![A-Za-z])-)?(?:{_NUMBER})) ?%"), _percent),
    (re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])"), lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
    (
        re.compile(rf"({_SIGNED}) ?({'|'.join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))})(?![A-Za-z])"),
        lambda m: (_two(m[1]) if _UNITS[m[2]] != "度" else number(m[1])) + _UNITS[m[2]],
    ),
    (re.compile(r"(?<![\d.-])(\d{1,3})-(\d{1,3})(?=[赢胜负输平领落])"), lambda m: f"{number(m[1])}比{number(m[2])}"),
    (re.compile(rf"(?<![\d.-])({_NUMBER}) ?[-~] ?({_NUMBER})(?![\d.-])"), lambda m: f"{number(m[1])}到{number(m[2])}"),
    (re.compile(_SIGNED), _plain_number),
    (re.compile(_NUMBER), lambda m: number(m.group())),
)
_SIGNS = {"+": "加", "=": "等于", "×": "乘", "÷": "除以", "&": "和", "%": "百分号", "°": "度", "~": "，", "@": "艾特"}
#: Between two of these a sign is spoken; elsewhere it is decoration.
_SIGN = re.compile(r"(?<=[\w)]) ?([+=×÷&@]) ?(?=[\w(])|[%°~]")


def chinese(text: str) -> str:
    """Return a Chinese text with its numbers and signs written as the characters that are read aloud."""
    for pattern, read in _RULES:
        text = pattern.sub(read, text)
    return re.sub(r"[+=×÷&$¥€£₩@#]", " ", _SIGN.sub(lambda m: _SIGNS[(m[1] or m.group()).strip()], text))
