"""Chinese words that are written with the first letters of their sounds, and what they stand for."""

from __future__ import annotations

from typing import Final

PINYIN_INITIALS: Final = {
    "yyds": "永远的神",
    "xswl": "笑死我了",
    "awsl": "啊我死了",
    "nsdd": "你说得对",
    "u1s1": "有一说一",
    "yysy": "有一说一",
    "dbq": "对不起",
    "xdm": "兄弟们",
    "jms": "姐妹们",
    "gkd": "搞快点",
    "srds": "虽然但是",
    "tql": "太强了",
    "bdjw": "不懂就问",
    "zqsg": "真情实感",
    "plmm": "漂亮妹妹",
    "xxs": "小学生",
}
