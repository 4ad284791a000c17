"""The audit: what is kept of verdicts, how long, and what leaves it when its platform takes it back."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review.verdict_log import VerdictLog
from bot.types import Author, Kind, Message, Money, Retraction
from moderation import Action, Direction, Reason, Verdict
from moderation.corrections.allowances import ALLOWED, MAX_TEXT

BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Clock:
    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def audit(clock: Clock) -> VerdictLog:
    return VerdictLog("boot", clock, stopped=5, passed=3)


def message(n: int, author: str = "u", text: str = "words") -> Message:
    return Message(f"m{n}", "twitch", Author(author, f"the {author}"), text)


def verdict(action: Action, text: str = "words", rules: tuple[str, ...] = ("r",)) -> Verdict:
    return Verdict(action, rules, 0.5, text, (Reason("r", "hate", 0, 1, action),))


def test_a_verdict_is_kept_with_all_that_it_was(audit: VerdictLog) -> None:
    entry = audit.heard(message(1), verdict(Action.HOLD), "held: why")
    assert audit.get(entry.id) is entry
    assert (entry.direction, entry.source, entry.message, entry.author, entry.author_id, entry.text) == (
        Direction.IN, "twitch", "m1", "the u", "u", "words",
    )  # fmt: skip
    assert (entry.outcome, entry.stopped, entry.paid, entry.at) == ("held: why", True, False, BEGAN)
    assert entry.id.startswith("vboot-")
    said = audit.spoken("a reply", "hi", verdict(Action.ALLOW), "said", "t-1")
    assert (said.direction, said.author, said.message, said.stopped) == (Direction.OUT, "a reply", "t-1", False)
    assert audit.get("v-none") is None


def test_a_payment_is_marked(audit: VerdictLog) -> None:
    paid = Message("m", "twitch", Author("u", "u"), "words", Kind.CHEER, Money(100, "USD"))
    assert audit.heard(paid, verdict(Action.BLOCK), "").paid


def test_a_flood_of_harmless_lines_pushes_nothing_out_that_matters(audit: VerdictLog) -> None:
    bad = audit.heard(message(0), verdict(Action.BLOCK), "")
    lifted = audit.heard(message(1), verdict(Action.ALLOW, rules=("r", ALLOWED)), "")
    for n in range(2, 50):
        audit.heard(message(n), verdict(Action.ALLOW), "")
    assert len(audit) == 2 + 3
    assert [e.message for e in audit.last(10)] == ["m49", "m48", "m47", "m1", "m0"]
    assert audit.last(10, stopped=True) == [bad]
    assert audit.get(lifted.id) is lifted, "what a person allowed is not a plain allow"


def test_what_its_platform_takes_back_is_gone_word_for_word(audit: VerdictLog) -> None:
    for n, author in enumerate("aab"):
        audit.heard(message(n, author), verdict(Action.HOLD), "")
    said = audit.spoken("a reply", "words", verdict(Action.BLOCK), "")
    audit.retract(Retraction("twitch", id="m0"))
    assert [(e.text, e.author, e.verdict.text) for e in audit.last(9)][-1] == ("", "", "")
    audit.retract(Retraction("twitch", author="a"))
    assert [bool(e.text) for e in audit.last(9)] == [True, True, False, False]
    audit.retract(Retraction("twitch"))
    assert [bool(e.text) for e in audit.last(9)] == [True, False, False, False]
    assert said.text, "what the host would have said is no viewer's"
    assert all(e.verdict.rules == ("r",) for e in audit.last(9)), "that there was a verdict stays"


def test_words_are_no_older_than_raw_chat(audit: VerdictLog, clock: Clock) -> None:
    old = audit.heard(message(1), verdict(Action.HOLD), "")
    clock.now += dt.timedelta(hours=23)
    new = audit.spoken("a reply", "hi", verdict(Action.BLOCK), "")
    clock.now += dt.timedelta(hours=2)
    assert audit.purge(dt.timedelta(hours=24)) == 1
    assert audit.purge(dt.timedelta(hours=24)) == 0
    assert (old.text, new.text) == ("", "hi")


def test_a_huge_text_is_cut(audit: VerdictLog) -> None:
    assert len(audit.heard(message(1, text="x" * 100_000), verdict(Action.HOLD), "").text) == MAX_TEXT


@given(st.lists(st.sampled_from(list(Action)), max_size=60), st.integers(1, 20))
def test_the_rings_are_bounded_and_the_newest_stands_first(log: list[Action], limit: int) -> None:
    audit = VerdictLog(stopped=6, passed=4)
    ids = [audit.heard(message(n), verdict(action), "").id for n, action in enumerate(log)]
    changed = [i for i, a in zip(ids, log, strict=True) if a is not Action.ALLOW]
    plain = [i for i, a in zip(ids, log, strict=True) if a is Action.ALLOW]
    kept = {*changed[-6:], *plain[-4:]}
    assert len(audit) == len(kept)
    assert [e.id for e in audit.last(limit)] == [i for i in reversed(ids) if i in kept][:limit]
    stopped = [e.id for e in audit.last(limit, stopped=True)]
    assert stopped == [i for i, a in reversed(list(zip(ids, log, strict=True))) if a.severity > 1 and i in kept][:limit]
