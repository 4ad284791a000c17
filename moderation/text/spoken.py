"""How a name is read aloud: cut into its words, digits taken for letters, and spelled by its sound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from moderation.text.forms import Tables

#: Words of a name that are looked at, and letters of one.
MOST_WORDS: Final = 10
_LONGEST: Final = 64
#: Words of a run that are read as one.
_LONGEST_RUN: Final = 5
#: Beyond this are scripts without spaces and capitals: Thai, kana, hangul, Chinese.
_LAST_ALPHABET: Final = "\u0e00"
#: A word by the kinds of its characters (see `_kind`): of a script without capitals, a run of capitals, or small
#: letters with the capital before them. What stands for letters belongs to it.
_WORD: Final = re.compile(r"h+|d*U[Ud]*(?=Ul|[^Uld]|$)|d*U?[ld]+")
_ENDS: Final = re.compile(r"^[0-9!|+]+|[0-9!|+]+$")
_SIGN: Final = re.compile(r"[0-9@$!|€£¢+]")
#: What digits and signs stand for, in two readings: as they look, and as they are said (or look otherwise).
_LOOKS: Final = str.maketrans("0134567892@$!|+€£¢", "oieasgtbgzasiltelc")
_SAYS: Final = str.maketrans(
    dict(zip("01345679@$!|+€£¢", "olefsbtqaslltelc", strict=True)) | {"8": "ate", "2": "to", "4": "for"}
)
#: Letters turned upside down; the line is then read from its end.
_TURNED: Final = str.maketrans("ɐɔǝɟƃᵷɥᴉıɾʞɯɹʇʌʍʎəꓤunpdbq", "acefgghiijkmrtvwyernudpqb")
_IS_TURNED: Final = re.compile("[ɐɔǝɟƃᵷɥᴉɾʞɯɹʇʌʍʎꓤ]")
#: A "q" for a "g" ("niqqa") and a "v" for a "u" ("fvck").
_LOOKALIKE: Final = re.compile(r"q(?!u[aeiou])|(?<=[b-df-hj-np-tv-xz])v(?=[b-df-hj-np-tv-xz])")
#: A capital i among small letters is an "l" ("HitIer").
_CAPITAL_I: Final = re.compile("(?<=[a-z])I(?=[a-z])")
_DOUBLED: Final = re.compile(r"(?:([a-z])\1){3,}")
_CYRILLIC: Final = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэёіїєґ", "abvgdeziiklmnoprstufieeiieg", strict=True))
    | {"ж": "zh", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
)
_LATIN: Final = re.compile("[a-z]")
_IS_CYRILLIC: Final = re.compile("[а-яёіїєґ]")

#: From spelling to sound, in this order. English, and only so far that one word is written in several ways.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^[kgp]n(?=[aeiouy])", "n"),
        (r"^wh", "w"),
        (r"ph", "f"),
        (r"ck|kk|cc|q+u?(?=[aeiou]|$)|q+", "k"),
        (r"c(?=[eiy])", "s"),
        (r"tch", "ch"),
        (r"c(?!h)", "k"),
        (r"gh(?=[aeiou])", "g"),
        (r"z", "s"),
        (r"x", "ks"),
        (r"(?:ee|ea|ie|ey)", "i"),
        (r"y", "i"),
        (r"oo", "u"),
        (r"ow(?![aeiou])|oh(?![aeiou])", "o"),
        (r"(?<=[aeiou])h(?![aeiou])", ""),
        (r"aw|au", "o"),
        (r"([a-z])\1+", r"\1"),
    )
)
_SCHWA: Final = re.compile(r"(?:[eauoi]+r|a+h|u+h|a|re|ur+)$")


def words_of(name: str, tables: Tables) -> list[str]:
    """Return the words of a name in lower case, folded: cut at spaces, signs, and where capitals begin.

    Digits stay in their word: "HeilHitler" is two, "H1tler88" is one.
    """
    letters, kinds = [], []
    for char in name[:_LONGEST]:
        folded = tables.folded(char).text
        letters.append(folded)
        kinds.append(_kind(char, folded) * len(folded))
    text = "".join(letters)
    return [text[found.start() : found.end()] for found in _WORD.finditer("".join(kinds))][:MOST_WORDS]


def _kind(char: str, folded: str) -> str:
    """Return U for a capital, l for another letter, d for what may stand for one, h for other scripts, else a space."""
    if _SIGN.match(folded):
        return "d"
    if not folded.isalnum():
        return " "
    if folded >= _LAST_ALPHABET:
        return "h"
    return "U" if char.isupper() else "l"


def readings(words: Sequence[str]) -> list[list[str]]:
    """Return the ways to read the words: without digits at their ends, with digits as letters, letters undoubled."""
    plain = [bare for word in words if (bare := _ENDS.sub("", word)) or not word]
    found = [[word.translate(_LOOKS) for word in plain]]
    signed = any(_SIGN.search(word) for word in words)
    if signed:
        found.append([word.translate(_LOOKS) if _letters(word) > 1 else word for word in words])
        found.append([word.translate(_SAYS) for word in plain])
        found.append([word.translate(_SAYS) if _letters(word) else word for word in words])
    if any(_LOOKALIKE.search(word) for word in words):
        found.append([_LOOKALIKE.sub(_letter_meant, word) for word in words])
    if any(_DOUBLED.fullmatch(word) for word in words):
        found.append([word[::2] if _DOUBLED.fullmatch(word) else word for word in words])
    return [reading for at, reading in enumerate(found) if reading and reading not in found[:at]]


def meant(name: str) -> Iterator[str]:
    """Yield a name as it was meant: turned back when its letters stand on their heads, Cyrillic ones by their sound."""
    if _CAPITAL_I.search(name):
        yield _CAPITAL_I.sub("l", name)
    if _IS_TURNED.search(name):
        yield name[:_LONGEST].translate(_TURNED)[::-1]
    if _IS_CYRILLIC.search(lower := name[:_LONGEST].lower()):
        yield lower.translate(_CYRILLIC)
        if "я" in lower and _LATIN.search(lower):
            yield lower.replace("я", "r")  # a Latin R turned round


@lru_cache(maxsize=4096)
def sound(word: str) -> tuple[str, str]:
    """Return how a word of the letters a-z sounds, twice: to its last letter, and with any unstressed end as an "a".

    >>> sound("phaggit"), sound("kneegrow")
    (('fagit', 'fagit'), ('nigro', 'nigro'))
    """
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word, _SCHWA.sub("a", word)


def windows(words: Sequence[str]) -> list[str]:
    """Return every run of neighbouring words as one word: up to five words, or any number of single letters."""
    found = list(words)
    for at in range(len(words)):
        run = words[at]
        for end in range(at + 1, len(words)):
            run += words[end]
            if end - at >= _LONGEST_RUN and len(run) > end - at + 1:
                break
            found.append(run)
    return found


def _letter_meant(found: re.Match[str]) -> str:
    return "g" if found[0] == "q" else "u"


def _letters(word: str) -> int:
    return sum("a" <= char <= "z" for char in word)
