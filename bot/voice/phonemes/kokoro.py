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
from bot.voice.phonemes.scripts import split_by_script
from bot.voice.reading.aloud import read_aloud

with warnings.catch_warnings():
    # jieba's regular expressions use escapes that Python 3.12 warns about, and it may meet an old pkg_resources.
    warnings.simplefilter("ignore")
    import jieba
    from misaki.zh import ZHG2P

#: The model takes 510 tokens; shorter pieces keep a steadier voice. The first piece is shorter still, so that a long
#: sentence begins to sound while its rest is made (60 phonemes are about 3.5 s of speech).
LONGEST, FIRST = 200, 60
_HARD_LIMIT = 500
_BREAK = re.compile(r"(?<=[,;:—.!?…]) +")
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

    def pieces(self, text: str, language: str) -> Iterator[str]:
        """Yield the phonemes to synthesize, piece by piece in order; nothing when no part of the text can be read."""
        longest = FIRST
        for sentence in _sentences(read_aloud(text, language), language):
            sounds = " ".join(self._run(kind, run) for kind, run in split_by_script(sentence, language))
            sounds = re.sub(r" +(?=[,.!?;:…])|(?<= ) +", "", "".join(c for c in sounds if c in self._alphabet)).strip()
            for piece in _fitting(sounds, longest):
                if any(c.isalpha() for c in piece):
                    yield piece
                    longest = LONGEST

    def _run(self, kind: str, run: str) -> str:
        if kind == "en":
            return str(self._english(run))
        if kind == "ja":
            return self._japanese.phonemes(run) if self._japanese else ""
        return chinese(run)


def chinese(text: str) -> str:
    """Return the phonemes of Chinese characters and punctuation."""
    out, end = "", 0
    for match in _HAN.finditer(text):
        out += _marks(text[end : match.start()])
        out += " ".join(filter(None, map(_word, jieba.lcut(match.group()))))
        end = match.end()
    return out + _marks(text[end:])


def _word(word: str) -> str:
    try:
        return str(ZHG2P.word2ipa(word)).replace("\u032f", "")
    except (KeyError, ValueError, AssertionError):
        return ""  # a character of which no reading is known


def _marks(text: str) -> str:
    marks = text.translate(_PUNCTUATION)
    return re.sub(r"(?<=[,.!?;:])(?=[^\s,.!?;:”])|(?<=[,.!?;:])$", " ", marks)


def _sentences(text: str, language: str) -> list[str]:
    if language == "en":
        return [str(s) for s in Hibari.split_sentences(text)]
    return [s.strip() for s in _SENTENCE_ZH.split(text) if s.strip()]


def _fitting(sounds: str, longest: int) -> Iterator[str]:
    """Cut phonemes at pauses: the first piece of at most ``longest``, the others of `LONGEST`.

    A stretch without a pause stays whole up to the model's limit, then it is cut at a space.
    """
    piece = ""
    for part in _BREAK.split(sounds) if len(sounds) > longest else [sounds]:
        if piece and len(piece) + len(part) > longest:
            yield piece
            piece, longest = "", LONGEST
        piece = f"{piece} {part}" if piece else part
        while len(piece) > _HARD_LIMIT:
            cut = piece.rfind(" ", 1, _HARD_LIMIT)
            cut = cut if cut > 0 else _HARD_LIMIT
            yield piece[:cut].strip()
            piece = piece[cut:].strip()
    if piece:
        yield piece
