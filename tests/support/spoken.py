"""Spoken words for tests: the built-in English voice, with silence around them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.types import Style
from bot.voice.failover import open_tts


async def spoken(text: str, *, before_s: float = 0.5, after_s: float = 3.0) -> tuple[NDArray[np.float32], int]:
    """Return words as mono float32 within ±1, and the rate."""
    sound, rate = bytearray(), 0
    async with open_tts([{"provider": "hibari"}]) as tts:
        async for pcm in tts.speak(text, Style(language="en")):
            sound += pcm.data
            rate = pcm.rate
    assert rate, "the voice said nothing"
    samples = np.frombuffer(bytes(sound), "<i2").astype(np.float32) / 32768
    silence = [np.zeros(int(seconds * rate), np.float32) for seconds in (before_s, after_s)]
    return np.concatenate((silence[0], samples, silence[1])), rate


def write_wav(file: Path, samples: NDArray[np.float32], rate: int) -> None:
    """Write a WAV file of 16 bits."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
