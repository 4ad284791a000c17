"""Whether a line speaks to the host: names are matched as words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.addressing import NameMatcher

MIRA = NameMatcher(("Mira", "mira_bot"))
XIAOYUN = NameMatcher(("小云", "Xiaoyun"))


@pytest.mark.parametrize(
    "text",
    [
        "Mira, what are we playing?", "hi mira", "MIRA!!!", "@Mira hello", "is that Mira's game?", "miraaa", "mirra hi",
        "hey Mria", "Ｍｉｒａ", "mi\u200bra", "ｍｉｒａ你好", "Mira你好", "你好Mira！", "(mira)", "mira",
        "hello mira_bot",
        "Mira/Ann?", "mira\ufe0f hi",
    ],
)  # fmt: skip
def test_the_host_is_spoken_to(text: str) -> None:
    assert MIRA.matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "what a miracle", "admiral on deck", "miraculous", "Samira is here", "mirage", "mira2 is another", "smira",
        "", "   ", "m i r a", "mir", "mirak",
    ],
)  # fmt: skip
def test_another_word_is_not_the_host(text: str) -> None:
    assert not MIRA.matches(text)


@pytest.mark.parametrize("text", ["小云你好", "今天小云玩什么", "@小云", "xiaoyun hi", "小\u200b云"])
def test_a_name_without_spaces_around_it(text: str) -> None:
    assert XIAOYUN.matches(text)


def test_short_names_have_no_misspellings_and_names_of_two_words_are_one() -> None:
    assert not NameMatcher(("Ann",)).matches("the nan flag")
    assert NameMatcher(("Little Cloud",)).matches("hello little  cloud")
    assert NameMatcher(("Little Cloud",)).matches("hello LittleCloud!")


@pytest.mark.parametrize("text", ["小雲在嗎", "小云在吗", "@小雲"])
def test_a_chinese_name_is_known_in_both_scripts(text: str) -> None:
    assert XIAOYUN.matches(text)
    assert NameMatcher(("小雲",)).matches(text)


def test_marks_on_letters_may_be_left_out_or_put_on() -> None:
    zoe = NameMatcher(("Zoë", "José"))
    assert zoe.matches("hi zoe")
    assert zoe.matches("Hola JOSE!")
    assert MIRA.matches("mïra hi")
    assert not zoe.matches("zoea")
    assert NameMatcher(("ガラ",)).matches("ガラさん")
    assert not NameMatcher(("ガラ",)).matches("カラさん")


def test_no_names_match_nothing() -> None:
    assert not NameMatcher(("", " ")).matches("anything")


@given(st.text(), st.text(max_size=12))
def test_any_text_and_any_name_is_survived(text: str, name: str) -> None:
    NameMatcher((name,)).matches(text)
