"""The forms of a text that the rules look at, each with the way back to the original letters.

People disguise words: full width, look-alike letters, dots between letters, l33t, traditional
characters, characters that sound the same, emoji. Each `View` undoes one kind of disguise. Folding
works character by character from tables that fill as characters are met, so it is fast, its
time is linear, and the offset map costs nothing until there is a finding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import disarm
import emoji
import opencc

#: A table remembers so many characters; more are folded anew each time (hostile input).
_TABLE_SIZE: Final = 40_000
_PINYIN_TABLE: Final = Path(__file__).parent / "data" / "pinyin.tsv"

HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

#: Emoji that stand for a character of the same sound.
_SOUNDS: Final = {
    picture: character
    for character, pictures in {
        "马": "🐴🐎", "鸡": "🐔🐓", "狗": "🐶🐕", "猪": "🐷🐖", "草": "🌿🍀☘", "日": "☀🌞", "牛": "🐮🐂", "逼": "🍺",
        "龟": "🐢", "药": "💊", "枪": "🔫", "炸弹": "💣", "妈": "👩🤱", "爸": "👨", "猴": "🐒🐵", "鱼": "🐟",
        "有": "🈶", "无": "🈚", "死": "💀",
    }.items()
    for picture in pictures
}  # fmt: skip
_KEPT_MARKS: Final = frozenset("，。！？、；：,!?;:\n")
_LEET: Final = str.maketrans("013457@$!|+8", "oieastasiltb")
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*(?:[a-z]{1,3}|%)?")
_DISGUISED: Final = re.compile(
    r"[a-z][.*_~^+|@$!0-9-]{1,3}[a-z]|(?<![a-z0-9])[@$!|0-9]{1,2}[a-z]{2}|[a-z]{2}[@$|0-9](?![a-z0-9])|([a-z])\1\1"
    r"|\s\s|(?<![a-z'])[a-z]\W{1,3}[a-z]\W{1,3}[a-z](?![a-z])"
)
_EDGES: Final = ".,!?;:()\"'“”-#"
_LONGEST_WORD: Final = 60
_TOKEN: Final = re.compile(r"\S+")
_RUN: Final = re.compile(r"(.)\1{2,}")


@dataclass(slots=True)
class View:
    """One form of a text. ``lengths[i]`` is how much of ``text`` the i-th character of ``source`` became.

    ``source`` None means the original; ``lengths`` None means that characters correspond one to one.
    ``spans`` maps each character of ``text`` to its place in the source where order is all that is kept.
    """

    text: str
    source: View | None = None
    table: dict[int, str] | None = None
    spans: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original text that a span of this view came from."""
        if self.source is None:
            return start, end
        if self.spans is not None:
            first, last = self.spans[start], self.spans[end - 1] + 1
        elif self.table is None:
            first, last = start, end
        else:
            first, last = self._walk(start, end)
        return self.source.original(first, last)

    def _walk(self, start: int, end: int) -> tuple[int, int]:
        table = self.table or {}
        at = first = 0
        begun = False
        source = self.source.text if self.source else self.text
        for index, char in enumerate(source):
            at += len(table[ord(char)])
            if at > start and not begun:
                first, begun = index, True
            if at >= end:
                return first, index + 1
        return first, len(source)


class _Fold(dict[int, str]):
    """NFKC, case, look-alikes, accents and marks, invisible characters, simplified Chinese: one character each."""

    def __init__(self) -> None:
        super().__init__()
        self._simplify = opencc.OpenCC("t2s").convert

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        if len(self) < _TABLE_SIZE:
            self[code] = folded
        return folded

    def _fold(self, char: str) -> str:  # noqa: PLR0911 - a return for each kind of disguise
        code = ord(char)
        if code < 128:
            return char.lower() if char >= " " or char in "\t\n" else ""
        if 0xD800 <= code <= 0xDFFF or code == 0xFFFD:
            return ""
        if 0x1F1E6 <= code <= 0x1F1FF:
            return chr(code - 0x1F1E6 + ord("a"))
        if char in "，。！？、；：":
            return char
        if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc", "Co", "Cn"):
            return ""
        if HAN.match(char):
            return str(self._simplify(unicodedata.normalize("NFKC", char)))
        if unicodedata.category(char) in ("Zs", "Zl", "Zp"):
            return " "
        if unicodedata.category(char) == "So" and code >= 0x2600 and not 0x1F100 <= code <= 0x1F1E5:
            return char
        bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        if "\uac00" <= char <= "\ud7a3" or "\u3040" <= char <= "\u30ff":
            return char
        return disarm.strip_obfuscation(bare).casefold()[:8]


class _Joined(dict[int, str]):
    """Folded text without what is put between characters to break words; emoji that sound like a character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        joined = _SOUNDS.get(char, char if char.isalnum() or char in _KEPT_MARKS else "")
        if len(self) < _TABLE_SIZE:
            self[code] = joined
        return joined


class _Pinyin(dict[int, str]):
    """Joined text as toneless syllables, each closed by an apostrophe; other letters as they are."""

    def __init__(self) -> None:
        super().__init__()
        for line in _PINYIN_TABLE.read_text("utf-8").splitlines():
            syllable, _, chars = line.partition("\t")
            self.update(dict.fromkeys(map(ord, chars), f"'{syllable}'"))

    def __missing__(self, code: int) -> str:
        return chr(code)


class _Named(dict[int, str]):
    """Folded text with emoji as their English names."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        name = emoji.EMOJI_DATA.get(char, {}).get("en", "") if code > 0x203B else ""
        named = f" {str(name).strip(':').replace('_', ' ').replace('-', ' ').lower()} " if name else char
        if len(self) < _TABLE_SIZE:
            self[code] = named
        return named


class Tables:
    """The folding tables; one set serves all checks of a moderator."""

    def __init__(self) -> None:
        self._fold = _Fold()
        self._joined = _Joined()
        self._pinyin = _Pinyin()
        self._named = _Named()

    def folded(self, text: str) -> View:
        """NFKC, lower case, look-alikes as Latin letters, no accents, no marks, simplified Chinese."""
        raw = View(text)
        if text.isascii() and text.isprintable():
            return View(text.lower(), raw)
        return View(text.translate(self._fold), raw, self._fold)

    def joined(self, folded: View) -> View:
        """Folded, without spaces, dots and other dividers, but with the marks that end a phrase."""
        return View(folded.text.translate(self._joined), folded, self._joined)

    def pinyin(self, joined: View) -> View:
        """Spell joined text: each Chinese character as ``'syllable'``."""
        return View(joined.text.translate(self._pinyin), joined, self._pinyin)

    def named(self, folded: View) -> View | None:
        """Folded, with emoji as words; None when there is none."""
        if folded.text.isascii():
            return None
        text = folded.text.translate(self._named)
        return None if text == folded.text else squeezed(View(text, folded, self._named))


def squeezed(view: View) -> View:
    """Make every run of white space one space."""
    spans: list[int] = []
    text: list[str] = []
    for at, char in enumerate(view.text):
        if char.isspace():
            if not text or text[-1] == " ":
                continue
            char = " "  # noqa: PLW2901 - what is appended
        text.append(char)
        spans.append(at)
    return View("".join(text), view, spans=spans)


def squashed(folded: View, *, keep: int) -> View | None:
    """Undo spelling tricks inside words: dividers, digits for letters, long runs, spaced-out letters.

    Words stay words, so that "pass it" does not become a bad one. A letter repeated three times or
    more is kept ``keep`` times. None when nothing in the text looks disguised.
    """
    if not (_DISGUISED if keep == 1 else _RUN).search(folded.text):
        return None
    text: list[str] = []
    spans: list[int] = []
    single = False
    runs = _RUN.search(folded.text) is not None
    for token in _TOKEN.finditer(folded.text):
        core = token[0].strip(_EDGES)
        start = token.start() + token[0].find(core)
        if core.isalpha() and not (runs and _RUN.search(core)):
            letters, places = core, list(range(start, start + len(core)))
        else:
            offsets = _undisguised(core, keep)
            letters, places = "".join(letter for _, letter in offsets), [start + offset for offset, _ in offsets]
        if not letters:
            continue
        alone = len(letters) == 1
        if text and not (alone and single):
            text.append(" ")
            spans.append(start)
        single = alone
        text.append(letters)
        spans.extend(places)
    return View("".join(text), folded, spans=spans)


def _undisguised(core: str, keep: int) -> list[tuple[int, str]]:
    if not core or len(core) > _LONGEST_WORD or core.startswith("http") or _NUMBER.fullmatch(core):
        return []
    plain = core.translate(_LEET)
    out: list[tuple[int, str]] = []
    at = 0
    for run in _RUN.finditer(plain):
        out += [(i, plain[i]) for i in range(at, run.start() + keep) if plain[i].isalnum()]
        at = run.end()
    return out + [(i, plain[i]) for i in range(at, len(plain)) if plain[i].isalnum()]
