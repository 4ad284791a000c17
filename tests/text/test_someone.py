from __future__ import annotations

import pytest

import moderation.names
from bot.text.someone import NOBODY, called


@pytest.mark.parametrize(
    ("name", "language", "heard"),
    [
        ("someone", "en", "someone"),
        ("someone", "zh", "一位观众"),
        ("someone", "ja", "どなたか"),
        ("someone", "", "someone"),
        ("Ann", "zh", "Ann"),
    ],
)
def test_who_has_no_name_is_someone_in_the_language(name: str, language: str, heard: str) -> None:
    assert called(name, language) == heard


def test_moderation_means_the_same() -> None:
    assert moderation.names.NOBODY == NOBODY
