"""What the built-in model's engine is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from bot.mind.llm.llamacpp import Config, LlamaCpp
from bot.types import Line, Prompt

PROMPT = Prompt((Line("user", "hi"),), max_tokens=8, temperature=0.0)


def body(prompt: Prompt, **options: Any) -> dict[str, Any]:
    with ThreadPoolExecutor(1) as pool:
        return LlamaCpp(Config(**options), pool, cast("Any", None))._body(prompt)


def test_a_fact_of_the_prompt_may_be_said_as_it_stands_and_long_copies_grow_unlikely() -> None:
    asked = body(PROMPT)
    # A penalty on words of the last tokens hits the very names that are to be told: "小nimbo" for a cat called Nimbus.
    assert asked["repeat_penalty"] == 1.0
    assert asked["dry_multiplier"] > 0
    assert asked["dry_allowed_length"] >= 8
    assert body(PROMPT, repeat_penalty=1.1)["repeat_penalty"] == 1.1


@pytest.mark.parametrize("form", [{"grammar": 'root ::= "a"'}, {"schema": {"type": "object"}}])
def test_an_answer_of_a_given_form_may_repeat_what_it_must(form: dict[str, Any]) -> None:
    asked = Prompt(PROMPT.lines, max_tokens=8, temperature=0.0, **form)
    assert not any(key.startswith("dry") for key in body(asked))
