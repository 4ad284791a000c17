"""Anthropic's Messages API: events of an answer, tools, the cache, models; on loopback."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import ENDLESS, Fake, break_off, serving
from tests.fakes.openai_server import REPLY

TYPES = {"401": "authentication_error", "404": "not_found_error", "429": "rate_limit_error", "500": "api_error"}


class AnthropicServer(Fake):
    """It keeps to the rules of the service: a key, turns that alternate, a system apart, no stop of white space.

    ``refuses`` are parts of a request that its models do not know; ``error`` is the type of an error that comes in
    the middle of an answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reply = REPLY
        self.model = "m"
        self.headers: list[dict[str, str]] = []
        self.refuses: set[str] = set()
        self.error = ""
        self.stop_reason = "end_turn"
        #: What the cache has: the beginnings that were marked.
        self.kept: set[str] = set()

    def refusal(self) -> web.Response | None:
        """Return the answer of the modes that are a status, as this service words it."""
        if not self.mode.isdigit():
            return None
        return _error(int(self.mode), TYPES[self.mode], f"this is a {self.mode}")

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """Stream an answer, or a call when there are tools."""
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if refusal := self.refusal():
            return refusal
        if wrong := self._wrong(body, request):
            return _error(400, "invalid_request_error", wrong)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(
            _event("message_start", message={"id": "1", "role": "assistant", "usage": self._read(body)})
        )
        pieces = self._call() if body.get("tools") else self._words(body)
        for number, piece in enumerate([] if self.mode == "empty" else pieces):
            if number == 2:
                await response.write(b'event: ping\ndata: {"type": "ping"}\n\n')
                if self.mode == "cut":
                    break_off(request)
                    return response
                if self.mode == "short":
                    return response
                if self.mode == "garbage":
                    await response.write(b'event: content_block_delta\ndata: {"type": "content_blo\n\n')
                if self.mode == "shape":
                    await response.write(_event("content_block_delta", index=0, delta=5))
                if self.mode == "endless":
                    for _ in range(ENDLESS):
                        await response.write(_text("word "))
                if self.error:
                    await response.write(_event("error", error={"type": self.error, "message": "Overloaded"}))
                    return response
            await response.write(piece)
            if number:
                await self.pause()
        reason = "tool_use" if body.get("tools") else self.stop_reason
        await response.write(_event("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": 7}))
        await response.write(_event("message_stop"))
        return response

    def _wrong(self, body: dict[str, Any], request: web.Request) -> str:
        """Return what the service would not like of a request."""
        assert "x-api-key" in request.headers or request.headers["Authorization"].startswith("Bearer ")
        assert request.headers["anthropic-version"]
        roles = [turn["role"] for turn in body["messages"]]
        if part := next((part for part in sorted(self.refuses) if part in body), ""):
            return f"{part}: Extra inputs are not permitted"
        if roles[0] != "user" or any(a == b for a, b in itertools.pairwise(roles)) or "system" in roles:
            return "messages: roles must alternate"
        if any(not stop.strip() for stop in body.get("stop_sequences", ())):
            return "stop_sequences: each stop sequence must contain non-whitespace"
        return "" if body.get("temperature", 0) <= 1 else "temperature: range: 0..1"

    def _read(self, body: dict[str, Any]) -> dict[str, int]:
        marked = [json.dumps(block) for block in body.get("system", ()) if "cache_control" in block]
        known = bool(marked) and marked[0] in self.kept
        self.kept.update(marked)
        return {
            "input_tokens": 5,
            "cache_read_input_tokens": 6 if known else 0,
            "cache_creation_input_tokens": 6 if marked and not known else 0,
            "output_tokens": 1,
        }

    def _words(self, body: dict[str, Any]) -> list[bytes]:
        thought = [_event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "They greet."})]
        words = [_text(word + " ") for word in self.reply.split(" ")] if self.reply else []
        block = {"type": "text", "text": ""}
        return [
            *(thought if "thinking" in body else []),
            _event("content_block_start", index=0, content_block=block),
            *words,
        ]

    def _call(self) -> list[bytes]:
        block = {"type": "tool_use", "id": "call_9", "name": "weather", "input": {}}
        parts = ('{"city": ', '"Paris"}')
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        start = _event("content_block_start", index=0, content_block=block)
        return [start, *(_event("content_block_delta", index=0, delta=delta) for delta in deltas)]

    async def retrieve(self, request: web.Request) -> web.StreamResponse:
        """Describe the one model."""
        if refusal := self.refusal():
            return refusal
        if request.match_info["model"] != self.model:
            return _error(404, "not_found_error", f"model: {request.match_info['model']}")
        return web.json_response(
            {"type": "model", "id": "m-2026", "display_name": "M", "created_at": "2026-01-01T00:00:00Z"}
        )


@asynccontextmanager
async def anthropic_server() -> AsyncIterator[AnthropicServer]:
    """Run the fake; its address is the ``base_url``."""
    fake = AnthropicServer()
    routes = [
        web.post("/v1/messages", fake.watched(fake.messages)),
        web.get("/v1/models/{model}", fake.retrieve),
    ]
    async with serving(fake, routes):
        yield fake


def _event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n".encode()


def _text(words: str) -> bytes:
    return _event("content_block_delta", index=0, delta={"type": "text_delta", "text": words})


def _error(status: int, kind: str, words: str) -> web.Response:
    body = {"type": "error", "error": {"type": kind, "message": words}}
    headers = {"Retry-After": "7"} if status == 429 else {}
    return web.json_response(body, status=status, headers=headers)
