"""The built-in answers: in each language, with the same values, within what the platforms take."""

from __future__ import annotations

import re

import pytest

from bot.show.chat_replies import LONGEST
from bot.show.commands.words import WORDS, Say, word

VALUES = {
    "names": "!a", "count": 100, "what": "a quiz", "usage": "!segment", "before": 100, "rivals": 100, "host": "Mira",
    "facts": "has a cat", "code": "KFQ7M2",
}  # fmt: skip


@pytest.mark.parametrize("say", list(Say))
def test_every_answer_is_there_in_every_language_and_fits(say: Say) -> None:
    asked = {frozenset(re.findall(r"\{(\w+)\}", words[say])) for words in WORDS.values()}
    assert len(asked) == 1
    assert set(WORDS) == {"en", "zh", "ja"}
    for language in WORDS:
        text = word(say, language, **VALUES)
        assert 0 < len(text) <= min(LONGEST.values())
        assert "{" not in text


@pytest.mark.parametrize("say", list(Say))
def test_no_answer_begins_like_a_command(say: Say) -> None:
    assert all(words[say][0].isalnum() for words in WORDS.values())


def test_another_language_is_answered_in_english() -> None:
    assert word(Say.DONE, "fr") == "Done."
