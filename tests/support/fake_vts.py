"""A VTube Studio that speaks the real wire: what it is asked is kept, what it answers can be changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

HOTKEYS = [
    {"name": "Smile", "type": "ToggleExpression", "file": "smile.exp3.json", "hotkeyID": "h1"},
    {"name": "怒り", "type": "ToggleExpression", "file": "angry.exp3.json", "hotkeyID": "h2"},
    {"name": "Hello", "type": "TriggerAnimation", "file": "wave.motion3.json", "hotkeyID": "h3"},
    {"name": "happy place", "type": "MoveModel", "file": "", "hotkeyID": "h4"},
]


class FakeVts:
    """State of the fake. ``asked`` are messages by their type; ``injected`` the values by their time."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.injected: list[dict[str, float]] = []
        self.tokens: set[str] = set()
        self.allow: bool | None = True
        self.model: str | None = "Mei"
        self.hotkeys: list[Any] = list(HOTKEYS)
        #: Answers that stand in the place of the usual ones, by the type of the request: an error's number, or a text.
        self.instead: dict[str, int | str | None] = {}
        self.signed_in = False
        self.sockets: list[web.WebSocketResponse] = []

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of all requests of a type."""
        return [data for name, data in self.asked if name == kind]

    async def load(self, model: str | None, hotkeys: list[Any]) -> None:
        """Load another model and tell who listens."""
        self.model, self.hotkeys = model, hotkeys
        event = {"modelLoaded": model is not None, "modelName": model or "", "modelID": "m"}
        for socket in self.sockets:
            await socket.send_json(_frame("0", "ModelLoadedEvent", event))

    async def drop(self) -> None:
        """End all connections."""
        for socket in self.sockets:
            await socket.close()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.signed_in = False
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            await self._answer(socket, json.loads(frame.data))
        self.sockets.remove(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        kind, number, data = message["messageType"], message["requestID"], message["data"]
        assert (message["apiName"], message["apiVersion"]) == ("VTubeStudioPublicAPI", "1.0")
        self.asked.append((kind, data))
        if kind in self.instead:
            instead = self.instead[kind]
            if isinstance(instead, int):
                await socket.send_json(_frame(number, "APIError", {"errorID": instead, "message": "no"}))
            elif isinstance(instead, str):
                await socket.send_str(instead)
            return
        code, answer = self._reply(kind, data)
        if code is not None:
            await socket.send_json(_frame(number, "APIError", {"errorID": code, "message": "no"}))
        elif answer is not None:
            await socket.send_json(_frame(number, kind.replace("Request", "Response"), answer))

    def _reply(self, kind: str, data: dict[str, Any]) -> tuple[int | None, dict[str, Any] | None]:
        if kind == "AuthenticationTokenRequest":
            if self.allow is None:
                return None, None
            if not self.allow:
                return 50, None
            self.tokens.add(token := f"token-{len(self.tokens)}")
            return None, {"authenticationToken": token}
        if kind == "AuthenticationRequest":
            self.signed_in = data["authenticationToken"] in self.tokens
            return None, {"authenticated": self.signed_in, "reason": ""}
        if not self.signed_in:
            return 8, None
        if kind == "HotkeysInCurrentModelRequest":
            there = self.model is not None
            return None, {
                "modelLoaded": there, "modelName": self.model or "", "modelID": "m",
                "availableHotkeys": self.hotkeys if there else [],
            }  # fmt: skip
        if kind == "InjectParameterDataRequest":
            assert data["mode"] == "set"
            self.injected.append({one["id"]: one["value"] for one in data["parameterValues"]})
        return None, {}


def _frame(number: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "timestamp": 0, "requestID": number,
            "messageType": kind, "data": data}  # fmt: skip


@asynccontextmanager
async def vtube_studio(port: int = 0) -> AsyncIterator[FakeVts]:
    """Run a fake on a free port, or the given one."""
    fake = FakeVts()
    app = web.Application()
    app.router.add_get("/", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    fake.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield fake
    finally:
        await fake.drop()
        await asyncio.wait_for(runner.cleanup(), 5)
