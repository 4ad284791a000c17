"""A server of embeddings with OpenAI's and Ollama's ways in. Its vectors are told by the letters of a text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import Fake, break_off, pour, serving


class EmbeddingServer(Fake):
    """Gives vectors of ``dimensions`` numbers. ``raw`` replaces the vectors of every answer."""

    def __init__(self) -> None:
        super().__init__()
        self.dimensions = 8
        self.headers: list[str] = []
        self.raw: Any = None

    def vectors(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors; a text's letters are counted."""
        return [
            [1.0 + sum(ord(c) % self.dimensions == n for c in text) for n in range(self.dimensions)] for text in texts
        ]

    async def embed(self, request: web.Request) -> web.StreamResponse:
        """Answer in the shape that the path asks for."""
        body = await request.json()
        self.requests.append(body)
        self.headers.append(request.headers.get("Authorization", ""))
        if refusal := self.refusal():
            return refusal
        if self.mode == "huge":
            return await pour(request)
        if self.mode == "cut":
            break_off(request)
        if self.mode == "garbage":
            return web.Response(text='{"data": [{"emb', content_type="application/json")
        if self.mode == "shape":
            return web.json_response({"data": 5, "embeddings": 5})
        made = self.raw if self.raw is not None else self.vectors(body["input"])
        made = [] if self.mode == "empty" else made[:-1] if self.mode == "short" else made
        if request.path.endswith("/api/embed"):
            answer: dict[str, Any] = {"model": body["model"], "embeddings": made}
        else:
            # Servers need not keep the order; the index tells.
            data = [{"object": "embedding", "index": n, "embedding": v} for n, v in enumerate(made)]
            answer = {"object": "list", "data": data[::-1], "model": body["model"], "usage": {"prompt_tokens": 3}}
        return web.Response(text=json.dumps(answer), content_type="application/json")


@asynccontextmanager
async def embedding_server() -> AsyncIterator[EmbeddingServer]:
    """Listen until the block ends."""
    fake = EmbeddingServer()
    handler = fake.watched(fake.embed)
    async with serving(fake, [web.post("/v1/embeddings", handler), web.post("/api/embed", handler)]):
        yield fake
