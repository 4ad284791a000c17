"""From a model's lengths to the times of words and shapes."""

from __future__ import annotations

import numpy as np
import pytest
from loguru import logger

from bot.types import Mark, MouthShape, Viseme
from bot.voice.phonemes.lengths import TimedModel, with_output
from bot.voice.phonemes.marks import EARLY_MS, marks_of, timed_pcm
from bot.voice.phonemes.readings import Reading

REST, AA, OU, NN, LIPS = MouthShape.REST, MouthShape.AA, MouthShape.OU, MouthShape.NN, MouthShape.CLOSED
RATE = 24_000


class Lengths(TimedModel):
    """The checks of a model without a model."""

    def __init__(self) -> None:
        self._name, self._told = "fake", False


@pytest.fixture
def warnings() -> list[str]:
    heard: list[str] = []
    logger.add(lambda message: heard.append(str(message)), level="WARNING", format="{message}")
    return heard


def test_words_and_shapes_come_earlier_by_what_the_sound_is_ahead_and_by_what_was_cut() -> None:
    words, visemes = marks_of(Reading("ma.", ((0, 7),)), [200, 100, 100, 50, 50], 450, 30, 1000)
    assert words == (Mark(1000 + 200 - EARLY_MS - 30, 7),)
    assert visemes == (Viseme(1000, REST), Viseme(1120, LIPS), Viseme(1220, AA), Viseme(1320, REST))


def test_a_stress_belongs_to_the_next_sound_and_a_tone_to_the_last_one() -> None:
    _, visemes = marks_of(Reading("ˈat↓ta"), [0, 100, 100, 100, 100, 100, 100, 0], 700, 0, 0)
    assert [(v.at_ms, v.shape) for v in visemes] == [(0, AA), (150, NN), (450, AA), (550, REST)]


def test_a_diphthong_has_two_shapes() -> None:
    _, visemes = marks_of(Reading("W"), [100, 100, 0], 300, 0, 0)
    assert [(v.at_ms, v.shape) for v in visemes] == [(0, REST), (50, AA), (110, OU), (150, REST)]


def test_times_never_go_back_and_never_leave_the_sound() -> None:
    lengths = [0.0] * 3 + [1000.0] + [0.0] * 20
    words, visemes = marks_of(Reading("həlˈO ðˈɛɹ mˈI fɹˈɛnd", ((0, 0), (6, 6), (11, 12))), lengths, 300, 400, 50)
    times = [mark.at_ms for mark in words]
    assert times == sorted(times)
    assert all(50 <= mark.at_ms <= 350 for mark in words)
    times = [v.at_ms for v in visemes]
    assert times == sorted(set(times))
    assert all(50 <= time <= 350 for time in times)


@pytest.mark.parametrize(
    "lengths",
    [[1, 2], [1, 2, float("nan")], [1, 2, float("inf")], [-1, 2, 3], [40, 40, 40], "text", [[1], [2, 3]], [None], {}],
)
def test_lengths_that_make_no_sense_are_ignored_and_told_once(lengths: object, warnings: list[str]) -> None:
    model, wave = Lengths(), np.full(RATE // 10, 0.5, np.float32)
    for _ in range(3):
        pcm = timed_pcm(model, Reading("a"), wave, RATE, lengths, 0)
        assert pcm.data
        assert not pcm.marks
        assert not pcm.visemes
    assert len(warnings) == 1


def test_lengths_that_fit_are_used(warnings: list[str]) -> None:
    wave = np.full(RATE // 10, 0.5, np.float32)
    pcm = timed_pcm(Lengths(), Reading("a", ((0, 3),)), wave, RATE, np.array([[1, 2, 1]], np.float32), 0)
    assert pcm.marks == (Mark(0, 3),)
    assert [v.shape for v in pcm.visemes] == [AA, REST]
    assert not warnings


def test_silence_has_no_marks() -> None:
    pcm = timed_pcm(Lengths(), Reading("a", ((0, 0),)), np.zeros(2400, np.float32), RATE, [1, 2, 1], 0)
    assert not pcm.data
    assert not pcm.marks
    assert not pcm.visemes


def test_an_output_is_appended_as_protobuf_has_it() -> None:
    name = "/encoder/" + "x" * 200
    added = with_output(b"model", name)[len(b"model") :]
    assert added[:1] == b"\x3a"  # field 7 of the model: its graph
    assert name.encode() in added
    assert added.endswith(b"\x12\x04\x0a\x02\x08\x01")  # a tensor whose elements are floats
