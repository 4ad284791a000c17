"""Hibari, a small English voice on the CPU: about a hundred times faster than it speaks, inside its own package."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from hibari import SAMPLE_RATE, Hibari, dsp
from hibari.tts import ASSETS, MAX_PHONEMES
from hibari.voices import DEFAULT, VOICES, voice_path
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, TransientError
from bot.types import Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.phonemes.english import english_reader
from bot.voice.phonemes.lengths import TimedModel
from bot.voice.phonemes.marks import timed_pcm
from bot.voice.phonemes.readings import Places, Reading, Word, fitting, readings
from bot.voice.prosody import Language, pace
from bot.voice.reading.aloud import read_aloud

#: What the model calls the lengths of its phonemes.
LENGTHS = "/Clip_output_0"


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

    def __init__(self, config: Config, pool: ThreadPoolExecutor, engine: Engine) -> None:
        self._config = config
        self._pool = pool
        self._engine = engine

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound sentence by sentence."""
        loop = asyncio.get_running_loop()
        speed = pace(style, self._config.speed)
        begun_ms = 0.0
        for reading in await loop.run_in_executor(self._pool, self._engine.read, text):
            pcm = await loop.run_in_executor(self._pool, self._engine.say, reading, speed, begun_ms)
            if pcm.data:
                yield pcm
                begun_ms += len(pcm.data) / 2 / SAMPLE_RATE * 1000

    async def check(self) -> Health:
        """Speak one word."""
        what = "speaks en"
        return await speak_one_word(self, what, within_s=10, remedy="Close programs that use the processor.")


class Engine:
    """The model and its dictionaries; everything here blocks."""

    def __init__(self, model: Path, threads: int, *, british: bool) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 3
        self._model = TimedModel(model, LENGTHS, options, "hibari")
        self._vocabulary: dict[str, int] = json.loads((Path(ASSETS) / "vocab.json").read_text("utf-8"))
        self._reader = english_reader(british=british)

    def read(self, text: str) -> list[Reading]:
        """Return the phonemes of a text, sentence by sentence."""
        latin = "".join(c for c in read_aloud(text, "en") if c < "\u0250" or c in "‘’“”—–…€")
        places, out = Places(text), list[Reading]()
        for sentence in Hibari.split_sentences(latin):
            words = [
                Word("".join(c for c in phonemes if c in self._vocabulary), places.find(written))
                for phonemes, written in self._reader.words(sentence)
            ]
            phonemes = "".join(word.phonemes for word in words).strip()
            out += readings(words, fitting(phonemes, MAX_PHONEMES, MAX_PHONEMES))
        return [reading for reading in out if any(c.isalpha() for c in reading.phonemes)]

    def say(self, reading: Reading, speed: float, begun_ms: float) -> Pcm:
        """Synthesize a piece of a text of which ``begun_ms`` were spoken. Raises `TransientError`."""
        tokens = [0, *(self._vocabulary[c] for c in reading.phonemes), 0]
        inputs = {"ids": np.array([tokens], dtype=np.int64), "speed": np.array([speed], dtype=np.float32)}
        try:
            spectra, lengths = self._model.run(inputs)
            wave = dsp.synth(*(spectrum[0] for spectrum in spectra), np.random.default_rng())
        except Exception as error:  # onnxruntime's errors have no common type
            raise TransientError(f"the model failed: {error}", provider="hibari") from error
        return timed_pcm(self._model, reading, wave, SAMPLE_RATE, lengths, begun_ms)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Voice]:
    """Load the model in a thread of its own and warm it up. Raises `ConfigError` or `FatalError`."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="hibari")
    try:
        engine = await asyncio.get_running_loop().run_in_executor(pool, _load, config)
        yield Voice(config, pool, engine)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _load(config: Config) -> Engine:
    voice = config.voices.get("en", DEFAULT)
    if voice not in VOICES:
        raise ConfigError(f"hibari has no voice {voice!r}", remedy=f"choose one of: {', '.join(VOICES)}")
    try:
        model = config.model or Path(voice_path(voice, download_missing=False))
        engine = Engine(model, config.threads, british=bool(VOICES[voice]["british"]))
        for reading in engine.read("Ready for the flibbertigibbets."):  # loads the net for unknown words, too
            engine.say(reading, 1.0, 0.0)
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
