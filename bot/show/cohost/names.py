"""Hears a name in what a recogniser made of it: "Mira" as "Meera", 小葵 as 孝亏.

English words are folded by sound, Chinese ones by pinyin without tones; a persona's aliases add what is misheard
otherwise. Two Chinese names of one length are the same when their initials and finals are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from bot.show.cohost.words import plain
from bot.text.scripts import is_east_asian

#: How alike two folded English names must be, within 0 and 1.
ALIKE: Final = 0.75
#: A folded name shorter than this must be the same.
SHORT: Final = 3
#: Initials and finals of pinyin that speakers and recognisers mix up.
_INITIALS: Final = {"zh": "z", "ch": "c", "sh": "s", "l": "n"}
_SOUNDS: Final = (
    ("tion", "shn"), ("sion", "shn"), ("ough", "o"), ("augh", "a"), ("igh", "i"), ("ph", "f"), ("gh", "g"),
    ("ck", "k"), ("sch", "S"), ("sh", "S"), ("ch", "S"), ("th", "t"), ("wh", "w"), ("qu", "kw"), ("kn", "n"),
    ("wr", "r"), ("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("q", "k"), ("z", "s"),
    ("v", "f"), ("b", "p"), ("d", "t"), ("g", "k"), ("j", "S"), ("ee", "i"), ("ea", "i"), ("ie", "i"), ("ei", "i"),
    ("ey", "i"), ("y", "i"), ("oo", "u"), ("ou", "u"), ("ow", "u"), ("ai", "e"), ("ay", "e"), ("h", ""),
)  # fmt: skip


@lru_cache(4096)
def fold_sound(word: str) -> str:
    """Return how a Latin word sounds, roughly: voiced and voiceless consonants alike, long vowels short."""
    for written, sound in _SOUNDS:
        word = word.replace(written, sound)
    word = re.sub(r"e\b", "", word) if len(word) > 3 else word
    return re.sub(r"(.)\1+", r"\1", word)


@lru_cache(4096)
def _syllable(char: str) -> tuple[str, str]:
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - 50 MB, and a host without ears hears no name

    initial = lazy_pinyin(char, style=Style.INITIALS, strict=False)[0]
    final = lazy_pinyin(char, style=Style.FINALS, strict=False)[0]
    return _INITIALS.get(initial, initial), re.sub(r"ng$", "n", final)


def load_syllables() -> None:
    """Load what Chinese names are heard by. It takes half a second: call it in a thread, before `names_host`."""
    _syllable("名")


def _same_sound(left: str, right: str) -> float:
    """Return how alike two Chinese names of one length sound, within 0 and 1: half the initial, half the final."""
    pairs = [(_syllable(a), _syllable(b)) for a, b in zip(left, right, strict=True)]
    return sum((a[0] == b[0]) / 2 + (a[1] == b[1]) / 2 for a, b in pairs) / len(pairs)


def names_host(text: str, names: Sequence[str]) -> bool:
    """Return whether a text says one of the names, also as it is misheard."""
    words = plain(text)
    return any(_says(words, plain(name)) for name in names)


def _says(text: str, name: str) -> bool:
    if not name:
        return False
    if any(map(is_east_asian, name)):
        letters, wanted = text.replace(" ", ""), name.replace(" ", "")
        if wanted in letters:
            return True
        if len(wanted) < 2:
            return False
        windows = (letters[at : at + len(wanted)] for at in range(len(letters) - len(wanted) + 1))
        return any(all(map(is_east_asian, w)) and _same_sound(w, wanted) >= 1 for w in windows)
    words, size = text.split(" "), len(name.split(" "))
    if any(words[at : at + size] == name.split(" ") for at in range(len(words))):
        return True
    sound = fold_sound(name.replace(" ", ""))
    if len(sound) < SHORT:
        return False
    for count in range(1, size + 2):
        for at in range(len(words) - count + 1):
            heard = fold_sound("".join(words[at : at + count]))
            if heard[:1] == sound[:1] and fuzz.ratio(heard, sound) / 100 >= ALIKE and _close(heard, sound):
                return True
    return False


def _close(heard: str, sound: str) -> bool:
    """Return whether the consonants of two folded words agree: vowels are what is misheard."""
    return re.sub("[aeiou]", "", heard) == re.sub("[aeiou]", "", sound)
