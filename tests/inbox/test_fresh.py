"""Freshness: in a flood the host answers what is being talked about now, and is as fair as before."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.inbox.fair_queue import FairQueue
from bot.inbox.inbox import Inbox, Limits
from bot.types import PAID, Author, Kind, Message, Money, Viewer
from moderation.verdict import Action, Verdict
from tests.support.observing import Telling

OPEN = Limits(per_viewer=100, burst=1000, refill_per_s=1000, fold_window=0, shield="off")


@dataclass
class Chat:
    """An inbox with a clock, what it answered, and what it settled."""

    limits: Limits
    seed: int = 1
    now: float = 1000.0
    made: int = 0
    ages: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self.rng = random.Random(self.seed)
        telling = Telling(settled=lambda m, _o, _r: self.ends.update([m.id]))
        self.inbox = Inbox(self.limits, lambda: self.now, random.Random(self.seed + 1), telling)

    def say(self, who: str, kind: Kind = Kind.CHAT, *, aside: bool = False, addressed: bool = False) -> str:
        self.made += 1
        text = self.rng.randbytes(12).hex()
        money = Money(100, "USD") if kind in PAID else None
        message = Message(f"m{self.made}", "t", Author(who, who), text, kind, money, self.now, aside=aside)
        self.inbox.offer(message, Verdict(Action.ALLOW, (), 0.0, text), addressed)
        return message.id

    def take(self) -> Message | None:
        choice = self.inbox.take_nowait(self.now)
        if choice is None:
            return None
        message = choice.messages[0]
        self.answers[message.author.id] += 1
        if not message.paid:
            self.ages.append(self.now - message.at)
        return message

    def flood(self, viewers: int, turn_s: float, seconds: int, rate: int = 200) -> None:
        due = self.now
        for number in range(seconds * rate):
            self.now = 1000.0 + number / rate
            self.say(str(self.rng.randrange(viewers)))
            while due <= self.now:
                due += turn_s
                self.take()


@pytest.mark.parametrize(("viewers", "turn_s"), [(1, 3.0), (40, 3.0), (5000, 0.5), (5000, 3.0)])
def test_in_a_flood_the_answers_are_to_what_was_just_said(viewers: int, turn_s: float) -> None:
    chat = Chat(OPEN)
    chat.flood(viewers, turn_s, 70)
    assert statistics.median(chat.ages) <= 10


def test_those_who_wait_all_the_time_have_equally_many_answers() -> None:
    chat = Chat(OPEN)
    chat.flood(40, 0.2, 60)
    assert max(chat.answers.values()) - min(chat.answers.values()) <= 2, "two of them were there before the others"


def test_one_who_waits_for_an_answer_without_writing_again_gets_it_in_the_round() -> None:
    chat = Chat(OPEN.model_copy(update={"ttl_s": 600.0, "size": 1000}))
    chat.say("patient")
    for _ in range(200):
        chat.now += 0.5
        for _ in range(3):
            chat.say(f"regular{chat.rng.randrange(30)}")
        if (message := chat.take()) and message.author.id == "patient":
            return
    pytest.fail("nobody came back to the one who waited")


def test_a_fresh_line_is_drawn_more_often_than_an_old_one_and_never_with_certainty() -> None:
    first = Counter[str]()
    for seed in range(600):
        chat = Chat(OPEN.model_copy(update={"fresh_s": 10.0}), seed)
        chat.say("old")
        chat.now += 10.0
        chat.say("new")
        first[chat.take().author.id] += 1  # type: ignore[union-attr]
    assert 0.6 < first["new"] / 600 < 0.73, "two to one after one half-life"


def test_with_zero_the_age_counts_for_nothing() -> None:
    first = Counter[str]()
    for seed in range(600):
        chat = Chat(OPEN.model_copy(update={"fresh_s": 0.0}), seed)
        chat.say("old")
        chat.now += 30.0
        chat.say("new")
        first[chat.take().author.id] += 1  # type: ignore[union-attr]
    assert 0.42 < first["new"] / 600 < 0.58


def test_a_line_to_another_viewer_is_drawn_less_often() -> None:
    first = Counter[str]()
    for seed in range(600):
        chat = Chat(OPEN, seed)
        chat.say("aside", aside=True)
        chat.say("host")
        first[chat.take().author.id] += 1  # type: ignore[union-attr]
    assert 0.14 < first["aside"] / 600 < 0.27, "one to four"


def test_of_several_lines_of_a_viewer_the_first_of_the_latest_ones_is_answered() -> None:
    chat = Chat(OPEN)
    chat.say("ann")
    chat.now += 20
    question, after = chat.say("ann"), chat.say("ann")
    assert [chat.take().id for _ in range(2)] == [question, after]  # type: ignore[union-attr]


def test_the_age_of_a_line_to_the_host_does_not_count() -> None:
    first = Counter[str]()
    for seed in range(300):
        chat = Chat(OPEN, seed)
        chat.say("old", addressed=True)
        chat.now += 40
        chat.say("new", addressed=True)
        first[chat.take().author.id] += 1  # type: ignore[union-attr]
    assert 0.4 < first["old"] / 300 < 0.6


def test_another_half_life_counts_at_once() -> None:
    chat = Chat(OPEN.model_copy(update={"fresh_s": 0.0}))
    for n in range(50):
        chat.say(f"old{n}")
    chat.now += 30
    chat.say("new")
    chat.inbox.update(chat.limits.model_copy(update={"fresh_s": 0.5}))
    assert chat.take().author.id == "new"  # type: ignore[union-attr]


@given(
    st.lists(
        st.tuples(st.sampled_from(["say", "paid", "host", "wait", "take"]), st.integers(0, 6), st.floats(0, 20)),
        max_size=150,
    ),
    st.sampled_from([0.0, 0.5, 6.0, 60.0]),
    st.integers(0, 2**16),
)
@settings(max_examples=80, deadline=None)
def test_nothing_is_lost_and_a_payment_always_comes(
    log: list[tuple[str, int, float]], fresh_s: float, seed: int
) -> None:
    chat = Chat(Limits(size=5, per_viewer=2, fresh_s=fresh_s, shield="off"), seed)
    said: set[str] = set()
    paid: set[str] = set()
    taken: Counter[str] = Counter()
    for what, who, seconds in log:
        if what == "wait":
            chat.now += seconds
        elif what == "take":
            taken.update([message.id] if (message := chat.take()) else [])
        elif what == "paid":
            paid.add(chat.say(f"v{who}", Kind.SUPER_CHAT))
        else:
            said.add(chat.say(f"v{who}", addressed=what == "host"))
    chat.now += 1000
    while message := chat.take():
        taken[message.id] += 1
    assert paid <= taken.keys(), "a payment is answered however much is said"
    assert {one: chat.ends[one] + taken[one] for one in said | paid} == dict.fromkeys(said | paid, 1)


@dataclass
class Entry:
    """What waits in a queue."""

    viewer: Viewer
    seq: int
    arrived: float
    weight: float = 1.0
    doubt: bool = False


def test_a_weight_that_changes_counts_at_once() -> None:
    first = Counter[str]()
    for seed in range(400):
        queue: FairQueue[Entry] = FairQueue(random.Random(seed))
        heavy, light = Entry(("t", "heavy"), 1, 0.0), Entry(("t", "light"), 2, 0.0)
        queue.add(heavy)
        queue.add(light)
        heavy.weight = 9.0
        queue.weigh(heavy.viewer)
        first[queue.next().viewer[1]] += 1
    assert 0.85 < first["heavy"] / 400 < 0.95
