"""What becomes of each character: tables that fill as characters are met.

Folding works character by character, so it is fast, its time is linear, and the way back to the original
letters costs nothing until there is a finding.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import disarm
import emoji
import opencc

#: A table remembers so many characters; more are folded anew each time (hostile input).
_TABLE_SIZE: Final = 40_000
_PINYIN_TABLE: Final = Path(__file__).parents[1] / "data" / "pinyin.tsv"
#: Folding is repeated until nothing changes; a few turns always do.
_TURNS: Final = 4
_LONGEST: Final = 8

HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

#: Emoji that stand for a character of the same sound.
_SOUNDS: Final = {
    picture: character
    for character, pictures in {
        "马": "🐴🐎", "鸡": "🐔🐓", "狗": "🐶🐕", "猪": "🐷🐖", "草": "🌿🍀☘", "日": "☀🌞", "牛": "🐮🐂", "逼": "🍺",
        "龟": "🐢", "药": "💊", "枪": "🔫", "炸弹": "💣", "妈": "👩🤱", "爸": "👨", "猴": "🐒🐵", "鱼": "🐟",
        "有": "🈶", "无": "🈚", "死": "💀", "蛋": "🥚", "刀": "🔪", "毒": "☠", "钱": "💰",
    }.items()
    for picture in pictures
}  # fmt: skip
#: Emoji that English writers put for a word, where it is not their name.
_MEANT: Final = {
    "🔪": "kill", "🔫": "kill", "🌈": "gay",
    "🍆": "dick", "🍑": "ass", "💩": "shit", "🐷": "pig", "🐖": "pig", "🐶": "dog",
    "🐕": "dog", "🐒": "monkey", "🐵": "monkey", "🗑": "trash", "💀": "dead", "☠": "dead", "🐀": "rat", "🐍": "snake",
    "🤡": "clown", "🐮": "cow", "🐄": "cow", "🐱": "pussy", "🐈": "pussy", "🐓": "cock", "👶": "child", "🧒": "kid",
}  # fmt: skip
_KEPT_MARKS: Final = frozenset("，。！？、；：,!?;:\n")
_DROPPED: Final = frozenset(("Mn", "Me", "Cf", "Cc", "Co", "Cn", "Cs"))


#: Letters of rare alphabets that are one of ours with something drawn to it: "LATIN CAPITAL LETTER N WITH DESCENDER".
_LATIN_LETTER: Final = re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH ")


class Fold(dict[int, str]):
    """NFKC, case, look-alikes, accents and marks, invisible characters, simplified Chinese: one character each."""

    def __init__(self) -> None:
        super().__init__()
        self._simplify = opencc.OpenCC("t2s").convert

    def __missing__(self, code: int) -> str:
        folded = self._once(chr(code))
        for _ in range(_TURNS):
            again = "".join(map(self._once, folded))[:_LONGEST]
            if again == folded:
                break
            folded = again
        if len(self) < _TABLE_SIZE:
            self[code] = folded
        return folded

    def _once(self, char: str) -> str:
        code = ord(char)
        if code < 128:
            return char.lower() if " " <= char < "\x7f" or char in "\t\n" else ""
        if 0x1F1E6 <= code <= 0x1F1FF:
            return chr(code - 0x1F1E6 + ord("a"))
        if char in "，。！？、；：":
            return char
        category = unicodedata.category(char)
        if category in _DROPPED or code == 0xFFFD:
            return ""
        if HAN.match(char):
            return str(self._simplify(unicodedata.normalize("NFKC", char)))
        if category in ("Zs", "Zl", "Zp"):
            return " "
        if category == "So" and code >= 0x2600 and not 0x1F100 <= code <= 0x1F1E5:
            return char
        if "\uac00" <= char <= "\ud7a3" or "\u3040" <= char <= "\u30ff":
            return char
        bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        plain = disarm.strip_obfuscation(bare)
        if len(plain) == 1 and not plain.isascii() and (named := _LATIN_LETTER.match(unicodedata.name(plain, ""))):
            plain = named[1]
        return plain.casefold()[:_LONGEST]


class Joined(dict[int, str]):
    """Folded text without what is put between characters to break words; emoji that sound like a character."""

    def __init__(self, *, sounds: bool = True) -> None:
        super().__init__()
        self._sounds = _SOUNDS if sounds else {}

    def __missing__(self, code: int) -> str:
        char = chr(code)
        joined = self._sounds.get(char, char if char.isalnum() or char in _KEPT_MARKS else "")
        if len(self) < _TABLE_SIZE:
            self[code] = joined
        return joined


class Pinyin(dict[int, str]):
    """Joined text as toneless syllables, each opened by an apostrophe; other letters as they are.

    It never changes after it was made, so `pinyin` makes one for all.
    """

    def __init__(self) -> None:
        super().__init__()
        syllables: set[str] = set()
        for line in _PINYIN_TABLE.read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            syllable, _, chars = line.partition("\t")
            self.update(dict.fromkeys(map(ord, chars), f"'{syllable}"))
            syllables.add(syllable)
        #: Every syllable, the longest first.
        self.syllables = re.compile("|".join(sorted(syllables, key=len, reverse=True)))

    def __missing__(self, code: int) -> str:
        return chr(code)


@cache
def pinyin() -> Pinyin:
    """Return the one table of syllables."""
    return Pinyin()


class Named(dict[int, str]):
    """Folded text with emoji as their English names."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        name = emoji.EMOJI_DATA.get(char, {}).get("en", "") if code > 0x203B else ""
        named = f" {str(name).strip(':').replace('_', ' ').replace('-', ' ').lower()} " if name else char
        if len(self) < _TABLE_SIZE:
            self[code] = named
        return named


class Meant(dict[int, str]):
    """Folded text with emoji as the words that they are put for; those that decorate are left out."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        word = _MEANT.get(char)
        meant = f" {word} " if word else "" if code > 0x203B and char in emoji.EMOJI_DATA else char
        if len(self) < _TABLE_SIZE:
            self[code] = meant
        return meant
