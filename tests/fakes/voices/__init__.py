"""Services that speak, each by its real wire; what they have in common stands here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import Fake, break_off, serving
from tests.fakes.openai_server import CHUNK, ENDLESS_S, tone


class VoiceService(Fake):
    """``seconds`` of a tone for each text; ``headers`` and ``queries`` are those of the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1.0
        self.headers: list[dict[str, str]] = []
        self.queries: list[dict[str, str]] = []

    @property
    def socket_address(self) -> str:
        """Where its sockets are."""
        return f"ws://127.0.0.1:{self.port}"

    def pieces(self) -> list[bytes]:
        """Return the sound in pieces that do not end where samples do; the mode "empty" has none."""
        if self.mode == "empty":
            return []
        sound = tone(ENDLESS_S if self.mode == "endless" else self.seconds)
        step = 50 * CHUNK if self.mode == "endless" else CHUNK
        return [sound[at : at + step] for at in range(0, len(sound), step)]

    def note(self, request: web.Request) -> None:
        """Keep what a request brought beside its body."""
        self.headers.append(dict(request.headers))
        self.queries.append(dict(request.query))


class SocketService(VoiceService):
    """One that speaks over a WebSocket: `talk` is its side of the conversation."""

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Answer one connection."""
        self.note(request)
        if refusal := self.refusal():
            return refusal
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with contextlib.suppress(ConnectionError, EOFError):
            if self.mode == "garbage":
                await socket.send_str('{"audio": ')
            else:
                await self.talk(request, socket)
            await socket.close()
        if self.mode in ("stall", "endless"):
            self.gone.set()
        return socket

    async def talk(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Take the texts and send the sound."""
        raise NotImplementedError

    async def receive(self, socket: web.WebSocketResponse) -> Any:
        """Return the next object; `EOFError` when the client left."""
        message = await socket.receive()
        if message.type is not web.WSMsgType.TEXT:
            raise EOFError
        found = message.json()
        self.requests.append(found)
        return found

    async def stream(
        self, request: web.Request, socket: web.WebSocketResponse, send: Callable[[bytes], Awaitable[None]]
    ) -> bool:
        """Send the sound; return whether all of it went out."""
        for number, piece in enumerate(self.pieces()):
            if number == 1 and self.mode == "cut":
                break_off(request)
                raise EOFError
            if number == 1 and self.mode == "short":
                return False
            if number == 1 and self.mode == "stall":
                while (await socket.receive()).type is web.WSMsgType.TEXT:
                    pass
                raise EOFError
            await send(piece)
            await asyncio.sleep(0)
        return True


@asynccontextmanager
async def running(fake: VoiceService, routes: list[web.RouteDef]) -> AsyncIterator[None]:
    """Run a fake."""
    async with serving(fake, routes):
        yield


async def stream_over_http(
    fake: VoiceService, request: web.Request, kind: str, head: bytes = b""
) -> web.StreamResponse:
    """Send the sound as the chunks of a response, after a head."""
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    if head:
        await response.write(head)
    for number, piece in enumerate(fake.pieces()):
        if number == 1:
            if fake.mode == "cut":
                break_off(request)
                return response
            if fake.mode == "short":  # within a sample
                return response
            await fake.pause()
        await response.write(piece)
    return response
