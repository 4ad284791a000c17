"""Thanks: runs of gifts get one, several viewers share one, and nothing paid is lost or thanked twice."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.inbox.inbox import Choice, Inbox, Limits
from bot.inbox.payments import MAX_PASSED, MAX_SHARING, combined
from bot.types import Author, Evidence, Kind, Message, Money, Retraction
from moderation import Action, Verdict
from tests.support.observing import Telling

ALLOWED = Verdict(Action.ALLOW, (), 0.0, "")


class Box:
    def __init__(self, limits: Limits | None = None) -> None:
        self.now = 1000.0
        self.fates: list[tuple[str, str]] = []
        self.inbox = Inbox(
            limits or Limits(),
            lambda: self.now,
            random.Random(3),
            Telling(settled=lambda m, o, _r: self.fates.append((m.id, o))),
        )
        self.count = 0

    def gift(self, viewer: str, item: str = "Rose", combo: str = "", n: int = 1, text: str = "") -> str:
        self.count += 1
        evidence = Evidence("SEND_GIFT", Money(10 * n, "BATTERY"), item, n, combo=combo)
        message = Message(
            f"g{self.count}", "bilibili", Author(viewer, viewer), text, Kind.GIFT, Money(100 * n, "CNY"),
            evidence=evidence,
        )  # fmt: skip
        self.inbox.offer(message, replace(ALLOWED, text=text))
        return message.id

    def take(self) -> Choice | None:
        return self.inbox.take_nowait(self.now)


def test_a_combo_is_thanked_once_when_it_is_over() -> None:
    box = Box()
    for _ in range(20):
        box.gift("ann", combo="c1")
        box.now += 0.5
        assert box.take() is None
    box.now += 3
    choice = box.take()
    assert choice is not None
    assert len(choice.messages) == 20
    whole = combined(choice.messages)
    assert whole.amount == Money(2000, "CNY")
    assert whole.evidence is not None
    assert (whole.evidence.count, whole.evidence.units) == (20, Money(200, "BATTERY"))
    assert box.take() is None


def test_an_endless_combo_is_thanked_all_the_same() -> None:
    box = Box()
    taken = 0
    for _ in range(300):
        box.gift("ann", combo="c1")
        box.now += 0.2
        if choice := box.take():
            taken += len(choice.messages)
    assert taken >= 200


def test_different_gifts_of_one_viewer_are_different_thanks() -> None:
    box = Box()
    box.gift("ann", "Rose")
    box.gift("ann", "Rocket")
    box.now += 4
    first, second = box.take(), box.take()
    assert first is not None
    assert second is not None
    assert {c.messages[0].evidence.item for c in (first, second) if c.messages[0].evidence} == {"Rose", "Rocket"}


def test_words_are_never_swallowed_by_a_run() -> None:
    box = Box()
    box.gift("ann", combo="c1")
    box.gift("ann", combo="c1", text="say hi to my cat")
    box.now += 4
    texts = [c.messages[0].text for c in (box.take(), box.take()) if c]
    assert sorted(texts) == ["", "say hi to my cat"]


def test_many_viewers_share_a_sentence() -> None:
    box = Box()
    for n in range(10):
        box.gift(f"v{n}")
    box.now += 4
    choice = box.take()
    assert choice is not None
    assert choice.viewers == MAX_SHARING
    rest = box.take()
    assert rest is not None
    assert {m.author.id for m in choice.messages}.isdisjoint({m.author.id for m in rest.messages})


def test_the_wait_for_the_end_of_a_run_is_told() -> None:
    box = Box()
    assert box.inbox.ripe_in(box.now) is None
    box.gift("ann")
    assert box.inbox.ripe_in(box.now) == pytest.approx(3)
    box.now += 3
    assert box.inbox.ripe_in(box.now) == 0


def test_what_is_overdue_is_told_oldest_first() -> None:
    box = Box(Limits(gift_due_s=60))
    first = box.gift("ann")
    box.now += 10
    second = box.gift("ben")
    box.now += 55
    assert [i.message.id for i in box.inbox.overdue(box.now)] == [first]
    box.now += 60
    assert [i.message.id for i in box.inbox.overdue(box.now)] == [first, second]


def test_a_ban_takes_out_the_gifts_and_a_cleared_chat_only_their_words() -> None:
    box = Box()
    box.gift("ann")
    box.gift("ben", text="words that were cleared")
    box.inbox.retract(Retraction("bilibili", author="ann"))
    box.inbox.retract(Retraction("bilibili"))
    box.now += 4
    choice = box.take()
    assert choice is not None
    assert (choice.messages[0].author.id, choice.messages[0].text) == ("ben", "")
    assert box.take() is None


def test_a_deletion_on_one_platform_leaves_the_other_alone() -> None:
    box = Box()
    kept = box.gift("ann")
    assert box.inbox.retract(Retraction("twitch", author="ann")) == []
    assert box.inbox.retract(Retraction("twitch", id=kept)) == []
    assert box.inbox.retract(Retraction("twitch")) == []
    assert len(box.inbox) == 1


def test_the_sum_of_what_cannot_be_added_is_unknown() -> None:
    one = Message("1", "x", Author("a", "a"), "", Kind.GIFT, Money(5, "USD"), evidence=Evidence("e"))
    other = replace(one, id="2", amount=Money(5, "CNY"))
    assert combined([one, other]).amount is None
    assert combined([one, replace(one, amount=None)]).amount is None
    assert combined([one]) is one


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("gift"), st.integers(0, 7), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("wait"), st.integers(0, 7)),
        st.tuples(st.just("take")),
        st.tuples(st.just("back")),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_every_payment_is_thanked_exactly_once(events: list[tuple[object, ...]]) -> None:
    box = Box()
    given_, thanked = Counter[str](), Counter[str]()
    last: Choice | None = None
    for event in events:
        match event:
            case ("gift", viewer, item, words):
                given_[box.gift(f"v{viewer}", f"i{item}", text="hello there" if words else "")] += 1
            case ("wait", int(seconds)):
                box.now += seconds
            case ("take",):
                if choice := box.take():
                    last = choice
                    thanked.update(m.id for m in choice.messages)
            case ("back",):
                if last is not None:
                    thanked.subtract(m.id for m in last.messages)
                    box.inbox.put_back(last)
                    last = None
    box.now += 1000
    while choice := box.take():
        thanked.update(m.id for m in choice.messages)
    assert +thanked == given_
    assert not box.fates


def backlog(box: Box, words: int, gifts: int) -> tuple[list[str], list[str]]:
    """Let payments of as many viewers come at once, of four kinds as platforms have them."""
    texts = [box.gift(f"w{n}", text=f"question {n}") for n in range(words)]
    kinds = (Kind.SUPER_CHAT, Kind.GIFT, Kind.CHEER, Kind.SUB)
    bare = []
    for n in range(gifts):
        message = Message(f"b{n}", "twitch", Author(f"b{n}", f"b{n}"), "", kinds[n % 4], Money(500, "USD"))
        box.inbox.offer(message, replace(ALLOWED, text=""))
        bare.append(message.id)
    return texts, bare


def test_gifts_without_words_do_not_wait_behind_a_backlog_with_words() -> None:
    box = Box()
    texts, bare = backlog(box, 160, 80)
    thanked: dict[str, float] = {}
    while (choice := box.take()) is not None:
        thanked.update((message.id, box.now - 1000) for message in choice.messages)
        box.now += 4
        if box.now < 1200:  # more words come than can be answered
            texts.append(box.gift(f"late{box.now}", text="and what of me?"))
    assert sorted(thanked) == sorted(texts + bare)
    last = max(thanked[one] for one in bare)
    assert last <= 120 + math.ceil(len(bare) / MAX_SHARING) * (MAX_PASSED + 1) * 4 + 4
    assert min(thanked[one] for one in bare) >= 60, "before they are late, words go first"


def test_words_do_not_wait_behind_a_flood_of_gifts() -> None:
    box = Box()
    thanked: dict[str, float] = {}
    asked: dict[str, float] = {}
    for turn in range(200):
        for n in range(20):
            box.gift(f"v{turn}-{n}", item=f"i{n}")
        if turn % 10 == 5:
            asked[box.gift(f"w{turn}", text="say hi")] = box.now
        box.now += 4
        if choice := box.take():
            thanked.update((message.id, box.now) for message in choice.messages)
    waits = [thanked[one] - asked[one] for one in list(asked)[:18]]
    assert max(waits) <= 60 + (MAX_PASSED + 1) * 4 + 4


def test_late_gifts_of_one_viewer_are_thanked_for_at_once() -> None:
    box = Box()
    for n in range(30):
        box.gift("ann", item=f"i{n % 7}")
    box.gift("ann", text="hello")
    box.now += 130
    counts = [len(choice.messages) for choice in (box.take(), box.take()) if choice]
    assert sorted(counts) == [1, 30]
    assert box.take() is None


def test_a_payment_without_evidence_shares_its_thanks_as_well() -> None:
    box = Box()
    for n in range(12):
        message = Message(f"m{n}", "twitch", Author(f"v{n}", f"v{n}"), "", Kind.CHEER, Money(100, "BITS"))
        box.inbox.offer(message, replace(ALLOWED, text=""))
    choice = box.take()
    assert choice is not None
    assert choice.viewers == MAX_SHARING
