"""Which language a text is in, and how fast it is said."""

from __future__ import annotations

import pytest

from bot.text.scripts import is_east_asian, is_written_in, join, language
from bot.text.speed import characters_per_second


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("hello 😂", ["en"]),
        ("123 :)", ["en", "zh", "ja"]),
        ("晚上好", ["zh", "ja"]),
        ("こんばんは", ["ja"]),
        ("我在玩 Minecraft", ["zh", "ja"]),
        ("Ça va ?", []),
        ("привет", []),
    ],
)
def test_a_text_is_plainly_in_a_language_or_not(text: str, languages: list[str]) -> None:
    assert [language for language in ("en", "zh", "ja") if is_written_in(text, language)] == languages


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("第12集 S3E05 EP.7", "zh", "zh"),
        ("100m跑11.2s，60km/h", "zh", "zh"),
        ("300gと2.5kg、10km/h", "ja", "ja"),
        ("1.5L 500ml", "zh", "zh"),
        ("3×4=12，10÷2=5", "zh", "zh"),
        ("QQ群号 CPU NBA", "zh", "zh"),
        ("yyds 666 awsl", "zh", "zh"),
        ("yyds 666 awsl", "en", "en"),
        ("NO WAY", "zh", "en"),
        ("only 5kg left", "zh", "en"),
        ("my RTX4090 and 我", "en", "en"),
        ("Wi-Fi和K歌", "en", "zh"),
        ("5kg", "fr", "fr"),
    ],
)
def test_figures_and_initials_are_no_words_of_a_language(text: str, default: str, expected: str) -> None:
    assert language(text, default) == expected


def test_clauses_are_joined_without_a_space_in_east_asia() -> None:
    assert join(["Hi there.", "You!", "你好。", "再见"]) == "Hi there. You!你好。再见"
    assert [is_east_asian(char) for char in "aя—你、が한😀"] == [False] * 3 + [True] * 5


def test_an_unknown_language_is_as_fast_as_english() -> None:
    assert characters_per_second("fr") == characters_per_second("en") > characters_per_second("zh")
