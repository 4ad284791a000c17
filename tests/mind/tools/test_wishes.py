"""What a line seems to ask for."""

from __future__ import annotations

import pytest

from bot.mind.tools.wishes import seems_to_ask

TOOLS = ("roll", "timer", "poll", "clip", "shoutout", "remember", "search_memory", "look")


@pytest.mark.parametrize(
    "line",
    [
        "I still remember my first console",
        "rock 'n' roll is my religion",
        "he rolled his eyes at me",
        "this bass line rolls on and on",
        "I never vote for the obvious one",
        "my alarm clock has a face like yours",
    ],
)
def test_talk_of_such_things_asks_for_no_tool(line: str) -> None:
    assert not [tool for tool in TOOLS if seems_to_ask(line, tool)]


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("I remember that one, clip it!", "clip"),
        ("do you remember my first console?", "search_memory"),
        ("rock and roll a d20 for me", "roll"),
        ("I voted already, start a poll anyway", "poll"),
        ("set my alarm for ten minutes", "timer"),
        ("please remember that I start at eight", "remember"),
    ],
)
def test_a_wish_beside_talk_is_one(line: str, tool: str) -> None:
    assert seems_to_ask(line, tool)
