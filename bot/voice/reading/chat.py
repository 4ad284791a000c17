"""Write out what the phoneme libraries cannot read themselves.

Hibari reads English numbers, dates, units and money, so here is the language of chat.
`bot.voice.reading.chinese` reads Chinese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.voice.reading.chinese import chinese
from bot.voice.reading.patterns import MARKUP, drop_faces, name_addresses, shorten_drawn_out, tidy_spaces

#: Longer texts are cut: a clause has some ten words, so this is never speech.
MAX_CHARS = 4000

_SLANG = {
    "afk": "A F K",
    "brb": "be right back",
    "btw": "by the way",
    "ez": "easy",
    "fr": "for real",
    "ggwp": "good game, well played",
    "glhf": "good luck, have fun",
    "idk": "I don't know",
    "ikr": "I know, right",
    "imho": "in my humble opinion",
    "imo": "in my opinion",
    "irl": "in real life",
    "iykyk": "if you know, you know",
    "jk": "just kidding",
    "ngl": "not gonna lie",
    "np": "no problem",
    "nvm": "never mind",
    "omg": "oh my gosh",
    "omw": "on my way",
    "pls": "please",
    "plz": "please",
    "ppl": "people",
    "rn": "right now",
    "smh": "shaking my head",
    "tbh": "to be honest",
    "thx": "thanks",
    "ty": "thank you",
    "tysm": "thank you so much",
    "u": "you",
    "ur": "your",
    "wp": "well played",
    "yw": "you're welcome",
}
# Not before a dot and a letter, nor after one: "u.s." is no "you".
_SLANG_WORD = re.compile(
    rf"(?<![\w.'@])(?:{'|'.join(sorted(_SLANG, key=len, reverse=True))})(?![\w'])(?!\.\w)", re.IGNORECASE
)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)?")
_HANDLE = re.compile(r"(?<!\w)@(?=\w)")
_HEART_WORDS = {"zh": "爱心"}
_HEART = re.compile(r"(?<!\w)<3+(?!\w)")
_MARKS = re.compile(rf"{MARKUP}{{2,}}|(?<!\w)[*_~`]+|[*_~`]+(?!\w)")
_STRETCHED = re.compile(r"([A-Za-z\u00c0-\u024f])\1{2,}", re.IGNORECASE)
_SHOUTED = re.compile(r"\b[A-Z]{6,}\b")
_LAUGHING = re.compile(r"(?<![A-Za-z])[wWｗ]+(?![A-Za-z])")


def write_out(text: str, language: str) -> str:
    """Return the words to say for a clause in ``language`` ("en", "zh", "ja"); empty when there are none."""
    text = _plain(text[:MAX_CHARS])
    # "[word](/sounds/)" would make the phoneme library say sounds that nobody moderated.
    text = _LINK.sub(r"\1", text).replace("[", " ").replace("]", " ")
    text = _HANDLE.sub("", name_addresses(text, language))
    heart = _HEART_WORDS.get(language, "heart")
    text = _LAUGHING.sub("", text) if language == "ja" else _HEART.sub(heart, text)
    text = _MARKS.sub(" ", drop_faces(text))
    text = shorten_drawn_out(_STRETCHED.sub(r"\1\1", text))
    if language == "en":
        text = english(text)
    elif language == "zh":
        text = chinese(text)
    return tidy_spaces(text)


def english(text: str) -> str:
    """Write out the shorthand of chat, and make shouted words small, because capitals are spelled letter by letter."""
    text = _SLANG_WORD.sub(lambda m: _as_written(_SLANG[m.group().lower()], m.group()), text)
    return _SHOUTED.sub(lambda m: m.group().capitalize(), text)


def split_by_script(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text by script, in order: pairs of language ("en", "zh", "ja") and text.

    Punctuation and spaces stay with the piece before them; digits belong to ``language``. Chinese
    characters are Japanese when ``language`` says so or kana stand in the same text. Scripts that no
    voice here reads are left out.
    """
    han = "ja" if language == "ja" or any(_is_kana(c) for c in text) else "zh"
    current, piece = "", ""
    for char in text:
        if _is_han(char):
            kind = han
        elif _is_kana(char):
            kind = "ja"
        elif char.isdigit() and language != "en":
            kind = language
        elif char.isalpha():
            if not _is_latin(char):
                continue
            kind = "en"
        else:
            kind = current
        if current and kind != current:
            yield current, piece
            piece = ""
        current, piece = kind, piece + char
    if current:
        yield current, piece


def _plain(text: str) -> str:
    """Fold compatibility forms (full width, ℃, ①) and drop what has no sound: emoji, controls, marks of format."""
    text = unicodedata.normalize("NFKC", text.replace("…", "⋯").replace("～", "，")).replace("⋯", "…")
    kept = (
        " " if c.isspace() else c for c in text if unicodedata.category(c) not in _SILENT or c.isspace() or c == "°"
    )
    return "".join(kept)


_SILENT = {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk", "Me"}


def _as_written(full: str, short: str) -> str:
    return full[0].upper() + full[1:] if short[0].isupper() and not short.isupper() else full


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char in "〇々"


def _is_kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30ff" and char != "・"


def _is_latin(char: str) -> bool:
    return char.isascii() or "\u00c0" <= char <= "\u024f"
