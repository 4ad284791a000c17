"""What a line votes for, and the count."""

from __future__ import annotations

import json

import pytest

from bot.show.segments import votes
from bot.show.segments.votes import Ballot, Reader

CHOICES = ["Pizza", "拉麵", "iced tea", "tea"]


FIRST = ["1", " 1 ", "1.", "１", "①", "#1", "!vote 1", "1️⃣", "one", "一", "壹", "第一", "no. 1", "A"]
PIZZA = ["pizza", "PIZZA!!", "I vote for pizza", "pizza please", "pizza pizza pizza"]
SECOND = ["2", "2222", "选2", "選二", "我选2", "我要投2号", "兩", "貳", "2番", "二票", "B", "Ｂ", "b!"]
RAMEN = ["拉麵", "拉面", "我要拉麵", "想吃拉面啊"]
NO_VOTES = ["", " ", "5", "0", "-1", "+1", "1 or 2", "12", "hello", "e", "z", "👍", "1" + "0" * 500, "\x00", "三百"]
NO_NAMES = ["pizza or tea", "not pizza", "no pizza", "不要拉面", "pizza " * 100, "pizzazz"]


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        *[(text, 0) for text in (*FIRST, *PIZZA)],
        *[(text, 1) for text in (*SECOND, *RAMEN)],
        ("iced tea", 2),
        ("i want iced tea", 2),
        *[(text, 3) for text in ("tea", "d", "4")],
        *[(text, None) for text in (*NO_VOTES, *NO_NAMES)],
    ],
)
def test_what_a_line_votes_for(text: str, choice: int | None) -> None:
    assert Reader(CHOICES).read(text) == choice


def test_a_choice_that_is_called_like_a_number_or_a_letter_means_itself() -> None:
    reader = Reader(["3", "b", "Team A"])
    assert reader.read("3") == 0
    assert reader.read("b") == 1
    assert reader.read("team a") == 2
    assert reader.read("2") == 1


def test_many_choices_have_numbers_and_letters() -> None:
    reader = Reader([f"choice number {n}x" for n in range(26)])
    assert reader.read("11") == 10
    assert reader.read("十一") == 10
    assert reader.read("z") == 25
    assert reader.read("26") == 25


def test_each_viewer_has_one_vote_and_may_change_it() -> None:
    ballot = Ballot(["a", "b"])
    for viewer, text in (("ana", "1"), ("bob", "1"), ("ana", "2"), ("ana", "2"), ("cho", "hello")):
        ballot.cast(viewer, text)
    assert ballot.counts == [1, 1]
    assert ballot.leaders() == (0, 1)
    assert Ballot(["a", "b"]).leaders() == ()


def test_spam_of_one_viewer_is_one_vote() -> None:
    ballot = Ballot(["a", "b"])
    for _ in range(10_000):
        ballot.cast("ana", "1")
    assert ballot.counts == [1, 0]


def test_a_count_goes_on_after_a_crash() -> None:
    ballot = Ballot(["a", "b", "c"])
    for number in range(100):
        ballot.cast(f"viewer {number}", str(number % 3 + 1))
    after = Ballot(["a", "b", "c"], json.loads(json.dumps(ballot.pack())))
    assert after.counts == [34, 33, 33]
    after.cast("viewer 0", "2")
    assert after.counts == [33, 34, 33]


def test_fifty_thousand_voters_are_counted_exactly_and_remembered_in_little() -> None:
    ballot = Ballot(["a", "b"])
    for number in range(50_000):
        ballot.cast(f"viewer {number}", "1" if number % 5 else "2")
    assert ballot.counts == [40_000, 10_000]
    packed = json.dumps(ballot.pack())
    assert len(packed) <= 50_000
    after = Ballot(["a", "b"], json.loads(packed))
    for number in range(50_000):
        after.cast(f"viewer {number}", "2")
    assert after.counts == [40_000, 10_000], "nobody votes twice"
    for number in range(1000):
        after.cast(f"new {number}", "2")
    assert 10_800 < after.counts[1] <= 11_000
    assert len(json.dumps(after.pack())) <= 50_000


def test_voters_beyond_what_is_kept_one_by_one_may_change_their_vote_until_a_crash() -> None:
    ballot = Ballot(["a", "b"])
    for number in range(votes.ONE_BY_ONE + 100):
        ballot.cast(f"viewer {number}", "1")
    ballot.pack()
    ballot.cast("viewer 7", "2")
    assert ballot.counts == [votes.ONE_BY_ONE + 99, 1]


@pytest.mark.parametrize(
    "packed",
    [
        {"counts": "x"},
        {"counts": [1]},
        {"counts": [1, 1], "votes": "!!!"},
        {"counts": [1, 1], "votes": "QUJD"},
        {"counts": [1, 1], "voted": "QUJD"},
        {"counts": [1, None]},
    ],
)
def test_a_broken_memory_begins_anew(packed: dict[str, object]) -> None:
    ballot = Ballot(["a", "b"], packed)
    ballot.cast("ana", "2")
    assert ballot.counts == [0, 1]
