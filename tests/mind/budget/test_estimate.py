"""Tokens that nobody counted."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bot.mind.budget.estimate import Measure, prompt_tokens, tokens
from bot.mind.budget.tally import MAX_TOKENS, Tally
from bot.types import Delta, Line, Prompt, Tool, ToolCall, Usage

PROMPT = Prompt((Line("system", "You are a host. " * 40), Line("user", "What is your name?")))


def test_chinese_has_fewer_characters_for_a_token_than_english() -> None:
    assert tokens("a" * 44) == pytest.approx(10)
    assert tokens("中" * 27) == pytest.approx(20)
    assert tokens("a" * 44 + "中" * 27) == pytest.approx(30)


def test_a_prompt_has_the_tokens_around_its_lines_and_of_its_tools() -> None:
    bare = prompt_tokens(PROMPT)
    assert bare > sum(tokens(line.text) for line in PROMPT.lines)
    assert prompt_tokens(PROMPT, (Tool("roll", "rolls dice", {"type": "object"}),)) > bare + 5


def told(*items: Any, measure: Measure | None = None, refused: bool = False) -> tuple[int, int, bool]:
    tally = Tally(PROMPT, (), measure or Measure())
    tally.refused = refused
    for item in items:
        tally.take(item)
    return tally.total()


def test_a_provider_that_counts_is_believed() -> None:
    assert told(Delta("Hello."), Delta(usage=Usage(101, 7))) == (101, 7, False)


def test_of_a_stream_that_was_cut_the_prompt_counts_and_what_came() -> None:
    read, written, estimated = told(Delta("word " * 44))
    assert read == round(prompt_tokens(PROMPT))
    assert written == 50
    assert estimated


def test_the_measure_is_learnt_from_calls_that_were_counted() -> None:
    measure, words = Measure(), "word " * 44
    true = (2 * round(prompt_tokens(PROMPT)), 75)
    told(Delta(words), Delta(usage=Usage(*true)), measure=measure)
    read, written, _ = told(Delta(words), measure=measure)
    assert read == pytest.approx(true[0], rel=0.01)
    assert written == pytest.approx(true[1], rel=0.01)


def test_a_call_that_was_refused_took_nothing() -> None:
    assert told(refused=True) == (0, 0, False)
    assert told(Delta("Hel"), refused=True)[0] > 0


@pytest.mark.parametrize("count", [0, -5, MAX_TOKENS + 1, 2**70, math.nan, math.inf, "100", None, True, 12.5], ids=repr)
def test_a_count_that_cannot_be_true_is_estimated(count: Any) -> None:
    measure = Measure()
    read, written, estimated = told(Delta("word " * 44), Delta(usage=Usage(count, count)), measure=measure)
    assert (read, written, estimated) == (round(prompt_tokens(PROMPT)), 50, True)
    assert measure == Measure()


@pytest.mark.parametrize("item", [None, "text", {"text": 1}, Delta(text=5), Delta(call={"name": 1}), b"x"], ids=repr)  # type: ignore[arg-type]
def test_a_piece_of_another_type_is_no_word(item: Any) -> None:
    assert told(item)[1] == 0


def test_a_call_of_a_tool_is_written_too() -> None:
    assert told(Delta(call=ToolCall("1", "roll", '{"sides": 6}')))[1] > 3
