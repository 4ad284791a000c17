"""The shield: what raises it and what does not, whom it thins out, and that it comes down by itself."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.inbox.inbox import Inbox, Limits
from bot.types import Author, Kind, Message, Money, Role
from moderation.verdict import Action, Verdict
from tests.support.observing import Telling

RAID_TEXT = "come and watch the better streamer over on the other channel now"
WORDS = "tea rain lamp sea story night game song cat dog moon boat hill bird bread snow wind tree".split()


@dataclass
class Chat:
    """A chat that has been going for a while: thirty regulars who write all kinds of things."""

    limits: Limits = field(default_factory=Limits)
    warm: bool = True

    def __post_init__(self) -> None:
        self.now, self.made = 1000.0, 0
        self.rng = random.Random(3)
        self.fates: dict[str, tuple[str, str]] = {}
        self.inbox = Inbox(self.limits, lambda: self.now, random.Random(1), Telling(settled=self._outcome))
        for _ in range(600 if self.warm else 0):
            self.now += 0.5
            self.say(f"known{self.rng.randrange(30)}")
            self.inbox.take_nowait(self.now)

    def _outcome(self, message: Message, outcome: str, reason: str) -> None:
        self.fates[message.id] = (outcome, reason)

    def say(
        self,
        viewer: str,
        text: str = "",
        kind: Kind = Kind.CHAT,
        roles: frozenset[Role] = frozenset(),
        action: Action = Action.ALLOW,
    ) -> str:
        """Write a line; without a text, a new one. Give its outcome."""
        self.made += 1
        text = text or " ".join(self.rng.choices(WORDS, k=7))
        amount = Money(500, "USD") if kind is Kind.SUPER_CHAT else None
        message = Message(f"m{self.made}", "test", Author(viewer, viewer, roles), text, kind, amount, self.now)
        return self.inbox.offer(message, Verdict(action, (), 0.0, text)).outcome

    def raid(self, lines: int = 300, per_s: float = 30, text: str = RAID_TEXT, tag: str = "bot") -> Counter[str]:
        """Let new accounts write one text."""
        out: Counter[str] = Counter()
        for _ in range(lines):
            self.now += 1 / per_s
            self.made += 1
            out[self.say(f"{tag}{self.made}", f"{text} {'!' * self.rng.randrange(4)}")] += 1
        return out

    @property
    def raised(self) -> bool:
        return self.inbox.shield.report(self.now).state == "raised"


def test_an_ordinary_chat_raises_nothing() -> None:
    chat = Chat()
    assert not chat.raised
    assert chat.inbox.shield.report(chat.now).reason == "no sign of a hostile raid"


def test_a_raid_of_new_accounts_with_one_text_raises_the_shield_and_is_answered_once() -> None:
    chat = Chat()
    chat.raid()
    assert chat.raised
    answers = []
    while choice := chat.inbox.take_nowait(chat.now):
        answers.append(choice.messages[0].text)
    assert sum(RAID_TEXT in text for text in answers) == 1
    for _ in range(4):  # it goes on for longer than anything is remembered otherwise
        chat.raid(lines=900)
        while choice := chat.inbox.take_nowait(chat.now):
            assert RAID_TEXT not in choice.messages[0].text


def test_new_viewers_are_thinned_and_nobody_else() -> None:
    chat = Chat()
    chat.raid()
    new = Counter(chat.say(f"new{n}") for n in range(200))
    assert new["dropped"] > 150
    reasons = {reason.split(",")[0] for outcome, reason in chat.fates.values() if outcome == "dropped"}
    assert "shield: many new viewers write at once" in reasons
    assert chat.say("known1") == "queued"
    assert chat.say("stranger", roles=frozenset({Role.SUBSCRIBER})) == "queued"
    assert chat.say("payer", kind=Kind.SUPER_CHAT) == "queued"
    assert chat.say("follower", kind=Kind.FOLLOW) == "queued"


def test_a_viewer_is_let_through_or_not_however_much_they_write() -> None:
    chat = Chat()
    chat.raid()
    outcomes = {n: {chat.say(f"new{n}") for _ in range(8)} for n in range(100)}
    assert sum("dropped" in seen and len(seen) == 1 for seen in outcomes.values()) > 40  # all eight
    chat.now += 5
    before = {n for n, seen in outcomes.items() if "queued" in seen}
    for n in outcomes.keys() - before:  # the raid is not over: who was shut out is still shut out
        chat.say(f"new{n}")
        assert "shield" in chat.fates[f"m{chat.made}"][1]


def test_a_raid_whose_lines_are_all_blocked_raises_it_too() -> None:
    chat = Chat()
    for n in range(300):
        chat.now += 0.03
        assert chat.say(f"bot{n}", RAID_TEXT, action=Action.BLOCK) == "refused"
    assert chat.raised


def test_a_friendly_raid_is_no_hostile_one() -> None:
    chat = Chat()
    chat.say("friend", kind=Kind.RAID)
    for n in range(600):
        chat.now += 0.03
        same = chat.rng.random() < 0.28
        assert chat.say(f"guest{n}", "hello from the crew of the lighthouse" if same else "") != "refused"
    assert not chat.raised
    assert not any("shield" in reason for _, reason in chat.fates.values())


def test_guests_of_an_announced_raid_may_shout_the_same() -> None:
    announced, sudden = Chat(), Chat()
    announced.say("friend", kind=Kind.RAID)
    for chat in (announced, sudden):
        for n in range(200):
            chat.now += 0.03
            chat.say(f"guest{n}", "the lighthouse crew is here, hello" if chat.rng.random() < 0.7 else "")
    assert sudden.raised
    assert not announced.raised


def test_regulars_who_all_write_the_same_are_no_raid() -> None:
    chat = Chat()
    for n in range(300):
        chat.now += 0.03
        chat.say(f"known{n % 30}", "that was the best jump of the whole evening")
    assert not chat.raised


def test_the_first_minutes_of_a_stream_are_no_raid() -> None:
    chat = Chat(warm=False)
    for n in range(400):
        chat.now += 0.05
        chat.say(f"v{n % 150}", "hello" if n % 3 == 0 else "")
    assert not chat.raised


def test_it_comes_down_so_long_after_the_last_sign() -> None:
    chat = Chat(Limits(shield_s=60))
    chat.raid()
    left = chat.inbox.shield.report(chat.now).left_s
    assert left is not None
    assert 55 < left <= 60
    chat.now += 61
    assert not chat.raised
    assert chat.say("new") == "queued"


def test_who_came_with_the_raid_is_not_known_afterwards_by_that() -> None:
    chat = Chat(Limits(shield_known_s=100, shield_s=30))
    for n in range(300):
        chat.now += 0.03
        chat.say(f"bot{n}", RAID_TEXT)
    chat.now += 110
    chat.raid(tag="second")
    assert chat.raised
    assert sum(chat.say(f"bot{n}") == "dropped" for n in range(250, 300)) > 20


def test_by_hand_it_is_up_until_it_is_taken_down() -> None:
    chat = Chat(Limits(shield="on"))
    chat.now += 10_000
    report = chat.inbox.shield.report(chat.now)
    assert (report.state, report.left_s) == ("raised", None)
    assert Counter(chat.say(f"new{n}") for n in range(100))["dropped"] > 20
    chat.inbox.update(Limits(shield="off"))
    chat.now += 30
    assert chat.inbox.shield.report(chat.now).state == "off"
    chat.raid()
    assert chat.inbox.shield.report(chat.now).state == "off"
    assert not any(
        "shield" in chat.fates[f"m{n}"][1] for n in range(chat.made - 250, chat.made) if f"m{n}" in chat.fates
    )


def test_the_known_keep_their_share_of_the_queue() -> None:
    chat = Chat()
    chat.raid()
    for n in range(3000):
        chat.now += 0.01
        chat.say(f"new{n}")
        if n % 30 == 0:
            chat.say(f"known{n // 30 % 30}")
    waiting = Counter(item.message.author.id.startswith("known") for item in chat.inbox.items(chat.now))
    assert waiting[True] >= 20


def test_yaml_words_for_the_switch_are_understood() -> None:
    assert Limits.model_validate({"shield": True}).shield == "on"
    assert Limits.model_validate({"shield": False}).shield == "off"
    with pytest.raises(ValidationError):
        Limits.model_validate({"shield": "maybe"})


@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from([RAID_TEXT, "", "lol"]), st.floats(0, 30)), max_size=150),
    st.sampled_from(["auto", "on", "off"]),
)
@settings(max_examples=50, deadline=None)
def test_a_payment_and_a_known_viewer_always_pass(log: list[tuple[int, str, float]], mode: str) -> None:
    chat = Chat(Limits.model_validate({"shield": mode, "burst": 1000}), warm=False)
    for viewer, text, gap in log:
        chat.now += gap
        chat.say(f"v{viewer}", text)
        assert chat.say(f"v{viewer}", kind=Kind.SUPER_CHAT) == "queued"
        assert chat.say("mod", roles=frozenset({Role.MODERATOR})) in ("queued", "dropped", "folded")
        assert "shield" not in chat.fates.get(f"m{chat.made}", ("", ""))[1]
