"""What a voice says of its sound: checked, brought to what is shown, told to the pages, and used for what was heard."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from bot.stage.clip import ClausePlayback
from bot.stage.marks import MOST, ClauseMarks, ShownPlaces
from bot.types import Clause, Mark, MouthShape, Pcm, Viseme

RATE = 24_000


def sound(*marks: tuple[int, int], visemes: tuple[Viseme, ...] = ()) -> Pcm:
    return Pcm(bytes(2 * RATE), RATE, tuple(Mark(*mark) for mark in marks), visemes)


def clip(text: str, speech: str = "") -> ClausePlayback:
    return ClausePlayback(3, Clause("t", 1, text, speech or text), RATE)


def test_what_was_heard_is_right_within_a_word() -> None:
    made = clip("Hello there, chat!")
    made.add(sound((100, 0), (400, 6), (900, 13)))
    made.close(truncated=False)
    for position, heard in ((0, ""), (390, ""), (410, "Hello"), (890, "Hello"), (910, "Hello there,")):
        made.position_ms = position
        assert made.heard() == heard
    made.finished = True
    assert made.heard() == "Hello there, chat!"


def test_chinese_is_heard_character_by_character() -> None:
    made = clip("大家好！今天")
    made.add(sound((0, 0), (200, 1), (400, 2), (700, 4), (900, 5)))
    made.position_ms = 750
    assert made.heard() == "大家好！"


@pytest.mark.parametrize(
    ("speech", "text", "place", "shown"),
    [
        ("It costs four dollars now", "It costs $4 now", len("It costs four dollars "), "now"),
        ("It costs four dollars now", "It costs $4 now", 0, "It costs $4 now"),
        ("hello friends", "HELLO 🎉🎉 friends!", 6, "friends!"),
        ("你好，四十二个人", "你好，42个人", 6, "个人"),
        ("something else", "", 4, ""),
    ],
)
def test_a_place_in_what_is_spoken_is_found_in_what_is_shown(speech: str, text: str, place: int, shown: str) -> None:
    assert text[ShownPlaces(speech, text).of(place) :] == shown


def test_between_the_words_that_both_hold_a_place_is_estimated() -> None:
    places = ShownPlaces("a one two three b", "a 123 b")
    found = [places.of(at) for at in range(18)]
    assert found == sorted(found)
    assert 1 <= places.of(6) <= 5
    assert ShownPlaces("x " * 2000, "y " * 1000).of(2000) == 1000


def test_the_words_of_a_long_clause_take_no_noticeable_time() -> None:
    speech, text = "la " * 150 + "one", "la " * 150 + "1"
    began = time.process_time()
    ShownPlaces(speech, text)
    assert time.process_time() - began < 1.0  # it takes a few ms; quadratic ways take minutes


def test_hostile_marks_never_lead_back_or_out_of_the_text() -> None:
    marks = ClauseMarks(Clause("t", 0, "Hello there", "Hello there"))
    wild: Any = (Mark(500, 6), Mark(100, 2), Mark(-5, 0), Mark(10**12, 10**9), Mark(cast("Any", float("nan")), 1))
    wild += (Mark(600, cast("Any", "x")), "mark", None, Mark(cast("Any", True), 1))
    shapes: Any = (Viseme(50, MouthShape.AA), Viseme(20, MouthShape.OU), Viseme(30, cast("Any", "grin")), 7)
    assert marks.add(Pcm(b"", RATE, wild, shapes))
    times = [mark.at_ms for mark in marks.words]
    assert times == sorted(times)
    assert [mark.chars for mark in marks.words] == [6, 6, 11]
    assert [viseme.at_ms for viseme in marks.visemes] == [50, 50]
    marks.message(1)  # what is told can be told


def test_no_voice_fills_the_memory_with_marks() -> None:
    made = clip("Hello")
    for _ in range(5):
        made.add(sound(*[(n, 0) for n in range(MOST)], visemes=(Viseme(0, MouthShape.AA),) * MOST))
    assert len(made.marks.words) == len(made.marks.visemes) == MOST


def test_pages_are_told_what_is_new_in_units_of_their_own() -> None:
    made = clip("🎉🎉 Hi you")
    first = made.add(sound((0, 3), visemes=(Viseme(10, MouthShape.CLOSED),)))
    assert first is not None
    assert [(word.at_ms, word.chars) for word in first.words] == [(0, 5)]
    assert first.model_dump()["visemes"] == [{"at_ms": 10, "shape": "closed"}]
    assert made.add(Pcm(b"\0\0", RATE)) is None
    second = made.add(sound((300, 6)))
    assert second is not None
    assert [(word.at_ms, word.chars) for word in second.words] == [(300, 8)]
    assert not second.visemes
    assert (second.epoch, second.clause) == (3, 1)
    assert len(made.marks.message(3).words) == 2
