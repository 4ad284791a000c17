"""Words and lines that contain a bad one, or look as if they did, and mean nothing by it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
import yaml

from moderation import Action, Context, Direction
from moderation.policy import Category
from tests.support.moderators import make_lists

LINES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("innocent.yaml").read_text("utf-8"))
#: Rules and lexicons alone; the classifier has a test of its own.
LISTS = make_lists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_are_enough_of_them(language: str) -> None:
    lines = LINES[language]
    assert len(lines) == len(set(lines)) >= 150


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("language", ["en", "zh", "ordinary"])
def test_innocent_lines_pass_both_ways(language: str, direction: Direction) -> None:
    stopped = {}
    for line in LINES[language]:
        verdict = LISTS.check(line, Context(direction))
        if verdict.action is not Action.ALLOW:
            stopped[line] = verdict.rules
    assert stopped == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_innocent_word_is_even_noted_for_hate(language: str) -> None:
    grave = {Category.HATE, Category.MINORS, Category.EXTREMISM, Category.SEXUAL, Category.SELF_HARM}
    noted = {line: LISTS.check(line).categories for line in LINES[language]}
    assert {line: found for line, found in noted.items() if grave & set(found)} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_allowance_does_not_hide_what_stands_beside_it(language: str) -> None:
    raw = yaml.safe_load(resources.files("moderation").joinpath("lexicons", f"{language}.yaml").read_text("utf-8"))
    bad = {"en": "kill yourself", "zh": "操你妈"}[language]
    hidden = [entry for entry in raw["allow"] if LISTS.check(f"{entry.strip('*')}, {bad}").action is not Action.BLOCK]
    assert hidden == []
