"""Kokoro-82M as int8 ONNX, on the CPU: English, Chinese and, with the extra ``japanese``, Japanese.

The model folder holds ``kokoro-v1.0.int8.onnx``, ``vocab.json`` and ``voices/<name>.bin`` (float32, rows of 256:
one style per count of phonemes). Inputs ``tokens [1, n + 2]`` (0 at both ends), ``style [1, 256]``, ``speed [1]``;
the output is 24 kHz float sound. On two cores it takes about half a second for a second of speech.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, TransientError
from bot.runtime.machine import physical_cores
from bot.types import Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.phonemes.kokoro import Phonemes
from bot.voice.phonemes.lengths import TimedModel
from bot.voice.phonemes.marks import timed_pcm
from bot.voice.phonemes.readings import Reading
from bot.voice.prosody import Language, merged, pace

RATE = 24_000
MODEL_FILE = "kokoro-v1.0.int8.onnx"
#: What the model calls the lengths of its phonemes.
LENGTHS = "/encoder/Clip_output_0"

VOICES: dict[Language, str] = {"en": "af_heart", "zh": "zf_xiaobei", "ja": "jf_alpha"}


class Config(BaseModel):
    """Options of the voice ``kokoro``."""

    model_config = ConfigDict(extra="forbid")

    model: Path | None = Field(None, description="folder of the model; unset: the one that Haishin downloads")
    voices: dict[Language, str] = Field(
        {},
        description="voice for a language, a file name in the folder 'voices'; unset: af_heart, zf_xiaobei, jf_alpha",
    )
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    threads: int = Field(0, ge=0, le=64, description="processor threads; 0: the physical cores, at most 4")


class Kokoro:
    """The voice. One thread of its own runs the model; a cancelled synthesis is broken off within the model."""

    def __init__(self, config: Config, pool: ThreadPoolExecutor, engine: Engine) -> None:
        self.languages = engine.languages
        self._config = config
        self._voices = merged(VOICES, config.voices)
        self._pool = pool
        self._engine = engine

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound piece by piece (a sentence, or part of a long one)."""
        loop = asyncio.get_running_loop()
        speed = pace(style, self._config.speed)
        voice = self._engine.voice(style.voice, self._voices.get(style.language, self._voices["en"]))
        pieces = await loop.run_in_executor(self._pool, lambda: list(self._engine.pieces(text, style.language)))
        begun_ms = 0.0
        for piece in pieces:
            stop = onnxruntime.RunOptions()
            try:
                pcm = await loop.run_in_executor(self._pool, self._engine.say, piece, voice, speed, begun_ms, stop)
            except asyncio.CancelledError:
                stop.terminate = True
                raise
            if pcm.data:
                yield pcm
                begun_ms += len(pcm.data) / 2 / RATE * 1000

    async def check(self) -> Health:
        """Speak one word."""
        what = f"speaks {', '.join(sorted(self.languages))}"
        return await speak_one_word(self, what, within_s=20, remedy="Close programs that use the processor.")


class Engine:
    """The model and its dictionaries; everything here blocks."""

    def __init__(self, folder: Path, voices: tuple[str, ...], threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(4, physical_cores())
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin between two sentences would take the processor from the language model.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._model = TimedModel(folder / MODEL_FILE, LENGTHS, options, "kokoro")
        vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
        self._vocabulary: dict[str, int] = vocabulary.get("vocab", vocabulary)
        self._phonemes = Phonemes(frozenset(self._vocabulary))
        self._known = {path.stem: path for path in (folder / "voices").glob("*.bin")}
        self._styles: dict[str, NDArray[np.float32]] = {}
        self.languages = self._phonemes.languages
        for voice in voices:
            if voice not in self._known:
                raise ConfigError(
                    f"kokoro has no voice {voice!r}", remedy=f"choose one of: {', '.join(sorted(self._known))}"
                )

    def voice(self, wanted: str, otherwise: str) -> str:
        """Return ``wanted`` if this model has it, else ``otherwise``: it may be another provider's voice."""
        return wanted if wanted in self._known else otherwise

    def pieces(self, text: str, language: str) -> Iterator[Reading]:
        """Return the phonemes of a text in pieces that the model can take."""
        return self._phonemes.pieces(text, language)

    def say(self, piece: Reading, voice: str, speed: float, begun_ms: float, stop: onnxruntime.RunOptions) -> Pcm:
        """Synthesize one piece of a text of which ``begun_ms`` were spoken.

        Setting ``stop.terminate`` in another thread breaks it off with `TransientError`.
        """
        if voice not in self._styles:
            self._styles[voice] = np.fromfile(self._known[voice], dtype="<f4").reshape(-1, 256)
        styles = self._styles[voice]
        tokens = [self._vocabulary[c] for c in piece.phonemes]
        inputs: dict[str, Any] = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": styles[min(len(tokens), len(styles)) - 1][None],
            "speed": np.array([speed], dtype=np.float32),
        }
        try:
            (sound,), lengths = self._model.run(inputs, stop)
        except Exception as error:  # onnxruntime's errors have no common type
            raise TransientError(f"the model failed: {error}", provider="kokoro") from error
        wave = np.asarray(sound, dtype=np.float32).reshape(-1)
        return timed_pcm(self._model, piece, wave, RATE, lengths, begun_ms)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Kokoro]:
    """Load the model in a thread of its own and warm it up. Raises `ConfigError` or `FatalError`."""
    folder = config.model
    if folder is None:
        raise ConfigError("kokoro has no model folder", remedy="set 'model', or let Haishin download the model")
    voices = merged(VOICES, config.voices)
    pool = ThreadPoolExecutor(1, thread_name_prefix="kokoro")
    loop = asyncio.get_running_loop()
    try:
        try:
            engine = await loop.run_in_executor(pool, Engine, folder, tuple(voices.values()), config.threads)
        except ConfigError:
            raise
        except Exception as error:  # onnxruntime's errors have no common type
            raise FatalError(
                f"the model in {folder.name!r} could not be loaded: {error}",
                provider="kokoro",
                remedy="Download it again: a file of it is missing or damaged.",
            ) from error
        await loop.run_in_executor(
            pool, engine.say, Reading("ɹˈɛdi."), voices["en"], 1.0, 0.0, onnxruntime.RunOptions()
        )
        yield Kokoro(config, pool, engine)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
