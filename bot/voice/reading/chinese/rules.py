"""Write Chinese as it is read aloud: numbers of all kinds, dates, times, money, units and signs.

A rule is a pattern and what it becomes; they run in order. The first ones bring different ways of writing into one form
and keep the digits ("3月8日-3月10日" becomes "3月8日到3月10日"), the later ones turn digits into characters.
"""

from __future__ import annotations

import re
from typing import Final

from bot.voice.reading import latex
from bot.voice.reading.chinese.figures import FIGURE_RULES, Rule
from bot.voice.reading.chinese.numbers import cardinal, is_counted, number, one_by_one
from bot.voice.reading.roman import east_asian_numerals
from bot.voice.reading.units import CURRENCY, CURRENCY_BEHIND, MONEY, MONEY_SIGNS, NUMBER, UNIT, UNITS, multiplied

#: Numbers with a meaning of their own, said digit by digit.
_SAID_BY_DIGIT: Final = frozenset(
    "233 520 521 1314 996 007 886 110 119 120 911 618 404 985 211 10086 10010 12306 12315 95588 9527 4399".split()
)
_DIGIT_WORDS: Final = re.compile(
    r"(?:打|拨|拨打|报警|电话|热线|手机|[Qq]{2}|群|群号|房间|房号|房间号|验证码|密码|编号|尾号|邮编|学号|工号|代码|口令|车牌|航班|门牌|客服|单元|栋|座)(?:号码?|是|为|：|:|\s|了)*$"
)
_SCORE_BEFORE: Final = re.compile(
    r"(?:比分|战绩|大比分|打成|踢成|战成|领先|落后|赢了|输了|打平|总分|以|赔率|比例|胜率)[^，。！？]{0,6}$"
)
_SCORE_AFTER: Final = re.compile(r" ?(?:[横轻晋淘赢胜负输平领落大完战击险绝逆]|拿下|结束|收)")
_KIND: Final = "[号日月年时点分秒周天楼层页章集元块度%级岁名万亿千百个℃代季期关局场话回节]"
_SIGN_NAMES: Final = {
    "≥": "大于等于", ">=": "大于等于", "≤": "小于等于", "<=": "小于等于", "≠": "不等于", "!=": "不等于", "≈": "约等于",
    "=": "等于", "==": "等于", ">": "大于", "<": "小于", "×": "乘", "*": "乘", "÷": "除以", "±": "正负",
}  # fmt: skip


def chinese(text: str) -> str:
    """Return a Chinese text with its numbers and signs written as the characters that are read aloud."""
    text = east_asian_numerals(text)
    for pattern, become in _RULES:
        text = pattern.sub(become, text)
    return text


def _date(m: re.Match[str]) -> str:
    if not (1 <= int(m[2]) <= 12 and 1 <= int(m[3]) <= 31):
        return m[0]
    return f"{one_by_one(m[1])}年{int(m[2])}月{int(m[3])}日"


def _clock(m: re.Match[str]) -> str:
    hour, minute, second = int(m["h"]), int(m["m"]), m["s"]
    if hour > 24 or minute > 59 or (not second and _scored(m)):
        return f"{m['h']}比{m['m']}"
    words = ("两" if hour == 2 else cardinal(m["h"])) + "点"
    if not minute and not second:
        return words + "整"
    words += f"{'零' if minute < 10 else ''}{cardinal(m['m'])}分"
    return words + (f"{'零' if int(second) < 10 else ''}{cardinal(second)}秒" if second else "")


def _scored(m: re.Match[str]) -> bool:
    return _SCORE_BEFORE.search(m.string[: m.start()][-20:]) is not None


def _hyphen(m: re.Match[str]) -> str:
    if m[1] == m[2] or _scored(m) or _SCORE_AFTER.match(m.string, m.end()):
        return f"{m[1]}比{m[2]}"
    return f"{m[1]}到{m[2]}"


_DAY_AFTER: Final = re.compile(
    r" ?(?:见|开播|直播|更新|上线|开服|发售|发布|首发|开始|截止|之前|以前|之后|以后|起|晚|早|上午|下午|中午|凌晨"
    r"|圣诞|元旦|生日|假期|当天"
    r"|那天|[（(]?(?:周|星期)[一二三四五六日天])"
)
_DAY_BEFORE: Final = re.compile(
    r"(?:定在|定于|截止到?|截至|日期|今天|明天|昨天|后天|(?:周|星期|礼拜)[一二三四五六日天])[是为：: ]{0,2}$"
)
#: Days that are known by their numbers.
_KNOWN_DAYS: Final = {"11.11": "双十一", "12.12": "双十二"}


def _day(m: re.Match[str]) -> str:
    """Read "3/8见" as a day, where the words beside it tell of one; other slashes are fractions."""
    told = _DAY_AFTER.match(m.string, m.end()) or _DAY_BEFORE.search(m.string[: m.start()][-12:])
    if not told or not (1 <= int(m[1]) <= 12 and 1 <= int(m[2]) <= 31):
        return m[0]
    return f"{int(m[1])}月{int(m[2])}日"


def _slashed(m: re.Match[str]) -> str:
    top, bottom = int(m[1]), int(m[2])
    if {m[1], m[2]} <= _SAID_BY_DIGIT:
        return f"{one_by_one(m[1])}、{one_by_one(m[2])}"
    if top == bottom and bottom in (5, 10, 20, 50, 100):
        return "满分"
    return f"{cardinal(m[2])}分之{cardinal(m[1])}"


def _mixed(m: re.Match[str]) -> str:
    whole, top, bottom = (m[1], m[2], m[3]) if m[1] else (m[4], m[5], m[6])
    return f"{cardinal(whole)}又{cardinal(bottom)}分之{cardinal(top)}"


def _percent(m: re.Match[str]) -> str:
    per = "千" if m[2] == "‰" else "百"
    return f"{per}分之{'百' if m[1] == '100' and per == '百' else number(m[1])}"


def _amount(text: str, behind: str) -> str:
    return "两" if text == "2" and is_counted("", behind) else number(text.removesuffix(".00"))


def _money(m: re.Match[str]) -> str:
    name, amount, big = MONEY[m["sign"]].zh, m["n"], m.groupdict().get("big") or ""
    if zeros := m.groupdict().get("zeros"):
        return cardinal(multiplied(amount, zeros)) + name
    return f"{_amount(amount, big or '个')}{big}{name}"


def _unit(m: re.Match[str]) -> str:
    name = UNITS[m["unit"]].zh
    two = (
        m["n"] == "2"
        and not name.endswith("度")
        and not (m.string[: m.start()][-1:].isalpha() and m.string[: m.start()][-1:].isascii())
    )
    return ("两" if two else number(m["n"])) + name


def _letter(m: re.Match[str]) -> str:
    if m[2] == "K" and m[1] in ("2", "4", "8"):
        return m[1] + "K"
    return cardinal(multiplied(m[1], m[2]))


def _plain(m: re.Match[str]) -> str:
    text, before, after = m[0], m.string[: m.start()], m.string[m.end() : m.end() + 12]
    if not text.isdecimal():
        return number(text)
    lettered = before[-1:].isascii() and before[-1:].isalpha()
    if text in _SAID_BY_DIGIT and not _COUNTS.match(after):
        return one_by_one(text)
    if (
        len(text) > 2
        and (len(set(text)) == 1 or set(text) == {"2", "3"})
        and not _COUNTS.match(after)
        and text[0] != "0"
    ):
        return one_by_one(text)
    if text[0] == "0" and len(text) > 1:
        return one_by_one(text)
    if len(text) > 2 and (lettered or _MODEL.search(before[-8:]) or _DIGIT_WORDS.search(before[-12:])):
        return one_by_one(text)
    if len(text) > 6 and not text.endswith("0000") and not _COUNTS.match(after):
        return one_by_one(text)
    return "两" if text == "2" and is_counted(before, after) else number(text)


def _about(m: re.Match[str]) -> str:
    """Read "2、3个" as a rough count: 两三个."""
    if int(m[2]) != int(m[1]) + 1 or not is_counted("", m.string[m.end() : m.end() + 12]):
        return m[0]
    return ("两" if m[1] == "2" else cardinal(m[1])) + ("两" if m[2] == "2" else cardinal(m[2]))


_COUNTS: Final = re.compile(
    r" ?(?:[多余来几]?[个位次只条张块件句场局天年周岁点分秒万千亿种杯本台部人名元米斤克页字票头匹家层倍]"
    r"|[VvWwAΩ](?![A-Za-z])|[迈度平寸吨升帧章期楼]|美元|欧元|公|日元|粉丝|观众|观看)"
)
_MODEL: Final = re.compile(r"(?<![A-Za-z])(?:RTX|GTX|RX|AMD|Ryzen|CA|MU|CZ|HU|G|D)[ -]$")
#: What is said of a picture of so many thousand points.
_PICTURE: Final = " ?(?:屏|画质|画面|分辨率|视频|电视|显示器|高清|超清|蓝光|直播|清晰度|原画)"
_BOUND: Final = r"(?<![0-9.,/:：-])"

_RULES: Final[tuple[Rule, ...]] = (
    # dates
    (re.compile(_BOUND + r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])"), _date),
    (
        re.compile(r"(?<![0-9])([0-9]{4})年? ?[-–—~～至到] ?([0-9]{4}|[0-9]{2})(?=年|赛季|学年)"),
        lambda m: f"{one_by_one(m[1])}到{one_by_one(m[2])}",
    ),
    (re.compile(r"(?<![0-9])[0-9]{1,2}00(?=年(?:前|的?历史|以前|之前|间|来))"), lambda m: cardinal(m[0])),
    (
        re.compile(r"(?<![0-9])(?:[0-9]{4}(?=年|届|级|赛季|款|版)|[0-9]{2}(?=年[0-9]{1,2}月))"),
        lambda m: one_by_one(m[0]),
    ),
    (re.compile(r"(?<![0-9])([0-9]0|[0-9]5)(?=后(?![0-9排来]))"), lambda m: one_by_one(m[0])),
    (re.compile(r"(?<![0-9/.])([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"), _day),
    (
        re.compile(r"(?<![0-9.])([0-9]{1,2})\.([0-9]{1,2})(?=假期|长假|小长假|晚会|大促|购物节|国庆|劳动节|儿童节)"),
        lambda m: _KNOWN_DAYS.get(m[0]) or cardinal(m[1]) + one_by_one(m[2].lstrip("0")),
    ),
    *FIGURE_RULES,
    # times
    (re.compile(r"(?<![0-9:：])([0-9]{1,2}[:：][0-9]{2}) ?[-–—~～] ?(?=[0-9]{1,2}[:：][0-9]{2}(?![0-9]))"), r"\1到"),
    (
        re.compile(_BOUND + r"(?P<h>[0-9]{1,2})[:：](?P<m>[0-9]{2})(?:[:：](?P<s>[0-9]{2}))?(?![0-9:：])"),
        _clock,
    ),
    # telephone numbers, versions
    (
        re.compile(
            r"(?<![0-9+-])(?:\+[0-9]{1,3}[ -]?)?(?:1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}|1[3-9][0-9]{9}"
            r"|0[0-9]{2,3}-[0-9]{7,8}|[48]00-[0-9]{3,4}-?[0-9]{3,4})(?![0-9])"
        ),
        lambda m: ("加" if m[0][0] == "+" else "") + "，".join(map(one_by_one, re.findall("[0-9]+", m[0]))),
    ),
    (re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}"), lambda m: "点".join(one_by_one(p) for p in m[0].split("."))),
    # what is between two numbers
    (re.compile(r"(?<![0-9/])(?:24/7|7/24|7[x×*]24(?=在|直|开|营|不))(?![0-9/])"), "全天候"),
    (re.compile(r"7[x×*]24(?=小时)"), "七乘二十四"),
    (
        re.compile(r"(?<![0-9/.])([0-9]+\.[0-9]+) ?/ ?(5|10|100)(?![0-9/])分?"),
        lambda m: f"{cardinal(m[2])}分之{number(m[1])}",
    ),
    (re.compile(r"(?<![0-9/])50/50(?![0-9/])"), "五五开"),
    (re.compile(r"(?<=[0-9]) ?[-–] ?(?=[0-9]+(?:\.[0-9]+)? ?(?:=|等于))"), "减"),
    (
        re.compile(r"(?<![0-9.%])([0-9]+) ?[:：] ?([0-9]+)(?:[:：]([0-9]+))?(?![0-9:：])"),
        lambda m: "比".join(p for p in m.groups() if p),
    ),
    (
        re.compile(r"(?<![0-9.])([0-9]+(?:\.[0-9]+)?) ?[-–—~～] ?([0-9]+(?:\.[0-9]+)?) ?([%‰])"),
        lambda m: f"{m[1]}{m[3]}到{m[2]}{m[3]}",
    ),
    (
        re.compile(rf"{_BOUND}{CURRENCY} ?(?P<n>{NUMBER}) ?[-–—~～] ?(?P=sign)?(?=[0-9])"),
        lambda m: f"{m['n']}到{m['sign']}",
    ),
    (
        re.compile(r"(?<![0-9.A-Za-z-])[0-9]{1,2}(?:-[0-9]{1,2}){2,}(?![0-9-])"),
        lambda m: "、".join(map(cardinal, m[0].split("-"))),
    ),
    (re.compile(r"(?<=[A-Za-z]{2})([0-9]+(?:\.[0-9]+)?)-(?=[0-9])"), r"\1 "),
    (re.compile(r"(?<![0-9.A-Za-z-])([0-9]{1,9}) ?[-–] ?([0-9]{1,9})(?![0-9.-]*[0-9-])"), _hyphen),
    (
        re.compile(
            r"(?<=[0-9%])(?<![A-Za-z][0-9]) ?[-–—~～] ?(?=[$¥€£]?-?[0-9])"
            rf"|(?<=[0-9]{_KIND}) ?[-–—~～] ?(?=[$¥€£]?[0-9]|第|[早晚下上中凌][上晨午间])"
        ),
        "到",
    ),
    (re.compile(rf"([0-9] ?){UNIT} ?[-–—~～] ?(?=-?[0-9])"), r"\1\g<unit>到"),
    (re.compile(r"(?<=[一二三四五六日天]) ?[-–—~～] ?(?=(?:周|星期|礼拜)[0-9一二三四五六日天])"), "到"),
    (
        re.compile(
            r"(?<=月) ?[-–—~～] ?(?=[一二三四五六七八九十]{1,3}月)"
            r"|(?<=[日号]) ?[-–—~～] ?(?=[一二三四五六七八九十]{1,3}[月日号])"
        ),
        "到",
    ),
    (re.compile(r"(?<![A-Za-z0-9])[-–](?=[$¥€£]?[0-9])"), "负"),
    (re.compile(r"(?<=[A-Za-z])-(?=[0-9])"), " "),
    # slashes
    (
        re.compile(
            r"(?<![0-9/])([0-9]{1,4})又([0-9]{1,3})/([0-9]{1,3})"
            r"|(?<![0-9/])([0-9]{1,4}) ([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"
        ),
        _mixed,
    ),
    (re.compile(r"(?<![0-9/.])([0-9]{1,4})/([0-9]{1,4})(?![0-9/])分?"), _slashed),
    (re.compile("(?<=[和与及])/(?=[或及和与])"), ""),
    (re.compile(r"(?<=[0-9][个次人件份张只条包瓶杯盒台位名发])/(?=[\u4e00-\u9fff])"), "每"),
    (re.compile(r"(?<=[元块万千百])/(?=[个斤只条张件份次人天月年小台克米升度位晚平场])"), "每"),
    (
        re.compile(
            r"(?<![\u4e00-\u9fff/])([\u4e00-\u9fff])/([\u4e00-\u9fff])(?![\u4e00-\u9fff/])|(?<=[他她它])/(?=[他她它])"
        ),
        lambda m: f"{m[1]}或{m[2]}" if m[1] else "或",
    ),
    (re.compile(r"(?<=[\u4e00-\u9fff])/(?=[\u4e00-\u9fff])"), "、"),
    # money, percent, units
    (re.compile(rf"{CURRENCY} ?(?P<n>{NUMBER}) ?(?:(?P<big>[万亿千百])|(?P<zeros>[kKwW])(?![A-Za-z0-9]))?"), _money),
    (re.compile(rf"(?P<n>{NUMBER}) ?(?P<big>[万亿千百])? ?{CURRENCY_BEHIND}"), _money),
    (re.compile(r"(?<=元)/(?=[个斤人次天月年位晚])"), "每"),
    (re.compile(rf"({NUMBER}) ?([%‰])"), _percent),
    (re.compile(rf"(?<=分之)([零一二三四五六七八九十百千]+) ?{UNIT}"), lambda m: m[1] + UNITS[m["unit"]].zh),
    # lines of a picture: 1080p60
    (re.compile(r"(?<![0-9.])([0-9]{3,4})([pPi])(?![A-Za-z])"), lambda m: one_by_one(m[1]) + m[2].upper()),
    (re.compile(rf"(?<![0-9.])([248])k(?={_PICTURE})"), r"\1K"),
    (re.compile(r"(?<![0-9])98[kK](?![A-Za-z0-9])"), "九八K"),
    (re.compile(rf"({NUMBER}) ?([kKwW])(?![A-Za-z0-9])"), _letter),
    (re.compile(rf"(?P<n>{NUMBER}) ?{UNIT}"), _unit),
    (re.compile("°C"), "摄氏度"),
    (re.compile("°F"), "华氏度"),
    (re.compile(r"(?<=第)([0-9]{1,3}) (?=[\u4e00-\u9fff])"), r"\1"),
    (re.compile(rf"({NUMBER})[xX×](?![A-Za-z0-9])"), lambda m: f"{'两' if m[1] == '2' else number(m[1])}倍"),
    (re.compile(r"(?<![A-Za-z0-9])[xX×](?=[0-9])"), "乘"),
    (re.compile(r"(?<![A-Za-z0-9])(?:No\.? ?|#)(?=[0-9])"), "第"),
    (latex.POWER, lambda m: latex.power(m["raised"], "zh")),
    # signs
    (re.compile(r"(?<=[\w)]) ?\+ ?(?=[\w(])"), "加"),
    (re.compile(r"(?<=[A-Za-z0-9])\+\+"), "加加"),
    (re.compile(r"(?<=[A-Za-z0-9])\+|\+(?=[0-9])"), "加"),
    (re.compile(r"(?<=[\w)]) ?(>=|<=|!=|==|[=<>×*÷≥≤≠≈±]) ?(?=[\w(-])"), lambda m: _SIGN_NAMES[m[1]]),
    (re.compile(r"(?<![\w)<>=-])([<>]) ?(?=[0-9])"), lambda m: _SIGN_NAMES[m[1]]),
    (re.compile("[±≥≤≠]"), lambda m: _SIGN_NAMES[m[0]]),
    (re.compile(r"约?[≈~～] ?(?=[0-9])"), "约"),
    (re.compile(r"√ ?"), "根号"),
    (re.compile(r"∛ ?"), "三次根号"),
    (re.compile("∠ ?"), "角"),
    (re.compile("π"), "派"),
    (re.compile("∞"), "无穷大"),
    (re.compile(r" ?& ?"), "和"),
    (re.compile(r"(?<=\w)@(?=\w)"), "艾特"),
    (re.compile(r"%"), "百分号"),
    (re.compile(r"°"), "度"),
    (re.compile(r"[~～]+"), "，"),
    # what is left
    (re.compile(r"(?<![0-9.第、,])([1-9])[、,]([1-9])(?![0-9.、,])"), _about),
    (re.compile(NUMBER), _plain),
    (re.compile(r"(?<=[\u4e00-\u9fff])-(?=[\u4e00-\u9fff])"), "，"),
    (re.compile(rf"[+=×÷#*_<>|/\\^{MONEY_SIGNS}-]+"), " "),
)
