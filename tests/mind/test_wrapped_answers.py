"""An answer that a model wrapped in JSON: its words are heard, as soon as they come, and nothing else of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.errors import TransientError
from bot.mind.failover import LlmChain
from bot.mind.thoughts.wrapped import NAMES, Unwrapper
from bot.runtime.failover import Link
from bot.runtime.link import LinkConfig
from bot.types import Delta, Health, Line, Prompt, Tool, ToolCall

PROMPT = Prompt((Line("user", "hi"),), max_tokens=100)
WRAPPED = [
    ('{"answer": "He said "hi" to me."}', 'He said "hi" to me.'),
    ('{"answer": "He said "hi", and left."}', 'He said "hi", and left.'),
    ("{'answer': 'I'm fine'}", "I'm fine"),
    ("{'answer': \"I'm fine\"}", "I'm fine"),
    ('{"emotion":"happy","action":"wave","speech":"Hi."}', "Hi."),
    ('{"tool": null, "answer": "Hi."}', "Hi."),
    ('{"role":"assistant","tool_calls":[],"content":"Hi."}', "Hi."),
    ('{"tool":"none","answer":"Hi."}', "Hi."),
    ('{"error": null, "answer": "Hi."}', "Hi."),
    ('[{"role":"user","content":"hi"},{"role":"assistant","content":"Hello."}]', "Hello."),
    ('{"content":[{"type":"text","text":"A."},{"type":"text","text":"B."}]}', "A. B."),
    ('[{"text":"A."},{"text":"B."}]', "A. B."),
    ('{"choices":[{"message":{"content":"A."}},{"message":{"content":"B."}}]}', "A."),
    ('{"answer":["A.","B."],"text":"C."}', "A. B."),
    ('{"thought":{"text":"no"},"answer":"Hi."}', "Hi."),
    ('{"answer":"Hi.","confidence":0.9,"ok":true}', "Hi."),
    ('{"name":"Mira","text":"Hi."}', "Hi."),
    ('{"answer":"Hi."}{"answer":"Bye."}', "Hi. Bye."),
    ('{"answer":"Hi."}\n\n{"answer":"Bye."}\n', "Hi. Bye."),
    ('```json {"answer":"Hi."} ```', "Hi."),
    ('{"answer":"a\\u4f60\\ud83d\\ude00b\\"c\\\\d\\/e"}', 'a你\ud83d\ude00b"c\\d/e'),
    ('{"answer":"Hi.', "Hi."),
    ('{"answer":"Hi."', "Hi."),
    ('{"answer":null,"text":"Hi."}', "Hi."),
    ('{"answer":"","text":"Hi."}', "Hi."),
    ("{“answer”: “Hi.”}", "Hi."),
    ('{"answer":{"text":"Hi.","emotion":"joy"}}', "Hi."),
    ('{"data":{"result":{"text":"Hi."}}}', "Hi."),
    ("{'-'} hi", "hi"),
    ('{"answer": "Hello} there{."}', "Hello} there{."),
    ('{"message":"Hi.","emotion":"joy"}', "Hi."),
    ('{"message":{"role":"assistant","content":"Hi.","tool_calls":null}}', "Hi."),
    ('{"final answer":"Hi."}', "Hi."),
    ('{"type":"message","text":"Hi."}', "Hi."),
    ('{"answer": "Hi."}}}', "Hi."),
    ('{answer: "Hi."}', "Hi."),
    ('{ok: true, text: "Hi."}', "Hi."),
    *((f'{{"{name}": "Hi."}}', "Hi.") for name in sorted(NAMES)),
]
#: Calls, errors and data: without words for the audience.
CALLS = [
    '{"name":"roll","arguments":{}}',
    '{"tool_calls":[{"function":{"name":"say","arguments":"{}"}}]}',
    '{"name":"say","arguments":{"text":"no"}}',
    '{"tool":"say","text":"no"}',
    '{"type": "function", "function": {"name": "roll"}}',
]
NOTHING = [
    '{"error": {"message": "overloaded"}}',
    '{"error": true, "message": "Rate limit"}',
    '{"message": "Rate limit", "error": true}',
    '{"error":"x","answer":"y"}',
    '{"answer":',
    '{"answer":""}',
    '{"a":{"b":{"c":1}}}',
    '{"answer" "Hi."}',
    "{name: x}",
    '{"foo": "Hi."}',
    '{"answer": 5}',
    '{"answer": Hi there}',
]
PLAIN = [
    "{",
    "{joy} Hello",
    "[joy] Hello",
    "[wave]",
    "[1] Hello",
    "```py\nx=1\n```",
    "jsonny",
    "Hello",
    "",
    "  \n Hello",
    "js",
]


def unwrapped(text: str, step: int) -> str:
    unwrapper = Unwrapper()
    out = "".join(unwrapper.feed(text[at : at + step]) for at in range(0, len(text), step))
    return out + unwrapper.flush()


def on_every_cut(text: str) -> str:
    """Return what comes of a text, which must not depend on where it is cut."""
    (found,) = {" ".join(unwrapped(text, step).split()) for step in (1, 2, 3, 5, 7, 1000)}
    return found


@pytest.mark.parametrize(("text", "words"), WRAPPED)
def test_the_words_are_taken_out(text: str, words: str) -> None:
    assert on_every_cut(text) == words


@pytest.mark.parametrize("text", CALLS)
def test_a_call_stays_as_it_is(text: str) -> None:
    assert unwrapped(text, 1) == unwrapped(text, 1000) == text


@pytest.mark.parametrize("text", NOTHING)
def test_what_has_no_words_for_the_audience_has_none_at_all(text: str) -> None:
    assert not on_every_cut(text)


@pytest.mark.parametrize("text", PLAIN)
def test_an_ordinary_answer_passes_untouched(text: str) -> None:
    assert unwrapped(text, 1) == unwrapped(text, 3) == unwrapped(text, 1000) == text


def test_the_words_come_as_soon_as_their_string_begins() -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.feed(piece) for piece in ('{"emotion": "joy", "answ', 'er": "He', "llo ", 'there."')] == [
        "", "He", "llo ", "there.",
    ]  # fmt: skip
    assert Unwrapper().feed("Hello") == "Hello", "an ordinary answer is not held back"


class Model:
    """Writes an answer in small pieces."""

    def __init__(self, text: str, call: ToolCall | None = None) -> None:
        self.text = text
        self.call = call
        self.asked = 0

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        del prompt, tools
        self.asked += 1
        for at in range(0, len(self.text), 4):
            yield Delta(self.text[at : at + 4])
        if self.call:
            yield Delta(call=self.call)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


async def answer(*models: Model, prompt: Prompt = PROMPT) -> list[Delta]:
    links: list[Link[Any]] = [Link(f"m{number}", model, LinkConfig()) for number, model in enumerate(models)]
    return [delta async for delta in LlmChain(links).reply(prompt)]


def said(deltas: Sequence[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


async def test_a_chain_s_answer_is_unwrapped_behind_its_thoughts() -> None:
    assert said(await answer(Model('<think>Hm.</think>\n```json\n{"answer": "Hello there."}\n```'))) == "Hello there."


async def test_data_without_words_is_an_empty_answer_and_the_next_model_is_asked() -> None:
    assert said(await answer(Model('{"mood": 5}'), Model("Hello there."))) == "Hello there."
    with pytest.raises(TransientError):
        await answer(Model('{"error": {"message": "overloaded"}}'))


async def test_a_call_beside_data_is_an_answer() -> None:
    call = ToolCall("c1", "roll", "{}")
    deltas = await answer(Model('{"mood": 5}', call))
    assert [delta.call for delta in deltas if delta.call] == [call]
    assert not said(deltas)


async def test_who_asks_for_data_gets_it_as_it_is() -> None:
    data = '{"answer": "yes"}'
    for prompt in (Prompt(PROMPT.lines, schema={"type": "object"}), Prompt(PROMPT.lines, grammar='root ::= "a"')):
        assert said(await answer(Model(data), prompt=prompt)) == data


async def test_a_question_beside_the_show_loses_no_data() -> None:
    async def asked(text: str) -> str:
        llm = LlmChain([Link("m", Model(text), LinkConfig())])
        return said([delta async for delta in llm.aside().reply(PROMPT)])

    assert await asked('{"verdict": "ok"}') == '{"verdict": "ok"}'
    assert await asked('{"text": "Hello there."}') == "Hello there."
