"""What is heard for what is written: rows of `tests/voice/reading`, and what holds for every text."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.voice.reading.aloud import MAX_CHARS, read_aloud

ROWS: list[dict[str, Any]] = [
    row
    for file in sorted((Path(__file__).parent / "reading").glob("*.yaml"))
    for row in yaml.safe_load(file.read_text("utf-8"))
]
LANGUAGES = ("en", "zh", "ja")


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['language']}-{row['text']}" for row in ROWS])
def test_a_row_is_heard_as_written_beside_it(row: dict[str, str]) -> None:
    heard = read_aloud(row["text"], row["language"])
    assert heard == row["heard"]
    assert read_aloud(heard, row["language"]) == heard, "what was read is not read differently"


def test_there_are_rows_enough_of_each_language_and_none_twice() -> None:
    counted = Counter(row["language"] for row in ROWS)
    assert all(counted[language] >= 130 for language in LANGUAGES)
    assert max(Counter((row["language"], row["text"]) for row in ROWS).values()) == 1


def test_another_language_is_read_as_english() -> None:
    assert read_aloud("2 x", "fr") == "two x"


SIGNS = st.sampled_from(
    [*"0123456789/-–:.,%$¥€+=<>()（）[]{}*_~#@^|\\ nVIXvxk", "两", "年", "月", "日", "の", "ω", "http://", "a.b@c.de"]
)


@given(st.text(max_size=300) | st.lists(SIGNS, max_size=120).map("".join), st.sampled_from(LANGUAGES))
def test_no_text_breaks_the_reading(text: str, language: str) -> None:
    said = read_aloud(text, language)
    assert "](" not in said
    assert said == said.strip()
    assert len(said) <= 40 * len(text) + 40


@given(st.lists(SIGNS, max_size=60).map("".join))
def test_no_digit_is_left_for_a_voice_to_guess(text: str) -> None:
    for language in ("en", "zh"):
        assert not any(char in "0123456789" for char in read_aloud(text, language))


HOSTILE = [
    *"1 0 9, 1. 1/ 1- 1: 1– $1 ( （ ((^ [ [a]( { \\ \\frac{ {}".split(),
    *"* _ ^2 a A aA I w www. http:// a@ a. # #a < <b </ ~ ～".split(),
    *"- + 1+ 1h 年 2年 1月- 两 哈 ー の ω ° ½ ² '1 1' :a @ &amp;".split(),
    *("IV ", "1 ", " ", "May 1", "the 1", "a ", "1 to ", "3 1/2 "),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_effort_grows_with_the_length_and_no_faster(language: str) -> None:
    """Ten times the text may take some ten times as long; what tries all ways would take a hundred or more."""
    slow = {}
    for piece in HOSTILE:
        short, long = piece * (200 // len(piece)), piece * (MAX_CHARS // len(piece))
        spent = [min(_spent(text, language) for _ in range(2)) for text in (short, long)]
        if spent[1] > 40 * spent[0] + 0.02:
            slow[piece] = spent
    assert not slow


def _spent(text: str, language: str) -> float:
    began = time.thread_time()
    read_aloud(text, language)
    return time.thread_time() - began


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flood_of_digits_or_brackets_is_bounded(language: str) -> None:
    for piece in ("7", "(", "[", "\\frac{1}", "T_T", "1/2 "):
        assert len(read_aloud(piece * 10_000, language)) <= 40 * MAX_CHARS
