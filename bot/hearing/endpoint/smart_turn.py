"""smart-turn v3.2 (BSD-2), which hears from the tone of a voice whether somebody has finished.

Input ``input_features [1, 80, 800]``: the last 8 s, zeros in front, of zero mean and unit variance, as Whisper's
log-mel spectrogram. The output is a probability, although it is called ``logits``. On one slow core it takes .25 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.errors import ConfigError, FatalError
from bot.hearing.speech import RATE, Samples

MODEL_FILE: Final = "smart-turn-v3.2-cpu.onnx"
WINDOW_S: Final = 8


class SmartTurn:
    """An `Endpoint`. One thread of its own runs the model."""

    def __init__(self, pool: ThreadPoolExecutor, model: Model) -> None:
        self._pool = pool
        self._model = model

    async def probability(self, speech: Samples, partial: str, language: str) -> float:  # noqa: ARG002 - the protocol
        """Return how finished the voice sounds. Silence sounds finished to it: never ask it without speech."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._model.probability, speech)


class Model:
    """The network and what prepares its input; everything here blocks."""

    def __init__(self, file: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - of an extra
        from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415 - of an extra

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._features: Any = FeatureExtractor(feature_size=80, chunk_length=WINDOW_S)

    def probability(self, speech: Samples) -> float:
        """Return the probability that the speaker has finished."""
        window = np.zeros(WINDOW_S * RATE, np.float32)
        tail = speech[-window.size :]
        window[window.size - tail.size :] = tail
        window = (window - window.mean()) / np.sqrt(window.var() + 1e-7)
        features = self._features(window.astype(np.float32), padding=0)[None, :, : WINDOW_S * 100]
        (found,) = self._session.run(None, {"input_features": features.astype(np.float32)})
        return float(np.asarray(found).reshape(-1)[0])


@asynccontextmanager
async def connect(folder: Path) -> AsyncIterator[SmartTurn]:
    """Load the model in a thread of its own and run it once. Raises `ConfigError` or `FatalError`."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="endpoint")
    loop = asyncio.get_running_loop()
    try:
        try:
            model = await loop.run_in_executor(pool, Model, folder / MODEL_FILE)
            await loop.run_in_executor(pool, model.probability, np.zeros(RATE, np.float32))
        except ImportError as error:
            raise ConfigError(
                f"the endpoint model needs the package {error.name!r}", remedy="install it: pip install 'haishin[ears]'"
            ) from error
        except Exception as error:  # onnxruntime's errors have no common type
            raise FatalError(
                f"the endpoint model in {folder.name!r} could not be loaded: {error}",
                provider="smart_turn",
                remedy="Run 'haishin models pull smart-turn', or set hearing.listening.endpoint to silence.",
            ) from error
        yield SmartTurn(pool, model)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
