# ruff: noqa: RUF001, S311, T201 - look-alike letters are data here, chance is seeded and no secret, it prints
"""Disguise a text as people do who want to get past a filter; seeded, so that a measurement can be repeated.

    python scripts/train/disguise.py leet "some text" [SEED]

Used to train the classifier on disguised lines and to measure how many of them it still catches. Only the
writing changes: a reader still understands the text.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from moderation.text.forms import HAN
from moderation.text.split_characters import PARTS

Kind = Literal["leet", "spacing", "homoglyph", "zero_width", "homophone", "emoji", "split"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
#: What each language's writers use; the other kinds leave a text of that language as it is, or nearly.
ENGLISH: Final[tuple[Kind, ...]] = ("leet", "spacing", "homoglyph", "zero_width", "emoji")
CHINESE: Final[tuple[Kind, ...]] = ("spacing", "zero_width", "homophone", "emoji", "split")

_PINYIN_TABLE: Final = Path(__file__).resolve().parents[2] / "moderation" / "data" / "pinyin.tsv"
_WORD: Final = re.compile(r"[A-Za-z]{3,}")
_LEET: Final = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "l": "1|", "b": "8"}
#: Cyrillic, Greek and other letters that look Latin, and the mathematical and full-width alphabets.
_LOOKALIKES: Final = {
    "a": "аɑ", "b": "Ьｂ", "c": "сϲ", "d": "ԁ", "e": "еｅ", "g": "ɡ", "h": "һ", "i": "іı", "j": "ј", "k": "кｋ",
    "l": "ӏｌ", "m": "ｍм", "n": "ոｎ", "o": "оο", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "тｔ", "u": "υս",
    "v": "ν", "w": "ԝ", "x": "хх", "y": "уу", "z": "ｚ",
}  # fmt: skip
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_DIVIDERS: Final = (" ", ".", "*", "-", "_", "~")
_HAN_DIVIDERS: Final = (" ", ".", "*", "·", "/", "|", "，")
_DECORATIONS: Final = "🔥✨💥⭐🌸🎉💫🍀"
_AS_EMOJI: Final = {
    "马": "🐴", "妈": "🐴", "鸡": "🐔", "狗": "🐶", "猪": "🐷", "草": "🌿", "操": "🌿",
    "日": "☀", "牛": "🐮", "逼": "🍺", "龟": "🐢",
    "死": "💀", "鱼": "🐟", "猴": "🐒",
}  # fmt: skip
_WORDS_AS_EMOJI: Final = {
    "pig": "🐷", "pigs": "🐷", "dog": "🐶", "dogs": "🐶", "monkey": "🐒", "monkeys": "🐒",
    "rat": "🐀", "rats": "🐀", "snake": "🐍", "ass": "🍑",
    "shit": "💩", "trash": "🗑", "gun": "🔫", "knife": "🔪",
    "kill": "🔪", "dead": "💀", "clown": "🤡", "cow": "🐮",
}  # fmt: skip
Change = Callable[[str], str]
#: Words as writers are used to disguise them, by sound or by initials.
_USUAL: Final = {
    "傻逼": "沙比 煞笔 傻b sb 啥比 鲨臂 shabi", "傻比": "沙比 sb 煞笔", "你妈": "尼玛 泥马 你马 你麻 nm 伱妈",
    "妈逼": "马币 mb 麻痹", "操你": "草泥 艹你 糙你 曹尼 cao你", "草泥马": "曹尼玛 cnm 操泥马",
    "去死": "去4 qu死 趣死 去si", "死了": "4了 si了 司了", "死": "4 si 司", "全家": "全佳 quan家 全+",
    "废物": "费物 fw 肺雾 费勿", "垃圾": "辣鸡 lj 拉基 垃级", "脑残": "nc 脑惨 恼残 nao残",
    "智障": "zz 志障 制杖 zhi障", "弱智": "若智 ruo智 弱制", "脑瘫": "nt 脑摊 脑滩", "婊子": "表子 biao子 表紫",
    "畜生": "出生 初生 chusheng", "杂种": "砸种 杂肿 zazhong", "贱人": "剑人 件人 jian人", "贱": "剑 件 jian",
    "人渣": "人扎 人喳 ren渣", "恶心": "饿心 恶芯 ex 恶xin", "孤儿": "姑儿 gu儿 孤er", "强奸": "强尖 qj 墙奸",
    "奶子": "乃子 nai子 奈子", "自杀": "自鲨 zs 自sha", "变态": "便太 bt 变tai", "傻": "沙 煞 啥 sha",
    "逼": "比 b 笔 币", "妈": "马 玛 麻 ma", "操": "草 糙 槽 cao", "狗": "苟 gou 佝", "杀": "沙 鲨 sha",
    "滚": "gun 磙", "骚": "搔 sao 臊", "黑人": "嘿人 heiren 黑ren", "女人": "女ren 钕人 nv人",
    "男人": "男ren 南人 nan人", "蠢": "chun 惷", "丑": "chou 瞅", "猪": "朱 株 zhu", "日你": "ri你 曰你",
    "闭嘴": "bi嘴 闭最 bz", "胸": "兄 xiong", "脱": "拖 托 tuo",
}  # fmt: skip
_USUAL_WORD: Final = re.compile("|".join(sorted(_USUAL, key=len, reverse=True)))
#: Small words that nobody troubles to disguise, unless the whole line is.
_SMALL: Final = frozenset("的了是在就不有这那个也很和都吗吧呢啊呀我他她它们把被给让到得地着过")
#: How often a word or a character is disguised; everything at once would be hard to read.
_OFTEN: Final = 0.6


def disguise(text: str, kind: Kind, rng: random.Random) -> str:
    """Return the text in disguise. Letters that the kind has no trick for stay as they are."""
    match kind:
        case "leet":
            return _words(text, rng, lambda word: _each(word, _LEET, rng))
        case "homoglyph":
            return _words(text, rng, lambda word: _each(word, _LOOKALIKES, rng))
        case "spacing":
            return _spaced(text, rng)
        case "zero_width":
            return _invisible(text, rng)
        case "homophone":
            return _sounds(text, rng)
        case "emoji":
            return _emoji(text, rng)
        case "split":
            return "".join(rng.choice(_apart()[c]) if c in _apart() and rng.random() < 0.8 else c for c in text)


def _words(text: str, rng: random.Random, change: Change) -> str:
    """Change some of the words, and at least one if there is any."""
    found = list(_WORD.finditer(text))
    chosen = {index for index in range(len(found)) if rng.random() < _OFTEN}
    if found and not chosen:
        chosen = {rng.randrange(len(found))}
    out, at = [], 0
    for index, word in enumerate(found):
        out += [text[at : word.start()], change(word[0]) if index in chosen else word[0]]
        at = word.end()
    return "".join([*out, text[at:]])


def _each(word: str, table: dict[str, str], rng: random.Random) -> str:
    out = [rng.choice(table[c]) if c in table and rng.random() < _OFTEN else c for c in word.lower()]
    places = [at for at, c in enumerate(word.lower()) if c in table]
    if places and "".join(out) == word.lower():
        at = rng.choice(places)
        out[at] = rng.choice(table[word.lower()[at]])
    return "".join(out)


def _spaced(text: str, rng: random.Random) -> str:
    divider = rng.choice(_DIVIDERS)
    if divider != " ":
        text = _words(text, rng, divider.join)
    else:
        text = _words(text, rng, lambda word: f" {' '.join(word)} ").strip()
    divider = rng.choice(_HAN_DIVIDERS)
    return re.sub(f"(?<={HAN.pattern})(?={HAN.pattern})", lambda _: divider if rng.random() < _OFTEN else "", text)


def _invisible(text: str, rng: random.Random) -> str:
    return "".join(c + (rng.choice(_INVISIBLE) if c.isalnum() and rng.random() < _OFTEN else "") for c in text)


def _sounds(text: str, rng: random.Random) -> str:
    """Write words as others of the same sound or as initials: the usual ones, and characters of each's own finding."""
    out, at = [], 0
    for word in _USUAL_WORD.finditer(text):
        out.append(_by_sound(text[at : word.start()], rng))
        usual = rng.random() < 0.7
        out.append(rng.choice(_USUAL[word[0]].split()) if usual else _by_sound(word[0], rng, often=0.9))
        at = word.end()
    rest = text[at:]
    return "".join([*out, _by_sound(rest, rng, often=0.3 if out else _OFTEN)])


def _by_sound(text: str, rng: random.Random, often: float = 0.3) -> str:
    out = []
    for char in text:
        syllable, others = _homophones().get(char, ("", ""))
        if not syllable or rng.random() > (often / 4 if char in _SMALL else often):
            out.append(char)
        elif others and rng.random() < 0.8:
            out.append(rng.choice(others))
        else:
            out.append(syllable)
    return "".join(out)


def _emoji(text: str, rng: random.Random) -> str:
    """Write what has an emoji of its meaning or sound as that; decorate a few other words from inside."""
    text = "".join(_AS_EMOJI[c] if c in _AS_EMOJI and rng.random() < 0.8 else c for c in text)
    if HAN.search(text):
        return "".join(c + (rng.choice(_DECORATIONS) if HAN.match(c) and rng.random() < 0.15 else "") for c in text)
    return _words(text, rng, lambda word: _decorated(word, rng))


def _decorated(word: str, rng: random.Random) -> str:
    if picture := _WORDS_AS_EMOJI.get(word.lower()):
        return picture
    at = rng.randrange(1, len(word))
    return word[:at] + rng.choice(_DECORATIONS) + word[at:]


@cache
def _homophones() -> dict[str, tuple[str, str]]:
    """Return for each common character its syllable and the other common characters of that sound."""
    table = {}
    for line in _PINYIN_TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        syllable, _, chars = line.partition("\t")
        common = "".join(c for c in chars if _is_common(c))
        table.update({c: (syllable, common.replace(c, "")) for c in common})
    return table


def _is_common(char: str) -> bool:
    """Whether it is one of the 3,755 characters of GB 2312's first level."""
    try:
        return 0xB0 <= char.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


@cache
def _apart() -> dict[str, list[str]]:
    apart: dict[str, list[str]] = {}
    for pair, whole in PARTS.items():
        apart.setdefault(whole, []).append(pair)
    return apart


def main() -> None:
    """Disguise what the command line says."""
    if len(sys.argv) < 3 or sys.argv[1] not in KINDS:
        raise SystemExit(f"usage: python scripts/train/disguise.py {'|'.join(KINDS)} TEXT [SEED]")
    seed = sys.argv[3] if len(sys.argv) > 3 else "0"
    print(disguise(sys.argv[2], sys.argv[1], random.Random(seed)))


if __name__ == "__main__":
    main()
