"""The part of sherpa-onnx's Python interface that its recogniser here uses, with its names and arguments.

It "recognises" one word for each third of a second of loud sound.
"""

from __future__ import annotations

import time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

WORDS = "hello chat how are you today".split()


class _Stream:
    def __init__(self) -> None:
        self.loud = 0.0
        self.waiting = 0.0
        self.result = SimpleNamespace(text="", lang="", ys_log_probs=[])

    def accept_waveform(self, sample_rate: float, waveform: Any) -> None:
        assert sample_rate == 16_000
        assert waveform.dtype == np.float32
        self.waiting += float((np.abs(waveform) > 0.1).sum()) / sample_rate


class _Recogniser:
    slow_s = 0.0
    broken = False

    def __init__(self, **options: Any) -> None:
        self.options = options

    def create_stream(self, hotwords: str | None = None) -> _Stream:
        return _Stream()

    def _decode(self, stream: _Stream) -> None:
        if self.broken:
            raise RuntimeError("std::bad_alloc")
        time.sleep(self.slow_s)
        stream.loud += stream.waiting
        stream.waiting = 0.0
        stream.result.text = " ".join(WORDS[: round(stream.loud / 0.3)])


class OfflineRecognizer(_Recogniser):
    @classmethod
    def from_sense_voice(
        cls, model: str, tokens: str, num_threads: int = 1, language: str = "", use_itn: bool = False
    ) -> OfflineRecognizer:
        return cls(kind="sense_voice", model=model, tokens=tokens, use_itn=use_itn)

    @classmethod
    def from_paraformer(cls, paraformer: str, tokens: str, num_threads: int = 1) -> OfflineRecognizer:
        return cls(kind="paraformer", model=paraformer, tokens=tokens)

    def decode_stream(self, s: _Stream) -> None:
        self._decode(s)
        s.result.lang = "<|en|>" if self.options["kind"] == "sense_voice" else ""
        s.result.ys_log_probs = [-0.1, -0.3]


class OnlineRecognizer(_Recogniser):
    @classmethod
    def from_transducer(
        cls, tokens: str, encoder: str, decoder: str, joiner: str, num_threads: int = 2
    ) -> OnlineRecognizer:
        return cls(kind="zipformer", encoder=encoder)

    def is_ready(self, s: _Stream) -> bool:
        return s.waiting > 0

    def decode_stream(self, s: _Stream) -> None:
        self._decode(s)

    def get_result(self, s: _Stream) -> str:
        return str(s.result.text)

    def ys_probs(self, s: _Stream) -> list[float]:
        return [-0.2]


def module() -> ModuleType:
    """Return what `import sherpa_onnx` is to find."""
    made = ModuleType("sherpa_onnx")
    made.OfflineRecognizer = type("OfflineRecognizer", (OfflineRecognizer,), {})  # type: ignore[attr-defined]
    made.OnlineRecognizer = type("OnlineRecognizer", (OnlineRecognizer,), {})  # type: ignore[attr-defined]
    return made
