"""An OpenAI-compatible model and voice with fixed, declared delays, and a log of when each did what.

Defaults: first token after 200 ms, then a word each 25 ms; first sound after 100 ms, then 0.2 s of work
per second of sound. A reply whose first clause has three words is thus sounding after 350 ms at the best.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

REPLY = (
    "Well hello there, I was wondering when you would come by this evening! Tonight we try the racing game again. "
    "I am terrible at corners, so do not expect much of me. Tell me which car I should take, and I will wreck that one."
)
RATE = 24_000


@dataclass
class Upstreams:
    """The fake and its log: ``(monotonic s, what)``."""

    first_token_s: float = 0.2
    word_s: float = 0.025
    first_sound_s: float = 0.1
    work_per_s: float = 0.2
    log: list[tuple[float, str]] = field(default_factory=list)
    port: int = 0

    def note(self, what: str) -> None:
        """Log a moment."""
        self.log.append((time.monotonic(), what))

    def last(self, what: str) -> float:
        """Return the time of the last entry of a kind."""
        return next(at for at, entry in reversed(self.log) if entry == what)

    def since(self, began: float, what: str) -> float | None:
        """Return the time of the first entry of a kind after a moment."""
        return next((at for at, entry in self.log if entry == what and at >= began), None)

    def took_ms(self, asked_at: float) -> float | None:
        """Return what model and voice took for the first sound of the turn that was asked at a moment."""
        request = self.since(asked_at, "llm.request")
        if request is None:
            return None
        clause, speech = self.since(request, "llm.clause"), self.since(request, "tts.request")
        sound = self.since(request, "tts.first")
        if clause is None or speech is None or sound is None:
            return None
        return (clause - request + sound - speech) * 1000

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Stream the reply word by word."""
        await request.read()
        self.note("llm.request")
        with contextlib.suppress(ConnectionResetError):  # the host stopped listening: it was interrupted
            return await self._reply(request)
        return web.Response()

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        start = time.monotonic()
        for index, word in enumerate(REPLY.split(" ")):
            await asyncio.sleep(max(0.0, start + self.first_token_s + index * self.word_s - time.monotonic()))
            delta = {"role": "assistant", "content": word if index == 0 else f" {word}"}
            await answer.write(_event({"index": 0, "delta": delta, "finish_reason": None}))
            if index == 2:
                self.note("llm.clause")
        await answer.write(_event({"index": 0, "delta": {}, "finish_reason": "stop"}) + b"data: [DONE]\n\n")
        return answer

    async def speech(self, request: web.Request) -> web.StreamResponse:
        """Stream the sound of a text; without a voice of its own, 14 characters a second."""
        body = await request.json()
        self.note("tts.request")
        with contextlib.suppress(ConnectionResetError):
            return await self._tone(request, str(body["input"]))
        return web.Response()

    async def sound_of(self, text: str) -> array[int]:
        """Return the sound of a text at `RATE`: here a level, of which nobody hears anything."""
        return array("h", [3000]) * int(RATE * max(0.3, len(text) / 14))

    async def _tone(self, request: web.Request, text: str) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        await answer.prepare(request)
        sound = await self.sound_of(text)
        start, sent, step = time.monotonic(), 0, RATE // 10
        while sent < len(sound):
            due = start + self.first_sound_s + sent / RATE * self.work_per_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await answer.write(sound[sent : sent + step].tobytes())
            if sent == 0:
                self.note("tts.first")
            sent += step
        return answer


def _event(choice: dict[str, object]) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


@asynccontextmanager
async def serve(fake: Upstreams | None = None) -> AsyncIterator[Upstreams]:
    """Run the fake, or another one of its kind, on a free port of loopback."""
    fake = fake or Upstreams()
    app = web.Application()
    app.add_routes([
        web.post("/v1/chat/completions", fake.chat),
        web.post("/v1/audio/speech", fake.speech),
        web.get("/v1/models", _models),
    ])  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    try:
        yield fake
    finally:
        await runner.cleanup()


async def _models(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "m", "object": "model"}]})
