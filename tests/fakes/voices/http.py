"""The voices over HTTP: Azure, GPT-SoVITS, VOICEVOX."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.etree import ElementTree as ET

from aiohttp import web

from tests.fakes.openai_server import RATE, tone, wav
from tests.fakes.voices import VoiceService, running, stream_over_http


class AzureService(VoiceService):
    """Reads the SSML as XML, as the service does: what is no XML is refused."""

    async def speak(self, request: web.Request) -> web.StreamResponse:
        """Stream raw sound."""
        self.note(request)
        ssml = await request.text()
        self.requests.append(ssml)
        if refusal := self.refusal():
            return refusal
        try:
            ET.fromstring(ssml)  # noqa: S314 - our own
        except ET.ParseError as error:
            return web.Response(status=400, text=str(error))
        if not request.headers.get("User-Agent"):
            return web.Response(status=400, text="User-Agent is required")
        if self.mode == "garbage":
            return web.Response(text="<html>busy</html>", content_type="text/html")
        return await stream_over_http(self, request, "audio/x-raw")


class GptSovitsService(VoiceService):
    """Streams a WAV file whose header knows no length."""

    async def speak(self, request: web.Request) -> web.StreamResponse:
        """Stream a header and raw sound."""
        self.note(request)
        self.requests.append(await request.json())
        if refusal := self.refusal():
            return refusal
        if self.mode == "garbage":
            return web.json_response({"message": "tts failed"})
        form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
        head = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", 16) + form + b"data\0\0\0\0"
        return await stream_over_http(self, request, "audio/wav", head)


class VoicevoxService(VoiceService):
    """Answers a whole WAV file for each query."""

    async def query(self, request: web.Request) -> web.StreamResponse:
        """Return the query for a text."""
        self.note(request)
        if refusal := self.refusal():
            return refusal
        if self.mode == "garbage":
            return web.json_response({"detail": "?"})
        return web.json_response({"accent_phrases": [], "speedScale": 1.0, "kana": request.query["text"]})

    async def synthesis(self, request: web.Request) -> web.StreamResponse:
        """Return the sound of a query, in pieces, as a slow network brings it."""
        self.note(request)
        self.requests.append(await request.json())
        whole = wav(tone(self.seconds))
        head = whole[: len(whole) - len(tone(self.seconds))]
        if self.mode == "empty":
            return web.Response(body=wav(b""), content_type="audio/wav")
        return await stream_over_http(self, request, "audio/wav", head)


@asynccontextmanager
async def http_service(name: str) -> AsyncIterator[VoiceService]:
    """Run the fake of a voice over HTTP."""
    if name == "azure":
        azure = AzureService()
        async with running(azure, [web.post("/cognitiveservices/v1", azure.watched(azure.speak))]):
            yield azure
    elif name == "gpt_sovits":
        sovits = GptSovitsService()
        async with running(sovits, [web.post("/tts", sovits.watched(sovits.speak))]):
            yield sovits
    else:
        engine = VoicevoxService()
        routes = [
            web.post("/audio_query", engine.watched(engine.query)),
            web.post("/synthesis", engine.watched(engine.synthesis)),
        ]
        async with running(engine, routes):
            yield engine
