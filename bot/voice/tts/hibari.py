"""Hibari, a small English voice on the CPU: about a hundred times faster than it speaks, inside its own package."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from hibari import SAMPLE_RATE, Hibari
from hibari.voices import DEFAULT, VOICES, voice_path
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, TransientError
from bot.types import Health, Pcm, Style
from bot.voice.audio.pcm import s16le, trim
from bot.voice.check import speak_one_word
from bot.voice.phonemes.english import english_reader
from bot.voice.prosody import Language, pace
from bot.voice.reading.aloud import read_aloud


class Config(BaseModel):
    """Options of the voice ``hibari``."""

    model_config = ConfigDict(extra="forbid")

    voices: dict[Language, str] = Field(
        {}, description="voice for English; unset: heart, which is in the package; others must lie in hibari's cache"
    )
    model: Path | None = Field(None, description="another ONNX export of the voice to use instead of its own file")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    threads: int = Field(1, ge=1, le=16, description="processor threads; one is plenty")


class Voice:
    """The voice. It reads only Latin script; other letters of a text are left out."""

    languages = frozenset({"en"})

    def __init__(self, config: Config, pool: ThreadPoolExecutor, engine: Hibari) -> None:
        self._config = config
        self._pool = pool
        self._engine = engine

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound sentence by sentence."""
        loop = asyncio.get_running_loop()
        speed = pace(style, self._config.speed)
        for phonemes in await loop.run_in_executor(self._pool, self._phonemize, text):
            data = await loop.run_in_executor(self._pool, self._say, phonemes, speed)
            if data:
                yield Pcm(data, SAMPLE_RATE)

    def _phonemize(self, text: str) -> list[str]:
        latin = "".join(c for c in read_aloud(text, "en") if c < "\u0250" or c in "‘’“”—–…€")
        return [p for p in self._engine.phonemize(latin) if any(c.isalpha() for c in p)]

    def _say(self, phonemes: str, speed: float) -> bytes:
        try:
            wave = self._engine.from_phonemes(phonemes, speed)
        except Exception as error:  # onnxruntime's errors have no common type
            raise TransientError(f"the model failed: {error}", provider="hibari") from error
        return s16le(trim(wave, SAMPLE_RATE, phonemes))

    async def check(self) -> Health:
        """Speak one word."""
        what = "speaks en"
        return await speak_one_word(self, what, within_s=10, remedy="Close programs that use the processor.")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Voice]:
    """Load the model in a thread of its own and warm it up. Raises `ConfigError` or `FatalError`."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="hibari")
    try:
        engine = await asyncio.get_running_loop().run_in_executor(pool, _load, config)
        yield Voice(config, pool, engine)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _load(config: Config) -> Hibari:
    voice = config.voices.get("en", DEFAULT)
    if voice not in VOICES:
        raise ConfigError(f"hibari has no voice {voice!r}", remedy=f"choose one of: {', '.join(VOICES)}")
    try:
        model = str(config.model) if config.model else voice_path(voice, download_missing=False)
        reader = english_reader(british=bool(VOICES[voice]["british"]))
        engine = Hibari(voice, model, config.threads, reader)
        engine("Ready for the flibbertigibbets.")  # loads the net for unknown words, too
    except FileNotFoundError as error:
        raise FatalError(
            f"the voice {voice!r} is not on this machine",
            provider="hibari",
            remedy=f"Download it once with: hibari --voice {voice} hello -o hello.wav",
        ) from error
    except Exception as error:  # onnxruntime's errors have no common type
        raise FatalError(
            f"the voice could not be loaded: {error}",
            provider="hibari",
            remedy="Check the option 'model', or remove it.",
        ) from error
    return engine
