"""How long each phoneme lasts: models of the family of StyleTTS 2 know it, but their files do not tell.

A file of ONNX is a protobuf message, and two messages behind one another are one: so a value within the graph becomes
an output by appending its name to the file's bytes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from loguru import logger
from numpy.typing import NDArray

#: A model counts lengths in steps of so many ms.
STEP_MS: Final = 25.0


class TimedModel:
    """A model that tells the lengths of its phonemes beside its own outputs, where its file can.

    A file without that value speaks as well: then, and at the first lengths that make no sense, a warning is logged.
    """

    def __init__(self, file: Path, lengths: str, options: onnxruntime.SessionOptions, name: str) -> None:
        """Load a file. ``lengths`` is what it calls the value. Raises what onnxruntime does."""
        self._name = name
        self._told = False
        self._timed = False
        providers = ["CPUExecutionProvider"]
        try:
            timed = with_output(file.read_bytes(), lengths)
            session = onnxruntime.InferenceSession(timed, options, providers=providers)
            self._timed = True
        except Exception:  # noqa: BLE001 - onnxruntime's errors have no common type
            session = onnxruntime.InferenceSession(str(file), options, providers=providers)
            self._tell("its model does not say how long its phonemes last")
        self._session = session

    def run(self, inputs: dict[str, Any], stop: onnxruntime.RunOptions | None = None) -> tuple[list[Any], Any]:
        """Return the model's own outputs, and the lengths as it says them, or None. Raises what onnxruntime does."""
        outputs = list(self._session.run(None, inputs, stop))
        return (outputs[:-1], outputs[-1]) if self._timed else (outputs, None)

    def checked(self, lengths: Any, tokens: int, seconds: float) -> NDArray[np.float64] | None:
        """Return the lengths in ms, one for each token; None when they cannot be those of a sound of ``seconds``."""
        if lengths is None:
            return None
        try:
            found = np.asarray(lengths, dtype=np.float64).reshape(-1) * STEP_MS
        except (TypeError, ValueError):
            found = np.zeros(0)
        whole = found.size == tokens and bool(np.isfinite(found).all()) and bool((found >= 0).all())
        if not whole or not math.isclose(float(found.sum()), seconds * 1000, abs_tol=2 * STEP_MS):
            self._tell("the lengths of its phonemes are not those of its sound")
            return None
        return found

    def _tell(self, what: str) -> None:
        if not self._told:
            self._told = True
            logger.warning("{}: {}, so the mouth follows the loudness alone", self._name, what)


def with_output(model: bytes, name: str) -> bytes:
    """Return the bytes of a model of which a value within, a tensor of floats, is one more output."""
    kind = _field(0x0A, b"\x08\x01")  # tensor_type: elem_type 1, which is FLOAT
    value = _field(0x0A, name.encode()) + _field(0x12, kind)  # ValueInfoProto: name, type
    return model + _field(0x3A, _field(0x62, value))  # ModelProto.graph: GraphProto.output


def _field(tag: int, content: bytes) -> bytes:
    size, out = len(content), bytearray([tag])
    while size > 127:
        out.append(size & 127 | 128)
        size >>= 7
    return bytes([*out, size]) + content
