"""What a policy decides, what it refuses, and whose policy counts where."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moderation import Action, Category, Context, Direction, Level, Mode, Policy, Rule
from moderation.policy import Severity
from tests.support.moderators import make_moderator

IN, OUT = Direction.IN, Direction.OUT
OFF = {Rule.CLASSIFIER: Mode.OFF}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("level", "lax"),
        ("level", None),
        ("politics", "perhaps"),
        ("categories", {"hatred": "strict"}),
        ("categories", {"profanity": "loud"}),
        ("categories", ["profanity"]),
        ("rules", {"shouting": "off"}),
        ("rules", {"capitals": "loud"}),
        ("rules", None),
        ("exempt_roles", ["king"]),
        ("link_roles", "everybody"),
        ("block_words", ["ok", ""]),
        ("block_words", ["x" * 101]),
        ("block_words", ["x"] * 2001),
        ("allow_words", [["nested"]]),
        ("block_patterns", ["a"] * 51),
        ("links", "burn"),
        ("link_hosts", [3]),
        ("permit_s", 0),
        ("permit_s", "long"),
        ("max_chars", 5),
        ("max_chars", 10**9),
        ("max_emotes", -1),
        ("capitals_percent", 101),
        ("capitals_from", 0),
        ("max_repeats", 2.5),
        ("symbols_percent", float("nan")),
        ("copypasta_viewers", 1),
        ("copypasta_chars", 0),
        ("echo_chars", 1),
        ("escalation", {"mode": "maybe"}),
        ("escalation", {"steps": []}),
        ("escalation", {"steps": [{"action": "slap"}]}),
        ("escalation", {"steps": [{"action": "timeout", "seconds": 0}]}),
        ("escalation", {"forget_s": -1}),
        ("platforms", {"twitch": "relaxed"}),
        ("platforms", {"twitch": {"level": "lax"}}),
        ("platforms", {"twitch": {"levle": "strict"}}),
        ("platforms", {"twitch": {"platforms": {}}}),
        ("platforms", {"twitch": {"categories": {"hate": "off"}}}),
        ("levle", "strict"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_key(key: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Policy.model_validate({key: value})
    assert key in str(caught.value)


@pytest.mark.parametrize("category", ["hate", "minors", "extremism"])
def test_what_costs_a_channel_cannot_be_switched_off(category: str) -> None:
    with pytest.raises(ValidationError, match=category):
        Policy.model_validate({"categories": {category: "off"}})


@pytest.mark.parametrize("pattern", ["(", "[", "a{99999}", "(?P<x", r"\1"])
@pytest.mark.parametrize("place", ["base", "platform"])
def test_a_pattern_that_is_none_is_refused_and_the_old_policy_stays(pattern: str, place: str) -> None:
    wrong = {"block_patterns": [pattern]}
    policy = Policy.model_validate(wrong if place == "base" else {"platforms": {"twitch": wrong}})
    moderator = make_moderator(Policy(level=Level.STRICT))
    with pytest.raises(ValueError, match="block_patterns"):
        moderator.reload(policy)
    assert moderator.policy.level is Level.STRICT
    assert moderator.check("fuck you").action is Action.BLOCK


def test_yaml_s_off_is_understood() -> None:
    policy = Policy.model_validate({"rules": {"capitals": False, "link": True}, "escalation": {"mode": False}})
    assert (policy.mode(Rule.CAPITALS), policy.mode(Rule.LINK)) == (Mode.OFF, Mode.ACT)
    assert policy.escalation.mode is Mode.OFF


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("category", sorted(set(Category) - {Category.CUSTOM, Category.ECHO}))
def test_stricter_levels_and_worse_findings_never_do_less(category: Category, direction: Direction) -> None:
    def act(level: Level, severity: Severity) -> int:
        return Policy(level=level, politics=True).action(category, severity, direction).severity

    for severity in Severity:
        assert act(Level.RELAXED, severity) <= act(Level.STANDARD, severity) <= act(Level.STRICT, severity)
    for level in Level:
        assert [act(level, severity) for severity in Severity] == sorted(act(level, severity) for severity in Severity)
        assert act(level, Severity.TRACE) == 0
    assert act(Level.RELAXED, Severity.GRAVE) >= Action.HOLD.severity


def test_a_category_may_have_a_level_of_its_own_or_none() -> None:
    lines = {"holy shit": Category.PROFANITY, "nice tits": Category.SEXUAL}
    policy = Policy(categories={Category.PROFANITY: Level.STRICT, Category.SEXUAL: Mode.OFF}, rules=OFF)
    moderator = make_moderator(policy)
    assert [moderator.check(line).action for line in lines] == [Action.MASK, Action.ALLOW]
    assert moderator.check("nice tits").categories == ("sexual",), "it is still told"
    standard = make_moderator(Policy(rules=OFF))
    assert [standard.check(line).action for line in lines] == [Action.ALLOW, Action.HOLD]


def test_politics_counts_on_chinese_platforms_alone() -> None:
    moderator = make_moderator(Policy(rules=OFF))
    line = "六四事件"
    assert moderator.check(line, Context(platform="bilibili_web")).action is Action.HOLD
    assert moderator.check(line, Context(platform="bilibili_open")).action is Action.HOLD
    for platform in ("", "twitch", "youtube", "my_bilibili"):
        assert moderator.check(line, Context(platform=platform)).action is Action.ALLOW, platform


def test_each_platform_has_its_own_policy_and_an_unknown_one_the_base() -> None:
    policy = Policy.model_validate(
        {
            "level": "strict",
            "rules": {"classifier": "off"},
            "platforms": {
                "twitch": {"level": "relaxed", "block_words": ["pineapple"]},
                "bili": {"level": "standard"},
                "bilibili_open": {"level": "relaxed"},
            },
        }
    )
    moderator = make_moderator(policy)

    def act(line: str, platform: str) -> Action:
        return moderator.check(line, Context(platform=platform)).action

    assert act("fuck you", "") is Action.BLOCK
    assert act("fuck you", "somewhere") is Action.BLOCK
    assert act("fuck you", "twitch") is Action.ALLOW
    assert act("pineapple", "twitch") is Action.BLOCK
    assert act("pineapple", "bilibili_web") is Action.ALLOW
    assert act("fuck you", "bilibili_web") is Action.HOLD
    assert act("fuck you", "bilibili_open") is Action.ALLOW, "the longest name counts"
    assert policy.for_platform("twitch").level is Level.RELAXED
    assert policy.for_platform("elsewhere") is policy


def test_what_the_host_says_must_suit_every_place_where_it_is_heard() -> None:
    policy = Policy.model_validate(
        {"level": "relaxed", "rules": {"classifier": "off"}, "platforms": {"bilibili": {"politics": True}}}
    )
    line = "六四事件"
    assert make_moderator(policy).check(line, Context(OUT)).action is Action.ALLOW
    assert make_moderator(policy, on_air=("twitch",)).check(line, Context(OUT)).action is Action.ALLOW
    assert not make_moderator(policy, on_air=("twitch", "bilibili_web")).check(line, Context(OUT)).allowed
    both = make_moderator(policy.model_copy(update={"platforms": {"twitch": {"level": "strict"}}}), on_air=("twitch",))
    assert both.check("holy shit", Context(OUT)).action is Action.BLOCK
    assert both.check("holy shit", Context(IN)).action is Action.ALLOW


def test_a_milder_platform_does_not_soften_what_the_base_forbids_to_say() -> None:
    policy = Policy.model_validate({"level": "strict", "platforms": {"twitch": {"level": "relaxed"}}})
    assert make_moderator(policy, on_air=("twitch",)).check("holy shit", Context(OUT)).action is Action.BLOCK
