"""Azure's speech service as its REST interface for short audio answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import Fake, break_off, pour, serving


class AzureSpeech(Fake):
    """``status`` is the service's word for what it heard; ``said`` what it heard."""

    def __init__(self) -> None:
        super().__init__()
        self.status = "Success"
        self.said = "Hello chat"
        self.confidence: Any = 0.87
        self.headers: list[dict[str, str]] = []
        self.queries: list[dict[str, str]] = []

    async def recognise(self, request: web.Request) -> web.StreamResponse:
        """Answer a WAV file with the detailed format."""
        self.requests.append({"file": await request.read()})
        self.headers.append(dict(request.headers))
        self.queries.append(dict(request.query))
        if refusal := self.refusal():
            return refusal
        if self.mode in ("huge", "endless"):
            return await pour(request)
        if self.mode == "garbage":
            return web.Response(text="<html>", content_type="text/html")
        if self.mode == "shape":
            return web.json_response({"RecognitionStatus": "Success", "NBest": [{"Display": None}]})
        if self.mode == "empty":
            return web.Response(body=b"")
        if self.mode == "cut":
            break_off(request)
        if self.mode == "short":
            return web.Response(text='{"RecognitionStatus": "Suc', content_type="application/json")
        await self.pause()
        answer: dict[str, Any] = {"RecognitionStatus": self.status, "Offset": 300_000, "Duration": 9_000_000}
        if self.status == "Success":
            lexical = self.said.lower()
            best = {"Confidence": self.confidence, "Lexical": lexical, "ITN": lexical, "MaskedITN": lexical}
            answer |= {"DisplayText": self.said, "NBest": [best | {"Display": self.said}]}
        return web.json_response(answer)


@asynccontextmanager
async def azure_speech() -> AsyncIterator[AzureSpeech]:
    """Run the fake."""
    fake = AzureSpeech()
    path = "/speech/recognition/conversation/cognitiveservices/v1"
    async with serving(fake, [web.post(path, fake.watched(fake.recognise))]):
        yield fake
