"""A WebSocket in the shape that the stage and the ears want."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from fastapi import WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from bot.web.frames import WRITE, encoded


class Sock:
    """A Starlette WebSocket. One that is gone is no error: its reader ends by itself."""

    def __init__(self, websocket: WebSocket) -> None:
        self._ws = websocket
        self._write: Callable[[bytes], bool] | None = getattr(websocket.state, WRITE, None)

    def write_now(self, frame: str | bytes) -> bool:
        """Send a frame past the tasks if the connection takes it at once; return whether it did."""
        return self._write is not None and self._write(encoded(frame))

    async def send_text(self, data: str) -> None:
        """Send a text frame; a socket that is gone is no error, its reader ends by itself."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.send_text(data)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.send_bytes(data)

    async def receive(self) -> str | bytes | None:
        """Return the next frame, None at the end."""
        if self._ws.client_state is not WebSocketState.CONNECTED:
            return None
        message = await self._ws.receive()
        if message["type"] != "websocket.receive":
            return None
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    async def receive_text(self) -> str | None:
        """Return the next text frame; ``""`` for a binary one, None at the end."""
        if self._ws.client_state is not WebSocketState.CONNECTED:
            return None
        message = await self._ws.receive()
        if message["type"] != "websocket.receive":
            return None
        return message.get("text") or ""

    async def close(self, code: int, reason: str) -> None:
        """Close it. A reason has at most 123 bytes in the protocol; it is cut at 120 characters."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.close(code, reason[:120])
