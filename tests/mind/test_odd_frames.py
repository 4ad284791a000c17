"""Whatever frame an answer comes in, it is an answer; whatever comes in place of one is told in words."""

from __future__ import annotations

import asyncio
import gc
import gzip
import inspect
import json
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, cast

import pytest
from aiohttp import web

from bot.errors import ProviderError, QuotaError, TransientError
from bot.runtime.link import UnusableError
from bot.types import ToolCall, Usage
from tests.mind.test_contract_llm import DONE, HELLO, PROMPT, STOP, THERE, collect, said, served, sse

EVENTS, JSON = "text/event-stream", "application/json"
WHOLE = {"choices": [{"index": 0, "message": {"content": "Hello there."}, "finish_reason": "stop"}], "usage": None}
CHUNKS = [json.dumps({"choices": [chunk]}) for chunk in (HELLO, THERE, STOP)]
PAGE = "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>\n<body>checking you</body></html>"


def of_messages(*texts: str) -> str:
    """Return events that each have a message where others have a piece."""
    return sse(*({"message": {"content": text}} for text in texts))


def named(name: str) -> str:
    """Return the usual events with another way to write the name of their field."""
    return sse(HELLO, THERE, STOP, DONE).replace("data: ", name)


def native(*contents: str) -> str:
    """Return an answer as Ollama's own API streams it."""
    lines: list[dict[str, Any]] = [{"message": {"content": text}, "done": False} for text in contents]
    return "\n".join(map(json.dumps, [*lines, {"message": {"content": ""}, "done": True}]))


async def heard(body: str | bytes, kind: str = EVENTS, headers: Mapping[str, str] | None = None, step: int = 7) -> Any:
    """Return what the real client reads of a body that comes in small pieces."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind, **(headers or {})})
        await response.prepare(request)
        for at in range(0, len(data), step):
            await response.write(data[at : at + step])
            await asyncio.sleep(0)
        return response

    async with served("openai", answer) as llm:
        return await collect(llm)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(json.dumps(WHOLE), EVENTS, id="one answer as events"),
        pytest.param(json.dumps(WHOLE, indent=2), EVENTS, id="one answer over lines as events"),
        pytest.param(json.dumps(WHOLE), "text/plain", id="one answer as text"),
        pytest.param("\ufeff" + json.dumps(WHOLE), JSON, id="one answer behind a mark"),
        pytest.param(f"data: {json.dumps(WHOLE)}\n\n", EVENTS, id="one answer in an event"),
        pytest.param("\n".join(CHUNKS), EVENTS, id="lines of json as events"),
        pytest.param("\n".join(CHUNKS) + "\n", "application/x-ndjson", id="lines of json"),
        pytest.param("\n".join(CHUNKS), JSON, id="lines of json as json"),
        pytest.param("\r\n\r\n".join(CHUNKS), JSON, id="lines of json with gaps"),
        pytest.param("".join(CHUNKS), EVENTS, id="objects in one line"),
        pytest.param(f"data: {CHUNKS[0]}{CHUNKS[1]} {CHUNKS[2]}\n\n{DONE}", EVENTS, id="objects in one event"),
        pytest.param(f"data: {CHUNKS[0]}{CHUNKS[1]}[DONE]\n\n", EVENTS, id="the end in the same line"),
        pytest.param(f"[{','.join(CHUNKS)}]", JSON, id="a list"),
        pytest.param("[" + ",\n".join(CHUNKS) + "\n]", EVENTS, id="a list over lines"),
        pytest.param(sse(*(f"[{chunk}]" for chunk in CHUNKS), DONE), EVENTS, id="lists in events"),
        pytest.param(native("Hello", " there."), "application/x-ndjson", id="another api"),
        pytest.param('{"content": "Hello"}\n{"content": " there.", "stop": true}', EVENTS, id="a third api"),
        pytest.param('{"response": "Hello there.", "done": true}', JSON, id="a fourth api"),
        pytest.param(named("Data: "), EVENTS, id="a capital"),
        pytest.param(named("DATA:"), EVENTS, id="capitals"),
        pytest.param(named("  data : "), EVENTS, id="spaces"),
        pytest.param(named("data: data: "), EVENTS, id="framed twice"),
        pytest.param(named("data: ").replace("\n\n", "\n"), EVENTS, id="one end of a line for two"),
        pytest.param(named("data: ").replace("\n", "\r"), EVENTS, id="old ends of lines"),
        pytest.param("data: {\ndata: " + CHUNKS[0][1:] + "\n\n" + sse(THERE, STOP, DONE), EVENTS, id="over two lines"),
        pytest.param(sse("null", '"ping"', "1", "ping", HELLO, THERE, STOP, DONE), EVENTS, id="noise"),
        pytest.param(sse({"delta": "Hello"}, {"delta": " there."}, STOP), EVENTS, id="bare words"),
        pytest.param(of_messages("Hello", "Hello there."), EVENTS, id="again"),
        pytest.param(of_messages("Hello", " there."), EVENTS, id="messages"),
        pytest.param(sse(HELLO, THERE, {"delta": {}, **WHOLE["choices"][0]}), EVENTS, id="all of it at the end"),
        pytest.param(sse({"delta": {}, "message": {"content": "Hello there."}}, STOP), EVENTS, id="beside nothing"),
        pytest.param(sse(*({**chunk, "index": "0"} for chunk in (HELLO, THERE, STOP))), EVENTS, id="a number as text"),
        pytest.param(sse(*({**chunk, "index": 1} for chunk in (HELLO, THERE, STOP))), EVENTS, id="counted from one"),
        pytest.param(sse('{"choices": {"delta": {"content": "Hello there."}}}', STOP), EVENTS, id="no list"),
        pytest.param(sse(HELLO, '{"choices": 5}', '{"choices": "x"}', THERE, STOP), EVENTS, id="choices of no shape"),
        pytest.param(sse(HELLO, '{"id": 5, "model": 7, "created": "x"}', THERE, STOP), EVENTS, id="numbers for names"),
        pytest.param(sse(HELLO, THERE, {"finish_reason": 5}), EVENTS, id="a number as the reason"),
        pytest.param(sse(HELLO, {"delta": {"tool_calls": [None], "function_call": 5}}, THERE, STOP), EVENTS, id="call"),
        pytest.param(sse(HELLO, {"delta": {"tool_calls": "none"}}, THERE, STOP), EVENTS, id="a word for calls"),
        pytest.param(
            sse(HELLO, THERE, '{"usage": {"prompt_tokens": NaN, "completion_tokens": Infinity}}', STOP), EVENTS,
            id="counts that are none",
        ),
        pytest.param(sse(HELLO, THERE, '{"usage": {"prompt_tokens": 1e400}}', STOP), EVENTS, id="a count too large"),
        pytest.param(sse(HELLO, THERE, STOP, DONE).encode("utf-16"), f"{EVENTS}; charset=utf-16", id="two bytes"),
        pytest.param(sse(HELLO, THERE, STOP, DONE), f"{EVENTS}; charset=no-such-set", id="a charset of no name"),
        pytest.param(sse(HELLO, THERE, STOP, DONE), f"{EVENTS}; charset=hex", id="a charset that is none"),
    ],
)  # fmt: skip
async def test_an_answer_is_an_answer(body: str | bytes, kind: str) -> None:
    for step in (7, 100_000):
        assert said(await heard(body, kind, step=step)) == "Hello there."


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "shift_jis", "utf-16", ""])
@pytest.mark.parametrize("whole", [False, True])
async def test_words_of_every_charset_arrive_whole_wherever_they_are_cut(charset: str, whole: bool) -> None:
    words = "Hello there. 日本"
    form = (
        WHOLE | {"choices": [{"message": {"content": words}}]}
        if whole
        else {"choices": [{"delta": {"content": words}}]}
    )
    text = json.dumps(form, ensure_ascii=False)
    body = text if whole else f"data: {text}\n\n{DONE}"
    kind = f"{JSON if whole else EVENTS}; charset={charset}" if charset else (JSON if whole else EVENTS)
    assert said(await heard(body.encode(charset or "utf-8"), kind, step=1)) == words


async def test_a_byte_that_is_no_text_costs_itself_alone() -> None:
    broken = b'data: {"choices": [{"delta": {"content": "Hello \xff there."}}]}\n\n' + DONE.encode()
    assert said(await heard(broken)) == "Hello \ufffd there."


@pytest.mark.parametrize(
    "name",
    ["reasoning", "reasoning_content", "reasoning_text", "reasoning_details", "reasoningContent", "thinking", "thought",
     "thoughts", "thinking_content", "thinking_blocks"],
)  # fmt: skip
async def test_thoughts_by_each_of_their_names_are_progress_and_never_words(name: str) -> None:
    deltas = await heard(sse({"delta": {name: "Hm."}}, HELLO, THERE, STOP, DONE))
    assert [delta.text for delta in deltas] == ["", "Hello", " there."]


@pytest.mark.parametrize(
    "piece",
    [
        {"content": "Hm.", "extra_content": {"google": {"thought": True}}},
        {"content": [{"type": "text", "text": "Hm.", "thought": True}]},
        {"content": "Hm.", "thought": True},
    ],
)
async def test_words_that_are_marked_as_a_thought_are_progress(piece: Any) -> None:
    deltas = await heard(sse({"delta": piece}, HELLO, {"delta": {"extra_content": {"google": 5}}}, THERE, STOP, DONE))
    assert [delta.text for delta in deltas] == ["", "Hello", " there."]


@pytest.mark.parametrize("reason", ["RECITATION", "BLOCKLIST", "SPII", "sensitive", "Content_Filter", "SAFETY"])
async def test_an_answer_that_a_service_holds_back_is_no_fault_of_the_link(reason: str) -> None:
    with pytest.raises(UnusableError, match="held the answer back"):
        await heard(sse({"delta": {}, "finish_reason": reason}, DONE))


@pytest.mark.parametrize("reason", ["insufficient_system_resource", "network_error", "abort", "ERROR"])
async def test_an_answer_that_failed_half_way_broke_off(reason: str) -> None:
    with pytest.raises(TransientError, match="broke off"):
        await heard(sse(HELLO, {"delta": {}, "finish_reason": reason}, DONE))


async def test_calls_without_numbers_are_told_apart() -> None:
    def piece(**of: Any) -> dict[str, Any]:
        return {"delta": {"tool_calls": [of]}}

    deltas = await heard(
        sse(
            piece(id="x", function={"name": "a", "arguments": ""}),
            piece(function={"arguments": '{"n": 1}'}),
            piece(id="y", function={"name": "a", "arguments": '{"n"'}),
            piece(id="y", function={"name": "a", "arguments": ": 2}"}),
            STOP,
            DONE,
        )
    )
    found = [delta.call for delta in deltas if delta.call]
    assert found == [ToolCall("x", "a", '{"n": 1}'), ToolCall("y", "a", '{"n": 2}')]


async def test_calls_of_odd_shapes_are_calls() -> None:
    calls = [
        {"index": "0", "id": 5, "function": {"name": "a", "arguments": '{"n"'}},
        {"index": 1, "id": None, "function": {"name": 7, "arguments": "{}"}},
        {"index": 2, "function": "b"},
    ]
    more = {"delta": {"tool_calls": [{"index": "0", "function": {"arguments": ": 1}"}}]}}
    deltas = await heard(sse({"delta": {"tool_calls": calls}}, more, STOP, DONE))
    assert [delta.call for delta in deltas if delta.call] == [ToolCall("5", "a", '{"n": 1}')]
    whole = {"message": {"content": None, "tool_calls": [{"function": {"name": "a", "arguments": {"n": 1}}}]}}
    deltas = await heard(json.dumps({"choices": [whole]}))
    assert [delta.call for delta in deltas if delta.call] == [ToolCall("call_0", "a", '{"n": 1}')]


async def test_counts_are_numbers_that_can_be() -> None:
    deltas = await heard(sse(HELLO, STOP, '{"usage": {"prompt_tokens": -3, "completion_tokens": 1e30}}', DONE))
    assert deltas[-1].usage == Usage(0, 1_000_000_000)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        pytest.param(PAGE, EVENTS, "DOCTYPE", id="a page as events"),
        pytest.param(PAGE, JSON, "DOCTYPE", id="a page as json"),
        pytest.param(PAGE, "text/html", "DOCTYPE", id="a page"),
        pytest.param('{"error": {"message": "overloaded"}}', EVENTS, "overloaded", id="an error as events"),
        pytest.param('{"error": "overloaded"}', JSON, "overloaded", id="an error of words alone"),
        pytest.param(
            'event: error\ndata: {"message": "overloaded"}\n\n', EVENTS, "overloaded", id="an event of errors"
        ),
        pytest.param(
            '{"object": "error", "message": "overloaded", "code": 503}', JSON, "overloaded", id="an error object"
        ),
        pytest.param('{"detail": "not signed in"}', JSON, "not signed in", id="a detail"),
        pytest.param('{"success": false, "msg": "no credit"}', JSON, "no credit", id="no success"),
        pytest.param('{"choices": null, "message": "no credit"}', JSON, "no credit", id="no choices"),
        pytest.param('{"choices": [{"message": {"content": "Hel', JSON, "broken JSON", id="half an answer"),
        pytest.param("{'choices': []}", JSON, "broken JSON", id="other quotation marks"),
        pytest.param('{"x": ' + "[" * 9000 + "]" * 9000 + "}", JSON, "deep", id="too deep"),
        pytest.param("Hello there.", "text/plain", "Hello there.", id="bare text"),
        pytest.param("", EVENTS, "broke off", id="nothing"),
        pytest.param("", JSON, "empty", id="nothing as json"),
        pytest.param("null", JSON, "null", id="null"),
        pytest.param(sse(HELLO, THERE, '{"choices": [{"del'), EVENTS, "broken JSON", id="broken in the middle"),
        pytest.param(gzip.compress(b"x"), EVENTS, "no JSON", id="bytes"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(body: str | bytes, kind: str, words: str) -> None:
    with pytest.raises(TransientError, match=words):
        await heard(body, kind)


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b\x08\x00" + b"junk" * 50, b"data: {}\n\n", gzip.compress(b"x" * 999, mtime=0)[:-12]]
)
async def test_a_broken_compression_is_no_answer(data: bytes) -> None:
    with pytest.raises(TransientError):
        await heard(data, headers={"Content-Encoding": "gzip"})


async def test_a_limit_that_comes_with_200_is_a_limit() -> None:
    with pytest.raises(QuotaError):
        await heard('{"error": {"message": "slow down", "code": 429}}')


@pytest.mark.parametrize("status", [204, 301, 302, 304, 307, 308])
async def test_a_server_that_sends_elsewhere_or_nothing_is_not_followed(status: int) -> None:
    asked = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status, headers={"Location": "/v1/chat/completions/"})

    async with served("openai", answer) as llm:
        with pytest.raises(ProviderError) as caught:
            await collect(llm)
    assert asked == 1
    assert type(caught.value) is TransientError
    assert caught.value.remedy or status in (204, 304)


async def test_an_object_without_end_is_given_up_early() -> None:
    lines = "{\n" + '"x": [1,\n2],\n' * 200_000
    with pytest.raises(TransientError, match="without end"):
        await heard(lines, step=65_536)


async def test_an_answer_that_is_not_wanted_any_more_is_closed_at_once() -> None:
    closed = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": EVENTS})
        await response.prepare(request)
        try:
            for _ in range(500):
                await response.write(sse(HELLO).encode())
                await asyncio.sleep(0.01)
        finally:
            closed.set()
        return response

    faults: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context))
    gc.disable()  # nothing may be left to the collector, which closes in no order
    try:
        async with served("openai", answer) as llm:
            for _ in range(5):
                async with aclosing(cast("Any", llm.reply(PROMPT))) as deltas:
                    await anext(deltas)
                    await anext(deltas)
            opened = [one for one in gc.get_objects() if inspect.isasyncgen(one) and one.__name__ == "read"]
            assert not [one for one in opened if one.ag_frame is not None]
            async with asyncio.timeout(5):
                await closed.wait()
        gc.collect()
        await asyncio.sleep(0.05)
    finally:
        gc.enable()
    assert not faults
