"""One clause: its frames, and the part of its text that was heard."""

from __future__ import annotations

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
