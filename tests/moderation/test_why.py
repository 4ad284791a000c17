"""Each verdict can be asked why, and answers in sentences that are true of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import Action, Category, Context, Direction, Level, Mode, Moderator, Policy, Reason, Rule, Verdict
from moderation.corrections.allowances import ALLOWED, STOPPED
from moderation.why import MAX_QUOTE, MAX_REASONS, explain
from tests.support.moderators import make_moderator

IN, OUT = Direction.IN, Direction.OUT
STANDARD = Policy()


@pytest.fixture(scope="module")
def moderator() -> Moderator:
    return make_moderator(STANDARD)


def why(moderator: Moderator, text: str, context: Context | None = None) -> list[str]:
    context = context or Context()
    return explain(moderator.check(text, context), text, moderator.policy, context.direction)


def reason(rule: str, category: str, action: Action = Action.HOLD, start: int = 0, end: int = 5) -> Reason:
    return Reason(rule, category, start, end, action)


def told(found: Reason, text: str = "hello there", policy: Policy = STANDARD, direction: Direction = IN) -> str:
    verdict = Verdict(found.action, (found.rule,), 0.93, text, (found,))
    head, sentence = explain(verdict, text, policy, direction)
    assert head.startswith(
        {"allow": "allowed", "mask": "allowed with", "hold": "held", "block": "blocked"}[found.action]
    )
    return sentence


def test_words_are_quoted_with_their_place_category_severity_and_level(moderator: Moderator) -> None:
    first, *sentences = why(moderator, "you should kill yourself")
    assert first.startswith("blocked, at a score of ")
    (sentence,) = [s for s in sentences if "'kill yourself'" in s]
    assert "letters 12 to 24" in sentence
    assert "standard blocks that coming in" in sentence


def test_an_ordinary_line_says_so(moderator: Moderator) -> None:
    first, second = why(moderator, "what game are we playing today?", Context(quick=True))
    assert first == "allowed, at a score of 0.00: it may be answered"
    assert second == "no rule found anything"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (reason("word:self-harm", "self-harm"), ("'hello'", "letters 1 to 5", "self-harm, serious", "standard holds")),
        (reason("disguised:hate", "hate", Action.BLOCK), ("disguises", "hate against a group, grave", "blocks that")),
        (reason("sound:hate", "hate", Action.ALLOW), ("by their sound alone", "alone stops nothing")),
        (reason("style:capitals", "style", Action.MASK), ("70 % of its letters are capitals", "capitals_percent")),
        (reason("style:length", "style", Action.MASK), ("longer than 400 characters", "max_chars")),
        (reason("link", "spam", Action.MASK), ("'hello' is a link", "links is mask", "no permit")),
        (reason("copypasta", "spam"), ("5 viewers or more wrote the same", "copypasta_viewers")),
        (reason("private:phone", "private"), ("a phone number", "never read out")),
        (reason("private:unheard", "private"), ("private data",)),
        (reason("pattern", "custom", Action.BLOCK), ("block_patterns", "your own words")),
        (reason("word:custom", "custom", Action.BLOCK), ("on your own list", "always stopped")),
        (reason("classifier:en", "harassment"), ("the classifier", "harassment", "at 93 %")),
        (reason("injection:leak", "injection"), ("an order to the model (leak)",)),
        (reason("judge:openai", "sexual"), ("the judge openai finds it unsafe (sexual)",)),
        (reason("judge:unanswered", "error"), ("no judge answered in time",)),
        (reason("echo", "echo"), ("repeats 40 letters",)),
        (reason("leak", "injection"), ("the host's own instructions",)),
        (reason("error", "error"), ("the check itself failed",)),
        (reason("unread", "style"), ("too long to be read",)),
        (reason("missing:classifier", "harassment"), ("the classifier is missing",)),
        (reason(ALLOWED, "custom", Action.ALLOW), ("allowed by you",)),
        (reason(STOPPED, "custom"), ("stopped by you",)),
        (reason("a new rule", "a new category"), ("'hello' is a new category",)),
    ],
    ids=lambda value: value.rule if isinstance(value, Reason) else "",
)
def test_each_kind_of_finding(found: Reason, words: tuple[str, ...]) -> None:
    sentence = told(found)
    for word in words:
        assert word in sentence


def test_going_out_and_the_level_of_the_category_are_told() -> None:
    policy = Policy(categories={Category.PROFANITY: Level.STRICT})
    sentence = told(reason("word:profanity", "profanity", Action.BLOCK), policy=policy, direction=OUT)
    assert "strict blocks that going out" in sentence
    assert "serious" not in sentence, "strict stops mild, serious and grave alike: which it was is not known"


def test_why_nothing_came_of_a_finding() -> None:
    warned = Policy(rules={Rule.LINK: Mode.WARN})
    assert "rules.link is set to warn" in told(reason("link", "spam", Action.ALLOW), policy=warned)
    off = Policy(categories={Category.PROFANITY: Mode.OFF})
    assert "categories.profanity is off" in told(reason("word:profanity", "profanity", Action.ALLOW), policy=off)


def test_a_finding_that_the_operator_lifted_says_so() -> None:
    lifted = (reason("word:hate", "hate", Action.ALLOW), reason(ALLOWED, "custom", Action.ALLOW))
    sentences = explain(Verdict(Action.ALLOW, ("word:hate", ALLOWED), 0.7, "hello", lifted), "hello", STANDARD)
    assert "because you allowed this text" in sentences[1]
    assert sentences[2].startswith("allowed by you")


def test_the_worst_stands_first_and_the_list_ends() -> None:
    many = tuple(reason("word:hate", "hate", Action.HOLD, n, n + 1) for n in range(40))
    verdict = Verdict(Action.BLOCK, ("word:hate",), 1.0, "", (*many, reason("word:minors", "minors", Action.BLOCK)))
    sentences = explain(verdict, "x" * 50, STANDARD)
    assert sentences[1].startswith("blocked:")
    assert len(sentences) == MAX_REASONS + 2
    assert sentences[-1] == f"and {41 - MAX_REASONS} more findings of the same kinds"


def test_words_that_are_gone_are_not_quoted_and_long_ones_are_cut() -> None:
    assert "'" not in told(reason("word:hate", "hate"), text="")
    sentence = told(reason("word:hate", "hate", end=500), text="x" * 500)
    assert "x" * (MAX_QUOTE - 1) + "…" in sentence
    assert "x" * MAX_QUOTE not in sentence


rules = st.sampled_from(
    ["word:hate", "link", "echo", "private:x", "style:length", "::", "", "judge:", "classifier:", "{"]
)
reasons = st.builds(
    Reason, rules, st.one_of(st.sampled_from([c.value for c in Category]), st.text(max_size=5)),
    st.integers(-5, 50), st.integers(-5, 50), st.sampled_from(list(Action)),
)  # fmt: skip


@given(st.lists(reasons, max_size=20), st.text(max_size=40), st.sampled_from(list(Action)), st.sampled_from([IN, OUT]))
def test_no_verdict_is_without_an_answer(found: list[Reason], text: str, action: Action, way: Direction) -> None:
    sentences = explain(Verdict(action, (), 0.5, text, tuple(found)), text, STANDARD, way)
    assert 2 <= len(sentences) <= MAX_REASONS + 2
    assert all(sentences)
