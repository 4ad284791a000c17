"""Let a client that still sends its body see the answer.

A connection that is closed while bytes of it lie unread is reset, and a reset throws the answer away on its way. So
the answer goes out at once and whole; then what still comes is read and dropped, so much and so long and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.types import Message, Receive, Send

#: So many bytes are dropped, for so many seconds in all, and with no longer silence than this.
MOST: Final = 64 * 1024 * 1024
WHOLE_S: Final = 10.0
SILENCE_S: Final = 1.0


class Unread:
    """Stands between a request and who answers it, and knows what of its body was not read."""

    def __init__(self, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._left = "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""

    async def receive(self) -> Message:
        """Return the next piece of the body."""
        message = await self._receive()
        self._left = self._left and bool(message.get("more_body"))
        return message

    async def send(self, message: Message) -> None:
        """Send a piece of the answer; before its end the rest of the body is read and dropped."""
        if not self._left:
            await self._send(message)
        elif message["type"] == "http.response.start":
            headers = [pair for pair in message["headers"] if pair[0].lower() != b"connection"]
            await self._send({**message, "headers": [*headers, (b"connection", b"close")]})
        elif message.get("more_body"):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._drop()
            await self._send({"type": "http.response.body", "body": b""})

    async def _drop(self) -> None:
        loop = asyncio.get_running_loop()
        dropped, until = 0, loop.time() + WHOLE_S
        while self._left and dropped <= MOST and (left := until - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(SILENCE_S, left)):
                    message = await self.receive()
            except TimeoutError:
                return
            dropped += len(message.get("body", b""))
