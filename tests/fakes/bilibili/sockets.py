"""Both live sockets: they check the key, answer heartbeats, and send events in the asked-for compression."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket as socket_
import struct
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.bilibili import frames
from tests.fakes.bilibili.events import Event
from tests.fakes.bilibili.state import Socket, State


class Sockets:
    def __init__(self, state: State) -> None:
        self.state = state

    async def open(self, request: web.Request) -> web.StreamResponse:
        return await self._handle(request, "open")

    async def web(self, request: web.Request) -> web.StreamResponse:
        return await self._handle(request, "web")

    async def _handle(self, request: web.Request, kind: str) -> web.StreamResponse:
        state = self.state
        if state.is_on("ws_refuse") or state.is_on("down"):
            raise web.HTTPServiceUnavailable
        ws = web.WebSocketResponse(autoping=True, compress=False)
        await ws.prepare(request)
        socket = Socket(ws, kind)
        try:
            async with asyncio.timeout(5):
                first = await ws.receive()
            operation, body = frames.read(first.data) if first.type == WSMsgType.BINARY else (0, b"")
            if operation != frames.AUTH or not self._let_in(socket, body):
                await ws.send_bytes(frames.frame(frames.AUTH_REPLY, b'{"code":-101}'))
                await ws.close()
                return ws
            await ws.send_bytes(frames.frame(frames.AUTH_REPLY, b'{"code":0}'))
            state.sockets.append(socket)
            await self._read(socket)
        except (TimeoutError, ConnectionError, ValueError):
            await ws.close()
        finally:
            with contextlib.suppress(ValueError):
                state.sockets.remove(socket)
        return ws

    def _let_in(self, socket: Socket, body: bytes) -> bool:
        state = self.state
        if state.is_on("auth_refused"):
            return False
        text = body.decode()
        if socket.kind == "open":
            for game in state.games.values():
                if game.auth == text:
                    socket.game = game.id
                    return True
            return False
        said = json.loads(text)
        socket.uid, socket.protover = int(said.get("uid", 0)), int(said.get("protover", 0))
        known = said.get("key") in state.keys and said.get("roomid") == state.room.room and bool(said.get("buvid"))
        state.keys.discard(said.get("key"))
        return known

    async def _read(self, socket: Socket) -> None:
        state = self.state
        async for message in socket.ws:
            if message.type != WSMsgType.BINARY:
                continue
            operation, _ = frames.read(message.data)
            if operation == frames.HEARTBEAT:
                socket.beats += 1
                if not socket.silent and not state.is_on("no_heartbeat_reply"):
                    reply = frames.frame(frames.HEARTBEAT_REPLY, struct.pack(">I", 4321) + b"[object Object]")
                    await socket.ws.send_bytes(reply)

    # --- sending ----------------------------------------------------------------------------------

    def _version(self, socket: Socket) -> int:
        for name, version in frames.VERSIONS.items():
            if self.state.is_on(name):
                return version
        return socket.protover if socket.kind == "web" and socket.protover in (2, 3) else frames.PLAIN

    async def send(self, kind: str, *events: Event) -> int:
        """Send events in one frame to the sockets of a kind; give to how many."""
        state = self.state
        if state.is_on("duplicate"):
            events = tuple(e for e in events for _ in range(2))
        count = 0
        for socket in list(state.sockets):
            if socket.kind == kind and not socket.silent and not socket.ws.closed:
                with contextlib.suppress(ConnectionError):
                    await socket.ws.send_bytes(frames.messages(list(events), self._version(socket)))
                    count += 1
        return count

    async def raw(self, data: bytes | str) -> None:
        for socket in list(self.state.sockets):
            with contextlib.suppress(ConnectionError):
                if isinstance(data, str):
                    await socket.ws.send_str(data)
                else:
                    await socket.ws.send_bytes(data)

    def drop(self) -> None:
        """Reset every socket: no closing handshake, a TCP RST."""
        for socket in list(self.state.sockets):
            transport = _transport(socket.ws)
            if transport is not None:
                linger = struct.pack("ii", 1, 0)
                transport.get_extra_info("socket").setsockopt(socket_.SOL_SOCKET, socket_.SO_LINGER, linger)
                transport.abort()
        self.state.sockets.clear()

    async def close(self) -> None:
        for socket in list(self.state.sockets):
            await socket.ws.close(code=1000)
        self.state.sockets.clear()

    def silence(self) -> None:
        for socket in self.state.sockets:
            socket.silent = True


def _transport(ws: web.WebSocketResponse) -> Any:
    request = ws._req
    return request.transport if request is not None else None
