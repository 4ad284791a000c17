"""Voice activity: how likely a frame of sound holds a voice, by Silero's small model.

The weights lie in faster-whisper's package (Silero v6, MIT). Its own wrapper is not used: it forgets its state at each
call and overwrites the end of the caller's sound. A frame costs .25 ms on one slow core, so the loop may do it.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bot.errors import ConfigError, FatalError
from bot.hearing.speech import FRAME, Samples

#: Samples of the frame before that the model sees in front of each frame.
CONTEXT = 64
_MODEL_FILE = "silero_vad_v6.onnx"


class VoiceActivity(Protocol):
    """Says how likely a frame holds a voice. Keeps what it needs of the frames before."""

    def probability(self, samples: Samples) -> float:
        """Return the probability for the next frame, within 0 and 1."""
        ...

    def reset(self) -> None:
        """Forget the frames before."""
        ...


class Silero:
    """The model with its state. One thread, because two cost more than they save on 32 ms of sound."""

    def __init__(self, file: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - of an extra; costs .2 s

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._input = np.zeros((1, CONTEXT + FRAME), np.float32)
        self._h = self._c = np.zeros((1, 1, 128), np.float32)

    def probability(self, samples: Samples) -> float:
        """Return the probability for the next frame. What is no number counts as silence."""
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        frame = self._input[0, CONTEXT:]
        np.minimum(np.maximum(samples, -1.0, out=frame), 1.0, out=frame)
        if np.isnan(frame.sum()):  # one sample that is no number would stay in the model's state for ever
            np.nan_to_num(frame, copy=False)
        found, self._h, self._c = self._session.run(None, {"input": self._input, "h": self._h, "c": self._c})
        return float(found.reshape(-1)[0])

    def reset(self) -> None:
        """Forget the frames before."""
        self._input[:] = 0
        self._h = self._c = np.zeros((1, 1, 128), np.float32)


def load() -> Silero:
    """Load the model; takes about .1 s. Raises `ConfigError` without the package, `FatalError` without its file."""
    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None or find_spec("onnxruntime") is None:
        raise ConfigError(
            "hearing needs the package 'faster_whisper'", remedy="install it with: pip install 'haishin[ears]'"
        )
    file = Path(spec.origin).parent / "assets" / _MODEL_FILE
    try:
        return Silero(file)
    except Exception as error:  # onnxruntime's errors have no common type
        raise FatalError(
            f"the voice detection cannot be loaded: {error}",
            remedy="install it again with: pip install --force-reinstall faster-whisper",
        ) from error
