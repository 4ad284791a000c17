"""Tools within a turn: the words come first, the calls beside them, and the reply goes on with what they came to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.errors import TransientError
from bot.mind.prompt import Character, Prompter
from bot.mind.tools.function import Asker, Origin
from bot.mind.tools.settings import ToolSettings
from bot.persona import persona as personas
from bot.show.composer import Composer, CompositionRequest
from bot.show.tools.turn_tools import TurnTools
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Delta, Health, Line, Prompt, Tool, ToolCall
from tests.support.harness import ROOT
from tests.support.tooling import Deed, asker, call, make_box
from tests.support.virtual import virtual

PROMPT = Prompt((Line("system", "be kind"), Line("user", "roll a die")))
ANSWER = "Here is my answer, sailor."


class Model:
    """Answers with what its script says next: words, calls, seconds to wait, or an error."""

    def __init__(self, *script: Sequence[Any]) -> None:
        self.script = list(script)
        self.prompts: list[Prompt] = []
        self.tools: list[list[str]] = []

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        self.prompts.append(prompt)
        self.tools.append([tool.name for tool in tools])
        for step in self.script.pop(0) if self.script else [ANSWER]:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, float):
                await asyncio.sleep(step)
            elif isinstance(step, ToolCall):
                yield Delta(call=step)
            else:
                yield Delta(step)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


class Stage:
    """Takes clauses, and when each came."""

    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.at: list[float] = []
        self._began = asyncio.get_running_loop().time()

    async def put(self, clause: Clause) -> None:
        self.clauses.append(clause)
        self.at.append(asyncio.get_running_loop().time() - self._began)

    @property
    def text(self) -> str:
        assert [clause.index for clause in self.clauses] == list(range(len(self.clauses)))
        return " ".join(clause.text for clause in self.clauses)


async def compose(
    model: Model,
    who: Asker | None = None,
    *,
    deed: Deed | None = None,
    native: bool = True,
    prepared: str | None = None,
) -> tuple[Stage, Deed]:
    persona, stage = personas.load(ROOT / "personas" / "mira"), Stage()
    composer = Composer(model, persona.lines, "Mira", filler_after_s=30, reply_chars=600)
    box, deed, _ = make_box(deed, ToolSettings())
    prompter = Prompter(Character("Mira", "be kind", (), 0.8), max_tokens=100, history_tokens=0)
    tools = TurnTools(box, who or asker("roll a die"), lambda: model, prompter.going_on, native=native)
    request = CompositionRequest(prompt=PROMPT, prepared=prepared, tools=tools)
    await composer.compose("t", request, Timeline(asyncio.get_running_loop().time), stage.put)
    return stage, deed


@virtual
async def test_a_reply_without_a_call_is_as_ever() -> None:
    model = Model()
    stage, _ = await compose(model)
    assert stage.text == ANSWER
    assert len(model.prompts) == 1
    assert model.tools == [["roll", "search_memory"]]


@virtual
async def test_words_are_spoken_while_the_call_is_made_and_the_reply_goes_on() -> None:
    model = Model(["Let me look in my log book. ", call("search_memory", question="the cat"), "One moment. "])
    stage, deed = await compose(model, asker("do you remember my cat?"), deed=Deed(answers={"search_memory": 3.0}))
    assert stage.text == f"Let me look in my log book. One moment. {ANSWER}"
    assert stage.at[0] < 1
    assert stage.at[-1] >= 3
    assert len(deed.done) == 1
    said, told = model.prompts[1].lines[-2:]
    assert (said.role, told.role) == ("assistant", "user")
    assert "log book" in said.text
    assert '"tool": "search_memory"' in told.text


@virtual
async def test_a_call_before_any_word_is_bridged_at_once() -> None:
    model = Model([call("search_memory", question="the cat")])
    stage, _ = await compose(model, asker("do you remember?"), deed=Deed(answers={"search_memory": 4.0}))
    first = stage.clauses[0].text
    assert stage.at[0] < 1
    assert stage.text.endswith(ANSWER)
    assert first not in ANSWER
    # Two lines of a viewer in a row would upset a model's template: the result is joined to the last one.
    assert [line.role for line in model.prompts[1].lines] == ["system", "user"]


@virtual
async def test_nobody_waits_for_what_nobody_asked_for() -> None:
    model = Model([call("roll")])
    stage, _ = await compose(model, asker("talk", Origin.HOST), prepared="Quiet night.")
    assert stage.text == ANSWER


@virtual
async def test_a_model_that_only_calls_is_ended_after_its_rounds() -> None:
    model = Model(*[[call("search_memory", question=f"cat {n}")] for n in range(9)])
    stage, deed = await compose(model)
    assert len(model.prompts) == 3
    assert model.tools[-1] == []
    assert len(deed.done) <= 3
    assert stage.text  # a prepared line, and no silence


@virtual
async def test_an_effect_that_was_announced_needs_no_further_words() -> None:
    model = Model(["To the harbour! ", call("scene", name="harbour")])
    stage, deed = await compose(model, asker("switch to the harbour", Origin.STREAMER))
    assert stage.text == "To the harbour!"
    assert deed.done == [("scene", "harbour")]
    assert len(model.prompts) == 1


@virtual
async def test_a_refused_call_is_told_to_the_model() -> None:
    model = Model(["I start it. ", call("poll", question="a?", choices=["b", "c"])])
    stage, deed = await compose(model, asker("start a poll"))
    assert stage.text == f"I start it. {ANSWER}"
    assert "not allowed for a viewer" in model.prompts[1].lines[-1].text
    assert not deed.done


@virtual
async def test_a_model_that_dies_after_a_call_still_gets_its_result() -> None:
    model = Model([call("roll"), TransientError("cut")])
    stage, _ = await compose(model)
    assert stage.text.endswith(ANSWER)


@virtual
async def test_an_interruption_cancels_the_call() -> None:
    deed = Deed(answers={"search_memory": 4.0})
    model = Model(["Let me see. ", call("search_memory", question="x")])
    async with asyncio.TaskGroup() as group:
        task = group.create_task(compose(model, deed=deed))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait({task})
    await asyncio.sleep(10)
    assert not deed.done


# --- models without calls of their own ------------------------------------------------------------


@virtual
async def test_a_line_that_asks_for_nothing_costs_nothing() -> None:
    model = Model()
    stage, _ = await compose(model, asker("how was your day?"), native=False)
    assert stage.text == ANSWER
    assert len(model.prompts) == 1
    assert model.tools == [[]]


@virtual
async def test_dice_are_rolled_without_asking_a_model_and_without_a_bridge() -> None:
    model = Model()
    stage, _ = await compose(model, asker("roll 2d20 please"), native=False)
    assert stage.text == ANSWER
    (prompt,) = model.prompts
    assert "2 dice with 20 sides" in prompt.lines[-1].text


@virtual
async def test_a_line_that_may_ask_is_decided_while_the_host_speaks() -> None:
    model = Model([2.0, '{"tool": "search_memory", "question": "cat"}'])
    stage, deed = await compose(model, asker("do you remember my cat?"), native=False)
    assert stage.at[0] < 1
    assert stage.text.endswith(ANSWER)
    assert [name for name, _ in deed.done] == ["search_memory"]
    assert model.prompts[0].schema is not None


@virtual
async def test_an_effect_that_a_small_question_decided_waits_for_a_person() -> None:
    model = Model(['{"tool": "scene", "name": "harbour"}'])
    stage, deed = await compose(model, asker("what a scene she made", Origin.STREAMER), native=False)
    assert not deed.done
    assert "a person has to confirm" in model.prompts[1].lines[-1].text
    assert stage.text.endswith(ANSWER)


@pytest.mark.parametrize(
    "answer", ['{"tool": "none"}', "I think not", '{"tool": "poll", "question": "x"}', "{", '{"tool": 1}', "[" * 9000]
)
@virtual
async def test_a_decision_that_is_none_or_nonsense_changes_nothing(answer: str) -> None:
    model = Model([answer])
    stage, deed = await compose(model, asker("do you remember my cat?"), native=False)
    assert stage.text.endswith(ANSWER)
    assert not deed.done
    assert "The tool" not in model.prompts[1].lines[-1].text
    assert model.prompts[1] == PROMPT


@virtual
async def test_a_decision_that_fails_or_hangs_is_none() -> None:
    for step in (TransientError("down"), 60.0):
        model = Model([step])
        stage, _ = await compose(model, asker("do you remember my cat?"), native=False)
        assert stage.text.endswith(ANSWER)


@pytest.mark.parametrize(
    "written",
    [
        '```json\n{"name": "scene", "arguments": {"name": "harbour"}}\n```',
        '<tool_call>{"name": "scene", "arguments": {"name": "harbour"}}</tool_call>',
        '{"name": "scene", "arguments": {"name": "harbour"}}',
        ('<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>scene\n```json\n{"name": "harbour"}\n```'
        "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
        '<|python_tag|>{"name": "scene", "parameters": {"name": "harbour"}}',
        '[TOOL_CALLS][{"name": "scene", "arguments": {"name": "harbour"}}]',
        '<function=scene>{"name": "harbour"}</function>',
        '<function_calls><invoke name="scene"><parameter name="name">harbour</parameter></invoke></function_calls>',
        '<|channel|>commentary to=functions.scene <|constrain|>json<|message|>{"name":"harbour"}<|call|>',
        ('<｜DSML｜function_calls><｜DSML｜invoke name="scene"><｜DSML｜parameter name="name" string="true">harbour'
        "</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>"),
        '<|tool_call_start|>[scene(name="harbour")]<|tool_call_end|>',
        ('<minimax:tool_call><invoke name="scene"><parameter name="name">harbour</parameter></invoke>'
        "</minimax:tool_call>"),
        "<tool_call>scene<arg_key>name</arg_key><arg_value>harbour</arg_value></tool_call>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "To the harbour we go. "])
@virtual
async def test_nothing_of_a_call_that_is_written_as_text_is_said_or_done(written: str, before: str) -> None:
    pieces = [before] + [written[at : at + 5] for at in range(0, len(written), 5)]
    stage, deed = await compose(Model(pieces), asker("switch to the harbour scene", Origin.STREAMER))
    for part in ("{", "}", "name", "scene", "tool", "invoke", "function", "<", "｜", "json", "Action"):
        assert part not in stage.text, stage.text
    assert not deed.done
