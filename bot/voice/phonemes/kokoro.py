"""Turn text into Kokoro's phonemes, by script: English by hibari, Chinese by misaki, Japanese where installed."""

from __future__ import annotations

import importlib.util
import logging
import re
import warnings
from collections.abc import Iterator
from typing import Any

import platformdirs
from hibari import Hibari

from bot.voice.phonemes.english import english_reader
from bot.voice.phonemes.readings import Places, Reading, Word, fitting, readings
from bot.voice.phonemes.scripts import split_by_script
from bot.voice.reading.aloud import read_aloud

with warnings.catch_warnings():
    # jieba's regular expressions use escapes that Python 3.12 warns about, and it may meet an old pkg_resources.
    warnings.simplefilter("ignore")
    import jieba
    from misaki.zh import ZHG2P
    from pypinyin import Style, lazy_pinyin

#: The model takes 510 tokens; shorter pieces keep a steadier voice. The first piece is shorter still, so that a long
#: sentence begins to sound while its rest is made (60 phonemes are about 3.5 s of speech).
LONGEST, FIRST = 200, 60
_SENTENCE_ZH = re.compile(r"(?<=[。！？!?…])(?=[^。！？!?…”』」)）\]])")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_PUNCTUATION = str.maketrans(
    {
        **dict(zip("、，。．！：；？·", ",,..!:;?,", strict=True)),
        **dict.fromkeys("「『《【«", "“"),
        **dict.fromkeys("」』》】»", "”"),
    }
)


class Phonemes:
    """Holds the dictionaries. Making one and calling it block; it belongs to one thread.

    ``alphabet`` is the model's set of symbols: nothing else comes out. ``languages`` tells what it can read.
    """

    def __init__(self, alphabet: frozenset[str]) -> None:
        self._alphabet = alphabet
        self._english = english_reader()
        # Its word list is cached as a file that is loaded unchecked: in a folder of the user's own, never in /tmp.
        jieba.setLogLevel(logging.ERROR)
        jieba.dt.tmp_dir = str(platformdirs.user_cache_path("haishin", ensure_exists=True))
        jieba.initialize()
        self.languages = frozenset({"en", "zh"})
        self._japanese: Any = None
        if importlib.util.find_spec("pyopenjtalk"):
            from bot.voice.phonemes import japanese  # noqa: PLC0415 - an optional extra

            japanese.phonemes("準備")
            self._japanese = japanese
            self.languages |= {"ja"}

    def pieces(self, text: str, language: str) -> Iterator[Reading]:
        """Yield the phonemes to synthesize, piece by piece in order; nothing when no part of the text can be read."""
        first, places = FIRST, Places(text)
        for sentence in _sentences(read_aloud(text, language), language):
            words: list[Word] = []
            for kind, run in split_by_script(sentence, language):
                words += (
                    Word(f"{sounds} " if last else sounds, places.find(written) if written else 0)
                    for sounds, written, last in self._run(kind, run)
                )
            words = [Word("".join(c for c in word.phonemes if c in self._alphabet), word.at) for word in words]
            sounds = re.sub(r" +(?=[,.!?;:…])|(?<= ) +", "", "".join(word.phonemes for word in words)).strip()
            for piece in readings(words, fitting(sounds, first, LONGEST)):
                if any(c.isalpha() for c in piece.phonemes):
                    yield piece
                    first = LONGEST

    def _run(self, kind: str, run: str) -> Iterator[tuple[str, str, bool]]:
        """Yield the phonemes of each word of a run, how it is written, and whether it is the last one."""
        words: list[tuple[str, str]] = []
        if kind == "en":
            words = self._english.words(run)
        elif kind == "zh":
            words = chinese(run)
        elif self._japanese:
            words = self._japanese.words(run)
        for index, (sounds, written) in enumerate(words):
            yield sounds, written, index == len(words) - 1


def chinese(text: str) -> list[tuple[str, str]]:
    """Return the phonemes of each Chinese character and of what stands between them, and how it is written."""
    out, end = list[tuple[str, str]](), 0
    for match in _HAN.finditer(text):
        out.append((_marks(text[end : match.start()]), ""))
        for index, word in enumerate(filter(None, map(_word, jieba.lcut(match.group())))):
            (first, char), *rest = word
            out += [(f" {first}" if index else first, char), *rest]
        end = match.end()
    out.append((_marks(text[end:]), ""))
    return out


def _word(word: str) -> list[tuple[str, str]]:
    """Return the phonemes of each character; nothing for a word of which no reading is known."""
    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    try:
        sounds = [str(ZHG2P.py2ipa(syllable)).replace("\u032f", "") for syllable in syllables]
    except (KeyError, ValueError, AssertionError):
        return []
    return list(zip(sounds, word, strict=True)) if len(sounds) == len(word) else [("".join(sounds), word)]


def _marks(text: str) -> str:
    marks = text.translate(_PUNCTUATION)
    return re.sub(r"(?<=[,.!?;:])(?=[^\s,.!?;:”])|(?<=[,.!?;:])$", " ", marks)


def _sentences(text: str, language: str) -> list[str]:
    if language == "en":
        return [str(s) for s in Hibari.split_sentences(text)]
    return [s.strip() for s in _SENTENCE_ZH.split(text) if s.strip()]
