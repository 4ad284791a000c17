"""From findings to a verdict and a score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import Action, Category, Context, Direction, Mode, Policy, Rule
from moderation.decision import decide, rule_of
from moderation.policy import Level, Severity
from moderation.rules.lexicon import Finding

FINDINGS = st.builds(
    Finding,
    st.sampled_from(
        ["word:hate", "link", "style:capitals", "private:mail", "injection:prior", "classifier:en", "echo"]
    ),
    st.sampled_from(Category),
    st.sampled_from(Severity),
    st.integers(0, 3),
    st.integers(4, 9),
)
CONTEXTS = st.builds(Context, st.sampled_from(Direction), exempt=st.booleans(), permitted=st.booleans())


def word(severity: Severity, category: Category = Category.HARASSMENT, rule: str = "word:harassment") -> Finding:
    return Finding(rule, category, severity, 0, 4)


def score(*findings: Finding, toxic: float | None = None) -> float:
    return decide(Policy(), "some text", Context(), findings, toxic).score


@given(st.lists(FINDINGS, max_size=6), CONTEXTS, st.one_of(st.none(), st.floats(0, 1)))
def test_a_verdict_holds_together(found: list[Finding], context: Context, toxic: float | None) -> None:
    verdict = decide(Policy(), "some text", context, found, toxic)
    assert 0 <= verdict.score <= 1
    assert verdict.score >= round(toxic or 0, 4) - 1e-9
    assert set(verdict.rules) == {reason.rule for reason in verdict.reasons}
    assert verdict.action == max((r.action for r in verdict.reasons), key=lambda a: a.severity, default=Action.ALLOW)
    assert (verdict.text == "some text") or verdict.action is Action.MASK
    assert len(verdict.text) == len("some text")


@given(st.lists(FINDINGS, max_size=5), FINDINGS, CONTEXTS, st.floats(0, 1))
def test_one_finding_more_never_makes_it_milder(
    found: list[Finding], more: Finding, context: Context, toxic: float
) -> None:
    less = decide(Policy(), "some text", context, found, toxic)
    worse = decide(Policy(), "some text", context, [*found, more], toxic)
    assert worse.action.severity >= less.action.severity
    assert worse.score >= less.score


def test_a_score_of_half_means_that_harm_is_likely() -> None:
    assert score() == 0
    assert score(word(Severity.TRACE)) < score(word(Severity.MILD)) < 0.5
    assert 0.5 <= score(word(Severity.SERIOUS)) < score(word(Severity.GRAVE))
    assert score(word(Severity.GRAVE), toxic=0.0) >= 0.5
    assert score(word(Severity.SERIOUS), toxic=0.01) < 0.5, "a classifier that is sure of the contrary is heard"
    assert score(word(Severity.SERIOUS), toxic=0.2) >= 0.5
    assert score(toxic=0.7) == 0.7


@pytest.mark.parametrize(
    "finding",
    [
        word(Severity.SERIOUS, Category.PROFANITY, "word:profanity"),
        word(Severity.SERIOUS, Category.STYLE, "style:zalgo"),
        word(Severity.SERIOUS, Category.SPAM, "link"),
        word(Severity.SERIOUS, Category.SPAM, "copypasta"),
    ],
)
def test_manners_are_no_harm(finding: Finding) -> None:
    assert score(finding) < 0.1


def test_the_classifier_s_finding_does_not_count_twice() -> None:
    found = word(Severity.SERIOUS, rule="classifier:en")
    assert score(found, toxic=0.9) == 0.9
    assert decide(Policy(), "some text", Context(), [found], 0.9).action is Action.HOLD


def test_a_rule_that_only_warns_is_told_and_does_nothing() -> None:
    policy = Policy(rules={Rule.LINK: Mode.WARN})
    verdict = decide(policy, "some text", Context(), [Finding("link", Category.SPAM, Severity.SERIOUS, 0, 4)])
    assert (verdict.action, verdict.rules, verdict.reasons[0].action) == (Action.ALLOW, ("link",), Action.ALLOW)


@pytest.mark.parametrize(
    ("policy", "toxic", "doubt"),
    [
        (Policy(), 0.49, False),
        (Policy(), 0.5, True),
        (Policy(level=Level.STRICT), 0.35, True),
        (Policy(level=Level.RELAXED), 0.69, False),
        (Policy(level=Level.RELAXED), 0.7, True),
        (Policy(doubt_from=0.2), 0.2, True),
        (Policy(doubt_from=1.0), 1.0, False),
    ],
)
def test_from_which_score_what_passes_is_in_doubt(policy: Policy, toxic: float, doubt: bool) -> None:
    assert decide(policy, "some text", Context(), [], toxic).doubt is doubt
    assert not decide(policy, "some text", Context(Direction.OUT), [], toxic).doubt, "it is of viewers' lines alone"
    assert not decide(policy, "some text", Context(exempt=True), [], toxic).doubt
    held = decide(policy, "some text", Context(), [word(Severity.GRAVE)], toxic)
    assert (held.allowed, held.doubt) == (False, False), "what is stopped is in no doubt"


def test_a_likely_order_to_the_model_is_in_doubt() -> None:
    found = [Finding("injection:prior", Category.INJECTION, Severity.MILD, 0, 4)]
    assert decide(Policy(), "some text", Context(), found, 0.0).doubt
    assert not decide(Policy(doubt_from=1.0), "some text", Context(), found, 0.0).doubt
    assert not decide(Policy(), "some text", Context(roles=frozenset({"moderator"})), found, 0.0).doubt
    trace = [Finding("injection:prior", Category.INJECTION, Severity.TRACE, 0, 4)]
    assert not decide(Policy(), "some text", Context(), trace, 0.0).doubt


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("style:capitals", Rule.CAPITALS),
        ("private:mail", Rule.MAIL),
        ("injection:prior", Rule.INJECTION),
        ("classifier:en", Rule.CLASSIFIER),
        ("missing:classifier", Rule.CLASSIFIER),
        ("link", Rule.LINK),
        ("word:hate", None),
        ("echo", None),
        ("", None),
    ],
)
def test_which_rule_a_finding_belongs_to(name: str, rule: Rule | None) -> None:
    assert rule_of(name) is rule
