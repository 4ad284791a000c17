from __future__ import annotations

import numpy as np
import pytest

from bot.hearing.input.room import LEARN_S, NOT_CANCELLED, STEP, Room, lag_of
from bot.hearing.speech import RATE

BLOCK = 3 * STEP


def voice(seconds: float, seed: int, level: float = 0.1) -> np.ndarray:
    """Noise with the loudness of speech: syllables and pauses."""
    rng = np.random.default_rng(seed)
    steps = int(seconds * 100)
    loudness = np.repeat(rng.choice([0.02, 0.3, 1.0, 1.5], steps // 12 + 1), 12)[:steps]
    return (rng.standard_normal(steps * STEP) * level * np.repeat(loudness, STEP)).astype(np.float32)


def listen(room: Room, far: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    out = [
        room.heard(far[i : i + BLOCK], before[i : i + BLOCK], after[i : i + BLOCK])
        for i in range(0, far.size - BLOCK, BLOCK)
    ]
    return np.concatenate(out)


def later(sound: np.ndarray, seconds: float) -> np.ndarray:
    return np.concatenate([np.zeros(int(seconds * RATE), np.float32), sound])[: sound.size]


def test_until_the_canceller_has_learnt_nothing_is_heard() -> None:
    far = voice(6, 1)
    echo = later(far, 0.2) * 0.5
    after = echo.copy()
    after[2 * RATE :] *= 0.03
    room = Room()
    out = listen(room, far, echo, after)
    assert not out[: 2 * RATE].any()
    assert room.known
    assert np.array_equal(out[-RATE:], after[: out.size][-RATE:])


def test_with_headphones_the_streamer_is_heard_after_the_hosts_first_seconds() -> None:
    room = Room()
    listen(room, voice(4, 1), voice(4, 2, 0.0005), voice(4, 2, 0.0005))
    assert room.known


def test_a_streamer_who_talks_all_along_is_heard_after_some_seconds() -> None:
    room, far, near = Room(), voice(8, 1), voice(8, 5)
    listen(room, far[: 3 * RATE], near[: 3 * RATE], near[: 3 * RATE])
    assert not room.known
    listen(room, far, near, near)
    assert room.known
    assert room.shift_s == 0.0
    assert LEARN_S < 8


@pytest.mark.parametrize("late", [0.6, 1.2, 2.0])
def test_an_echo_that_is_too_late_for_the_canceller_is_brought_into_its_reach(late: float) -> None:
    far = voice(14, 1)
    echo = later(far, late) * 0.5
    room = Room()
    for begin in range(3 * RATE, far.size - BLOCK, BLOCK):
        told = begin - round(room.shift_s * RATE)
        block = slice(begin, begin + BLOCK)
        assert not room.heard(far[told : told + BLOCK], echo[block], echo[block]).any()
    assert not room.known
    assert late - 0.2 < room.shift_s < late


def test_a_canceller_that_stops_to_work_is_noticed() -> None:
    far = voice(10, 1)
    room = Room()
    listen(room, far, later(far, 0.1) * 0.5, later(far, 0.1) * 0.01)
    assert room.known
    far = voice(20, 3)
    echo = later(far, 0.9) * 0.5
    for begin in range(0, far.size - BLOCK, BLOCK):
        told = max(0, begin - round(room.shift_s * RATE))
        block = slice(begin, begin + BLOCK)
        room.heard(far[told : told + BLOCK], echo[block], echo[block])
    assert room.shift_s == pytest.approx(0.8, abs=0.1)


def test_what_can_never_be_cancelled_is_told_and_not_heard() -> None:
    far = voice(40, 1)
    echo = later(far, 0.1) * 0.5
    room = Room()
    out = listen(room, far, echo, echo)
    assert not out.any()
    assert room.trouble == NOT_CANCELLED


def test_the_lag_of_two_people_is_none() -> None:
    def loudness(sound: np.ndarray) -> np.ndarray:
        return np.sqrt((sound.astype(float).reshape(-1, STEP) ** 2).mean(axis=1))

    one = loudness(voice(6, 1))
    assert lag_of(one, np.concatenate([np.zeros(70), one[:-70]]))[0] == 70
    assert max(lag_of(one, loudness(voice(6, seed)))[1] for seed in range(2, 12)) < 0.75
    assert lag_of(one[:50], one[:50]) == (0, -1.0)
    assert lag_of(np.zeros(600), np.zeros(600)) == (0, -1.0)


def known_by_echo() -> Room:
    far = voice(6, 1)
    room = Room()
    listen(room, far, later(far, 0.1) * 0.5, later(far, 0.1) * 0.01)
    assert room.known
    return room


def test_an_echo_that_jumps_is_not_heard_while_the_canceller_looks_for_it() -> None:
    far, room = voice(6, 7), known_by_echo()
    echo = later(far, 0.35) * 0.5  # nothing of it is taken out yet
    out = listen(room, far, echo, echo)
    heard = np.abs(out).reshape(-1, STEP).max(axis=1) > 0
    assert heard[150:].mean() < 0.1


def test_a_streamer_who_speaks_over_the_host_is_no_jump() -> None:
    far, near, room = voice(12, 7), voice(12, 21), known_by_echo()
    echo = later(far, 0.1) * 0.5
    out = listen(room, far, echo + near, near + echo * 0.03)
    loud = np.abs(near[: out.size]).reshape(-1, STEP).max(axis=1) > 0.05
    kept = np.abs(out).reshape(-1, STEP).max(axis=1) > 0.01
    assert kept[loud].mean() > 0.85
