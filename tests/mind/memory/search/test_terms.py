"""The words of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mind.memory.search.terms import stem, terms
from bot.mind.memory.search.vector_index import CHINESE, JAPANESE, MIXED, OTHER, script_of


@pytest.mark.parametrize(
    "forms",
    [
        "study studies studied studying", "plan plans planned planning", "go goes went gone going",
        "bake bakes baked baking", "party parties", "box boxes", "child children", "happy happily happiness",
        "organize organized organization",
    ],
)  # fmt: skip
def test_the_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("words", ["sing sin", "bus but", "red reed", "thing thin", "glass glas"])
def test_other_words_have_another(words: str) -> None:
    first, second = words.split()
    assert stem(first) != stem(second)


def test_chinese_and_japanese_go_by_pairs_and_weaker_single_characters() -> None:
    found = terms("橘猫的猫 ラーメン")
    assert found["橘猫"] == 1
    assert 0 < found["猫"] < 1
    assert "的" not in found
    assert "ラー" in found
    assert terms("猫")["猫"] == 1
    assert terms("iPhone手机") == terms("iphone 手机")


def test_words_without_meaning_are_left_out() -> None:
    assert terms("what is it that you were having?") == {}
    assert terms("Ann's cat, ANN'S CAT!") == {"ann": 2, "cat": 2}


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("a cat", OTHER),
        ("", OTHER),
        ("猫が好き", JAPANESE),
        ("我养猫", CHINESE),
        ("我的 laptop keyboard 坏了", MIXED),
        ("кот", OTHER),
    ],
)
def test_the_script_of_a_text(text: str, script: int) -> None:
    assert script_of(text) == script


@given(st.text(max_size=500))
def test_any_text_has_terms(text: str) -> None:
    assert all(weight > 0 and term for term, weight in terms(text).items())
