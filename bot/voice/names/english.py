"""Hears an English name as the voice will say it: what is clean in writing may be foul by ear ("Fah Gut").

    name ─▶ runs of words ─▶ phonemes ─▶ equal to a foul phrase's? ─▶ nearly equal?

A word of the dictionary, alone, is heard as itself: only a true homophone counts. Words that stand together, and words
that no dictionary has, are heard with merged vowels and voiceless consonants, as a listener would guess at them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

#: Letters of a name that are looked at; words that are heard together.
_LONGEST: Final = 64
_LONGEST_RUN: Final = 5
#: Phonemes of the shortest phrase that is listened for, and of the shortest that may be a little off.
_SHORTEST: Final = 3
_SHORTEST_NEAR: Final = 4
#: How far off a phrase may be, as a share of its phonemes. Of 4,000 plausible names 2 were taken for a phrase at .14,
#: 6 at .18, and 21 at .22.
_NEAR: Final = 0.18

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SILENT: Final = re.compile(r"[^a-zæɑɔəɛɜɪʊʌAIOWYðŋʃʒʤʧθɡɹ]")
_SAME: Final = str.maketrans({"ᵊ": "ə", "T": "t", "ɐ": "ə", "ɾ": "t", "ᵻ": "ɪ", "g": "ɡ", "r": "ɹ"})
_VOWELS: Final = "iɪuʊəʌɑɔæɛAIOWYɜ"
#: What a listener does not tell apart in a name.
_LOOSE: Final = str.maketrans("iuəɔzæ", "ɪʊʌɑsɛ")
_VOICELESS: Final = str.maketrans("bdɡvʤʒðθ", "ptkfʧʃtt")
_DOUBLE: Final = re.compile(r"(.)\1+")
_OUTLINE: Final = re.compile(f"[{_VOWELS}hɹ]")
#: An r after a vowel that many speakers leave out.
_SILENT_R: Final = re.compile(f"(?<=[əɑɔɜ])ɹ(?![{_VOWELS}])")
_NEAR_VOWELS: Final = frozenset(
    frozenset(pair) for pair in "iɪ uʊ əʌ ɑɔ əɪ əɛ ɑʌ æɛ ɛɪ əɑ əæ OW ɔO ɜə ɜɛ ɜʌ əʊ ʌʊ iA ɑæ ɑW".split()
)
_VOICED: Final = frozenset(frozenset(pair) for pair in "bp dt ɡk vf zs ʤʧ ʒʃ ðθ θt ðd".split())


class Phonemes(Protocol):
    """Reads English."""

    def __call__(self, text: str) -> str:
        """Return the phonemes of a text in IPA, one sign each: A I O W Y for diphthongs, ʤ ʧ for affricates."""
        ...

    def known(self, word: str) -> bool:
        """Return whether a word is in the dictionary."""
        ...


class EnglishEar:
    """Hears names. As thread-safe as its phonemes."""

    def __init__(
        self, phonemes: Phonemes, phrases: Iterable[str], pronounced: Mapping[str, str], ordinary: Iterable[str]
    ) -> None:
        """Take foul ``phrases``, the sounds of some that rules get wrong, and the ``ordinary`` words to let pass."""
        self._phonemes = phonemes
        self._ordinary = frozenset(ordinary)
        self._equal: dict[str, str] = {}
        self._loose: dict[str, str] = {}
        self._outlines: dict[str, dict[str, str]] = {}
        sounds = [(phrase, pronounced.get(phrase) or self._say(phrase)) for phrase in phrases]
        for phrase, sound in (*sounds, *pronounced.items()):
            self._listen_for(phrase, sound.translate(_SAME))

    def foul(self, name: str) -> str:
        """Return the phrase that a name sounds like; empty when it sounds like none."""
        runs = list(self._runs(name))
        return next(filter(None, map(self._equal_to, runs)), "") or next(filter(None, map(self._near_to, runs)), "")

    def _listen_for(self, phrase: str, sound: str) -> None:
        if len(sound) < _SHORTEST:
            return
        for form in {sound, _SILENT_R.sub("", sound)}:
            self._equal.setdefault(form, phrase)
            self._loose.setdefault(_loose(form), phrase)
            if len(form) >= _SHORTEST_NEAR:
                self._outlines.setdefault(_outline(form), {}).setdefault(form, phrase)

    def _runs(self, name: str) -> Iterator[tuple[str, bool]]:
        """Yield the sounds of all runs of words, and whether each may be heard loosely."""
        plain = unicodedata.normalize("NFKD", name[:_LONGEST]).encode("ascii", "ignore").decode("ascii")
        words = _WORD.findall(plain.replace("'", ""))
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + _LONGEST_RUN) + 1):
                run = words[start:end]
                if "".join(run).lower() not in self._ordinary:
                    together = len(run) > 1 or not self._phonemes.known(run[0].lower())
                    yield self._say(" ".join(run)), together

    def _say(self, text: str) -> str:
        return _SILENT.sub("", self._phonemes(text).translate(_SAME))

    def _equal_to(self, run: tuple[str, bool]) -> str:
        sound, together = run
        return self._equal.get(sound, "") or (self._loose.get(_loose(sound), "") if together else "")

    def _near_to(self, run: tuple[str, bool]) -> str:
        sound, together = run
        if not together or len(sound) < _SHORTEST_NEAR:
            return ""
        for form, phrase in self._outlines.get(_outline(sound), {}).items():
            if distance(sound, form) <= _NEAR * len(form):
                return phrase
        return ""


def distance(heard: str, meant: str) -> float:
    """Return how far one row of phonemes is from another: the cheapest edits, where what sounds alike costs little."""
    row = [0.0]
    for sign in meant:
        row.append(row[-1] + _gap(sign))
    for place, sign in enumerate(heard):
        doubled = 0.05 if place and heard[place - 1] == sign else _gap(sign)
        new = [row[0] + doubled]
        for column, other in enumerate(meant):
            new.append(min(row[column] + _change(sign, other), row[column + 1] + doubled, new[column] + _gap(other)))
        row = new
    return row[-1]


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    if one in _VOWELS and other in _VOWELS:
        return 0.25 if pair in _NEAR_VOWELS else 0.7
    return 0.3 if pair in _VOICED else 1.2


def _gap(sign: str) -> float:
    if sign in "hə":
        return 0.3
    return 0.5 if sign in _VOWELS or sign == "ɹ" else 1.0


def _loose(sound: str) -> str:
    return _DOUBLE.sub(r"\1", sound.translate(_LOOSE).replace("ɜɹ", "ʌɹ"))


def _outline(sound: str) -> str:
    """Return the consonants of a sound, voiceless, without h and r: what near phrases share."""
    return _DOUBLE.sub(r"\1", _OUTLINE.sub("", sound.translate(_LOOSE).translate(_VOICELESS)))
