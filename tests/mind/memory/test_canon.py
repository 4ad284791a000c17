"""What the host said of itself, and what contradicts it."""

from __future__ import annotations

import pytest

from bench.remembering import canon as bench_of_canon
from bot.mind.memory.canon import MAX_STATEMENTS, Canon, spoken_as_i, statements
from bot.mind.memory.numbers import number


def against(said: str, now: str) -> bool:
    known = Canon()
    known.learn(said)
    return known.contradicted(now) is not None


@pytest.mark.parametrize(
    ("said", "now"),
    [
        ("I am nineteen.", "I'm a hundred and four years old."),
        ("My owl is called Pim.", "my owl is named Otto"),
        ("I love fog.", "I really hate fog."),
        ("I have never been to Rome.", "I have been to Rome before."),
        ("I can fly.", "I cannot fly."),
        ("我会画画。", "我根本不会画画。"),
        ("我今年二十岁。", "我十七岁。"),
        ("我住在海边。", "我住在山上。"),
    ],
)
def test_a_contradiction_is_noticed(said: str, now: str) -> None:
    assert against(said, now)
    assert not against(said, said)


@pytest.mark.parametrize(
    ("said", "now"),
    [
        ("I love fog.", "I don't love fog any more."),
        ("I love fog.", "Do you hate fog?"),
        ("I love fog.", "They say “I hate fog”."),
        ("I have two cats.", "I have three questions."),
        ("I can fly.", "If I could not fly I would walk."),
        ("I am nineteen.", "You are a hundred years old."),
        ("我会画画。", "我不会放弃。"),
        ("我喜欢雨。", "我不再喜欢雨了。"),
        ("", ""),
        ("I am nineteen.", "I am " + "very " * 100 + "old"),
    ],
)
def test_what_may_be_true_beside_it_passes(said: str, now: str) -> None:
    assert not against(said, now)


def test_what_was_said_first_counts_and_can_be_forgotten() -> None:
    known = Canon()
    assert known.learn("I live in Rome. I live in Oslo. Lovely weather!")[0].text == "I live in Rome."
    assert len(known) == 1
    assert known.contradicted("I live in Oslo")
    known.clear()
    assert not known.contradicted("I live in Oslo")


def test_it_grows_within_bounds() -> None:
    known = Canon()
    for one in range(MAX_STATEMENTS + 50):
        known.learn(f"I love thing{one}x.")
    assert len(known) == MAX_STATEMENTS


def test_a_persona_that_is_spoken_to_speaks_of_itself() -> None:
    assert statements(spoken_as_i("You are 29 years old."))[0].value == "29"
    assert statements(spoken_as_i("你住在云上。"))[0].key == "live"


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("twenty-nine", 29), ("a hundred and four", 104), ("two thousand", 2000), ("a dozen", 12), ("十八", 18),
     ("二十", 20), ("一百零四", 104), ("两", 2), ("fog", None), ("", None), ("no", 0)],
)  # fmt: skip
def test_numbers_in_words(text: str, value: int | None) -> None:
    assert number(text) == value


def test_the_lines_of_the_bench_keep_their_figures() -> None:
    for half in bench_of_canon(show=False):
        assert half["caught"] >= 0.75
        assert half["false"] <= 0.03
