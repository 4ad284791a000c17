from __future__ import annotations

import numpy as np
import pytest

from bot.hearing.input import levels
from bot.hearing.input.levels import LevelMeter, Reading
from bot.hearing.speech import FRAME, RATE


def readings(sound: np.ndarray, raw: np.ndarray | None = None) -> list[Reading]:
    meter = LevelMeter()
    blocks = range(0, sound.size, FRAME)
    raw = sound if raw is None else raw
    made = [meter.take(raw[i : i + FRAME], sound[i : i + FRAME]) for i in blocks]
    return [reading for reading in made if reading is not None]


def noise(seconds: float, level: float) -> np.ndarray:
    return (level * np.random.default_rng(1).standard_normal(int(seconds * RATE))).astype(np.float32)


def test_the_level_is_that_of_the_last_second_and_told_ten_times_a_second_at_most() -> None:
    told = readings(np.concatenate([noise(2, 0.2), noise(2, 0.02)]))
    assert len(told) <= 40
    assert told[14].level == pytest.approx(0.2, rel=0.05)
    assert told[-1].level == pytest.approx(0.02, rel=0.05)
    assert not any(reading.clipped or reading.advice for reading in told)


def test_ten_seconds_without_any_sound_are_a_muted_microphone_and_a_word_ends_it() -> None:
    silent = readings(np.zeros(11 * RATE, np.float32))
    assert silent[70].advice == ""
    assert silent[-1].advice == levels.ADVICE_MUTED
    assert silent[-1].silent_s == pytest.approx(11, abs=0.2)
    assert readings(np.concatenate([np.zeros(11 * RATE, np.float32), noise(0.3, 0.1)]))[-1].advice == ""


def test_a_quiet_room_is_not_muted() -> None:
    assert readings(noise(12, 0.0003))[-1].advice == ""


def test_sound_that_is_cut_off_is_told_while_it_lasts() -> None:
    loud = np.clip(noise(4, 1.0), -1, 1)
    told = readings(np.concatenate([loud, noise(12, 0.05)]))
    assert told[5].clipped
    assert told[35].advice == levels.ADVICE_CLIPPED
    assert not told[60].clipped
    assert told[-1].advice == ""


def test_one_loud_knock_is_no_reason_for_advice() -> None:
    sound = noise(3, 0.01)
    sound[8000:8050] = 1.0
    assert not any(reading.advice for reading in readings(sound))


def test_it_is_measured_where_the_sound_was_captured_whether_it_was_cut_off() -> None:
    raw = np.clip(noise(4, 1.0), -1, 1)
    assert readings(raw * 0.1, raw)[-1].clipped
