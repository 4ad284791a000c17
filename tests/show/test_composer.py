"""What a model's answer turns into, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.errors import TransientError
from bot.mind.failover import LlmChain
from bot.persona import persona as personas
from bot.persona.lines import Purpose
from bot.runtime.failover import Link, LinkConfig
from bot.show import composer as composing
from bot.show.composer import Composer, CompositionRequest
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Delta, Health, Line, Prompt, Tool, Usage
from tests.support.harness import ROOT
from tests.support.virtual import virtual

PROMPT = Prompt((Line("user", "hi"),))
THOUGHT = "Somebody greets me here. A short and kind line fits."
ANSWER = "Good evening, sit down by the lamp!"


class Model:
    """Answers with what its script says next: words, seconds to wait, or an error."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.asked = 0

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        self.asked += 1
        for step in self.script.pop(0) if self.script else [ANSWER]:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                yield Delta(usage=step) if isinstance(step, Usage) else Delta(step)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


class Queue:
    """Takes clauses, and gives those back that it was not told are taken."""

    def __init__(self) -> None:
        self.waiting: list[Clause] = []

    async def put(self, clause: Clause) -> None:
        self.waiting.append(clause)

    def take_back(self, since: int) -> int | None:
        kept = [clause for clause in self.waiting if clause.index < since]
        gone, self.waiting = self.waiting[len(kept) :], kept
        return gone[0].index if gone else None

    @property
    def text(self) -> str:
        assert [clause.index for clause in self.waiting] == list(range(len(self.waiting)))
        return " ".join(clause.text for clause in self.waiting)


def chain(*models: Model) -> LlmChain:
    links = [Link(f"m{n}", model, LinkConfig.model_validate({})) for n, model in enumerate(models)]
    return LlmChain(links, clock=asyncio.get_running_loop().time)  # type: ignore[arg-type]


async def compose(llm: Any, lines: tuple[str, ...] = (), filler_after_s: float = 60.0, chars: int = 600) -> Queue:
    persona, queue = personas.load(ROOT / "personas" / "mira"), Queue()
    composer = Composer(llm, persona.lines, "Mira", filler_after_s=filler_after_s, reply_chars=chars)
    timeline = Timeline(asyncio.get_running_loop().time)
    await composer.compose("t", CompositionRequest(lines, PROMPT), timeline, queue.put, queue.take_back)
    return queue


def is_line(text: str, purpose: Purpose) -> bool:
    lines = personas.load(ROOT / "personas" / "mira").lines.script["en"][purpose]
    return any(text[-12:] in line for line in lines)


@virtual
@pytest.mark.parametrize(
    "error", [KeyError("x"), RecursionError(), TransientError("x"), UnicodeDecodeError("a", b"", 0, 1, "")]
)
async def test_whatever_a_model_raises_is_a_prepared_line(error: Exception) -> None:
    assert is_line((await compose(Model([error]))).text, Purpose.NO_LLM)
    assert is_line((await compose(Model([f"{ANSWER} And then ", error]))).text, Purpose.LOST_THREAD)


@virtual
async def test_a_parser_that_fails_is_a_failed_model_and_the_next_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(composing.ReplyParser):
        def feed(self, delta: str) -> list[Any]:
            if "boom" in delta:
                raise IndexError("string index out of range")
            return super().feed(delta)

    monkeypatch.setattr(composing, "ReplyParser", Broken)
    first, second = Model(["boom"]), Model()
    llm = chain(first, second)
    assert (await compose(llm)).text == ANSWER
    assert [link.state for link in llm.links()] == ["resting", "up"]
    alone = chain(Model(["boom"]))
    assert is_line((await compose(alone)).text, Purpose.NO_LLM)
    assert alone.links()[0].state == "resting"
    await asyncio.sleep(6)
    assert (await compose(alone)).text == ANSWER


@virtual
async def test_a_model_that_breaks_off_before_anything_was_said_costs_only_time() -> None:
    assert (await compose(chain(Model(["[joy] Go", TransientError("cut")]), Model()))).text == ANSWER


@virtual
async def test_what_turns_out_to_be_a_thought_is_taken_back_and_the_prepared_line_stays() -> None:
    queue = await compose(chain(Model([THOUGHT, " Yes.\n</think>\n\n", ANSWER])), ("Thanks for the rose!",))
    assert queue.text == f"Thanks for the rose! {ANSWER}"


@virtual
async def test_a_thought_longer_than_a_reply_is_learnt_too() -> None:
    thought = [f"And {n} of them {n * 7} times over, said number {n}. " for n in range(60)]
    model = Model([*thought, "</think>", ANSWER], [*thought, "</think>", ANSWER])
    llm = chain(model)
    assert (await compose(llm, chars=200)).text == ANSWER
    assert (await compose(llm, chars=200)).text == ANSWER


@virtual
async def test_a_reply_that_loops_ends_and_what_waits_of_it_is_not_said() -> None:
    queue = await compose(Model(["All is fine at the lamp, many thanks. And with you?\n"] * 30), ("Welcome!",))
    assert queue.text.startswith("Welcome!")
    assert "lamp" not in queue.text
    assert is_line(queue.text, Purpose.LOST_THREAD)


@virtual
async def test_a_long_wait_is_bridged_again_more_and_more_seldom() -> None:
    queue = await compose(Model([45.0, ANSWER]), filler_after_s=2.0)
    assert queue.text.endswith(ANSWER)
    assert len(queue.waiting) >= 4
    quick = await compose(Model([5.0, ANSWER]), filler_after_s=2.0)
    assert len(quick.waiting) < len(queue.waiting)


@virtual
@pytest.mark.parametrize(
    ("written", "used", "said"),
    [
        ("That sounds good, Ana! Do you", PROMPT.max_tokens, "That sounds good, Ana!"),
        ("That sounds good, Ana! Do you", 9, "That sounds good, Ana! Do you"),  # it ended by itself
        ("晚安，早点睡。明天我再给", PROMPT.max_tokens, "晚安，早点睡。"),
        ("Sleep well. He said “stay.”", PROMPT.max_tokens, "Sleep well. He said “stay.”"),
        ("I know that one from the", PROMPT.max_tokens, "I know that one from the"),  # better than nothing
    ],
)
async def test_half_a_sentence_is_not_said_where_the_tokens_ran_out(written: str, used: int, said: str) -> None:
    assert (await compose(Model([written, Usage(100, used)]))).text == said


@virtual
async def test_a_wait_is_bridged_by_the_moment_that_it_would_be_quiet_for_too_long() -> None:
    for prepared, purpose, answered in ((None, Purpose.THINKING, True), ("", Purpose.IDLE, False)):
        persona, queue = personas.load(ROOT / "personas" / "mira"), Queue()
        composer = Composer(Model([9.0, KeyError("x")]), persona.lines, "Mira", filler_after_s=2.0, reply_chars=600)
        loop = asyncio.get_running_loop()
        wishes = CompositionRequest(prompt=PROMPT, prepared=prepared, speak_by=loop.time() + 1.0)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(composer.compose("t", wishes, Timeline(loop.time), queue.put, queue.take_back))
            await asyncio.sleep(0.9)
            assert not queue.waiting
            await asyncio.sleep(0.2)
            assert is_line(queue.text, purpose)
        assert task.result() is answered
        assert is_line(queue.text, Purpose.NO_LLM) is answered
