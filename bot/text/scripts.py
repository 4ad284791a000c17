"""Recognise scripts, and so the language that a voice must speak; recognise emoji."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from bot.text.faces import drop_faces
from bot.text.initialisms import PINYIN_INITIALS


class Language(StrEnum):
    """The languages that a host can speak."""

    EN = "en"
    ZH = "zh"
    JA = "ja"


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u309f\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9f"

HAN: Final = re.compile(f"[{_HAN}\u3005\u3007]")
KANA: Final = re.compile(f"[{_KANA}]")
CJK: Final = re.compile(f"[{_HAN}{_KANA}\u3005\u3007\u30fc]")
#: Everyday characters of Chinese, that Japanese does not write.
_CHINESE: Final = re.compile("[你您她们們这這哪吗嗎吧啊呀哦嘛很谁说话谢让给还没个么对过爱买见]")
#: The least part of kana among the characters of a Japanese text, beside a Chinese host.
_KANA_SHARE: Final = 0.25
_NO_SPACE: Final = re.compile(r"[!-~]+")
_LATIN: Final = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_LATIN_WORD: Final = re.compile(f"[{_LATIN}][{_LATIN}'’-]*")
#: What is no word of any language: figures with their units, models and chapters ("5kg", "60km/h", "RTX4090", "EP.7").
_WITH_FIGURES: Final = re.compile(r"[A-Za-z]{0,8}\.?[0-9](?:[A-Za-z0-9]|[.,:/_-](?=[A-Za-z0-9])){0,24}")
#: A few capitals, which every language has ("QQ", "CPU").
_INITIALS: Final = re.compile(r"(?<![A-Za-z])[A-Z]{1,5}(?![A-Za-z])")
#: Chinese words in initials, those without a reading and laughter too.
_PINYIN_INITIALS: Final = re.compile(
    rf"(?i)(?<![a-z])(?:{'|'.join(PINYIN_INITIALS)}|ssfd|yygq|kswl|wdnmd|zdl|hhh+)(?![a-z])"
)
#: Characters as wide as two letters: what takes about as long to say as two or three of them.
_WIDE: Final = re.compile(f"[\u2e80-\u303f{_HAN}{_KANA}\u30fb\u30fc\uac00-\ud7a3\uff01-\uff60]+")

#: Where the East Asian scripts begin; the alphabets of the rest of the world lie below.
FIRST_EAST_ASIAN: Final = 0x2E80

_PICTURE = (
    "\u203c\u2049\u2122\u2139\u2190-\u21ff\u231a-\u23ff\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
)
#: Parts of one picture: joiner, variation selector, keycap, skin tone, tag, regional indicator.
_JOINED = "\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f"

EMOJI: Final = re.compile(f"[{_PICTURE}{_JOINED}]+")
#: A place before one of these is inside a grapheme; so is a place after the joiner.
INSIDE: Final = re.compile(
    f"[{_JOINED}\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]"
)


def language(text: str, default: str = "en") -> str:
    """Return the language to speak a text in: ``"zh"``, ``"ja"``, ``"en"``, or ``default`` for another script.

    Faces, addresses and figures with their units do not count. A Chinese or Japanese character weighs as much as a
    Latin word; at a tie they win, because a Chinese voice can say an English word and an English one cannot say a
    Chinese word. Which of the two it is, their shares tell: a の in a Chinese sentence is a borrowed word.
    """
    if "://" in text or "www." in text:
        text = _NO_SPACE.sub(lambda found: " " if "://" in found[0] or "www." in found[0] else found[0], text)
    text = drop_faces(text)
    if default == Language.ZH:
        text = _PINYIN_INITIALS.sub("\u8bcd", text)
    text = _WITH_FIGURES.sub(" ", text)
    han, kana = len(HAN.findall(text)), len(KANA.findall(text))
    latin = len(_LATIN_WORD.findall(_INITIALS.sub(" ", text) if han or kana else text))
    if not han and not kana and not latin:
        return default
    if han + kana >= latin:
        return "ja" if _is_japanese(text, han, kana, default) else "zh"
    return default if default not in ("zh", "ja", "en") else "en"


def _is_japanese(text: str, han: int, kana: int, default: str) -> bool:
    if not kana or not han:
        return bool(kana) or default == "ja"
    if _CHINESE.search(text):
        return kana > han
    return default == "ja" or kana / (han + kana) >= (_KANA_SHARE if default == "zh" else 0.1)


def is_written_in(text: str, wanted: str) -> bool:
    """Return whether a text is plainly in a language ("en", "zh", "ja"); one without letters is in any.

    Stricter than `language`, which falls back: French has letters that English lacks, and Russian is none of the three.
    """
    letters = "".join(filter(str.isalpha, text))
    if wanted == "en" or not letters:
        return letters.isascii()
    return CJK.search(letters) is not None and language(text, wanted) == wanted


def width(text: str) -> int:
    """Return the width of a text in characters; a Chinese, Japanese or Korean one (or its punctuation) counts two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(map(len, _WIDE.findall(text)))


def is_east_asian(char: str) -> bool:
    """Return whether a character is of the East Asian scripts, their punctuation, or what comes after (emoji)."""
    return ord(char) >= FIRST_EAST_ASIAN


def is_wide(char: str) -> bool:
    """Return whether a character is Han or kana."""
    return bool(char) and CJK.match(char) is not None


def join(parts: Sequence[str]) -> str:
    """Join clauses again: with a space between words, without one beside East Asian characters."""
    out = ""
    for part in (s.strip() for s in parts):
        if part and out and not (is_east_asian(out[-1]) or is_east_asian(part[0])):
            out += " "
        out += part
    return out
