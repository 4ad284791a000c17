from __future__ import annotations

import numpy as np
import pytest

from bot.errors import ConfigError
from bot.hearing.input.conditioning import Conditioner, HighPass
from bot.hearing.speech import RATE


def tone(rate: int, hz: float = 440.0, seconds: float = 1.0, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def through(sound: np.ndarray, rate: int, block_s: float = 0.032, gain_db: float = 0.0) -> np.ndarray:
    conditioner = Conditioner(gain_db)
    size = int(rate * block_s)
    return np.concatenate([conditioner.take(sound[i : i + size], rate) for i in range(0, len(sound), size)])


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt((sound.astype(np.float64) ** 2).mean()))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_a_tone_of_any_rate_comes_out_as_the_same_tone(rate: int) -> None:
    out = through(tone(rate, seconds=2), rate)
    assert out.dtype == np.float32
    assert abs(out.size - 2 * RATE) < RATE * 0.07
    middle = out[RATE // 2 : RATE // 2 + RATE]
    assert rms(middle) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    assert int(np.argmax(np.abs(np.fft.rfft(middle)))) == 440


def test_what_lies_above_the_ears_is_not_folded_into_speech() -> None:
    assert rms(through(tone(48_000, hz=12_000), 48_000)[2000:]) < 0.01


def test_an_offset_is_gone_and_makes_no_click() -> None:
    out = through(np.full(48_000, 0.4, np.float32), 48_000)
    assert float(np.abs(out).max()) < 0.05
    spoken = through(tone(16_000) * 0.5 + np.float32(0.3), 16_000)
    assert abs(float(spoken[4000:].mean())) < 0.002
    assert rms(spoken[4000:]) == pytest.approx(0.25 / np.sqrt(2), rel=0.02)


def test_the_filter_is_the_same_however_the_sound_is_cut() -> None:
    sound = tone(RATE) + np.float32(0.1)
    whole = HighPass().take(sound)
    cut = HighPass()
    pieces = np.concatenate([cut.take(piece) for piece in np.split(sound, [1, 7, 500, 513, 9000])])
    assert np.allclose(whole, pieces, atol=1e-5)


def test_one_microphone_on_an_interface_of_eight_is_no_whisper() -> None:
    block = np.zeros((RATE, 8), np.float32)
    block[:, 5] = tone(RATE)
    assert rms(through(block, RATE)[2000:]) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    both = np.stack([tone(RATE), tone(RATE)], axis=1)
    assert rms(through(both, RATE)[2000:]) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_what_is_no_number_does_not_stay_in_the_filter() -> None:
    sound = tone(RATE)
    sound[100:103] = [np.nan, np.inf, -np.inf]
    for rate in (RATE, 48_000):
        out = through(sound, rate)
        assert np.isfinite(out).all()
        assert float(np.abs(out).max()) <= 1.0
    huge = Conditioner().take(np.full(512, 1e30, np.float32), RATE)
    assert np.isfinite(huge).all()


def test_a_gain_is_applied_and_never_beyond_the_scale() -> None:
    assert rms(through(tone(RATE, level=0.1), RATE, gain_db=6)[2000:]) == pytest.approx(0.141, rel=0.03)
    assert float(np.abs(through(tone(RATE), RATE, gain_db=40)).max()) == 1.0


@pytest.mark.parametrize("rate", [0, -1, 1, 7_999, 10**9])
def test_a_rate_that_no_device_has_is_refused(rate: int) -> None:
    with pytest.raises(ConfigError, match="no microphone has a rate"):
        Conditioner().take(np.zeros(100, np.float32), rate)


def test_the_resampler_says_how_much_it_holds_back() -> None:
    conditioner = Conditioner()
    taken = given = 0
    for _ in range(100):
        given += conditioner.take(np.zeros(1411, np.float32), 44_100).size
        taken += 1411
        assert 0 <= conditioner.behind_s < 0.06
    assert given / RATE + conditioner.behind_s == pytest.approx(taken / 44_100, abs=0.002)


def test_nothing_heard_before_a_closing_comes_after_it() -> None:
    conditioner = Conditioner()
    conditioner.take(tone(48_000, seconds=0.05), 48_000)
    conditioner.clear()
    silence = np.concatenate([conditioner.take(np.zeros(1536, np.float32), 48_000) for _ in range(10)])
    assert float(np.abs(silence).max()) == 0.0


def test_empty_blocks_are_harmless() -> None:
    conditioner = Conditioner()
    assert conditioner.take(np.zeros((0, 2), np.float32), 48_000).size == 0
    assert conditioner.take(np.zeros(0, np.float32), RATE).size == 0
