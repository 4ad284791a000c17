"""Texts from a recogniser that must begin anew for each: which part of them will stay, and when one is made.

Local agreement: what two texts in a row begin with is stable. Of five English sentences 80 % of the words were so
before the sentence ended.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast

import numpy as np

from bot.hearing.speech import RATE, Hints, Samples, SpeechPiece, Transcript
from bot.text.scripts import CJK

#: Recognises a whole sound; yields its text as it grows, the last one whole.
Decode: TypeAlias = Callable[[Samples, Hints], AsyncIterator[Transcript]]

#: A word, or one character of a script without spaces.
_TOKEN: Final = re.compile(f"{CJK.pattern}|(?:(?!{CJK.pattern})[\\w'’])+")
#: Shorter sound gives no word.
_LEAST_S: Final = 0.1


class Agreement:
    """Keeps the beginning of an utterance's text that will not change."""

    def __init__(self) -> None:
        self._last: list[str] = []
        self._stable = ""

    def add(self, text: str) -> str:
        """Take the next text; return its stable beginning. Capitals and punctuation may still change within it."""
        found = list(_TOKEN.finditer(text))
        words = [match.group().lower() for match in found]
        same = 0
        while same < min(len(words), len(self._last)) and words[same] == self._last[same]:
            same += 1
        self._last = words
        agreed = text[: found[same - 1].end()] if same else ""
        # What was stable stays so, as long as the recogniser does not take it back.
        if len(agreed) < len(self._stable) and text.startswith(self._stable):
            return self._stable
        self._stable = agreed
        return agreed


async def in_batches(decode: Decode, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
    """Make a stream of texts with a recogniser that takes whole sounds: the `Asr.hear` of such a one.

    Decodes all of the sound anew for each text that is asked for, and at the end when sound came after the last one.
    """
    sound: list[Samples] = []
    given = answered = 0
    async for piece in speech:
        if piece.samples.size:
            sound.append(piece.samples)
            given += piece.samples.size
        if (piece.pause or piece.partial) and given > max(answered, _LEAST_S * RATE):
            answered = given
            sound = [np.concatenate(sound)]
            async for transcript in _marked(decode(sound[0], hints), given / RATE):
                yield transcript
    if given > max(answered, _LEAST_S * RATE):
        async for transcript in _marked(decode(np.concatenate(sound), hints), given / RATE):
            yield transcript


async def _marked(growing: AsyncIterator[Transcript], upto_s: float) -> AsyncIterator[Transcript]:
    """Pass texts on; the last of them covers all of the sound."""
    last: Transcript | None = None
    async with aclosing(cast("Any", growing)) as transcripts:
        async for transcript in transcripts:
            if last is not None:
                yield last
            last = transcript
    if last is not None:
        yield replace(last, upto_s=upto_s)
