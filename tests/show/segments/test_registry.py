"""The kinds by name, and the page that shows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.show.segments.kinds.quiz import Bank
from bot.show.segments.registry import SegmentKind, load

PAGE = Path(__file__).parents[3] / "docs" / "segments.md"
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]


def test_every_kind_has_an_example() -> None:
    shown = {name for example in EXAMPLES for name in example}
    assert shown == {kind.value for kind in SegmentKind} | set(Bank.model_fields)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: next(iter(example)))
def test_the_examples_are_valid(example: dict[str, Any]) -> None:
    for name, options in example.items():
        if name == "questions" and isinstance(options, list):
            Bank.model_validate(example)
        else:
            load(SegmentKind(name)).config(**options)


def test_the_page_shows_how_each_kind_treats_chat() -> None:
    words = {
        "all": "all is answered",
        "addressed": "what speaks to the host",
        "paid": "payments alone",
        "collect": "kept, answered afterwards",
        "votes": "read as",
    }
    text = PAGE.read_text("utf-8")
    for kind in SegmentKind:
        row = re.search(rf"\| \[{kind.value}\].*\|(.*)\|\n", text)
        assert row, kind
        assert words[load(kind).chat.value] in row[1], kind
