"""The inbox: verdicts, folding, bounds, fair shares, paid events, retraction, and what holds for every log."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.inbox.clusters import FLOOD_LINES, Folds
from bot.inbox.entries import MAX_COUNTED, MAX_TEXT
from bot.inbox.fair_queue import Rotation
from bot.inbox.inbox import Choice, Inbox, Limits, Offer
from bot.inbox.settings import Weights
from bot.inbox.similarity import distinctive, fold, same
from bot.runtime.ratelimit import RateLimiter
from bot.types import PAID, Author, Kind, Message, Money, Retraction
from moderation.verdict import Action, Verdict
from tests.support.observing import Telling
from tests.support.virtual import virtual

START = 1000.0


@dataclass
class Box:
    """An inbox with a clock that a test moves, and everything that it reported."""

    limits: Limits = field(default_factory=Limits)
    seed: int = 1
    now: float = START

    def __post_init__(self) -> None:
        self.fates: list[tuple[str, str, str]] = []
        self.inbox = Inbox(self.limits, lambda: self.now, random.Random(self.seed), Telling(settled=self._outcome))
        self.made = 0

    def _outcome(self, message: Message, outcome: str, reason: str) -> None:
        self.fates.append((message.id, outcome, reason))

    def put(
        self, text: str, author: str = "ann", kind: Kind = Kind.CHAT, *, addressed: bool = False, name: str = ""
    ) -> Offer:
        self.made += 1
        amount = Money(500, "USD") if kind in PAID else None
        message = Message(name or f"m{self.made}", "test", Author(author, author.title()), text, kind, amount, self.now)
        return self.inbox.offer(message, allow(text), addressed)

    def take(self) -> str | None:
        choice = self.inbox.take_nowait(self.now)
        return choice.messages[0].text if choice else None

    def fate(self, name: str) -> tuple[str, str]:
        (fate,) = [(outcome, reason) for one, outcome, reason in self.fates if one == name]
        return fate


def allow(text: str) -> Verdict:
    return Verdict(Action.ALLOW, (), 0.0, text)


def unlike(number: int) -> str:
    """Return a text that no other number's text is like."""
    return random.Random(number).randbytes(12).hex()


# --- moderation and rates -------------------------------------------------------------------------


def test_blocked_is_refused_with_the_rules_in_words() -> None:
    box = Box()
    message = Message("x", "test", Author("a", "A"), "bad")
    offer = box.inbox.offer(message, Verdict(Action.BLOCK, ("slur", "insult"), 1.0, "bad"))
    assert offer == Offer("refused", "not allowed: slur, insult")
    assert box.fate("x") == ("refused", "not allowed: slur, insult")
    assert box.take() is None


def test_held_waits_for_a_moderator_and_is_never_taken() -> None:
    box = Box()
    offer = box.inbox.offer(Message("x", "test", Author("a", "A"), "hm"), Verdict(Action.HOLD, ("doubt",), 0.5, "hm"))
    assert offer.outcome == "held"
    assert box.fate("x")[0] == "held"
    assert box.take() is None


def test_masked_text_replaces_the_original() -> None:
    box = Box()
    box.inbox.offer(
        Message("x", "test", Author("a", "A"), "call 555"), Verdict(Action.MASK, ("number",), 0.4, "call ***")
    )
    assert box.take() == "call ***"


def test_a_gift_is_taken_but_its_forbidden_words_are_not() -> None:
    box = Box()
    gift = Message("x", "test", Author("a", "A"), "bad words", Kind.SUPER_CHAT, Money(100, "USD"))
    assert box.inbox.offer(gift, Verdict(Action.BLOCK, ("slur",), 1.0, "bad words")).outcome == "queued"
    choice = box.inbox.take_nowait(box.now)
    assert choice is not None
    assert choice.group == "paid"
    assert choice.messages[0].text == ""


def test_a_viewer_who_writes_too_fast_is_slowed_and_recovers() -> None:
    box = Box(Limits(burst=2, refill_per_s=0.5, per_viewer=100))
    assert [box.put(unlike(n)).outcome for n in range(4)] == ["queued", "queued", "dropped", "dropped"]
    assert box.put(unlike(9), "ben").outcome == "queued"
    box.now += 2
    assert box.put(unlike(5)).outcome == "queued"
    assert box.put(unlike(6)).reason == "this viewer writes too fast"


def test_a_million_names_do_not_grow_the_memory_of_viewers() -> None:
    accounts = RateLimiter(1000)
    for n in range(20_000):
        accounts.admit(("test", str(n)), n / 1000, 5, 0.5)
    assert len(accounts) == 1000


def test_a_huge_text_is_cut() -> None:
    box = Box()
    box.put("ab cd " * 1_000_000)
    assert len(box.take() or "") == MAX_TEXT


# --- folding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What game is this?", "what game is this"),
        ("LOOOOOOOL", "lol"),
        ("ＨＥＬＬＯ", "hello"),
        ("ｶﾞﾝﾊﾞﾚ", "ガンバレ"),
        ("😂 😂 😂 😂", "😂😂😂😂😂"),
        ("今天玩什么游戏？", "今天玩什么游戏"),
    ],
)
def test_spellings_of_one_line_have_one_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_the_quick_way_through_ascii_gives_the_same_key(text: str) -> None:
    once = re.sub(r"(.)\1{2,}", r"\1", text.casefold(), flags=re.DOTALL)
    words = re.sub(r"[\W_]+", " ", once).strip()
    assert fold(text) == words or not words


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("please play the new song for us", "pleese play the new song for us", True),
        ("what is the square root of 16", "what is the square root of 25", False),
        ("do you really like cats a lot", "do you really like bikes a lot", False),
        ("can you tell us about the weather", "can you tell us about the weather today", True),
    ],
)
def test_near_duplicates_are_the_same_question_only(one: str, other: str, *, equal: bool) -> None:
    assert same(fold(one), fold(other)) is equal


def test_folds_find_what_is_alike_within_the_window() -> None:
    folds: Folds[int] = Folds(0.9, 2)
    folds.add(1, "please play the new song for us")
    assert folds.find("pleese play the new song for us") == 1
    folds.add(2, "something else entirely")
    folds.add(3, "and a third thing to say")
    assert folds.find("pleese play the new song for us") is None  # out of the window
    assert folds.find("please play the new song for us") == 1  # equal ones are found at any distance
    folds.discard(1)
    assert folds.find("please play the new song for us") is None


def test_many_accounts_with_one_sentence_get_one_answer() -> None:
    box = Box()
    text = "Follow my channel for the best music in town"
    box.put(text, "bot0")
    for n in range(1, 40):
        assert box.put(text.upper() if n % 2 else text + "!!!", f"bot{n}").outcome == "folded"
    choice = box.inbox.take_nowait(box.now)
    assert choice is not None
    assert (choice.viewers, choice.reason) == (
        40,
        "from the chat, asked by 40 viewers, waited 0 s, not answered before",
    )
    assert box.put(text, "bot99").reason == "the same was taken up just now"
    assert box.take() is None


def test_the_count_of_viewers_has_an_end() -> None:
    box = Box(Limits(shield="off"))
    for n in range(MAX_COUNTED + 50):
        box.put("the same sentence from everybody", f"bot{n}")
    (item,) = box.inbox.items(box.now)
    assert item.viewers == MAX_COUNTED
    assert "or more" in item.reason


def test_two_people_may_say_hello_one_after_the_other() -> None:
    box = Box()
    box.put("hello", "ann")
    assert box.take() == "hello"
    assert box.put("hello", "ann").outcome == "folded"
    assert box.put("hello", "ben").outcome == "queued"
    assert not distinctive(fold("hello"))
    assert distinctive(fold("今天你想玩什么游戏"))


def test_the_memory_of_what_was_answered_fades() -> None:
    box = Box(Limits(ttl_s=60))
    box.put("what are you playing right now", "ann")
    box.take()
    box.now += 61
    assert box.put("what are you playing right now", "ben").outcome == "queued"


def test_an_addressed_copy_lifts_the_cluster() -> None:
    box = Box()
    box.put("what is your favourite colour", "ann")
    box.put("what is your favourite colour?", "ben", addressed=True)
    (item,) = box.inbox.items(box.now)
    assert (item.group, item.viewers) == ("addressed", 2)


def test_the_memory_of_what_was_answered_is_bounded() -> None:
    box = Box(Limits(fold_window=5))
    for n in range(50):
        box.put(unlike(n), f"v{n}")
        assert box.take()
    assert len(box.inbox._clusters) == len(box.inbox._clusters.folds) == 5


def test_folding_can_be_switched_off() -> None:
    box = Box(Limits(fold_window=0))
    assert [box.put("hello there", f"v{n}").outcome for n in range(3)] == ["queued"] * 3
    assert box.take() == "hello there"
    assert box.put("hello there", "v9").outcome == "queued"


# --- bounds ---------------------------------------------------------------------------------------


def test_a_viewer_has_so_many_waiting_and_no_more() -> None:
    box = Box(Limits(per_viewer=2, burst=50, fresh_s=0))
    assert [box.put(unlike(n)).outcome for n in range(3)] == ["queued", "queued", "dropped"]


def test_what_a_viewer_writes_newly_takes_the_place_of_their_oldest() -> None:
    box = Box(Limits(per_viewer=2, burst=50))
    assert [box.put(unlike(n)).outcome for n in range(3)] == ["queued"] * 3
    assert box.fate("m1") == ("dropped", "this viewer has written something newer")
    assert len(box.inbox) == 2


def test_what_is_to_the_host_keeps_its_place_and_so_does_what_others_wait_for() -> None:
    box = Box(Limits(per_viewer=2, burst=50))
    box.put(unlike(1), addressed=True)
    box.put("who is the best singer ever")
    box.put("who is the best singer ever", "ben")
    assert box.put(unlike(2)).reason == "2 messages of this viewer wait already"
    assert [fate for fate in box.fates if fate[0] in ("m1", "m2")] == []


def test_who_has_most_waiting_gives_way() -> None:
    for fresh_s, gone in ((6.0, "g0"), (0.0, "g2")):
        box = Box(Limits(size=4, burst=50, fresh_s=fresh_s))
        for n in range(3):
            box.put(unlike(n), "greedy", name=f"g{n}")
        box.put(unlike(10), "ben")
        assert box.put(unlike(11), "cat").outcome == "queued"
        assert box.fate(gone) == ("dropped", "4 messages wait already")


def test_ordinary_chat_never_pushes_out_the_addressed() -> None:
    box = Box(Limits(size=10))
    for n in range(5):
        box.put(unlike(n), f"a{n}", addressed=True)
    for n in range(100):
        box.put(unlike(1000 + n), f"o{n}")
    groups = Counter(item.group for item in box.inbox.items(box.now))
    assert groups == {"addressed": 5, "ordinary": 5}


def test_the_drop_is_drawn_over_viewers_so_that_newcomers_have_a_chance() -> None:
    box = Box(Limits(size=20))
    for n in range(400):
        box.put(unlike(n), f"v{n}")
    numbers = sorted(int(i.message.author.id[1:]) for i in box.inbox.items(box.now))
    assert len(numbers) == 20
    assert numbers[0] < 380  # neither the newest twenty alone
    assert numbers[-1] > 20  # nor the first twenty


def test_paid_events_do_not_count_against_chat_and_have_a_bound_of_their_own() -> None:
    box = Box(Limits(size=2, paid_size=3))
    for n in range(2):
        box.put(unlike(n), f"v{n}")
    for n in range(3):
        assert box.put("", f"giver{n}", Kind.GIFT).outcome == "queued"
    for n in range(3):
        box.put("", "flood", Kind.GIFT, name=f"f{n}")
    assert len(box.inbox) == 5
    assert {box.fate("f1"), box.fate("f2")} == {("dropped", "3 paid messages wait already")}


def test_new_limits_take_hold_at_once() -> None:
    box = Box(Limits(burst=50))
    for n in range(9):
        box.put(unlike(n), f"v{n % 3}")
    box.inbox.update(Limits(size=6, per_viewer=1))
    assert len(box.inbox) == 3
    assert Counter(outcome for _, outcome, _ in box.fates) == {"dropped": 6}


# --- order ----------------------------------------------------------------------------------------


def test_paid_first_and_words_are_due_before_gifts() -> None:
    box = Box()
    box.put("hello", "ann", addressed=True)
    box.put("", "ben", Kind.GIFT)
    box.now += 30
    box.put("a question", "cat", Kind.SUPER_CHAT)
    assert [i.message.author.id for i in box.inbox.items(box.now)] == ["cat", "ben", "ann"]
    assert [box.take() for _ in range(4)] == ["a question", "", "hello", None]


def test_classes_share_the_turns_by_weight() -> None:
    box = Box(Limits(size=1000, weights=Weights(addressed=4, event=2, ordinary=1)))
    for n in range(100):
        box.put(unlike(n), f"a{n}", addressed=True)
        box.put("", f"e{n}", Kind.FOLLOW)
        box.put(unlike(n + 1000), f"o{n}")
    taken = [box.inbox.take_nowait(box.now) for _ in range(70)]
    assert Counter(choice.group for choice in taken if choice) == {"addressed": 40, "event": 20, "ordinary": 10}


def test_a_class_with_nothing_to_say_saves_nothing_up() -> None:
    rotation = Rotation(("a", "b"))
    for _ in range(50):
        assert rotation.next({"a": 0, "b": 1}, {"a": 3, "b": 1}) == "b"
    turns = [rotation.next({"a": 9, "b": 9}, {"a": 3, "b": 1}) for _ in range(8)]
    assert Counter(turns) == {"a": 6, "b": 2}
    weights, leaver = {"a": 4, "b": 1}, Rotation(("a", "b"))
    assert leaver.next({"a": 1, "b": 0}, weights) == "a"  # three more were its due
    assert [leaver.next({"a": 0, "b": 1}, weights) for _ in range(3)] == ["b"] * 3
    assert Counter(leaver.next({"a": 9, "b": 9}, weights) for _ in range(10)) == {"a": 8, "b": 2}


def test_backlogged_viewers_differ_by_at_most_one_answer() -> None:
    box = Box(Limits(per_viewer=10, burst=50))
    for n in range(10):
        for offset, viewer in enumerate(("ann", "ben", "cat")):
            box.put(unlike(3 * n + offset), viewer)
    served: Counter[str] = Counter()
    for _ in range(24):
        choice = box.inbox.take_nowait(box.now)
        assert choice is not None
        served[choice.messages[0].author.id] += 1
        assert max(served.values()) - min(served[v] for v in ("ann", "ben", "cat")) <= 1


def test_the_reason_is_in_words() -> None:
    box = Box()
    box.put("thanks for the stream", "ann", Kind.SUPER_CHAT)
    box.put("hello host", "ben", addressed=True)
    reasons = [i.reason for i in box.inbox.items(box.now)]
    assert reasons == ["paid, due in 60 s", "speaks to the host, not answered before"]
    box.now += 75
    assert box.inbox.items(box.now)[0].reason == "paid, overdue by 15 s"


# --- time, retraction, put back ---------------------------------------------------------------------


def test_what_is_too_old_expires_with_its_reason() -> None:
    box = Box(Limits(ttl_s=60))
    box.put("hello", name="old")
    box.put("", "ben", Kind.GIFT)
    box.now += 61
    choice = box.inbox.take_nowait(box.now)
    assert choice is not None
    assert choice.group == "paid"  # waits for ever
    assert box.fate("old") == ("expired", "not answered within 60 s")


def test_paid_events_expire_only_when_asked_to() -> None:
    box = Box(Limits(paid_ttl_s=100))
    box.put("", kind=Kind.GIFT, name="gift")
    box.now += 101
    box.inbox.expire(box.now)
    assert box.fate("gift")[0] == "expired"


def test_what_arrives_too_old_does_not_get_in() -> None:
    box = Box(Limits(ttl_s=60))
    late = Message("late", "test", Author("a", "A"), "hi", at=START - 61)
    assert box.inbox.offer(late, allow("hi")).outcome == "dropped"
    assert box.fate("late") == ("dropped", "too old when it arrived")


def test_deleted_messages_and_banned_viewers_leave() -> None:
    box = Box(Limits(burst=50))
    box.put("first thing", "ann", name="a1")
    box.put("something else", "ann", name="a2")
    box.put("", "ann", Kind.GIFT, name="a3")
    box.put("from ben", "ben", name="b1")
    assert [m.id for m in box.inbox.retract(Retraction(id="b1"))] == ["b1"]
    assert {m.id for m in box.inbox.retract(Retraction(author="ann"))} == {"a1", "a2", "a3"}
    assert box.take() is None
    assert {outcome for _, outcome, _ in box.fates} == {"dropped"}
    assert box.inbox.retract(Retraction(id="b1")) == []


def test_a_banned_viewer_no_longer_counts_in_a_cluster() -> None:
    box = Box()
    box.put("is this the real sentence", "ann")
    box.put("is this the real sentence", "ben")
    box.inbox.retract(Retraction(author="ben"))
    (item,) = box.inbox.items(box.now)
    assert item.viewers == 1


def test_the_operator_drops_one() -> None:
    box = Box()
    box.put("hello", name="x")
    assert box.inbox.drop("x", "dropped by the operator")
    assert box.fate("x") == ("dropped", "dropped by the operator")
    assert not box.inbox.drop("x", "again")


def test_an_unheard_choice_waits_again_at_its_place() -> None:
    box = Box()
    box.put("", "ann", Kind.GIFT)
    box.put("", "ben", Kind.GIFT)
    first = box.inbox.take_nowait(box.now)
    assert first is not None
    box.now += 5
    box.inbox.put_back(first)
    box.inbox.put_back(first)  # twice is once
    assert len(box.inbox) == 2
    again = box.inbox.take_nowait(box.now)
    assert again is not None
    assert again.messages == first.messages


def test_a_chat_line_put_back_keeps_its_cluster_and_its_turn() -> None:
    box = Box()
    box.put("what is that in the corner", "ann")
    box.put("what is that in the corner", "ben")
    box.put(unlike(1), "cat")
    first = box.inbox.take_nowait(box.now)
    second = box.inbox.take_nowait(box.now)
    assert first is not None
    assert second is not None
    box.inbox.put_back(second)
    box.inbox.put_back(first)
    assert sorted(i.viewers for i in box.inbox.items(box.now)) == [1, 2]
    assert all("not answered before" in i.reason or i.viewers == 2 for i in box.inbox.items(box.now))
    box.now += 61
    box.inbox.put_back(Choice((Message("late", "test", Author("z", "Z"), "late one"),), "ordinary", "", 1, START))
    assert box.fate("late")[0] == "expired"


def test_putting_back_keeps_the_bound_of_the_viewer() -> None:
    box = Box(Limits(per_viewer=2, burst=50))
    for n in range(2):
        box.put(unlike(n), name=f"m{n}")
    choice = box.inbox.take_nowait(box.now)
    assert choice is not None
    box.put(unlike(5), name="newest")
    box.inbox.put_back(choice)
    assert len(box.inbox) == 2
    assert box.fate("newest")[0] == "dropped"


def test_the_same_message_twice_waits_once() -> None:
    box = Box()
    assert box.put("hello", name="x").outcome == "queued"
    assert box.put("hello", name="x").outcome == "dropped"
    assert box.fates == []
    assert len(box.inbox) == 1


@virtual
async def test_what_arrives_is_signalled_at_once_and_what_is_turned_away_is_not() -> None:
    loop = asyncio.get_running_loop()
    inbox = Inbox(Limits(), loop.time, random.Random(1))
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(inbox.arrived.wait(60))
        await asyncio.sleep(1)
        inbox.offer(Message("x", "test", Author("a", "A"), "bad"), Verdict(Action.BLOCK, ("slur",), 1.0, "bad"))
        await asyncio.sleep(1)
        assert not waiting.done()
        inbox.offer(Message("y", "test", Author("a", "A"), "hi"), allow("hi"))
        began = loop.time()
        assert await waiting
    assert loop.time() - began < 0.01


def test_the_operator_drops_one_of_two_platforms_messages_of_one_id() -> None:
    box = Box()
    for source in ("twitch", "bilibili"):
        box.inbox.offer(
            Message("7", source, Author(source, source), f"hello from {source}"), allow(f"hello from {source}")
        )
    assert [m.source for m in box.inbox.drop("7", "dropped", "twitch")] == ["twitch"]
    assert box.take() == "hello from bilibili"


def test_a_viewer_is_forgotten_but_not_what_they_paid() -> None:
    box = Box()
    box.put("what is your favourite game", "ann")
    box.put("take this", "ann", Kind.SUPER_CHAT)
    box.put("what is the weather like", "bo")
    box.inbox.forget("test", "ann")
    assert [fate[1:] for fate in box.fates] == [("dropped", "forgotten at the viewer's wish")]
    assert {box.take(), box.take(), box.take()} == {"take this", "what is the weather like", None}


def test_limits_are_strict() -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate({"sise": 3})
    with pytest.raises(ValidationError):
        Limits.model_validate({"weights": {"adressed": 3}})


# --- what holds for every log -----------------------------------------------------------------------

LIMITS = Limits(size=8, per_viewer=2, paid_size=4, ttl_s=20, burst=3, refill_per_s=0.5, viewers=6, fold_window=6)

VERDICTS = st.sampled_from([Action.ALLOW] * 8 + [Action.MASK, Action.HOLD, Action.BLOCK])
KINDS = st.sampled_from([Kind.CHAT] * 8 + [Kind.GIFT, Kind.SUPER_CHAT, Kind.RAID, Kind.FOLLOW, Kind.HOST])
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["hello", "HELLO!!", "what is your favourite game", "what is your favorite game", "", "😂😂"]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.integers(0, 9), TEXTS, KINDS, VERDICTS, st.booleans()),
        st.tuples(st.just("take")),
        st.tuples(st.just("back")),
        st.tuples(st.just("wait"), st.floats(0, 15)),
        st.tuples(st.just("retract"), st.integers(0, 60)),
        st.tuples(st.just("ban"), st.integers(0, 9)),
        st.tuples(st.just("drop"), st.integers(0, 60)),
        st.tuples(st.just("update"), st.integers(1, 8), st.integers(1, 3)),
    ),
    max_size=80,
)


def play(steps: list[tuple[object, ...]], seed: int = 7) -> list[str]:
    """Play a log, holding every invariant after every step; return the choices in order."""
    box = Box(LIMITS.model_copy(), seed)
    offered: list[Message] = []
    taken: dict[str, Choice] = {}
    gone: set[str] = set()
    chosen: list[str] = []
    last: Choice | None = None
    for step in steps:
        match step:
            case ("offer", int(who), str(text), Kind() as kind, Action() as action, bool(addressed)):
                message = Message(f"m{len(offered)}", "s", Author(f"v{who}", f"V{who}"), text, kind, at=box.now)
                offered.append(message)
                before = len(box.fates)
                offer = box.inbox.offer(message, Verdict(action, ("rule",), 0.5, text), addressed)
                own = [f for f in box.fates[before:] if f[0] == message.id]
                assert [f[1] for f in own] == ([] if offer.outcome == "queued" else [offer.outcome])
                assert offer.reason
                assert not (kind in PAID and offer.outcome in ("refused", "held", "folded"))
            case ("take",):
                waited = len(box.inbox)
                before = len(box.fates)
                last = box.inbox.take_nowait(box.now)
                expired = len(box.fates) - before
                assert (last is not None) == (waited - expired > 0)  # work-conserving
                if last:
                    first = last.messages[0]
                    assert first.paid or box.now - first.at <= box.inbox.limits.ttl_s
                    assert first.id not in gone
                    taken[first.id] = last
                    chosen.append(f"{first.id} {last.group} {last.viewers}")
            case ("back",):
                if last is not None and last.messages[0].id not in gone:
                    taken.pop(last.messages[0].id, None)
                    box.inbox.put_back(last)
                    last = None
            case ("wait", float(seconds)):
                box.now += seconds
            case ("retract", int(number)):
                gone |= {m.id for m in box.inbox.retract(Retraction(id=f"m{number}"))}
            case ("ban", int(who)):
                gone |= {m.id for m in box.inbox.retract(Retraction(author=f"v{who}"))}
            case ("drop", int(number)):
                gone |= {m.id for m in box.inbox.drop(f"m{number}", "operator")}
            case ("update", int(size), int(each)):
                box.inbox.update(LIMITS.model_copy(update={"size": size, "per_viewer": each}))
            case _:
                pytest.fail(f"unknown step {step}")
        items = box.inbox.items(box.now)
        chat = [i for i in items if not i.message.paid]
        assert len(items) == len(box.inbox)
        assert len(chat) <= box.inbox.limits.size
        assert len(items) - len(chat) <= box.inbox.limits.paid_size
        assert max(Counter(i.message.author.id for i in chat).values(), default=0) <= box.inbox.limits.per_viewer
    waiting = {i.message.id for i in box.inbox.items(box.now)}
    ends = Counter(f[0] for f in box.fates)
    for message in offered:  # exactly one end each: taken, waiting, or reported
        assert ends[message.id] + (message.id in taken) + (message.id in waiting) == 1, message
    assert len(box.inbox._clusters) <= box.inbox.limits.fold_window + len(box.inbox)
    assert len(box.inbox._accounts) <= LIMITS.viewers
    return chosen


@given(STEPS)
@settings(max_examples=200, deadline=None)
def test_every_log_keeps_the_promises(steps: list[tuple[object, ...]]) -> None:
    assert play(steps) == play(steps)  # the same log and seed: the same choices


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_key_that_finds_itself(text: str) -> None:
    key = fold(text)
    folds: Folds[int] = Folds(0.9, 10)
    folds.add(1, key)
    assert folds.find(key) == (1 if key else None)
    assert same(key, key)


def test_in_a_flood_lines_that_begin_or_end_alike_are_folded_and_all_others_when_their_turn_comes() -> None:
    now = 0.0
    inbox = Inbox(Limits(size=2000, fold_window=1000, shield="off"), lambda: now, random.Random(1))

    def say(number: int, text: str) -> str:
        message = Message(f"m{number}", "test", Author(f"v{number}", "V"), text, at=now)
        return inbox.offer(message, Verdict(Action.ALLOW, (), 0.0, text)).outcome

    assert say(0, "please play the new song for us") == "queued"
    for number in range(1, FLOOD_LINES):
        now += 0.001
        say(number, f"{unlike(number)}")
    assert say(5001, "please play the new song for us!") == "folded"
    assert say(5002, "pleese play the new song for us") == "folded"
    assert say(5003, "pleese play the new song for uss") == "queued"  # other letters at both ends
    taken = []
    while choice := inbox.take_nowait(now):
        taken.append(choice.messages[0].text)
    assert sum("the new song" in text for text in taken) == 1
    now += 5
    assert say(5004, "pleese play the new songs for us") == "folded"


def test_a_pasted_sentence_is_one_whatever_number_is_put_into_it() -> None:
    box = Box(Limits(shield="off"))
    text = "everybody come over to the channel of the great singer right now, it is number"
    outcomes = [box.put(f"{text} {n * 37}", f"bot{n}").outcome for n in range(20)]
    assert outcomes == ["queued"] + ["folded"] * 19


def test_a_choice_names_a_few_of_those_who_asked() -> None:
    box = Box()
    for name in ("ann", "ben", "cat", "dan", "eve", "fay", "gus"):
        box.put("what is that in the corner", name)
    box.inbox.retract(Retraction(author="ben"))
    choice = box.inbox.take_nowait(box.now)
    assert choice is not None
    assert (choice.viewers, choice.names) == (6, ("Ann", "Cat", "Dan", "Eve"))


def test_what_was_deleted_while_it_was_on_air_is_not_put_back() -> None:
    box = Box()
    box.put("first thing", "ann", name="a1")
    box.put("words with it", "ben", Kind.SUPER_CHAT, name="b1")
    paid, chat = box.inbox.take_nowait(box.now), box.inbox.take_nowait(box.now)
    assert paid is not None
    assert chat is not None
    box.inbox.retract(Retraction(author="ann", reason="banned"))
    box.inbox.retract(Retraction())
    box.inbox.put_back(chat)
    box.inbox.put_back(paid)
    assert box.fate("a1") == ("dropped", "banned")
    assert box.take() == ""  # a payment stays, without its words
    assert box.take() is None


def test_who_comes_back_after_a_ban_may_write_again() -> None:
    box = Box()
    box.inbox.retract(Retraction(author="ann"))
    box.put("hello again", "ann", name="a1")
    choice = box.inbox.take_nowait(box.now)
    assert choice is not None
    box.inbox.put_back(choice)
    assert box.take() == "hello again"
