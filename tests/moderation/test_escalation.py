"""The ladder: what counts as an offence, which step it leads to, and what never leads to a ban."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import Action, Category, Escalation, Mode, Policy, Reason, Step, Verdict
from moderation.escalation import Ladder, is_sure, offends

STEPS = ("hold", "delete", "timeout", "ban")


def verdict(action: Action = Action.BLOCK, category: str = "hate", score: float = 0.95) -> Verdict:
    return Verdict(action, ("rule",), score, "x", (Reason("rule", category, 0, 1, action),))


def ladder(mode: Mode = Mode.ACT, **more: object) -> Ladder:
    policy = Policy(escalation=Escalation.model_validate({"mode": mode, **more}))
    return Ladder(lambda _platform: policy)


def names(steps: list[Step | None]) -> list[str]:
    return [step.action if step else "" for step in steps]


def test_the_steps_follow_each_other_and_the_last_one_stays() -> None:
    found = ladder()
    assert names([found.record_offence("twitch", "u", verdict(), t) for t in range(6)]) == [*STEPS, "ban", "ban"]


def test_viewers_and_platforms_are_counted_apart() -> None:
    found = ladder()
    for platform, viewer in (("twitch", "u"), ("twitch", "w"), ("bilibili_web", "u")):
        assert names([found.record_offence(platform, viewer, verdict(), 0)]) == ["hold"]


def test_an_offence_is_forgotten() -> None:
    found = ladder(forget_s=100)
    assert names([found.record_offence("twitch", "u", verdict(), t) for t in (0, 50, 120, 400)]) == [
        "hold", "delete", "delete", "hold",
    ]  # fmt: skip
    assert found.count("twitch", "u", 400) == 1
    assert found.count("twitch", "nobody", 400) == 0


def test_a_doubtful_hold_leads_to_the_first_step_and_never_further() -> None:
    found, doubtful = ladder(), verdict(Action.HOLD, score=0.79)
    assert not is_sure(doubtful)
    assert names([found.record_offence("twitch", "u", doubtful, t) for t in range(50)]) == ["hold"] * 50
    assert found.count("twitch", "u", 50) == 0
    assert is_sure(verdict(Action.HOLD, score=0.8))
    assert is_sure(verdict(Action.BLOCK, score=0.1))


def test_who_wants_to_die_is_not_sent_away() -> None:
    reason = Reason("phrase:self-harm", "self-harm", 0, 1, Action.HOLD)
    assert not offends(Verdict(Action.HOLD, (reason.rule,), 0.9, "", (reason,)))
    unnamed = Reason("classifier:zh", "harassment", 0, 1, Action.HOLD)
    doubtful = Verdict(Action.HOLD, (unnamed.rule,), 0.95, "", (unnamed,))
    assert (offends(doubtful), is_sure(doubtful)) == (True, False)


def test_a_doubtful_hold_leads_to_nothing_where_the_first_step_is_harsh() -> None:
    found = ladder(steps=[{"action": "ban"}])
    assert found.record_offence("twitch", "u", verdict(Action.HOLD, score=0.7), 0) is None
    assert names([found.record_offence("twitch", "u", verdict(), 0)]) == ["ban"]


@pytest.mark.parametrize("category", ["style", "echo", "error"])
def test_manners_are_no_offence(category: str) -> None:
    found = ladder()
    assert found.record_offence("twitch", "u", verdict(Action.BLOCK, category), 0) is None
    assert len(found) == 0


def test_spam_is_one_and_what_passes_is_none() -> None:
    assert offends(verdict(Action.HOLD, Category.SPAM))
    assert not offends(verdict(Action.ALLOW))
    assert not offends(verdict(Action.MASK))
    noted = Verdict(
        Action.HOLD, ("a", "b"), 0.9, "x",
        (Reason("a", "style", action=Action.HOLD), Reason("b", "hate", action=Action.ALLOW)),
    )  # fmt: skip
    assert not offends(noted), "what was held for its manners is no offence, whatever else was noted"


def test_off_counts_nothing() -> None:
    found = ladder(Mode.OFF)
    assert [found.record_offence("twitch", "u", verdict(), t) for t in range(5)] == [None] * 5
    assert len(found) == 0


def test_each_platform_has_its_own_policy() -> None:
    strict = Policy(escalation=Escalation(steps=(Step(action="ban"),)))
    found = Ladder(lambda platform: strict if platform == "twitch" else Policy())
    assert names([found.record_offence(place, "u", verdict(), 0) for place in ("twitch", "local")]) == ["ban", "hold"]


def test_an_offence_that_was_none_is_taken_back() -> None:
    found = ladder()
    for t in range(3):
        found.record_offence("twitch", "u", verdict(), t, key=f"v{t}")
    assert found.take_back("twitch", "u", "v1")
    assert not found.take_back("twitch", "u", "v1")
    assert not found.take_back("twitch", "nobody", "v1")
    assert found.count("twitch", "u", 3) == 2
    assert found.take_back("twitch", "u", "v0")
    assert found.take_back("twitch", "u", "v2")
    assert len(found) == 0


actions, scores = st.sampled_from(list(Action)), st.floats(0, 1)
categories = st.sampled_from([c.value for c in Category])
events = st.lists(st.tuples(st.integers(0, 12), actions, categories, scores, st.floats(0, 50)), max_size=150)


@given(events, st.integers(1, 4))
def test_whatever_happens(log: list[tuple[int, Action, str, float, float]], steps: int) -> None:
    """Memory is bounded, a step is never ahead of the offences that were sure, and what is allowed leads to none."""
    found = Ladder(lambda _p: Policy(escalation=Escalation(steps=Escalation().steps[:steps], forget_s=60)), most=5)
    now, offences = 0.0, dict.fromkeys(range(13), 0)
    for viewer, action, category, score, wait in log:
        now += wait
        seen = verdict(action, category, score)
        counts = offends(seen) and is_sure(seen)
        offences[viewer] += counts
        step = found.record_offence("twitch", str(viewer), seen, now)
        assert len(found) <= 5
        if step is None:
            assert not counts
            continue
        assert not seen.allowed
        assert STEPS.index(step.action) <= max(0, offences[viewer] - 1)
        if not counts:
            assert step.action == "hold"
        assert found.count("twitch", str(viewer), now) <= offences[viewer]
