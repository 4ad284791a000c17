"""The newest lines: counting letters first must not lose a line that comparing letter by letter would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from bot.inbox.similarity import MAX_KEY, Nearest

WORDS = ["what", "game", "is", "this", "今天", "玩什么", "loool", "7", "𝒢", "\ud800"]
KEYS = st.one_of(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), st.text(max_size=60)).filter(bool)


@given(st.lists(KEYS, max_size=30), KEYS, st.sampled_from([0.3, 0.8, 0.9, 1.0]), st.integers(0, 8))
def test_what_is_alike_is_what_the_comparison_of_every_pair_finds(
    keys: list[str], key: str, similarity: float, window: int
) -> None:
    nearest: Nearest[int] = Nearest(similarity, window)
    for number, other in enumerate(keys):
        nearest.add(number, other)
        if number % 3 == 0:
            nearest.discard(number - 1)
    kept: dict[int, str] = {}  # the same, as a list of pairs would do it
    for number, other in enumerate(keys):
        kept[number] = other
        while len(kept) > window:
            del kept[next(iter(kept))]
        if number % 3 == 0:
            kept.pop(number - 1, None)
    scores = {number: fuzz.ratio(key, other, score_cutoff=100 * similarity) for number, other in kept.items()}
    alike = sorted((number for number, score in scores.items() if score > 0), key=lambda n: (-scores[n], n))
    assert nearest.find_alike(key, 4) == [(kept[number], number) for number in alike[:4]]
    assert len(nearest) == len(kept)


def test_a_line_is_replaced_and_filled_anew() -> None:
    nearest: Nearest[str] = Nearest(0.9, 3)
    nearest.add("a", "the first of all")
    nearest.add("a", "another line now")
    assert nearest.find_alike("the first of all", 4) == []
    assert nearest.find_alike("another line now", 4) == [("another line now", "a")]
    nearest.fill((str(number), f"this is line number {number}") for number in range(5))
    assert [handle for _, handle in nearest.find_alike("this is line number", 9)] == ["2", "3", "4"]


def test_the_longest_keys_are_told_apart() -> None:
    nearest: Nearest[int] = Nearest(0.9, 2)
    nearest.add(1, "a" * MAX_KEY)
    nearest.add(2, "b" * MAX_KEY)
    assert nearest.find_alike("a" * MAX_KEY, 4) == [("a" * MAX_KEY, 1)]
