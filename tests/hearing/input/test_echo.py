from __future__ import annotations

import sys

import numpy as np
import pytest

from bot.errors import ConfigError
from bot.hearing.input.echo import STEP, CaptureClock, EchoCanceller
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.room import lag_of
from bot.hearing.speech import FRAME, RATE


def voice(seconds: float, seed: int) -> np.ndarray:
    """Noise with the loudness of speech, and a spectrum that falls like its."""
    rng = np.random.default_rng(seed)
    steps = int(seconds * 100)
    loudness = np.repeat(rng.choice([0.02, 0.3, 1.0, 1.5], steps // 12 + 1), 12)[:steps]
    noise = rng.standard_normal(steps * STEP)
    dull = np.convolve(noise, np.ones(4) / 4, "same")
    return (dull * 0.1 * np.repeat(loudness, STEP)).astype(np.float32)


class Scene:
    def __init__(self, *, echo: bool = True, noise_suppression: bool = False) -> None:
        pytest.importorskip("livekit")
        self.now = 0.0
        self.far = FarEnd(lambda: self.now)
        self.canceller = EchoCanceller(self.far, echo=echo, noise_suppression=noise_suppression, auto_gain=False)

    def hear(self, heard: np.ndarray, jitter: float = 0.0) -> np.ndarray:
        rng, out = np.random.default_rng(4), []
        for end in range(FRAME, heard.size + 1, FRAME):
            self.now = end / RATE
            out.append(self.canceller.take(heard[end - FRAME : end], self.now + rng.uniform(0, jitter)))
        return np.concatenate(out)


def db(one: np.ndarray, other: np.ndarray) -> float:
    size = min(one.size, other.size)
    return 10 * float(np.log10((one[:size] ** 2).mean() / max(float((other[:size] ** 2).mean()), 1e-12)))


def test_the_hosts_voice_is_taken_out_though_blocks_arrive_unevenly() -> None:
    scene, sound = Scene(), voice(12, 1)
    scene.far.play((sound * 32767).astype("<i2").tobytes(), RATE)
    echo = np.concatenate([np.zeros(RATE // 8, np.float32), sound * 0.5])[: sound.size]
    out = scene.hear(echo, jitter=0.03)
    assert db(echo, out) > 25
    assert db(echo[8 * RATE :], out[8 * RATE :]) > 25


def test_the_streamer_is_heard_over_it() -> None:
    scene, sound, near = Scene(), voice(14, 1), voice(14, 9)
    scene.far.play((sound * 32767).astype("<i2").tobytes(), RATE)
    echo = np.concatenate([np.zeros(RATE // 8, np.float32), sound * 0.5])[: sound.size]
    near[: 9 * RATE] = 0
    out = scene.hear(echo + near)
    part = slice(10 * RATE, out.size // STEP * STEP)
    lag, alike = lag_of(loudness(near[part]), loudness(out[part]))
    assert alike > 0.7
    assert abs(lag) < 5


def loudness(sound: np.ndarray) -> np.ndarray:
    return np.sqrt((sound.astype(float).reshape(-1, STEP) ** 2).mean(axis=1))


def test_while_the_host_is_silent_sound_passes_untouched_and_costs_nothing() -> None:
    scene, near = Scene(), voice(3, 9)
    scene.canceller._apm = None
    out = scene.hear(near)
    assert np.array_equal(out, near[: out.size])


def test_noise_is_suppressed_when_it_is_wanted_and_no_host_speaks() -> None:
    scene = Scene(echo=False, noise_suppression=True)
    hiss = (np.random.default_rng(2).standard_normal(6 * RATE) * 0.01).astype(np.float32)
    assert db(hiss[4 * RATE :], scene.hear(hiss)[4 * RATE :]) > 8


def test_a_missing_or_broken_library_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("livekit", "livekit.rtc", "livekit.rtc.apm"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError) as raised:
        EchoCanceller(FarEnd(), echo=True, noise_suppression=False, auto_gain=False)
    assert "headphones" in raised.value.remedy


def test_the_clock_of_the_blocks_is_even_and_follows_what_was_lost() -> None:
    clock, rng = CaptureClock(), np.random.default_rng(1)
    begins = [clock.begin(FRAME, n * 0.032 + rng.uniform(0, 0.03)) for n in range(1, 200)]
    steps = np.diff(begins[40:])
    assert np.abs(steps - 0.032).max() < 0.005
    assert begins[-1] == pytest.approx(198 * 0.032, abs=0.006)
    lost = [clock.begin(FRAME, 0.5 + n * 0.032 + rng.uniform(0, 0.03)) for n in range(200, 300)]
    assert lost[-1] == pytest.approx(0.5 + 298 * 0.032, abs=0.006)
    clock.clear()
    assert clock.begin(FRAME, 1000.0) == pytest.approx(999.968)
