"""Speech without a voice: sound whose loudness says that somebody speaks, and who recognises it by its length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from bot.errors import ProviderError
from bot.hearing.ears import Ears
from bot.hearing.endpoint.silence import Silence
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.listening import Listening
from bot.hearing.listening_settings import ListeningSettings
from bot.hearing.speech import FRAME, RATE, Asr, Endpoint, Hints, Samples, SpeechPiece, Transcript, Utterance
from bot.hearing.utterance.agreement import in_batches
from bot.types import Health

FRAME_S = FRAME / RATE
#: How long a word takes.
WORD_S = 0.3


def voice(seconds: float, loud: float = 0.5) -> Samples:
    return np.full(round(seconds / FRAME_S) * FRAME, loud, np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds / FRAME_S) * FRAME, np.float32)


def words(count: int) -> Samples:
    return voice(count * WORD_S)


class LoudnessVad:
    """What is loud is a voice, what is soft perhaps."""

    def probability(self, samples: Samples) -> float:
        loud = float(np.abs(samples).mean())
        return 0.9 if loud > 0.1 else 0.4 if loud > 0.03 else 0.02

    def reset(self) -> None: ...


class ScriptedAsr:
    """Recognises so many words of its script as the sound holds loud seconds; takes ``takes_s`` for it."""

    def __init__(self, script: str, *, takes_s: float = 0.2, confidence: float = 0.9) -> None:
        self.script = script.split()
        self.takes_s = takes_s
        self.confidence = confidence
        self.failure: ProviderError | None = None
        self.hangs = False
        self.decoded: list[float] = []
        self.streams = 0
        self.hints: list[Hints] = []
        self._before = 0

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        self.hints.append(hints)
        self.streams += 1
        return in_batches(self._decode, speech, hints)

    async def _decode(self, sound: Samples, hints: Hints) -> AsyncIterator[Transcript]:
        if self.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(self.takes_s)
        if self.failure:
            raise self.failure
        self.decoded.append(sound.size / RATE)
        count = round(float((np.abs(sound) > 0.1).sum()) / RATE / WORD_S)
        yield Transcript(" ".join(self.script[:count]), "en", self.confidence)

    async def check(self) -> Health:
        return Health(ok=True, detail="scripted")


class Opinion:
    """A judge who always says the same, after a while; ``asked`` has the seconds of sound and the text."""

    def __init__(self, *probabilities: float, takes_s: float = 0.1) -> None:
        self._probabilities = list(probabilities)
        self._takes_s = takes_s
        self.asked: list[tuple[float, str]] = []

    async def probability(self, speech: Samples, partial: str, language: str) -> float:
        self.asked.append((speech.size / RATE, partial))
        await asyncio.sleep(self._takes_s)
        return self._probabilities.pop(0) if len(self._probabilities) > 1 else self._probabilities[0]


class Notes:
    """A `SpeechListener` that writes down what it is told and when, in seconds since the beginning."""

    def __init__(self) -> None:
        self.began_at = asyncio.get_running_loop().time()
        self.told: list[tuple[str, float, Any]] = []
        self.likely = 0
        self.since: list[float] = []  # how long ago each utterance had begun when that was told, in seconds

    def _note(self, what: str, value: Any) -> None:
        self.told.append((what, asyncio.get_running_loop().time() - self.began_at, value))

    def speech_likely(self, at: float) -> None:
        del at
        self.likely += 1

    def speech_began(self, number: int, at: float) -> None:
        self.since.append(asyncio.get_running_loop().time() - at)
        self._note("began", number)

    def speech_heard(self, utterance: Utterance) -> None:
        self._note("heard", utterance)

    def speech_paused(self, utterance: Utterance) -> None:
        self._note("paused", utterance)

    def speech_resumed(self, number: int, at: float) -> None:
        self._note("resumed", number)

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        self._note("over", utterance)

    @property
    def kinds(self) -> list[str]:
        return [what for what, _, _ in self.told]

    def all(self, what: str) -> list[Any]:
        return [value for kind, _, value in self.told if kind == what]

    def at(self, what: str, number: int = 0) -> float:
        return [at for kind, at, _ in self.told if kind == what][number]

    def texts(self) -> list[str | None]:
        return [utterance and utterance.text for utterance in self.all("over")]


class Rig:
    """The ears with all that they are made of, on whatever clock runs."""

    def __init__(self, asr: Asr, endpoint: Endpoint | None = None, **options: Any) -> None:
        self.ears = options.pop("ears", None) or Ears()
        self.inlet = AudioInlet()
        self.notes = Notes()
        busy: Callable[[], bool] = options.pop("busy", lambda: False)
        hints: Callable[[], Hints] = options.pop("hints", Hints)
        settings = ListeningSettings(**{"learn_patience": False, "patience_ms": 700, "partials": False} | options)
        self.listening = Listening(
            self.ears, self.inlet, asr, endpoint or Silence(), self.notes, hints,
            vad=LoudnessVad(), settings=settings, busy=busy,
        )  # fmt: skip

    async def hear(self, *sounds: Samples) -> None:
        """Let sound come in at the pace at which it is made."""
        loop = asyncio.get_running_loop()
        for frame in frames(sounds):
            await asyncio.sleep(FRAME_S)
            self.inlet.put(frame, loop.time())


def frames(sounds: Sequence[Samples]) -> Iterator[Samples]:
    for sound in sounds:
        yield from sound.reshape(-1, FRAME)


@asynccontextmanager
async def listening(asr: Asr, endpoint: Endpoint | None = None, **options: Any) -> AsyncIterator[Rig]:
    rig = Rig(asr, endpoint, **options)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(rig.listening.run())
        await asyncio.sleep(0)
        yield rig
        task.cancel()
