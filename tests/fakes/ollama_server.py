"""Ollama's own API: chat as lines of JSON, and the list of models."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import ENDLESS, Fake, break_off, pour, serving

REPLY = "Well hello there, chat! 今天我们玩什么？ Let us see."


class OllamaServer(Fake):
    """Serves the model ``m:latest``."""

    def __init__(self) -> None:
        super().__init__()
        self.reply = REPLY

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Stream a reply word by word, or a tool call when there are tools."""
        body = await request.json()
        self.requests.append(body)
        if refusal := self.refusal():
            pause = {"Retry-After": refusal.headers["Retry-After"]} if self.mode == "429" else {}
            return web.json_response({"error": f"this is a {self.mode}"}, status=refusal.status, headers=pause)
        if body.get("stream") is False:
            return await self._whole(request)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        if self.mode == "empty":
            return response
        for number, message in enumerate(self._messages(body)):
            if number == 2:
                if self.mode == "cut":
                    break_off(request)
                    return response
                if self.mode == "short":
                    return response
                if self.mode == "garbage":
                    await response.write(b'{"message": {"con\n')
                if self.mode == "shape":
                    await response.write(b'{"message": 5}\n')
                if self.mode == "endless":
                    for _ in range(ENDLESS):
                        await response.write(_line({"role": "assistant", "content": "word "}))
            await response.write(_line(message))
            await self.pause()
        done = {"done": True, "done_reason": "stop", "prompt_eval_count": 11, "eval_count": 7}
        await response.write(_line({"role": "assistant", "content": ""}, done))
        return response

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        """Answer in one piece."""
        if self.mode == "huge":
            return await pour(request)
        if self.mode == "cut":
            break_off(request)
        if self.mode == "garbage":
            return web.Response(text='{"message": {"con', content_type="application/json")
        message = {"role": "assistant", "content": "" if self.mode == "empty" else self.reply}
        return web.Response(body=_line(5 if self.mode == "shape" else message, {"done": True}))

    def _messages(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        if body.get("tools"):
            call = {"function": {"name": "weather", "arguments": {"city": "Paris"}}}
            return [{"role": "assistant", "content": "", "tool_calls": [call]}]
        return [{"role": "assistant", "content": word + " "} for word in self.reply.split(" ")]

    async def tags(self, request: web.Request) -> web.StreamResponse:
        """List the one model."""
        if refusal := self.refusal():
            return refusal
        return web.json_response({"models": [{"model": "m:latest", "name": "m:latest", "size": 1}]})


@asynccontextmanager
async def ollama_server() -> AsyncIterator[OllamaServer]:
    """Run the fake."""
    fake = OllamaServer()
    routes = [web.post("/api/chat", fake.watched(fake.chat)), web.get("/api/tags", fake.tags)]
    async with serving(fake, routes):
        yield fake


def _line(message: Any, more: dict[str, Any] | None = None) -> bytes:
    head = {"model": "m:latest", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
    return json.dumps(head | (more or {}), ensure_ascii=False).encode() + b"\n"
