from __future__ import annotations

import numpy as np
import pytest

from bot.hearing.input.far_end import MAX_AHEAD_S, FarEnd
from bot.hearing.speech import RATE


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def pcm(rate: int, seconds: float, level: float = 0.5) -> bytes:
    wave = level * np.sin(2 * np.pi * 300 * np.arange(int(rate * seconds)) / rate)
    return (wave * 32767).astype("<i2").tobytes()


def loud(far: FarEnd, at: float, seconds: float = 0.05) -> bool:
    return bool(np.abs(far.read(int(at * RATE), int(seconds * RATE))).max() > 0.1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def far(clock: Clock) -> FarEnd:
    return FarEnd(clock)


def test_sound_lies_on_the_clock_and_frames_follow_one_another(far: FarEnd, clock: Clock) -> None:
    for _ in range(10):  # sent twice as fast as it is heard
        far.play(pcm(24_000, 0.1), 24_000)
        clock.now += 0.05
    assert not loud(far, 99.9)
    assert loud(far, 100.0)
    assert loud(far, 100.9)
    assert not loud(far, 101.05)
    assert far.sounds(100.5, 100.6)
    assert not far.sounds(101.1, 102)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_frames_are_resampled_as_one_stream(far: FarEnd, clock: Clock, rate: int) -> None:
    sound = pcm(rate, 1.0)
    for begin in range(0, len(sound), 4410):
        far.play(sound[begin : begin + 4410], rate)
    heard = far.read(int(100.2 * RATE), int(0.5 * RATE))
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    assert int(np.argmax(spectrum)) == 150
    assert spectrum[400:].max() < spectrum.max() * 0.01  # no clicks where frames meet


def test_what_was_stopped_is_not_heard_any_more(far: FarEnd, clock: Clock) -> None:
    far.play(pcm(24_000, 2), 24_000)
    clock.now = 100.5
    assert loud(far, 100.4)
    far.stop()
    assert loud(far, 100.4)
    assert not loud(far, 100.6)
    far.play(pcm(24_000, 0.5), 24_000)
    assert loud(far, 100.6)
    assert not loud(far, 101.1)


def test_a_stop_counts_for_sound_that_nobody_has_read_yet(far: FarEnd, clock: Clock) -> None:
    far.play(pcm(24_000, 2), 24_000)
    far.play(pcm(24_000, 2), 24_000)
    clock.now = 100.5
    far.stop()
    assert loud(far, 100.4)
    assert not loud(far, 100.6)
    assert not loud(far, 102.5)


@pytest.mark.parametrize("read_first", [True, False])
def test_a_stage_that_stands_still_plays_the_rest_later(far: FarEnd, clock: Clock, read_first: bool) -> None:
    far.play(pcm(24_000, 1), 24_000)
    if read_first:
        assert loud(far, 100.0)
    clock.now = 100.4
    far.hold()
    far.hold()
    far.play(pcm(24_000, 0.5), 24_000)  # comes while it stands still
    assert not loud(far, 100.5)
    clock.now = 102.0
    far.go_on()
    assert loud(far, 102.0)
    assert loud(far, 102.95)  # .6 s that were left, .5 s that came
    assert not loud(far, 103.2)


def test_a_stop_while_it_stands_still_throws_the_rest_away(far: FarEnd, clock: Clock) -> None:
    far.play(pcm(24_000, 1), 24_000)
    clock.now = 100.4
    far.hold()
    far.stop()
    far.go_on()
    assert not loud(far, 100.5, 1.0)


def test_nonsense_is_not_laid_down(far: FarEnd) -> None:
    far.play(b"", 24_000)
    far.play(b"x", 24_000)
    far.play(pcm(24_000, 0.1), 0)
    far.play(pcm(24_000, 0.1), -5)
    assert not far.sounds(0, 1000)


def test_what_lies_ahead_is_bounded_and_what_is_over_is_forgotten(far: FarEnd, clock: Clock) -> None:
    for _ in range(400):
        far.play(pcm(8_000, 1.0), 8_000)
    assert len(far._told) <= MAX_AHEAD_S + 2
    for second in range(100, 200):
        far.read(second * RATE, 100)
    assert len(far._laid) < 40
