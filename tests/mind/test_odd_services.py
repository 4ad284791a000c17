"""Ollama's and Anthropic's own wires with everything odd about them: an answer is heard, a thought is not."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.mind.local_servers import ollama_url
from bot.runtime.link import UnusableError
from bot.types import Line, Prompt, ToolCall, Usage
from tests.mind.test_contract_llm import collect, said, served
from tests.mind.test_odd_frames import PAGE


def line(content: Any = None, message: Mapping[str, Any] | None = None, **more: Any) -> str:
    """Return a line as Ollama writes it."""
    about = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": False}
    told = {"role": "assistant", "content": content, **(message or {})}
    return json.dumps(about | {"message": told} | more, ensure_ascii=False)


HELLO, THERE = line("Hello"), line(" there.")
DONE = line("", done=True, done_reason="stop", prompt_eval_count=3, eval_count=4)


def lines(*each: str) -> str:
    return "\n".join(each) + "\n"


def call(arguments: Any, **more: Any) -> dict[str, Any]:
    return {"function": {"name": "weather", "arguments": arguments, **more}}


def event(kind: str, **fields: Any) -> str:
    """Return an event as Anthropic writes it."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n"


def delta(of: Any, **more: Any) -> str:
    return event("content_block_delta", **({"index": 0, "delta": of} | more))


def words(text: Any, **more: Any) -> str:
    return delta({"type": "text_delta", "text": text}, **more)


def block(of: Any, index: Any = 0) -> str:
    return event("content_block_start", index=index, content_block=of)


def end(reason: Any = "end_turn", **more: Any) -> str:
    fields = {"delta": {"stop_reason": reason}, "usage": {"output_tokens": 7}} | more
    return event("message_delta", **fields) + STOP


STOP = event("message_stop")
START = event("message_start", message={"usage": {"input_tokens": 5, "output_tokens": 1}})
TEXT = block({"type": "text", "text": ""})
BOTH = words("Hello") + words(" there.")
PLAIN = START + TEXT + BOTH + end()
TOOL = {"type": "tool_use", "id": "c1", "name": "weather", "input": {}}
WHOLE = {
    "type": "message",
    "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hello there."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 7},
}


async def heard(
    name: str, body: str | bytes, headers: Mapping[str, str] | None = None, step: int = 7, *, stays: bool = False
) -> Any:
    """Return what a client reads of a body in small pieces; with ``stays`` the server keeps the connection."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    kind = "application/x-ndjson" if name == "ollama" else "text/event-stream"

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind, **(headers or {})})
        await response.prepare(request)
        for at in range(0, len(data), step):
            await response.write(data[at : at + step])
        if stays:
            await asyncio.sleep(3600)
        return response

    async with served(name, answer) as llm:
        return await collect(llm)


OLLAMA = {
    "ends of lines": lines(HELLO, THERE, DONE).replace("\n", "\r\n"),
    "no message": lines('{"message": null}', '{"status": "loading"}', HELLO, THERE, DONE),
    "no content": lines(line(None), HELLO, THERE, DONE),
    "content in parts": lines(line([{"type": "text", "text": "Hello"}]), THERE, DONE),
    "a number as content": lines(HELLO, line(5), THERE, DONE),
    "no role": lines(line("Hello", {"role": None}), THERE, DONE),
    "numbers for names": lines(line("Hello", model=5, created_at=7), THERE, DONE),
    "done as text": lines(HELLO, THERE, line("", done="true")),
    "done twice": lines(HELLO, THERE, DONE, DONE),
    "something behind the end": lines(HELLO, THERE, DONE, line(" And on."), "not JSON"),
    "loaded first": lines(line("", done=True, done_reason="load"), HELLO, THERE, DONE),
    "no error": lines(line("Hello", error=None), THERE, DONE),
    "odd counts": lines(HELLO, THERE, line("", done=True, prompt_eval_count="x", eval_count=None, total_duration="x")),
    "no calls": lines(line("Hello", {"tool_calls": None}), line("", {"tool_calls": [None]}), THERE, DONE),
    "thought": lines(line("", {"thinking": "Hm."}), HELLO, THERE, DONE),
    "thought beside words": lines(line("Hello", {"thinking": "Hm."}), THERE, DONE),
    "thought in parts": lines(line("", {"thinking": ["Hm."]}), HELLO, THERE, DONE),
    "another name": lines(line("", {"reasoning_content": "Hm."}), HELLO, THERE, DONE),
    "noise": lines("null", HELLO, "5", '"x"', THERE, DONE),
    "lists": lines(f"[{HELLO}]", THERE, DONE),
    "one list": f"[{HELLO},{THERE},{DONE}]",
    "one line": HELLO + THERE + DONE,
    "in one piece": json.dumps(json.loads(line("Hello there.", done=True)), indent=1),
    "events": "".join(f"data: {each}\n\n" for each in (HELLO, THERE, DONE)),
    "comments": ": ping\n\n" + lines(HELLO, THERE, DONE) + "data: [DONE]\n",
    "a mark": "\ufeff" + lines(HELLO, THERE, DONE),
    "two bytes": lines(HELLO, THERE, DONE).encode("utf-16"),
    "another API": 'data: {"choices": [{"delta": {"content": "Hello there."}, "finish_reason": "stop"}]}\n\n',
}
CLAUDE = {
    "ends of lines": PLAIN.replace("\n", "\r\n"),
    "one end of a line": PLAIN.replace("\n\n", "\n"),
    "no names": "".join(each for each in PLAIN.splitlines(keepends=True) if not each.startswith("event")),
    "unknown event": START + event("new", x=1) + TEXT + BOTH + end(),
    "unknown delta": START + TEXT + delta({"type": "citations_delta", "citation": {}}) + BOTH + end(),
    "no start": BOTH + end(),
    "no message": event("message_start") + BOTH + end(),
    "a word for the message": event("message_start", message="x") + BOTH + end(),
    "no type": START + TEXT + delta({"text": "Hello"}) + words(" there.") + end(),
    "no delta": START + delta(None) + event("content_block_delta", index=0) + BOTH + end(),
    "no block": START + block(None) + block({}) + BOTH + end(),
    "words in the block": START + block({"type": "text", "text": "Hello"}) + words(" there.") + end(),
    "words that are none": START + words(None) + words(5) + BOTH + end(),
    "words in parts": START + words([{"type": "text", "text": "Hello"}]) + words(" there.") + end(),
    "a number as text": START + words("Hello", index="0") + words(" there.", index=None) + end(),
    "pings": START + event("ping") * 300 + BOTH + end(),
    "thought": START + delta({"type": "thinking_delta", "thinking": "Hm."}) + BOTH + end(),
    "signature": START + delta({"type": "signature_delta", "signature": "x"}) + BOTH + end(),
    "words of a thought": START + delta({"type": "thinking_delta", "text": "Hm."}) + BOTH + end(),
    "a block of thought": START + block({"type": "thinking"}) + words("Hm.") + block({"type": "text"}, 1)
    + words("Hello", index=1) + words(" there.", index=1) + end(),
    "a thought that was taken out": START + block({"type": "redacted_thinking", "data": "x"}) + BOTH + end(),
    "a tool of the service": START + block({"type": "server_tool_use", "id": "s", "name": "web"})
    + delta({"type": "input_json_delta", "partial_json": "{}"}) + words("Hello there.", index=1) + end(),
    "no counts": event("message_start", message={"usage": None}) + BOTH + end(usage=None),
    "no reason": START + BOTH + end(None),
    "no end of the message": START + BOTH + STOP,
    "no stop": START + BOTH + end().removesuffix(STOP),
    "a broken end": START + BOTH + end(delta=None),
    "a pause": START + BOTH + end("pause_turn"),
    "in one piece": json.dumps(WHOLE),
    "in one piece over lines": json.dumps(WHOLE, indent=1),
    "in one event": f"data: {json.dumps(WHOLE)}\n\n",
    "noise": "event: x\ndata: null\n\ndata:\n\n: hi\n\n\ufeff" + PLAIN + "data: [DONE]\n\n",
}  # fmt: skip


@pytest.mark.parametrize("body", OLLAMA.values(), ids=OLLAMA.keys())
async def test_an_answer_of_ollama_is_an_answer(body: str | bytes) -> None:
    for step in (3, 100_000):
        assert said(await heard("ollama", body, step=step)) == "Hello there."


@pytest.mark.parametrize("body", CLAUDE.values(), ids=CLAUDE.keys())
async def test_an_answer_of_claude_is_an_answer(body: str) -> None:
    for step in (7, 100_000):
        assert said(await heard("claude", body, step=step)) == "Hello there."


@pytest.mark.parametrize("space", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
async def test_a_separator_within_words_ends_no_line(space: str) -> None:
    words = lines(line(f"Hello{space}"), THERE, DONE).replace(json.dumps(space)[1:-1], space)
    assert said(await heard("ollama", words)) == f"Hello{space} there."


@pytest.mark.parametrize(("name", "body"), [("ollama", lines(HELLO, THERE, DONE)), ("claude", PLAIN)])
async def test_the_end_of_an_answer_is_not_waited_for(name: str, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.mind.event_stream.DRAIN_S", 0.01)
    async with asyncio.timeout(20):
        deltas = await heard(name, body, stays=True)
    assert said(deltas) == "Hello there."
    assert deltas[-1].usage in (Usage(3, 4), Usage(5, 7))


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([[call({"city": "Paris"})]], ['{"city": "Paris"}']),
        ([[call('{"city": "Paris"}')]], ['{"city": "Paris"}']),
        ([[call(None)]], [""]),
        ([[{"function": {"name": "weather"}}]], [""]),
        ([call({})], ["{}"]),
        ([[call({"n": 1}), call({"n": 2})]], ['{"n": 1}', '{"n": 2}']),
        ([[call({"n": 1})], [call({"n": 2})]], ['{"n": 1}', '{"n": 2}']),
        ([[call({"n": 1}, index=0)], [call({"n": 2}, index=1)]], ['{"n": 1}', '{"n": 2}']),
        ([[call('{"n":')], [{"function": {"arguments": " 1}"}}]], ['{"n": 1}']),
        ([[call('{"n":')], [call(" 1}")]], ['{"n": 1}']),
    ],
)
async def test_calls_of_ollama_are_calls(calls: list[Any], expected: list[str]) -> None:
    deltas = await heard("ollama", lines(*(line("", {"tool_calls": each}) for each in calls), DONE))
    found = [delta.call for delta in deltas if delta.call]
    assert found == [ToolCall(f"call_{n}", "weather", arguments) for n, arguments in enumerate(expected)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (block(TOOL) + delta({"type": "input_json_delta", "partial_json": '{"n": 1}'}), ("c1", '{"n": 1}')),
        (block(TOOL) + delta({"type": "input_json_delta", "partial_json": None}), ("c1", "")),
        (block(TOOL) + delta({"type": "input_json_delta"}), ("c1", "")),
        (block(TOOL) + delta({"type": "input_json_delta", "partial_json": {"n": 1}}), ("c1", '{"n": 1}')),
        (block(TOOL) + delta({"partial_json": "{}"}), ("c1", "{}")),
        (block(TOOL | {"input": {"n": 1}}), ("c1", '{"n": 1}')),
        (block(TOOL, "0") + delta({"type": "input_json_delta", "partial_json": "{}"}), ("c1", "{}")),
        (block(TOOL | {"id": 7}), ("7", "")),
        (block({"type": "tool_use", "name": "weather"}), ("call_0", "")),
    ],
)
async def test_calls_of_claude_are_calls(body: str, expected: tuple[str, str]) -> None:
    deltas = await heard("claude", START + body + end("tool_use"))
    found = [delta.call for delta in deltas if delta.call]
    assert found == [ToolCall(expected[0], "weather", expected[1])]


@pytest.mark.parametrize("counts", [{"prompt_eval_count": "12", "eval_count": 3.0}, {"prompt_eval_count": 12}])
async def test_counts_of_ollama_are_numbers(counts: dict[str, Any]) -> None:
    deltas = await heard("ollama", lines(HELLO, line("", done=True, **counts)))
    assert deltas[-1].usage == Usage(12, 3 if "eval_count" in counts else 0)


async def test_counts_that_cannot_be_are_none() -> None:
    deltas = await heard("claude", START + BOTH + end(usage={"output_tokens": -4, "input_tokens": None}))
    assert deltas[-1].usage == Usage(5, 0)
    assert not [each.usage for each in await heard("ollama", lines(HELLO, line("", done=True))) if each.usage]


OVER = {"type": "overloaded_error", "message": "Overloaded"}


@pytest.mark.parametrize(
    ("name", "body", "error", "told"),
    [
        ("ollama", lines('{"error": "no memory"}'), TransientError, "Ollama failed: no memory"),
        ("ollama", lines(HELLO, '{"error": {"message": "no memory"}}'), TransientError, "Ollama failed: no memory"),
        ("ollama", lines('{"error": {"message": "slow down", "code": 429}}'), QuotaError, "slow down"),
        ("ollama", PAGE, TransientError, "DOCTYPE"),
        ("ollama", "", TransientError, "broke off"),
        ("ollama", lines(HELLO, THERE), TransientError, "broke off"),
        ("ollama", lines(line("", {"thinking": "Hm."}), DONE), TransientError, "empty"),
        ("ollama", lines(line("", done=True, done_reason="load")), TransientError, "empty"),
        ("ollama", lines(HELLO, '{"message": {"con'), TransientError, "broken JSON"),
        ("claude", START + words("Hello") + event("error", error=OVER), TransientError, "529: Overloaded"),
        ("claude", f"data: {json.dumps({'type': 'error', 'error': OVER})}\n\n", TransientError, "529: Overloaded"),
        ("claude", json.dumps({"error": {"type": "rate_limit_error", "message": "slow"}}), QuotaError, "slow"),
        ("claude", event("error", error="no"), TransientError, "the service failed: no"),
        ("claude", START + end("refusal"), UnusableError, "refused"),
        ("claude", PAGE, TransientError, "DOCTYPE"),
        ("claude", START + event("ping") * 3, TransientError, "broke off"),
        ("claude", START + block({"type": "thinking"}) + words("Hm.") + end(), TransientError, "empty"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(name: str, body: str, error: type[ProviderError], told: str) -> None:
    with pytest.raises(error, match=told):
        await heard(name, body)


@pytest.mark.parametrize("name", ["ollama", "claude"])
@pytest.mark.parametrize("data", [b"junk" * 50, gzip.compress(b"x" * 999, mtime=0)[:-12]])
async def test_a_broken_compression_is_no_fault_of_the_connection(name: str, data: bytes) -> None:
    with pytest.raises(TransientError, match="no proper answer"):
        await heard(name, data, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("name", ["ollama", "claude"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_server_that_sends_elsewhere_is_not_followed(name: str, status: int) -> None:
    asked = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status, headers={"Location": "/api/chat"})

    async with served(name, answer) as llm:
        with pytest.raises(TransientError) as caught:
            await collect(llm)
    assert asked == 1
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("body", "remedy"), [('{"error": "model \'m\' not found"}', "ollama pull m"), ("<html>404</html>", "is it Ollama")]
)
async def test_what_is_missing_at_ollama_is_told_apart(body: str, remedy: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=404, text=body)

    async with served("ollama", answer) as llm:
        with pytest.raises(FatalError) as caught:
            await collect(llm)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434/"),
        ("127.0.0.1", "http://127.0.0.1:11434/"),
        ("ollama.lan:8080", "http://ollama.lan:8080/"),
        ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/"),
        ("https://ollama.lan/behind", "https://ollama.lan/behind/"),
        ("[::1]:11434", "http://[::1]:11434/"),
    ],
)
def test_an_address_needs_no_scheme_and_no_port(host: str, url: str) -> None:
    assert ollama_url(host) == url


async def test_claude_is_shown_a_picture_in_its_own_form() -> None:
    asked: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.Response(text=PLAIN, content_type="text/event-stream")

    picture = b"\x89PNG\r\n"
    async with served("claude", answer) as llm:
        line = Line("user", "what is it?", (picture,))
        assert said(await collect(llm, Prompt((Line("system", "Look."), line), max_tokens=9))) == "Hello there."
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(picture).decode()}
    content = [{"type": "text", "text": "what is it?"}, {"type": "image", "source": source}]
    assert asked[0]["messages"] == [{"role": "user", "content": content}]
