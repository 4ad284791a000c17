"""What ``haishin check`` says of commands and timers."""

from __future__ import annotations

import pytest

from bot.errors import ConfigError
from bot.show.commands.check import describe
from bot.show.commands.settings import CommandSettings, Timer
from moderation import Context, Direction, Verdict
from tests.support.moderators import make_moderator


def judge(text: str) -> Verdict:
    return make_moderator().check(text, Context(Direction.OUT))


def test_the_defaults_are_told_in_a_line() -> None:
    assert describe(CommandSettings(), [], [], judge) == "8 for viewers, 0 of your own; 0 timer(s)"
    off = CommandSettings(enabled=False, own={"a": {"say": "kill yourself"}})
    assert describe(off, [], ["twitch"], judge) == "switched off; 0 timer(s)"


def test_what_works_in_part_is_told() -> None:
    own = CommandSettings(own={"long": {"text": "x" * 81}, "short": {"text": "x" * 80}}, disabled=["next"])
    timers = [Timer(text="y" * 90)]
    told = describe(own, timers, ["bilibili_open"], judge)
    assert told.startswith("7 for viewers, 2 of your own; 1 timer(s); ")
    assert "bilibili_open only reads" in told
    assert "sources.bilibili_web" in told
    told = describe(own, timers, ["bilibili_open", "bilibili_web"], judge)
    assert "only reads" not in told
    assert "cut to 80 characters on bilibili_web: long, timer 1" in told


def test_a_timer_for_a_platform_that_is_not_connected_is_a_fault() -> None:
    timer = Timer(text="hello", sources=["local", "twitch"])
    with pytest.raises(ConfigError, match="is for twitch") as caught:
        describe(CommandSettings(), [timer], ["bilibili_web"], judge)
    assert "sources.twitch" in caught.value.remedy
    assert describe(CommandSettings(), [timer], ["twitch"], judge)


def test_a_spoken_line_that_moderation_stops_is_a_fault() -> None:
    settings = CommandSettings(own={"fine": {"say": "Have a hug!"}, "bad": {"say": "Go and kill yourself."}})
    with pytest.raises(ConfigError, match="the command bad"):
        describe(settings, [], ["twitch"], judge)
