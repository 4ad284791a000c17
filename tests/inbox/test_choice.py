"""Whom the host answers: what must hold for every chat, each promise on chats that are made up."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.inbox.inbox import Inbox, Limits
from bot.types import Author, Evidence, Kind, Message, Money
from moderation.verdict import Action, Verdict
from tests.support.observing import Telling


class Chat:
    """An inbox, and a chat that writes to it."""

    def __init__(self, limits: Limits, seed: int = 1) -> None:
        self.now, self.made = 1000.0, 0
        self.fates: Counter[str] = Counter()
        self.inbox = Inbox(
            limits, lambda: self.now, random.Random(seed), Telling(settled=lambda m, _o, _r: self.fates.update([m.id]))
        )

    def say(
        self, viewer: str, text: str = "", kind: Kind = Kind.CHAT, *, addressed: bool = False, doubt: bool = False
    ) -> str:
        """Write one line; without a text, one that is like no other."""
        self.made += 1
        text = text or (random.Random(self.made).randbytes(12).hex() if kind is Kind.CHAT else "")
        paid = Evidence("PAID", Money(1, "BATTERY"), "Rose") if kind is Kind.GIFT else None
        author = Author(viewer, viewer)
        message = Message(f"m{self.made}", "test", author, text, kind, at=self.now, evidence=paid)
        self.inbox.offer(message, Verdict(Action.ALLOW, (), 0.0, text, doubt=doubt), addressed)
        return message.id


WIDE = Limits(size=500, per_viewer=100, burst=1000, ttl_s=3600, shield="off")


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=120),
    st.integers(2, 5),
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_two_viewers_who_always_wait_differ_by_one_answer_at_most(
    others: list[tuple[int, int]], backlogged: int, seed: int
) -> None:
    """Whoever else comes and goes between the turns, new names and old, and whichever other class is served."""
    chat = Chat(WIDE, seed)
    served = Counter({f"b{n}": 0 for n in range(backlogged)})
    for name in served:
        chat.say(name)
    for new, old in others:
        for _ in range(new):
            chat.say(f"new{chat.made}")
        if old:
            chat.say(f"o{old}", addressed=old == 1)
        choice = chat.inbox.take_nowait(chat.now)
        assert choice is not None
        author = choice.messages[0].author.id
        if author in served:
            served[author] += 1
            chat.say(author)  # waits again at once
        assert max(served.values()) - min(served.values()) <= 1


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_a_stream_of_new_names_shuts_nobody_out(waiting: int, new_each: int, seed: int) -> None:
    """A viewer who was answered comes again within two rounds of all who waited, however many come after."""
    chat = Chat(WIDE.model_copy(update={"size": 10_000}), seed)
    chat.say("ann")
    choice = chat.inbox.take_nowait(chat.now)
    assert choice is not None
    for n in range(waiting):
        chat.say(f"early{n}")
    chat.say("ann")
    within, crowd, turns = 0.0, waiting + 1, 0
    while within < 1.0:  # the round takes newcomers until it has lasted as many turns as there are viewers
        within += 1.0 / crowd
        crowd += new_each
        turns += 1
        if turns > 400:  # the crowd grows faster than any host answers: the promise is about those who wait
            return
    for _ in range(turns + crowd + 2):
        chosen = chat.inbox.take_nowait(chat.now)
        assert chosen is not None
        if chosen.messages[0].author.id == "ann":
            return
        for _ in range(new_each):
            chat.say(f"new{chat.made}")
    raise AssertionError("ann waits for ever")


@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.sampled_from([Kind.SUPER_CHAT, Kind.GIFT, Kind.SUB]), st.booleans()),
        max_size=60,
    ),
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_every_payment_is_answered_within_its_bound(events: list[tuple[float, Kind, bool]], seed: int) -> None:
    """At most ten payments in any minute, a host that needs 5 s a turn, and a chat that never pauses."""
    limits = Limits(words_due_s=60, gift_due_s=120)
    chat = Chat(limits, seed)
    arrivals: list[float] = []
    for gap, _, _ in events:
        at = (arrivals[-1] if arrivals else chat.now) + gap
        arrivals.append(max(at, arrivals[-10] + 60) if len(arrivals) >= 10 else at)
    due: dict[str, float] = {}
    todo = list(zip(arrivals, events, strict=True))
    answered: set[str] = set()
    end = (arrivals[-1] if arrivals else chat.now) + 200
    turn_at = chat.now
    while chat.now < end:
        chat.now = min(todo[0][0], turn_at) if todo else turn_at
        if todo and todo[0][0] <= chat.now:
            _, (_, kind, words) = todo.pop(0)
            text = f"words {chat.made}" if words or kind is Kind.SUPER_CHAT else ""
            name = chat.say(f"payer{chat.made % 7}", text, kind)
            due[name] = chat.now + (limits.words_due_s if text else limits.gift_due_s)
            continue
        turn_at += 5
        for n in range(3):
            chat.say(f"viewer{n}", addressed=n == 0)
        choice = chat.inbox.take_nowait(chat.now)
        assert choice is not None
        for message in choice.messages:
            if message.paid:
                assert chat.now <= due[message.id]
                answered.add(message.id)
    assert answered == due.keys()
    assert not chat.fates.keys() & due.keys()


VARIANTS = st.sampled_from(["", "!", "!!!", " 😂", "?"])


@given(
    st.lists(st.tuples(st.integers(0, 200), VARIANTS, st.booleans()), min_size=1, max_size=80),
    st.sampled_from(
        [
            "Follow my channel for the best music in town",
            "大家快来关注我的频道看最新的视频",
            "who is the best singer ever",
        ]
    ),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_accounts_with_one_text_get_one_answer(
    lines: list[tuple[int, str, bool]], text: str, shield: bool
) -> None:  # fmt: skip
    """However many accounts paste it, before it is answered and right after."""
    chat = Chat(Limits(shield="auto" if shield else "off"))
    answers = 0
    for number, (account, variant, take) in enumerate(lines):
        chat.now += 0.2
        pasted = text.upper() if number % 3 else text
        chat.say(f"bot{account}", pasted + variant)
        if take and (choice := chat.inbox.take_nowait(chat.now)):
            answers += 1
            assert choice.viewers <= len({who for who, _, _ in lines})
    while chat.inbox.take_nowait(chat.now):
        answers += 1
    assert answers == 1


@given(st.integers(1, 30), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_remains_when_there_is_no_room_does_not_depend_on_how_much_one_writes(size: int, seed: int) -> None:
    """The viewers that keep a place are the same, whether some of them write once or again and again."""

    def remaining(times: int) -> set[str]:
        chat = Chat(Limits(size=size, per_viewer=3, burst=1000, shield="off"), seed)
        for _ in range(times):
            for n in range(60):
                for _ in range(1 + 2 * (n < 20) if times > 1 else 1):
                    chat.say(f"v{n}")
        return {item.message.author.id for item in chat.inbox.items(chat.now)}

    assert remaining(1) == remaining(4)
    assert len(remaining(1)) == size


def test_a_cluster_draws_more_often_but_only_up_to_a_cap() -> None:
    def share(accounts: int) -> float:
        wins = 0
        for seed in range(300):
            chat = Chat(Limits(shield="off"), seed)
            for n in range(accounts):
                chat.say(f"bot{n}", "who is the best singer ever")
            for n in range(19):
                chat.say(f"v{n}")
            choice = chat.inbox.take_nowait(chat.now)
            assert choice is not None
            wins += choice.viewers > 1
        return wins / 300

    assert 0.15 < share(5) < 0.28  # 5 of 24
    assert abs(share(10) - share(200)) < 0.1  # 10 of 29, both


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=100), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_the_same_log_and_seed_give_the_same_choices(log: list[tuple[int, bool]], seed: int) -> None:
    def choices() -> list[str]:
        chat = Chat(Limits(size=5, shield="on"), seed)
        out = []
        for viewer, take in log:
            chat.now += 0.5
            chat.say(f"v{viewer}")
            if take and (choice := chat.inbox.take_nowait(chat.now)):
                out.append(choice.messages[0].id)
        return out

    assert choices() == choices()


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.booleans()), max_size=60), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_what_is_in_doubt_waits_for_all_else_of_its_class(said: list[tuple[int, bool, bool]], seed: int) -> None:
    chat = Chat(WIDE, seed)
    doubtful: set[str] = set()
    waiting: dict[str, set[str]] = {"addressed": set(), "ordinary": set()}
    for viewer, addressed, doubt in said:
        name = chat.say(f"v{viewer}", addressed=addressed, doubt=doubt)
        waiting["addressed" if addressed else "ordinary"].add(name)
        doubtful |= {name} if doubt else set()
    while choice := chat.inbox.take_nowait(chat.now):
        (message,) = choice.messages
        assert choice.doubt is (message.id in doubtful)
        assert not choice.doubt or waiting[choice.group] <= doubtful, "something sure waits"
        waiting[choice.group].remove(message.id)
    assert not any(waiting.values())


def test_without_the_chat_payments_and_events_are_taken_alone() -> None:
    chat = Chat(WIDE)
    for kind in (Kind.CHAT, Kind.FOLLOW, Kind.GIFT, Kind.CHAT):
        chat.say(f"v{chat.made}", kind=kind, addressed=chat.made > 2)
    chat.now += 60
    taken = []
    while choice := chat.inbox.take_nowait(chat.now, chat=False):
        taken.append(choice.messages[0].kind)
    assert sorted(taken) == [Kind.FOLLOW, Kind.GIFT]
    assert len(chat.inbox) == 2


def test_what_is_put_back_is_still_in_doubt() -> None:
    chat = Chat(WIDE)
    chat.say("eve", doubt=True)
    choice = chat.inbox.take_nowait(chat.now)
    assert choice is not None
    chat.inbox.put_back(choice)
    assert [item.doubt for item in chat.inbox.items(chat.now)] == [True]
