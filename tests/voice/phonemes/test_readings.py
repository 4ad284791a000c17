"""Where words lie: in the text, and in the phonemes."""

from __future__ import annotations

import pytest

from bot.voice.phonemes.readings import Places, Reading, Word, fitting, readings
from tests.voice.phonemes.test_phonemes import ALPHABET


def test_words_are_found_one_after_the_other() -> None:
    text = "The cat and the hat, then."
    places = Places(text)
    assert [places.find(word) for word in ("the", "cat", "and", "the", "hat", "then")] == [0, 4, 8, 12, 16, 21]


def test_what_is_read_otherwise_has_the_next_place_and_leads_nobody_astray() -> None:
    text = "It cost $4.99 and a half"
    places = Places(text)
    found = [places.find(word) for word in ("It", "cost", "four", "dollars", "ninety", "and", "a", "half")]
    assert found == [0, 3, 9, 9, 9, 14, 18, 20]


def test_a_word_that_stands_far_ahead_is_another_one() -> None:
    text = "x " * 60 + "far"
    assert Places(text).find("far") == 0


def test_no_place_lies_outside_of_the_text() -> None:
    for text in ("", "…", "ß and ﬁ", "İstanbul is"):
        places = Places(text)
        for word in ("", "is", "ß", "nothing", "…"):
            assert 0 <= places.find(word) <= len(text)


def test_words_keep_their_places_where_phonemes_are_cut() -> None:
    words = [Word("wˈʌn, ", 0), Word("tˈu ", 5), Word(". ", 8), Word("θɹˈi", 10)]
    found = list(readings(words, ["wˈʌn,", "tˈu. θɹˈi"]))
    assert found == [Reading("wˈʌn,", ((0, 0),)), Reading("tˈu. θɹˈi", ((0, 5), (5, 10)))]


def test_pieces_end_at_pauses_and_none_is_beyond_the_models_limit() -> None:
    assert list(fitting("a, b, c", 2, 10)) == ["a,", "b, c"]
    assert [len(piece) for piece in fitting("x" * 1200, 60, 200)] == [500, 500, 200]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("I can't believe 42 came; GG.", "en", ["I", "can't", "believe", "42", "came", "GG"]),
        ("你好 GG，玩PS5！", "zh", ["你", "好", "GG", "玩", "PS", "5"]),
        ("今日はGGです。", "ja", ["今日", "は", "GG", "です"]),
    ],
)
def test_each_word_of_a_text_has_its_place(text: str, language: str, expected: list[str]) -> None:
    from bot.voice.phonemes.kokoro import Phonemes  # noqa: PLC0415 - its dictionaries take seconds

    words = [at for piece in Phonemes(ALPHABET).pieces(text, language) for _, at in piece.words]
    assert words == sorted(words)
    assert [text[at:].startswith(word) for at, word in zip(words, expected, strict=True)] == [True] * len(expected)
