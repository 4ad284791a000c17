"""A person's word about one text: how far it goes, and where it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import Action, Category, Direction, Reason, Verdict
from moderation.corrections.allowances import ALLOWED, MAX_TEXT, STOPPED, Allowances, exact
from moderation.policy import Severity
from moderation.rules.lexicon import Finding

IN, OUT = Direction.IN, Direction.OUT
TEXT = "That boss is a real killer"


def found(category: Category = Category.VIOLENCE, severity: Severity = Severity.SERIOUS) -> list[Finding]:
    return [Finding("word:x", category, severity, 0, 4)]


def judged(action: Action, category: str = "violence") -> Verdict:
    return Verdict(action, ("word:x",), 0.7, "****" + TEXT[4:], (Reason("word:x", category, 0, 4, action),))


def test_nothing_decided_changes_nothing() -> None:
    verdict = judged(Action.HOLD)
    assert Allowances().apply(TEXT, IN, verdict, found()) is verdict


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.upper(), f"  {TEXT} ", TEXT.replace(" ", "   "), "Ｔhat boss is a real killer"]
)
def test_an_allowed_text_passes_whatever_its_case_and_width(text: str) -> None:
    decided = Allowances()
    decided.decide(TEXT, IN, "allow")
    verdict = decided.apply(text, IN, judged(Action.HOLD), found())
    assert (verdict.action, verdict.text, verdict.score) == (Action.ALLOW, text, 0.7)
    assert verdict.rules == ("word:x", ALLOWED)
    assert all(reason.action is Action.ALLOW for reason in verdict.reasons), "noted, and not acted on"


@pytest.mark.parametrize("other", [TEXT + "!", TEXT[:-1], "That b0ss is a real killer", "", "x" * 5000])
def test_no_other_text_is_touched(other: str) -> None:
    decided = Allowances()
    decided.decide(TEXT, IN, "allow")
    verdict = judged(Action.HOLD)
    assert decided.apply(other, IN, verdict, found()) is verdict
    assert decided.apply(TEXT, OUT, verdict, found()) is verdict, "the other direction is another text"


def test_the_streamers_own_words_stay_stopped() -> None:
    decided = Allowances()
    decided.decide(TEXT, IN, "allow")
    verdict = judged(Action.BLOCK, "custom")
    assert decided.apply(TEXT, IN, verdict, [*found(), *found(Category.CUSTOM, Severity.GRAVE)]) is verdict


def test_what_is_grave_is_never_said_and_may_come_in() -> None:
    decided = Allowances()
    for direction in Direction:
        decided.decide(TEXT, direction, "allow")
    grave = found(severity=Severity.GRAVE)
    assert decided.apply(TEXT, OUT, judged(Action.BLOCK), grave).action is Action.BLOCK
    assert decided.apply(TEXT, OUT, judged(Action.BLOCK), found()).action is Action.ALLOW
    assert decided.apply(TEXT, IN, judged(Action.BLOCK), grave).action is Action.ALLOW


@pytest.mark.parametrize(
    ("direction", "before", "after"),
    [(IN, Action.ALLOW, Action.HOLD), (IN, Action.BLOCK, Action.BLOCK), (OUT, Action.ALLOW, Action.BLOCK)],
)
def test_a_stopped_text_is_held_or_not_said(direction: Direction, before: Action, after: Action) -> None:
    decided = Allowances()
    decided.decide(TEXT, direction, "hold")
    verdict = decided.apply(TEXT, direction, judged(before), found())
    assert verdict.action is after
    assert verdict.rules[0] == STOPPED
    assert verdict.reasons[0] == Reason(STOPPED, "custom", 0, len(TEXT), after)
    assert verdict.score >= 0.5


def test_the_last_word_counts_and_can_be_withdrawn() -> None:
    decided = Allowances()
    decided.decide(TEXT, IN, "hold")
    decided.decide(TEXT.upper(), IN, "allow")
    assert len(decided) == 1
    assert decided.apply(TEXT, IN, judged(Action.HOLD), found()).action is Action.ALLOW
    decided.withdraw(TEXT, IN)
    assert len(decided) == 0
    assert decided.apply(TEXT, IN, judged(Action.HOLD), found()).action is Action.HOLD


@given(st.text(max_size=300))
def test_any_text_can_be_decided_about(text: str) -> None:
    decided = Allowances()
    decided.decide(text, IN, "hold")
    verdict = decided.apply(text, IN, Verdict(Action.ALLOW, (), 0.0, text), [])
    assert verdict.action is Action.HOLD
    assert exact(exact(text)) == exact(text)
    assert len(exact("x" * (MAX_TEXT + 1))) == MAX_TEXT + 1, "nothing is cut: two long texts that begin alike differ"
