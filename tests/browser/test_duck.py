"""The stage page in the real Chromium: ducked within 150 ms of its own sound, and back where it was."""

from __future__ import annotations

import json
from array import array

import numpy as np
import pytest

from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Clause, Pcm
from tests.browser.bare_stage import served
from tests.browser.chromium import Errors, chromium, open_page, recorded, stats

pytestmark = pytest.mark.browser
RATE = 24_000
#: Length of the pieces in which loudness is measured, in ms.
STEP_MS = 10


def speak(stage: Overlay, seconds: float) -> int:
    """Let the host hum one tone; return the epoch."""
    epoch = stage.begin()
    clip = stage.speak(epoch, Clause("t", 0, "Hum.", "Hum."), RATE)
    assert clip is not None
    wave = (8000 * np.sin(np.arange(int(seconds * RATE)) * 2 * np.pi * 440 / RATE)).astype(np.int16)
    stage.sound(clip, Pcm(array("h", wave.tolist()).tobytes(), RATE))
    stage.complete(clip)
    stage.end(epoch)
    return epoch


async def test_the_voice_is_down_within_150_ms_and_comes_back_up() -> None:
    errors = Errors()
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
    async with served(stage) as address, chromium() as browser:
        page = await open_page(browser, address, errors, record=True)
        assert await stage.changed.wait_until(lambda: stage.audible, 20)
        epoch = speak(stage, 6)
        assert await stage.changed.wait_until(lambda: stage.clips[0].position_ms > 1500, 20)
        assert stage.duck(epoch, 0.2)
        assert await stage.changed.wait_until(lambda: stage.clips[0].position_ms > 3000, 20)
        took = (await stats(page))["duckMs"]
        stage.resume(epoch)
        assert await stage.changed.wait_until(lambda: stage.clips[0].finished, 20)
        sound = await recorded(page)
        assert len(took) == 1
        assert stage.heard() == "Hum."
    size = 16 * STEP_MS
    loud = np.sqrt(np.mean(sound[: len(sound) // size * size].reshape(-1, size) ** 2, axis=1))
    loud /= np.median(np.sort(loud)[-len(loud) // 4 :])
    fell = int(np.argmax((loud < 0.9) & (np.cumsum(loud > 0.95) > 50)))
    down = fell + int(np.argmax(loud[fell:] < 0.25))
    print(json.dumps({"duckMs": took, "fall_ms": (down - fell) * STEP_MS}))
    assert 0 < (down - fell) * STEP_MS <= 150
    assert np.median(loud[down + 5 : down + 80]) == pytest.approx(0.2, abs=0.05)
    assert np.median(loud[down + 200 : down + 250]) > 0.9
    assert errors == []
