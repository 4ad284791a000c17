"""Write Japanese as it is read aloud. Digits stay, because a voice joins them with a counter: 1本 is いっぽん.

What is written out is what the dictionaries of voices do not read: signs, ranges, scores, units, fractions, versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.voice.reading import latex
from bot.voice.reading.roman import east_asian_numerals
from bot.voice.reading.units import CURRENCY, CURRENCY_BEHIND, MONEY, MONEY_SIGNS, NUMBER, UNIT, UNITS, multiplied

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

_DIGITS: Final = "ゼロ イチ ニー サン ヨン ゴー ロク ナナ ハチ キュー".split()
_LATIN_DIGITS: Final = "ゼロ ワン ツー スリー フォー ファイブ シックス セブン エイト ナイン".split()
_LATIN_NAMES: Final = {"D": "ディー", "G": "ジー"}
_GROUPS: Final = ("", "万", "億", "兆")
_MOST_DIGITS: Final = 16
_CALL_WORDS: Final = re.compile(r"(?:電話|番号|暗証|パスワード|コード|ID|内線)[^、。！？]{0,6}$")
_SCORE_BEFORE: Final = re.compile(r"(?:スコア|得点|比率|割合|勝率|結果)[^、。！？]{0,6}$")
_SCORE_AFTER: Final = re.compile(r" ?(?:で(?:勝|負|引き分|終|リード|逆転)|の(?:勝|負|引き分|同点|リード)|勝ち|負け)")
_SIGN_NAMES: Final = {
    "=": "は", "==": "は", "×": "かける", "*": "かける", "÷": "わる", "≥": "大なりイコール", ">=": "大なりイコール",
    "≤": "小なりイコール", "<=": "小なりイコール", "≠": "ノットイコール", "!=": "ノットイコール",
    "≈": "ニアリーイコール", ">": "大なり", "<": "小なり", "±": "プラスマイナス",
}  # fmt: skip


def japanese(text: str) -> str:
    """Return a Japanese text with its signs written out and its digits as a voice reads them."""
    text = east_asian_numerals(text)
    for pattern, become in _RULES:
        text = pattern.sub(become, text)
    return text


def one_by_one(digits: str) -> str:
    """Read each digit: telephone numbers, codes."""
    return "".join(_DIGITS[int(char)] for char in digits if char.isdecimal())


def grouped(digits: str) -> str:
    """Return a whole number of five digits or more with its 万, 億 and 兆: "120000000" is 1億2000万."""
    digits = digits.replace(",", "").lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        return one_by_one(digits)
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    words = [str(int(group)) + _GROUPS[place] for place, group in enumerate(groups) if int(group)]
    return "".join(reversed(words)) or "0"


def _number(text: str) -> str:
    whole, point, fraction = text.partition(".")
    return grouped(whole) + (f".{fraction}" if point else "")


def _date(m: re.Match[str]) -> str:
    if not (1 <= int(m[2]) <= 12 and 1 <= int(m[3]) <= 31):
        return m[0]
    return f"{m[1]}年{int(m[2])}月{int(m[3])}日"


def _short_date(m: re.Match[str]) -> str:
    return f"{int(m[1])}月{int(m[2])}日" if 1 <= int(m[1]) <= 12 and 1 <= int(m[2]) <= 31 else m[0]


def _clock(m: re.Match[str]) -> str:
    hour, minute, second = int(m["h"]), int(m["m"]), m["s"]
    if hour > 29 or minute > 59 or (not second and _SCORE_BEFORE.search(m.string[: m.start()][-20:])):
        return f"{m['h']}対{m['m']}"
    words = f"{hour}時" + (f"{minute}分" if minute or second else "")
    return words + (f"{int(second)}秒" if second else "")


def _hyphen(m: re.Match[str]) -> str:
    falls = int(m[1]) > int(m[2]) and len(m[1]) < 4 and m.string[m.end() : m.end() + 1] not in tuple("時月日号")
    if (
        falls
        or m[1] == m[2]
        or _SCORE_BEFORE.search(m.string[: m.start()][-20:])
        or _SCORE_AFTER.match(m.string, m.end())
    ):
        return f"{m[1]}対{m[2]}"
    return f"{m[1]}から{m[2]}"


#: Out of so many points something is marked.
_FULL_MARKS: Final = frozenset({5, 10, 20, 50, 100})


def _slashed(m: re.Match[str]) -> str:
    top, bottom = int(m[1]), int(m[2])
    if top == bottom and bottom in _FULL_MARKS:
        return f"{m[2]}点満点"
    if top < bottom and bottom in (10, 100) and m.string[m.end() : m.end() + 1] != "の":
        return f"{m[2]}点中{m[1]}点"
    return f"{m[2]}ぶんの{m[1]}"


def _money(m: re.Match[str]) -> str:
    amount, zeros = m["n"], m.groupdict().get("zeros")
    amount = multiplied(amount, zeros) if zeros else amount
    return _number(amount.removesuffix(".00")) + (m.groupdict().get("big") or "") + MONEY[m["sign"]].ja


def _letter(m: re.Match[str]) -> str:
    if m[2] == "K" and m[1] in ("2", "4", "8"):
        return m[0]
    return _number(multiplied(m[1], m[2]))


def _plain(m: re.Match[str]) -> str:
    text, before, after = m[0], m.string[: m.start()], m.string[m.end() : m.end() + 4]
    if not text.isdecimal():
        return _number(text)
    lettered = before[-1:].isascii() and before[-1:].isalpha()
    if (text[0] == "0" and len(text) > 1) or (len(text) > 2 and _CALL_WORDS.search(before[-12:])):
        return one_by_one(text)
    if len(text) > 9 and not text.endswith("0000") and not after[:1].isalpha():
        return one_by_one(text)
    if lettered and len(text) == 1 and not after[:1].isdigit():
        return _LATIN_DIGITS[int(text)]
    return _number(text)


_BOUND: Final = r"(?<![0-9.,/:：-])"
_RULES: Final[tuple[Rule, ...]] = (
    # dates
    (re.compile(_BOUND + r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])"), _date),
    (re.compile(r"(?<![0-9/])([0-9]{1,2})/([0-9]{1,2})(?= ?[(（][月火水木金土日][)）])"), _short_date),
    (re.compile(r"(?<=日) ?[(（]([月火水木金土日])(?:曜日?)?[)）]"), r"、\1曜日"),
    (re.compile(r"(?<=曜日) ?[-–~～] ?(?=[0-9])"), "から"),
    (
        re.compile(_BOUND + r"([0-9]{1,2})/([0-9]{1,2}) ?[-–~～から]{1,2} ?([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"),
        lambda m: f"{int(m[1])}月{int(m[2])}日から{int(m[3])}月{int(m[4])}日",
    ),
    (
        re.compile(
            _BOUND
            + r"(?!1/[234](?![0-9])|[23]/[34](?![0-9]))([0-9]{1,2})/([0-9]{1,2})(?=に(?!分)|から|まで|開催|発売|配信)"
        ),
        _short_date,
    ),
    (re.compile(r"(?<![0-9/])(?:(?<=\D)|^)([3579])/\1(?=は(?!満点)|の(?:節句|日|七夕|端午|ひな|桃))"), r"\1月\1日"),
    (re.compile(r"(?<![0-9/.])([0-9]{1,3})/([0-9]{1,3})/([0-9]{1,3})(?![0-9/])"), r"\1、\2、\3"),
    # times
    (re.compile(r"(?<![0-9.:：])([0-9]{1,2})[:：]0?([0-9]{1,2})\.([0-9]{1,3})(?![0-9.])"), r"\1分\2.\3秒"),
    (re.compile(r"(?<![0-9:：])([0-9]{1,2}[:：][0-9]{2}) ?[-–—~～] ?(?=[0-9]{1,2}[:：][0-9]{2}(?![0-9]))"), r"\1から"),
    (re.compile(_BOUND + r"(?P<h>[0-9]{1,2})[:：](?P<m>[0-9]{2})(?:[:：](?P<s>[0-9]{2}))?(?![0-9:：])"), _clock),
    # telephone numbers, versions
    (
        re.compile(
            r"(?<![0-9+-])(?:\+[0-9]{1,3}[ -])?"
            r"(?:0[0-9]{1,3}-[0-9]{2,4}-[0-9]{3,4}|0[789]0[0-9]{8}|[0-9]{3}-[0-9]{4})(?![0-9-])"
        ),
        lambda m: ("プラス" if m[0][0] == "+" else "") + "、".join(map(one_by_one, re.findall("[0-9]+", m[0]))),
    ),
    (re.compile(r"(?<![A-Za-z0-9])[vV](?:er)?\.?(?=[0-9])"), "バージョン"),
    (re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}"), lambda m: "てん".join(m[0].split("."))),
    # what is between two numbers
    (re.compile(r"(?<![0-9/])24/7(?![0-9/])"), "24時間年中無休"),
    (re.compile(r"(?<![0-9/])50/50(?![0-9/])"), "フィフティーフィフティー"),
    (re.compile(r"(?<=[0-9]) ?[-–] ?(?=[0-9]+ ?=)"), "ひく"),
    (re.compile(r"(?<=[0-9]) ?\+ ?(?=[0-9]+ ?=)"), "たす"),
    (re.compile(r"(?<![0-9.%])([0-9]+) ?[:：] ?([0-9]+)(?![0-9:：])"), r"\1対\2"),
    (
        re.compile(rf"{_BOUND}{CURRENCY} ?(?P<n>{NUMBER}) ?[-–~～] ?(?P=sign)?(?=[0-9])"),
        lambda m: f"{m['n']}から{m['sign']}",
    ),
    (re.compile(r"(?<![0-9.A-Za-z-])[0-9]{1,2}(?:-[0-9]{1,2}){2,}(?![0-9-])"), lambda m: m[0].replace("-", "、")),
    (re.compile(r"(?<![0-9.A-Za-z-])([0-9]{1,9}) ?[-–] ?([0-9]{1,9})(?![0-9.-]*[0-9-])"), _hyphen),
    (
        re.compile(r"(?<=[0-9%日月年時分秒回話巻章人円度名代位歳匹本個枚級階点杯曲]) ?[-–~～] ?(?=[$¥€£]?-?[0-9])"),
        "から",
    ),
    (re.compile(rf"([0-9] ?){UNIT} ?[-–~～] ?(?=-?[0-9])"), r"\1\g<unit>から"),
    (re.compile(r"(?<=[月火水木金土日]) ?[-–~～] ?(?=[月火水木金土日](?:曜|$|[^一-龥]))"), "から"),
    (re.compile(r"(?<![A-Za-z0-9])[-–](?=[$¥€£]?[0-9])"), "マイナス"),
    (re.compile(r"(?<=[A-Za-z])-(?=[0-9])"), ""),
    # slashes
    (re.compile(r"(?<![0-9/.])([0-9]+\.[0-9]+) ?/ ?(5|10|100)(?![0-9/])点?"), r"\2点中\1点"),
    (re.compile(r"(?<![0-9/])([0-9]{1,4}) ([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"), r"\1と\3ぶんの\2"),
    (re.compile(r"(?<![0-9/.])([0-9]{1,4})/([0-9]{1,4})(?![0-9/])点?"), _slashed),
    (re.compile(r"(?<![0-9])([0-9]+)分の([0-9]+)"), r"\1ぶんの\2"),
    (re.compile(r"(?<=[^\W\d_a-zA-Z])/(?=[^\W\d_a-zA-Z])"), "、"),
    # money, percent, units
    (re.compile(rf"{CURRENCY} ?(?P<n>{NUMBER}) ?(?:(?P<big>[万億千百])|(?P<zeros>[kKMB])(?![A-Za-z0-9]))?"), _money),
    (re.compile(rf"(?P<n>{NUMBER}) ?(?P<big>[万億千百])? ?{CURRENCY_BEHIND}"), _money),
    (re.compile(rf"({NUMBER}) ?%"), lambda m: f"{_number(m[1])}パーセント"),
    (re.compile(r"%"), "パーセント"),
    (re.compile(r"(?<![0-9.])([0-9]{3,4})[pP](?![A-Za-z])"), r"\1ピー"),
    (re.compile(rf"({NUMBER}) ?([kK])(?![A-Za-z0-9])"), _letter),
    (re.compile(rf"(?<![\w) ])[≥≤] ?({NUMBER})"), lambda m: _number(m[1]) + ("以上" if m[0][0] == "≥" else "以下")),
    (re.compile(rf"({NUMBER}) ?°F"), lambda m: f"華氏{_number(m[1])}度"),
    (re.compile(rf"(?P<n>{NUMBER}) ?km/h"), lambda m: f"時速{_number(m['n'])}キロ"),
    (re.compile(rf"(?P<n>{NUMBER}) ?{UNIT}"), lambda m: _number(m["n"]) + UNITS[m["unit"]].ja),
    (re.compile(rf"({NUMBER})[x×](?![A-Za-z0-9])"), lambda m: f"{_number(m[1])}倍"),
    (re.compile(r"(?<![0-9])([0-9]+) ?(?:vs?\.?|VS) ?(?=[0-9])"), r"\1対"),
    (re.compile(r"(?<![A-Za-z0-9])[x×](?=[0-9])"), "かける"),
    (re.compile(r"(?<![A-Za-z0-9])(?:No\.? ?|#)1(?![0-9])"), "ナンバーワン"),
    (re.compile(r"(?<![A-Za-z0-9])(?:No\.? ?|#)(?=[0-9])"), "ナンバー"),
    (re.compile(r"(?<![A-Za-z0-9])([1-9])([DG])(?![A-Za-z])"), lambda m: _LATIN_DIGITS[int(m[1])] + _LATIN_NAMES[m[2]]),
    (latex.POWER, lambda m: latex.power(m["raised"], "ja")),
    # signs
    (re.compile(r"(?<=[\w)]) ?\+ ?(?=[\w(])"), "プラス"),
    (re.compile(r"(?<=[A-Za-z0-9])\+\+"), "プラスプラス"),
    (re.compile(r"(?<=[A-Za-z0-9])\+|\+(?=[0-9])"), "プラス"),
    (re.compile(r"(?<=[\w)]) ?(>=|<=|!=|==|[=<>×*÷≥≤≠≈±]) ?(?=[\w(-])"), lambda m: _SIGN_NAMES[m[1]]),
    (re.compile(r"±"), "プラスマイナス"),
    (re.compile(r"約?[≈~～] ?(?=[0-9])"), "約"),
    (re.compile(r"√ ?"), "ルート"),
    (re.compile(r"∛ ?"), "3乗根"),
    (re.compile("π"), "パイ"),
    (re.compile("∞"), "無限大"),
    (re.compile(r" ?& ?"), "アンド"),
    (re.compile(r"°"), "度"),
    (re.compile(r"(?<=[ァ-ヺぁ-ゖ一-鿿])[~～]+"), "ー"),
    (re.compile(r"[~～]+"), " "),
    # what is left
    (re.compile(NUMBER), _plain),
    (re.compile(r"ー{2,}"), "ー"),
    (re.compile(rf"[+=×÷#*_<>|/\\^{MONEY_SIGNS}-]+"), " "),
)
