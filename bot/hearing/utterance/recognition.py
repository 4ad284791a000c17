"""One utterance on its way through a recogniser.

Long speech goes in stretches, since a recogniser takes half a minute at the most and is quickest below eight seconds. A
stretch's last text joins those before it; what is kept of them is bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast

import numpy as np

from bot.hearing.speech import RATE, Asr, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.utterance.agreement import Agreement
from bot.runtime.signal import Signal
from bot.text.scripts import CJK

#: Characters of one utterance that are kept; of a longer one the beginning is forgotten.
MAX_TEXT: Final = 4000
#: Rounding of seconds: a sample and a half.
_EPSILON_S: Final = 0.0001

#: Makes a recogniser's text fit to be read, or None when nobody said it; gets the seconds of voice in the stretch.
Refine: TypeAlias = Callable[[Transcript, float], Transcript | None]


class Pieces:
    """The sound of one stretch, taken by one reader. What waits is handed over as one piece: old questions lapse."""

    def __init__(self) -> None:
        self._waiting: list[SpeechPiece] = []
        self._changed = Signal()
        self._ended = False
        #: Seconds of sound that were put in, those up to the last question, and those with a voice.
        self.given_s = self.asked_s = self.voiced_s = 0.0

    def put(self, samples: Samples, *, pause: bool = False, partial: bool = False) -> None:
        """Add sound; see `SpeechPiece`."""
        self.given_s += samples.size / RATE
        if pause or partial:
            self.asked_s = self.given_s
        self._waiting.append(SpeechPiece(samples, pause=pause, partial=partial))
        self._changed.notify()

    def end(self) -> None:
        """Say that there is no more."""
        self._ended = True
        self._changed.notify()

    def __aiter__(self) -> AsyncIterator[SpeechPiece]:
        return self

    async def __anext__(self) -> SpeechPiece:
        await self._changed.wait_until(lambda: bool(self._waiting) or self._ended)
        if not self._waiting:
            raise StopAsyncIteration
        waiting, self._waiting = self._waiting, []
        return merged(waiting)


def merged(pieces: list[SpeechPiece]) -> SpeechPiece:
    """Return pieces as one. A pause after which speech went on is none any more; a text is still welcome."""
    if len(pieces) == 1:
        return pieces[0]
    asked = any(piece.pause or piece.partial for piece in pieces)
    return SpeechPiece(np.concatenate([piece.samples for piece in pieces]), pause=pieces[-1].pause, partial=asked)


class Recognition:
    """What is made of one utterance. ``told`` is called whenever its text changed."""

    def __init__(self, recogniser: Asr, hints: Hints, refine: Refine, told: Callable[[], None]) -> None:
        self._recogniser = recogniser
        self._hints = hints
        self._refine = refine
        self._told = told
        self._current = Pieces()
        self._stretches: deque[Pieces] = deque([self._current])
        self._done = ""
        self._agreement = Agreement()
        self._last: Transcript | None = None
        self._answered_s = 0.0
        self._confidences: list[tuple[float, float]] = []
        self.language = ""

    # --- what was said ------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All that was recognised so far."""
        return joined(self._done, self._last.text if self._last else "")[-MAX_TEXT:]

    @property
    def stable(self) -> str:
        """The beginning of `text` that will not change."""
        return joined(self._done, self._last.stable if self._last else "")[-MAX_TEXT:]

    @property
    def confidence(self) -> float:
        """How sure the recogniser is, within 0 and 1: the mean over the stretches by their length."""
        parts = [*self._confidences, *([(self._last.confidence, self._last.upto_s)] if self._last else [])]
        whole = sum(seconds for _, seconds in parts)
        return sum(one * seconds for one, seconds in parts) / whole if whole else 0.0

    @property
    def stretch_s(self) -> float:
        """Seconds of sound in the stretch that is being filled."""
        return self._current.given_s

    @property
    def behind(self) -> int:
        """How many stretches wait for the recogniser."""
        return len(self._stretches) - 1

    @property
    def caught_up(self) -> bool:
        """Whether the last question was answered: the text covers all that was given up to it."""
        return len(self._stretches) == 1 and self._answered_s + _EPSILON_S >= self._current.asked_s > 0

    # --- what was heard -----------------------------------------------------------------------------

    def add(self, samples: Samples, voiced_s: float, *, pause: bool = False, partial: bool = False) -> None:
        """Add sound of which ``voiced_s`` seconds hold a voice; see `SpeechPiece` for the others."""
        self._current.voiced_s += voiced_s
        self._current.put(samples, pause=pause, partial=partial)

    def cut(self) -> None:
        """End this stretch and begin the next one."""
        self._current.end()
        self._current = Pieces()
        self._stretches.append(self._current)

    def end(self) -> None:
        """Say that the utterance is over."""
        self._current.end()

    async def run(self) -> None:
        """Recognise stretch after stretch until `end`. Raises `ProviderError`."""
        while True:
            pieces = self._stretches[0]
            stream = cast("Any", self._recogniser.hear(pieces, self._hints))
            async with aclosing(stream) as transcripts:
                async for transcript in transcripts:
                    self._take(transcript, pieces)
            if len(self._stretches) == 1:
                return
            self._stretches.popleft()
            self._finish_stretch()

    def _take(self, transcript: Transcript, pieces: Pieces) -> None:
        self._answered_s = transcript.upto_s
        refined = self._refine(transcript, pieces.voiced_s)
        if refined is not None:
            stable = refined.stable or self._agreement.add(refined.text)
            self._last = replace(refined, stable=stable)
            self.language = refined.language or self.language
        else:
            self._last = None
        self._told()

    def _finish_stretch(self) -> None:
        if self._last is not None:
            self._done = joined(self._done, self._last.text)[-MAX_TEXT:]
            self._confidences = [*self._confidences[-20:], (self._last.confidence, self._last.upto_s)]
        self._last, self._agreement, self._answered_s = None, Agreement(), 0.0
        self._told()


def joined(first: str, second: str) -> str:
    """Join two texts as their scripts are written."""
    first, second = first.rstrip(), second.lstrip()
    if not first or not second:
        return first or second
    return f"{first}{second}" if CJK.match(second[0]) or CJK.match(first[-1]) else f"{first} {second}"
