"""Words to expect: bounded, clean, the persona's names first."""

from __future__ import annotations

from bot.hearing.vocabulary import MAX_CHARS, MAX_VIEWERS, MAX_WORDS, Vocabulary


def test_the_personas_names_come_first_and_each_word_once() -> None:
    hints = Vocabulary(["Mira", "小葵"], ["Elden Ring", "mira"], lambda: ["Ada", "MIRA"], ["zh", "en"])()
    assert hints.words == ("Mira", "小葵", "Elden Ring", "Ada")
    assert hints.languages == ("zh", "en")


def test_strangers_names_are_bounded_and_clean() -> None:
    names = ["x" * 5000, "", "\u202e\x00", "!!!", *(f"viewer{n}" for n in range(100_000))]
    hints = Vocabulary(["Mira"], [], lambda: iter(names))()
    assert hints.words[0] == "Mira"
    assert len(hints.words) <= 1 + MAX_VIEWERS
    assert all(len(word) <= 24 for word in hints.words)
    assert not set("".join(hints.words)) & set("\u202e\x00")


def test_a_long_list_is_cut() -> None:
    hints = Vocabulary(["Mira"], [f"word number {n}" for n in range(500)])()
    assert len(hints.words) <= MAX_WORDS
    assert sum(map(len, hints.words)) <= MAX_CHARS


def test_viewers_are_asked_for_anew_each_time() -> None:
    here = ["Ada"]
    vocabulary = Vocabulary([], [], lambda: here)
    assert vocabulary().words == ("Ada",)
    here.append("Bob")
    assert vocabulary().words == ("Ada", "Bob")
