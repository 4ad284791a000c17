"""Whisper on this machine, through CTranslate2: int8 on the processor, float16 on a graphics card.

The encoder gets 8 s instead of Whisper's 30, which takes a quarter of the time with the same errors; longer speech gets
16 or 30. Decoding is greedy. On two slow cores three seconds of speech take half a second with ``base``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, TransientError
from bot.hearing.speech import RATE, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.utterance.agreement import in_batches
from bot.runtime.machine import physical_cores
from bot.types import Health

#: Seconds that fit in each size of the encoder's window, in frames of 10 ms. A window that speech fills to its end
#: makes the decoder loop, so each has a second to spare.
WINDOWS: Final = ((7.0, 800), (15.0, 1600), (30.0, 3000))
#: Tokens of text in a second of speech, with room.
_TOKENS_A_SECOND: Final = 10
_MAX_TOKENS: Final = 448
#: Sets the model upon simplified characters and punctuation.
_CHINESE_PROMPT: Final = "以下是普通话的句子。"


class Device(StrEnum):
    """Where the model runs."""

    AUTO = "auto"  # on a graphics card where CTranslate2 finds one
    CPU = "cpu"
    CUDA = "cuda"


class Config(BaseModel):
    """Options of the recogniser ``faster_whisper``."""

    model_config = ConfigDict(extra="forbid")

    model: Path | None = Field(
        None, description="folder of a Whisper model for CTranslate2; unset: the one that Haishin downloads (base)"
    )
    device: Device = Field(Device.AUTO, description="where it runs: auto, cpu, or cuda for a graphics card of NVIDIA")
    compute_type: str = Field(
        "", pattern="^[a-z0-9_]*$", description="precision; empty: int8 on the processor, float16 on a card"
    )
    threads: int = Field(0, ge=0, le=64, description="processor threads; 0: the physical cores, at most 4")
    beam_size: int = Field(1, ge=1, le=10, description="1 is greedy; more is slower and a little more exact")


class FasterWhisper:
    """The recogniser. One thread of its own runs the model; between encoder and decoder it can be broken off."""

    def __init__(self, pool: ThreadPoolExecutor, engine: Engine) -> None:
        self._pool = pool
        self._engine = engine

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Yield a text for each one that is asked for."""
        return in_batches(self.transcribe, speech, hints)

    async def transcribe(self, sound: Samples, hints: Hints) -> AsyncIterator[Transcript]:
        """Recognise a whole sound of up to 30 s and yield its text. Raises `TransientError`."""
        loop = asyncio.get_running_loop()
        try:
            encoded = await loop.run_in_executor(self._pool, self._engine.encode, sound)
            found = await loop.run_in_executor(self._pool, self._engine.decode, encoded, sound.size / RATE, hints)
        except RuntimeError as error:  # what CTranslate2 raises, and a pool that was shut down
            raise TransientError(f"the model failed: {error}", provider="faster_whisper") from error
        yield found

    async def check(self) -> Health:
        """Recognise half a second of silence."""
        began = asyncio.get_running_loop().time()
        try:
            async for _ in self.transcribe(np.zeros(RATE // 2, np.float32), Hints()):
                pass
        except TransientError as error:
            return Health(ok=False, detail=str(error), remedy="Restart Haishin; the memory may be full.")
        took = asyncio.get_running_loop().time() - began
        return Health(
            ok=True, detail=f"Whisper {self._engine.name} on {self._engine.device}, {took:.1f} s for a sentence"
        )


class Engine:
    """The model; everything here blocks."""

    def __init__(self, config: Config, folder: Path) -> None:
        cuda = config.device is Device.CUDA or (
            config.device is Device.AUTO and ctranslate2.get_cuda_device_count() > 0
        )
        self.name = folder.name
        self.device = "cuda" if cuda else "cpu"
        self._beam_size = config.beam_size
        self._model: Any = WhisperModel(
            str(folder),
            device=self.device,
            compute_type=config.compute_type or ("float16" if cuda else "int8"),
            cpu_threads=config.threads or min(4, physical_cores()),
            local_files_only=True,
        )
        self._many: bool = self._model.model.is_multilingual
        self._tokenizers: dict[str, Tokenizer] = {}

    def encode(self, sound: Samples) -> Any:
        """Return what the encoder makes of a sound."""
        seconds = sound.size / RATE
        frames = next((frames for most, frames in WINDOWS if seconds <= most), WINDOWS[-1][1])
        features = self._model.feature_extractor(sound)[:, :-1][:, :frames]
        if features.shape[1] < frames:
            padding = ((0, 0), (0, frames - features.shape[1]))
            features = np.pad(features, padding, constant_values=float(features.min()))
        return self._model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None])))

    def decode(self, encoded: Any, seconds: float, hints: Hints) -> Transcript:
        """Return the text of what was encoded."""
        language = self._language(encoded, hints)
        tokenizer = self._tokenizer(language)
        prompt = self._model.get_prompt(tokenizer, self._prompt(tokenizer, language, hints), without_timestamps=True)
        length = min(_MAX_TOKENS, len(prompt) + 10 + int(_TOKENS_A_SECOND * seconds))
        found = self._model.model.generate(
            encoded, [prompt], beam_size=self._beam_size, max_length=length,
            return_scores=True, return_no_speech_prob=True,
        )[0]  # fmt: skip
        text = tokenizer.decode(found.sequences_ids[0]).strip()
        return Transcript(text, language, math.exp(min(0.0, found.scores[0])), no_speech=float(found.no_speech_prob))

    def close(self) -> None:
        """Free the memory."""
        self._model.model.unload_model()

    def _language(self, encoded: Any, hints: Hints) -> str:
        """Return the language of a sound: the likeliest of those that are spoken here."""
        if not self._many:
            return "en"
        if len(hints.languages) == 1:
            return hints.languages[0]
        likely = [(token[2:-2], chance) for token, chance in self._model.model.detect_language(encoded)[0]]
        fit = [pair for pair in likely if not hints.languages or pair[0] in hints.languages]
        return str(max(fit or likely, key=lambda pair: pair[1])[0])

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, self._many, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _prompt(self, tokenizer: Tokenizer, language: str, hints: Hints) -> list[int]:
        """Return what the model shall believe to have heard before: the words to expect, at most 100 tokens."""
        parts = [_CHINESE_PROMPT] if language == "zh" else []
        if hints.words:
            parts.append(("、" if language in ("zh", "ja") else ", ").join(hints.words) + "。" * (language != "en"))
        return list(tokenizer.encode(" " + "".join(parts)))[:100] if parts else []


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[FasterWhisper]:
    """Load the model in a thread of its own and run it once. Raises `ConfigError` or `FatalError`."""
    if config.model is None:
        raise ConfigError("faster_whisper has no model folder", remedy="set 'model', or let Haishin download the model")
    pool = ThreadPoolExecutor(1, thread_name_prefix="asr")
    loop = asyncio.get_running_loop()
    engine: Engine | None = None
    try:
        try:
            engine = await loop.run_in_executor(pool, Engine, config, config.model)
            await loop.run_in_executor(pool, engine.encode, np.zeros(RATE, np.float32))
        except Exception as error:  # CTranslate2's errors have no common type
            raise FatalError(
                f"the model in {config.model.name!r} could not be loaded: {error}",
                provider="faster_whisper",
                remedy="Download it again ('haishin models pull whisper-base'), or check 'model' and 'device'.",
            ) from error
        yield FasterWhisper(pool, engine)
    finally:
        if engine is not None:
            pool.submit(engine.close)
        pool.shutdown(wait=False)
