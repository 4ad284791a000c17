"""One clause: its frames, and the part of its text that was heard."""

from __future__ import annotations

from array import array

from bot.stage import protocol as p
from bot.stage.clip import ClausePlayback, cut_at_word
from bot.text.scripts import join
from bot.types import Clause

RATE = 24_000


def test_words_are_not_cut() -> None:
    assert cut_at_word("hello wonderful world", 9) == "hello"
    assert cut_at_word("你好世界", 2) == "你好"
    assert cut_at_word("hello", 99) == "hello"
    assert cut_at_word("hello", 0) == ""


def test_clauses_join_as_they_are_written() -> None:
    assert join(["Hello,", "world."]) == "Hello, world."
    assert join(["你好，", "世界。", "ok"]) == "你好，世界。ok"


def test_the_last_frame_is_known_as_the_last() -> None:
    clip = ClausePlayback(1, Clause("t", 0, "x", "x"), RATE)
    clip.pcm += bytes(960 * 3)
    assert len(list(clip.take_frames())) == 2
    clip.complete = True
    (last,) = clip.take_frames()
    assert last[3] == p.LAST


def test_no_sound_waits_while_little_of_it_is_ahead_of_the_audience() -> None:
    clip = ClausePlayback(1, Clause("t", 0, "x", "x"), RATE)
    for n in range(1, 60):  # a voice no quicker than speech, in pieces of 50 ms
        clip.pcm += bytes(2400)
        clip.position_ms = max(0.0, (n - 4) * 50.0)
        list(clip.take_frames())
        assert len(clip.pcm) - clip.framed <= 960


def test_a_clause_begins_in_short_frames_and_goes_on_in_long_ones() -> None:
    clip = ClausePlayback(1, Clause("t", 0, "x", "x"), RATE)
    sound = bytes(range(250)) * 250  # 1.3 s
    for begin in range(0, len(sound), 4000):
        clip.pcm += sound[begin : begin + 4000]
        frames = list(clip.take_frames())
        assert all(len(f) > p.HEADER.size for f in frames)
        sent = clip.framed
    clip.close(truncated=False)
    clip.rewind()
    frames = list(clip.take_frames())
    sizes = [(len(f) - p.HEADER.size) / 48 for f in frames]  # in ms
    assert sizes[:5] == [20] * 5
    assert set(sizes[5:-1]) == {200}
    assert 0 < sizes[-1] <= 200
    assert b"".join(f[p.HEADER.size :] for f in frames) == sound
    assert [f[3] for f in frames] == [p.FIRST, *[0] * (len(frames) - 2), p.LAST]
    waits_ms = (len(sound) - sent) / 48
    assert waits_ms <= p.LONG_FRAME_MS, "with much sound ahead of the audience, a frame waits until it is long"


def spoken(*stretches: tuple[float, int]) -> ClausePlayback:
    """Return a complete clause of two words: its sound is made of stretches, in seconds, each of one loudness."""
    clip = ClausePlayback(1, Clause("t", 0, "Hello there, stranger.", "Hello there, stranger."), RATE)
    for seconds, level in stretches:
        clip.pcm += array("h", [level, -level]).tobytes() * int(seconds * RATE / 2)
    clip.close(truncated=False)
    return clip


def test_silence_at_the_ends_of_a_sound_holds_no_words() -> None:
    clip = spoken((0.5, 0), (1.0, 9000), (0.5, 20))
    clip.position_ms = 500
    assert clip.heard() == ""
    clip.position_ms = 1000
    assert clip.heard() == "Hello there"
    clip.position_ms = 1510
    assert clip.heard() == "Hello there, stranger."


def test_a_pause_within_a_sound_holds_no_words() -> None:
    clip = spoken((0.6, 9000), (1.0, 0), (0.4, 6000))
    clip.position_ms = 700
    before = clip.heard()
    assert before.startswith("Hello there")
    clip.position_ms = 1500
    assert clip.heard() == before


def test_of_a_sound_without_any_voice_the_length_counts() -> None:
    clip = spoken((2.0, 0))
    clip.position_ms = 1000
    assert clip.heard() == "Hello there"
