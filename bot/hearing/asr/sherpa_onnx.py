"""Models for sherpa-onnx from a folder: SenseVoice and Paraformer for whole sounds, streaming zipformers as they come.

SenseVoice and Paraformer hear Chinese well and take little time. The files are those of sherpa-onnx's own archives:
``tokens.txt`` with ``model*.onnx``, or with ``encoder*.onnx``, ``decoder*.onnx`` and ``joiner*.onnx``.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import sherpa_onnx
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, TransientError
from bot.hearing.speech import RATE, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.utterance.agreement import in_batches
from bot.runtime.machine import physical_cores
from bot.types import Health

#: Silence behind a pause that brings the last word out of a streaming model.
TAIL_S: Final = 0.5
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


class Kind(StrEnum):
    """What kind of model a folder holds."""

    AUTO = "auto"  # by the names of the folder and its files
    SENSE_VOICE = "sense_voice"
    PARAFORMER = "paraformer"
    ZIPFORMER = "zipformer"


class Config(BaseModel):
    """Options of the recogniser ``sherpa_onnx``."""

    model_config = ConfigDict(extra="forbid")

    model: Path = Field(description="folder of the model")
    kind: Kind = Field(Kind.AUTO, description="auto, sense_voice, paraformer, or zipformer (streaming)")
    threads: int = Field(0, ge=0, le=64, description="processor threads; 0: the physical cores, at most 4")
    numbers: bool = Field(default=True, description="write numbers as digits and set punctuation, where a model can")


class SherpaOnnx:
    """The recogniser. One thread of its own runs the model."""

    def __init__(self, pool: ThreadPoolExecutor, engine: Engine) -> None:
        self._pool = pool
        self._engine = engine

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Yield texts: a streaming model's as it grows, others' when one is asked for."""
        return self._stream(speech, hints) if self._engine.streams else in_batches(self.transcribe, speech, hints)

    async def transcribe(self, sound: Samples, hints: Hints) -> AsyncIterator[Transcript]:
        """Recognise a whole sound. Raises `TransientError`."""
        yield await self._run(self._engine.whole, sound, hints)

    async def check(self) -> Health:
        """Recognise half a second of silence."""
        try:
            async with asyncio.timeout(10):
                await self._run(self._engine.whole, np.zeros(RATE // 2, np.float32), Hints())
        except (TransientError, TimeoutError) as error:
            return Health(ok=False, detail=str(error) or "no answer within 10 s", remedy="Restart Haishin.")
        return Health(ok=True, detail=f"sherpa-onnx with {self._engine.name}")

    async def _stream(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        language = hints.languages[0] if hints.languages else ""
        stream = await self._run(self._engine.begin)
        given, text, sure = 0, "", 1.0
        asked = False
        async for piece in speech:
            given += piece.samples.size
            asked = piece.pause
            text, sure = await self._run(self._engine.add, stream, piece.samples, piece.pause)
            if text or asked:
                yield Transcript(text, language, sure, upto_s=given / RATE if asked else 0.0)
        if not asked and given:
            text, sure = await self._run(self._engine.add, stream, np.zeros(0, np.float32), True)  # noqa: FBT003
            yield Transcript(text, language, sure, upto_s=given / RATE)

    async def _run(self, work: Any, *args: Any) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        except Exception as error:  # the library's errors have no common type
            raise TransientError(f"the model failed: {error}", provider="sherpa_onnx") from error


class Engine:
    """The model; everything here blocks."""

    def __init__(self, config: Config) -> None:
        folder, threads = config.model, config.threads or min(4, physical_cores())
        kind = _kind(folder) if config.kind is Kind.AUTO else config.kind
        self.name = folder.name
        self.streams = kind is Kind.ZIPFORMER
        tokens = str(_file(folder, "tokens.txt"))
        if kind is Kind.ZIPFORMER:
            self._recogniser: Any = sherpa_onnx.OnlineRecognizer.from_transducer(
                tokens=tokens,
                encoder=str(_file(folder, "encoder*.onnx")),
                decoder=str(_file(folder, "decoder*.onnx")),
                joiner=str(_file(folder, "joiner*.onnx")),
                num_threads=threads,
            )
        elif kind is Kind.PARAFORMER:
            self._recogniser = sherpa_onnx.OfflineRecognizer.from_paraformer(
                paraformer=str(_file(folder, "model*.onnx")), tokens=tokens, num_threads=threads
            )
        else:
            self._recogniser = sherpa_onnx.OfflineRecognizer.from_sense_voice(
                model=str(_file(folder, "model*.onnx")), tokens=tokens, num_threads=threads, use_itn=config.numbers
            )

    def whole(self, sound: Samples, hints: Hints) -> Transcript:
        """Return the text of a whole sound."""
        if self.streams:
            text, sure = self.add(self.begin(), sound, pause=True)
            return Transcript(text, confidence=sure)
        stream = self._recogniser.create_stream()
        stream.accept_waveform(RATE, sound)
        self._recogniser.decode_stream(stream)
        found = _LANGUAGE.search(str(getattr(stream.result, "lang", "")))
        language = found.group() if found else hints.languages[0] if hints.languages else ""
        return Transcript(
            str(stream.result.text).strip(), language, _confidence(getattr(stream.result, "ys_log_probs", ()))
        )

    def begin(self) -> Any:
        """Begin an utterance with a streaming model."""
        return self._recogniser.create_stream()

    def add(self, stream: Any, sound: Samples, pause: bool) -> tuple[str, float]:
        """Add sound to an utterance; return its text so far, and how sure the model is."""
        if sound.size:
            stream.accept_waveform(RATE, sound)
        if pause:
            stream.accept_waveform(RATE, np.zeros(int(TAIL_S * RATE), np.float32))
        while self._recogniser.is_ready(stream):
            self._recogniser.decode_stream(stream)
        return str(self._recogniser.get_result(stream)).strip(), _confidence(self._recogniser.ys_probs(stream))


def _confidence(logarithms: Sequence[float]) -> float:
    """Return the mean probability of the tokens; 1 where a model tells none."""
    found = [float(one) for one in logarithms]
    return math.exp(min(0.0, sum(found) / len(found))) if found else 1.0


def _kind(folder: Path) -> Kind:
    if any(folder.glob("joiner*.onnx")):
        return Kind.ZIPFORMER
    return Kind.PARAFORMER if "paraformer" in folder.name.lower() else Kind.SENSE_VOICE


def _file(folder: Path, pattern: str) -> Path:
    """Return the file of that name; of several the one in 8 bits. Raises `ConfigError`."""
    found = sorted(folder.glob(pattern), key=lambda file: ("int8" not in file.name, file.name))
    if not found:
        raise ConfigError(
            f"there is no {pattern} in {folder}", remedy="set 'model' to the folder of a model for sherpa-onnx"
        )
    return found[0]


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[SherpaOnnx]:
    """Load the model in a thread of its own. Raises `ConfigError` or `FatalError`."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="asr")
    try:
        try:
            engine = await asyncio.get_running_loop().run_in_executor(pool, Engine, config)
        except ConfigError:
            raise
        except Exception as error:  # the library's errors have no common type
            raise FatalError(
                f"the model in {config.model.name!r} could not be loaded: {error}",
                provider="sherpa_onnx",
                remedy="Check 'model' and 'kind'.",
            ) from error
        yield SherpaOnnx(pool, engine)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
