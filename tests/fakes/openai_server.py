"""OpenAI's API as servers everywhere imitate it: chat completions (streamed), speech, models."""

from __future__ import annotations

import functools
import json
import math
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import ENDLESS, Fake, break_off, pour, serving

REPLY = "Well hello there, chat! 今天我们玩什么？ Let us see."
RATE = 24_000
#: Odd on purpose: network chunks do not end where samples do.
CHUNK = 1337
#: The categories of the moderation endpoint.
MODERATION = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm"),
    *("self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic"),
)
#: More speech than anybody asks for.
ENDLESS_S = 200.0


class OpenAIServer(Fake):
    """``format`` is what speech comes as in spite of what is asked: "pcm", "wav" or "mp3"."""

    def __init__(self) -> None:
        super().__init__()
        self.reply = REPLY
        self.model = "m"
        self.format = "pcm"
        self.seconds = 1.0
        self.headers: list[dict[str, str]] = []
        #: What the moderation endpoint finds, with its scores.
        self.flagged: dict[str, float] = {}
        #: What the transcriptions say, and how much the recogniser doubts that anybody spoke.
        self.said = "Hello chat"
        self.no_speech = 0.01

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Stream a reply word by word, or a tool call when there are tools; then the usage when it is wanted."""
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if refusal := self.refusal():
            return refusal
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        chunks = self._call() if body.get("tools") else self._words()
        for number, chunk in enumerate(chunks):
            if self.mode == "empty":
                break
            if number == 2:
                if self.mode == "cut":
                    break_off(request)
                    return response
                if self.mode == "short":
                    return response
                if self.mode == "garbage":
                    await response.write(b'data: {"choices": [{"del\n\n')
                if self.mode == "shape":
                    await response.write(b'data: {"choices": [{"delta": 5}]}\n\n')
                if self.mode == "endless":
                    for _ in range(ENDLESS):
                        await response.write(_event(_chunk({"content": "word "})))
            await response.write(_event(chunk))
            if number:
                await self.pause()
        if self.mode != "empty" and body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            await response.write(_event(_chunk({}) | {"choices": [], "usage": usage}))
        await response.write(b"data: [DONE]\n\n")
        return response

    def _words(self) -> list[dict[str, Any]]:
        words = [word + " " for word in self.reply.split(" ")]
        return [
            _chunk({"role": "assistant", "content": ""}),
            *(_chunk({"content": word}) for word in words),
            _chunk({}, "stop"),
        ]

    def _call(self) -> list[dict[str, Any]]:
        def part(**function: str) -> dict[str, Any]:
            return _chunk({"tool_calls": [{"index": 0, "function": function}]})

        first = part(name="weather", arguments="")
        first["choices"][0]["delta"]["tool_calls"][0] |= {"id": "call_9", "type": "function"}
        return [first, part(arguments='{"city": '), part(arguments='"Paris"}'), _chunk({}, "tool_calls")]

    async def speech(self, request: web.Request) -> web.StreamResponse:
        """Stream a tone."""
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        if refusal := self.refusal():
            return refusal
        if self.mode == "garbage":
            return web.json_response({"oops": True})
        if self.mode == "empty":
            return web.Response(body=b"", content_type="audio/pcm")
        sound = tone(ENDLESS_S if self.mode == "endless" else self.seconds)
        kinds = {"pcm": "audio/pcm", "wav": "audio/wav", "mp3": "audio/mpeg"}
        headers = {"Content-Type": kinds[self.format]}
        if self.format == "wav":
            sound = wav(sound)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        step = 50 * CHUNK if self.mode == "endless" else CHUNK
        for at in range(0, len(sound), step):
            if at:
                if self.mode == "cut":
                    break_off(request)
                    return response
                if self.mode == "short":  # within a sample, or before the end that the header promised
                    return response
                await self.pause()
            await response.write(sound[at : at + step])
        return response

    async def transcriptions(self, request: web.Request) -> web.StreamResponse:
        """Transcribe a WAV file: always `said`, as JSON, with the details, or streamed word by word."""
        form = await request.post()
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        sound = form["file"]
        assert isinstance(sound, web.FileField)
        fields["file"] = sound.file.read()  # type: ignore[assignment]
        sound.file.close()
        self.requests.append(fields)
        self.headers.append(dict(request.headers))
        if refusal := self.refusal():
            return refusal
        if self.mode == "huge":
            return await pour(request)
        if self.mode == "garbage":
            return web.Response(text='{"text": "Hel', content_type="application/json")
        if self.mode == "shape":
            return web.json_response({"text": 5})
        if self.mode == "empty":
            return web.Response(body=b"", content_type="application/json")
        if self.mode == "cut":
            break_off(request)
        tokens = [{"token": "Hello", "logprob": -0.1}, {"token": " chat", "logprob": -0.3}]
        if fields.get("stream") == "true":
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            for number, word in enumerate(self.said.split(" ")):
                delta = word if number == 0 else f" {word}"
                await response.write(_event({"type": "transcript.text.delta", "delta": delta}))
                if self.mode == "short":
                    return response
                if self.mode == "endless":
                    for _ in range(ENDLESS):
                        await response.write(_event({"type": "transcript.text.delta", "delta": " word" * 20}))
                await self.pause()
            await response.write(_event({"type": "transcript.text.done", "text": self.said, "logprobs": tokens}))
            return response
        answer: dict[str, Any] = {"text": self.said}
        if fields.get("response_format") == "verbose_json":
            segment = {"text": self.said, "avg_logprob": -0.2, "no_speech_prob": self.no_speech}
            answer |= {"task": "transcribe", "language": "english", "duration": 1.0, "segments": [segment]}
        return web.json_response(answer)

    async def moderations(self, request: web.Request) -> web.StreamResponse:
        """Judge a text: every category with a score, flagged where `flagged` says so."""
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        if refusal := self.refusal():
            return refusal
        if self.mode == "huge":
            return await pour(request)
        if self.mode == "garbage":
            return web.Response(text='{"results": [{"fla', content_type="application/json")
        if self.mode == "cut":
            break_off(request)
        scores = dict.fromkeys(MODERATION, 0.001) | self.flagged
        result: dict[str, Any] = {
            "flagged": bool(self.flagged),
            "categories": {name: name in self.flagged for name in MODERATION},
            "category_scores": scores,
            "category_applied_input_types": {name: ["text"] for name in MODERATION},
        }
        results = {"shape": [{"flagged": "yes"}], "empty": []}.get(self.mode, [result])
        return web.json_response({"id": "modr-1", "model": "omni-moderation-latest", "results": results})

    async def models(self, request: web.Request) -> web.StreamResponse:
        """List the one model."""
        if refusal := self.refusal():
            return refusal
        return web.json_response({"object": "list", "data": [{"id": self.model, "object": "model", "created": 0}]})


@asynccontextmanager
async def openai_server() -> AsyncIterator[OpenAIServer]:
    """Run the fake; its API begins at ``address + "/v1"``."""
    fake = OpenAIServer()
    routes = [
        web.post("/v1/chat/completions", fake.watched(fake.chat)),
        web.post("/v1/audio/speech", fake.watched(fake.speech)),
        web.post("/v1/audio/transcriptions", fake.watched(fake.transcriptions)),
        web.post("/v1/moderations", fake.watched(fake.moderations)),
        web.get("/v1/models", fake.models),
    ]
    async with serving(fake, routes):
        yield fake


@functools.cache
def tone(seconds: float) -> bytes:
    """Make a 220 Hz tone as s16le at `RATE`; long ones repeat their first second."""
    count = int(min(seconds, 1.0) * RATE)
    wave = b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 220 * n / RATE))) for n in range(count))
    return wave * max(1, int(seconds))


def wav(sound: bytes) -> bytes:
    """Put a header before samples, with one chunk in it that nobody needs."""
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    chunks = b"LIST" + struct.pack("<I", 4) + b"abcd" + b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
