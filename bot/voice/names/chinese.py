"""Hears a Chinese name: other characters may have the syllables and tones of a foul word ("银荡")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT

#: Characters of a run that are looked at, and of the longest word.
_LONGEST: Final = 32
_LONGEST_WORD: Final = 6
_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_SYLLABLE: Final = re.compile(r"([a-zü]+)([1-5])")
#: What many speakers do not tell apart.
_RETROFLEX: Final = re.compile("^([zcs])h")
_NASAL: Final = re.compile("ng$")
_NEUTRAL: Final = "5"

#: A syllable: as it is grouped, as it is, and its tone.
_Heard = tuple[str, str, str]


class ChineseEar:
    """Hears names. Thread-safe."""

    def __init__(self, words: Iterable[str], strong: Iterable[str]) -> None:
        """Take foul ``words``; ``strong`` ones are recognised with one syllable a little off."""
        self._strong = frozenset(strong)
        self._words: dict[tuple[str, ...], list[tuple[str, tuple[_Heard, ...]]]] = {}
        for word in {*words, *self._strong}:
            if _HAN.fullmatch(word) and 2 <= len(word) <= _LONGEST_WORD:
                heard = tuple(_syllables(word))
                self._words.setdefault(tuple(group for group, _, _ in heard), []).append((word, heard))

    def foul(self, name: str) -> str:
        """Return the word that a name sounds like; empty when it sounds like none."""
        return next((word for run in _HAN.findall(name) for word in self._found(run[:_LONGEST])), "")

    def _found(self, run: str) -> Iterator[str]:
        heard = list(_syllables(run))
        groups = [group for group, _, _ in heard]
        for start in range(len(run)):
            for end in range(start + 2, min(len(run), start + _LONGEST_WORD) + 1):
                for word, sound in self._words.get(tuple(groups[start:end]), ()):
                    if sum(map(_differ, sound, heard[start:end])) <= self._may_differ(run[start:end], word):
                        yield word

    def _may_differ(self, written: str, word: str) -> int:
        """Return how many syllables may differ. Ordinary words are heard as themselves."""
        if written in PHRASES_DICT:
            return 0
        return 1 if word in self._strong or len(word) > 2 else 0


def _differ(one: _Heard, other: _Heard) -> bool:
    tones = {one[2], other[2]}
    return one[1] != other[1] or (len(tones) > 1 and _NEUTRAL not in tones)


def _syllables(text: str) -> Iterator[_Heard]:
    for spelled in lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True):
        match = _SYLLABLE.fullmatch(spelled)
        syllable, tone = match.groups() if match else (spelled, _NEUTRAL)
        yield _NASAL.sub("n", _RETROFLEX.sub(r"\1", syllable)), syllable, tone
