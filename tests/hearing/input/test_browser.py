"""A browser's microphone: its frames, its pace, one page at a time."""

from __future__ import annotations

import numpy as np
import pytest

from bot.errors import Refused
from bot.hearing.input.browser import HEADER, MAGIC, MAX_AHEAD_S, VERSION, BadFrame, BrowserLine, BrowserMicrophone
from bot.hearing.speech import Samples
from tests.support.ear_desk import Clock, frame


class Heard:
    """What was delivered."""

    def __init__(self) -> None:
        self.pieces: list[tuple[Samples, int, float]] = []

    def __call__(self, samples: Samples, rate: int, at: float) -> None:
        self.pieces.append((samples, rate, at))

    @property
    def seconds(self) -> float:
        return sum(piece.size / rate for piece, rate, _ in self.pieces)


def a_line() -> tuple[BrowserLine, Heard, Clock]:
    heard, clock = Heard(), Clock()
    return BrowserMicrophone(heard, clock).join(), heard, clock


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_sound_arrives_as_it_was_captured(rate: int) -> None:
    line, heard, clock = a_line()
    for n in range(100):
        clock.now += 0.02
        line.take(frame(line.stream, n, rate=rate, level=0.5))
    assert heard.seconds == pytest.approx(2.0)
    assert {found for _, found, _ in heard.pieces} == {rate}
    sound = np.concatenate([piece for piece, _, _ in heard.pieces])
    assert float(np.sqrt(np.mean(sound**2))) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_the_clock_of_the_sound_is_steadier_than_the_network() -> None:
    line, heard, clock = a_line()
    for n in range(50):
        clock.now += 0.0 if n % 5 else 0.1  # five frames at once, every tenth of a second
        line.take(frame(line.stream, n))
    times = [at for _, _, at in heard.pieces]
    assert all(at <= clock.now for at in times)
    assert np.diff(times[5:]).max() <= 0.1 + 1e-9
    clock.now += 5.0  # the network stood still, and what was captured meanwhile is lost
    line.take(frame(line.stream, 50))
    assert heard.pieces[-1][2] == pytest.approx(clock.now, abs=0.6)


GOOD = frame(7, 0)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "header"),
        (GOOD[:15], "header"),
        (GOOD[:16], "whole samples"),
        (GOOD[:-1], "whole samples"),
        (frame(7, 0, ms=220), "at most"),
        (frame(7, 0, magic=0x4853), "no frame of a microphone"),
        (b'{"type":"audio","state":"running"}', "no frame of a microphone"),
        (frame(8, 0), "another page"),
        (frame(7, 1), "was to come"),
        (frame(7, 0, rate=7_999, ms=20), "rate"),
        (frame(7, 0, rate=192_000, ms=20), "rate"),
        (HEADER.pack(MAGIC, VERSION, 0, 7, 0, 0) + b"\0\0", "rate"),
        (HEADER.pack(MAGIC, VERSION + 1, 0, 7, 16_000, 0) + b"\0\0", "load the page again"),
        (HEADER.pack(MAGIC, VERSION, 1, 7, 16_000, 0) + b"\0\0", "load the page again"),
    ],
)
def test_a_broken_frame_is_refused_with_the_reason_and_nothing_of_it_heard(data: bytes, why: str) -> None:
    line, heard, _ = a_line()
    line.stream = 7
    with pytest.raises(BadFrame, match=why):
        line.take(data)
    assert heard.pieces == []


def test_the_rate_of_a_line_stays() -> None:
    line, _, clock = a_line()
    line.take(frame(line.stream, 0))
    clock.now += 0.02
    with pytest.raises(BadFrame, match="stays"):
        line.take(frame(line.stream, 1, rate=48_000))


@pytest.mark.parametrize("times", [1.2, 100.0])
def test_sound_that_comes_too_fast_is_refused(times: float) -> None:
    line, heard, clock = a_line()
    began = clock.now

    def send() -> None:
        for n in range(3000):
            clock.now += 0.02 / times
            line.take(frame(line.stream, n))

    with pytest.raises(BadFrame, match="faster"):
        send()
    assert heard.seconds <= (clock.now - began) * 1.02 + MAX_AHEAD_S


def test_a_clock_that_runs_a_little_fast_is_borne_for_ten_minutes() -> None:
    line, heard, clock = a_line()
    for n in range(3000):
        clock.now += 0.2 / 1.01
        line.take(frame(line.stream, n, ms=200))
    assert heard.seconds == pytest.approx(600)


def test_one_page_at_a_time_and_another_by_its_wish_alone() -> None:
    heard, clock = Heard(), Clock()
    microphone = BrowserMicrophone(heard, clock)
    first = microphone.join()
    with pytest.raises(Refused, match="another page"):
        microphone.join()
    second = microphone.join(takeover=True)
    assert first.ended_because
    assert microphone.line is second
    microphone.leave(first)  # its socket goes later
    assert microphone.line is second
    assert second.stream != first.stream
    microphone.leave(second)
    assert microphone.line is None
