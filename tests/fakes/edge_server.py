"""The read-aloud service of Edge: a WebSocket that takes SSML and sends MP3 and where the words begin."""

from __future__ import annotations

import asyncio
import functools
import html
import io
import json
import math
import re
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import av
from aiohttp import WSMsgType, web

from tests.fakes import Fake, break_off, serving

RATE = 24_000
WORD_S = 0.3
#: Not a whole number of MP3 frames (144 bytes), as in life.
CHUNK = 720 + 50
_TICKS = 10_000_000


class EdgeServer(Fake):
    """Each word takes 0.3 s. ``requests`` holds the SSML that came."""

    @property
    def url(self) -> str:
        """The address as edge-tts wants it."""
        return f"ws://127.0.0.1:{self.port}/edge/v1?TrustedClientToken=x"

    async def read_aloud(self, request: web.Request) -> web.StreamResponse:
        """Answer one connection."""
        if refusal := self.refusal():
            return refusal
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async with asyncio.TaskGroup() as group:
            talking: list[asyncio.Task[None]] = []
            async for message in socket:
                if message.type is WSMsgType.TEXT and "Path:ssml" in message.data:
                    ssml = message.data.partition("\r\n\r\n")[2]
                    self.requests.append(ssml)
                    talking.append(group.create_task(self._talk(request, socket, ssml)))
            for task in talking:  # the socket is closed: by us when all was said, or by a client that lost interest
                task.cancel()
        return socket

    async def _talk(self, request: web.Request, socket: web.WebSocketResponse, ssml: str) -> None:
        try:
            await self._say(request, socket, ssml)
        except ConnectionError:
            self.gone.set()
        except asyncio.CancelledError:
            self.gone.set()
            raise

    async def _say(self, request: web.Request, socket: web.WebSocketResponse, ssml: str) -> None:
        text = html.unescape(re.sub(r"<[^>]*>", "", ssml)).strip()
        words = re.findall(r"[\u4e00-\u9fff]{1,2}|[^\W\u4e00-\u9fff]+", text)
        await socket.send_str(_head("turn.start", "application/json") + "{}")
        if self.mode == "garbage":
            await socket.send_bytes(b"\xff\xff nonsense")
        if self.mode == "shape":
            await socket.send_str(_head("audio.metadata", "application/json") + '{"Metadata": [{}]}')
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "slow":
            await asyncio.sleep(0.3)
        sound = b"" if self.mode == "empty" else mp3(len(words) * WORD_S)
        for number, word in enumerate(words):
            await socket.send_str(_head("audio.metadata", "application/json") + _boundary(number, word))
            begin, end = (len(sound) * n // len(words) for n in (number, number + 1))
            for at in range(begin, end, CHUNK):
                await socket.send_bytes(audio(sound[at : min(end, at + CHUNK)]))
            if number == len(words) // 2:
                if self.mode == "cut":
                    break_off(request)
                    return
                if self.mode == "short":
                    await socket.close()
                    return
            await self.pause()
        while self.mode == "endless":
            await socket.send_bytes(audio(sound[:1440]))
            await asyncio.sleep(0)
        await socket.send_str(_head("turn.end", "application/json") + "{}")


@asynccontextmanager
async def edge_server() -> AsyncIterator[EdgeServer]:
    """Run the fake; point ``edge_tts.communicate.WSS_URL`` at its ``url``."""
    fake = EdgeServer()
    async with serving(fake, [web.get("/edge/v1", fake.read_aloud)]):
        yield fake


@functools.cache
def mp3(seconds: float) -> bytes:
    """Encode a tone as the service does: 24 kHz, 48 kbit/s, mono, frames alone."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("mp3", rate=RATE, bit_rate=48_000, layout="mono")
        samples = [int(8000 * math.sin(2 * math.pi * 220 * n / RATE)) for n in range(int(seconds * RATE))]
        frame = av.AudioFrame(format="s16p", layout="mono", samples=len(samples))
        frame.sample_rate = RATE
        frame.planes[0].update(struct.pack(f"<{len(samples)}h", *samples))
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


def _head(path: str, kind: str) -> str:
    return f"X-RequestId:1\r\nContent-Type:{kind}; charset=utf-8\r\nPath:{path}\r\n\r\n"


def told(path: str, what: str) -> str:
    """Return a message of text."""
    return _head(path, "application/json") + what


def audio(data: bytes) -> bytes:
    """Return a message with sound."""
    head = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
    return len(head).to_bytes(2, "big") + head + data


def _boundary(number: int, word: str) -> str:
    data = {
        "Offset": int(number * WORD_S * _TICKS),
        "Duration": int(WORD_S * _TICKS),
        "text": {"Text": html.escape(word), "Length": len(word), "BoundaryType": "WordBoundary"},
    }
    return json.dumps({"Metadata": [{"Type": "WordBoundary", "Data": data}]})
