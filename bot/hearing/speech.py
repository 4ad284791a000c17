"""The vocabulary of hearing: sound as it comes in, what is made of it, and who is told.

    input ─▶ frames ─▶ voice activity ─▶ endpoint ─▶ recogniser ─▶ SpeechListener (the floor)

Sound is mono float32 within ±1 at `RATE`. Times are seconds of the loop's clock.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.types import Health

#: Samples a second, and samples in a frame: 32 ms, what Silero's voice activity model takes.
RATE, FRAME = 16_000, 512

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """`FRAME` samples of the streamer's microphone. ``at`` is when the last of them was captured."""

    samples: Samples
    at: float


@dataclass(frozen=True, slots=True)
class Hints:
    """What a recogniser may expect: names and words, the likeliest first, and the languages (none for any)."""

    words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser makes of speech so far. ``stable`` is the beginning of ``text`` that will not change.

    ``confidence`` is within 0 and 1; ``no_speech`` is the recogniser's own doubt that anybody spoke. ``upto_s`` says
    how many seconds of the sound given to it the text covers: that is how the answer to a pause is known.
    """

    text: str
    language: str = ""
    confidence: float = 1.0
    stable: str = ""
    no_speech: float = 0.0
    upto_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the streamer said, from the onset of speech to its end; ``final`` when it will not change any more.

    It goes from hearing to the floor, never through the inbox. ``number`` counts the utterances of a run.
    """

    number: int
    text: str
    language: str
    confidence: float
    stable: str
    final: bool
    began_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class SpeechPiece:
    """A piece of one utterance on its way to a recogniser.

    ``pause`` says that the speaker paused: the recogniser answers at once with all it has heard so far.
    When the stream ends without further samples after that answer, it was the last word on the utterance.
    ``partial`` says that a text is welcome now: a recogniser that must begin anew for each text makes one only then.
    """

    samples: Samples
    pause: bool = False
    partial: bool = False


class Asr(Protocol):
    """A recogniser of speech."""

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Yield what was said so far, as often as it can be told; after the stream's end, the whole of it.

        Closing the iterator stops the work. Raises `ProviderError` alone.
        """
        ...

    async def check(self) -> Health:
        """Reach the recogniser without spending much. Never raises but `asyncio.CancelledError`."""
        ...


class Endpoint(Protocol):
    """A judge of whether a pause is the end of what the speaker wanted to say."""

    async def probability(self, speech: Samples, partial: str, language: str) -> float:
        """Return how likely the speaker has finished, within 0 and 1.

        ``speech`` is the utterance up to the pause and the silence after it; ``partial`` what was recognised of it.
        """
        ...


class SpeechListener(Protocol):
    """Is told what the ears hear, in this order. All methods return at once.

    (likely)* began (heard)* [paused [resumed (heard)*]]* over
    """

    def speech_likely(self, at: float) -> None:
        """Take note that there may be a voice, by its first frame; `speech_began` follows at once if it is one."""
        ...

    def speech_began(self, number: int, at: float) -> None:
        """Take note that somebody began to make a voice's sound; it may yet prove to be a cough."""
        ...

    def speech_heard(self, utterance: Utterance) -> None:
        """Take a partial text of an utterance that goes on."""
        ...

    def speech_paused(self, utterance: Utterance) -> None:
        """Take the text of an utterance that is probably over: think, silently (the eager decision)."""
        ...

    def speech_resumed(self, number: int, at: float) -> None:
        """Take note that the utterance goes on: what was thought since the pause is withdrawn."""
        ...

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Take a whole utterance: answer it (the commit). None when nothing was said, or it was thrown away."""
        ...
