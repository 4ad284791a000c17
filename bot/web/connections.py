"""Connections that no key has opened yet: few at a time, each for a short time, so that they never crowd out others.

The web server itself waits for ever for the beginning of a request, and counts those who wait among all. What is no
request at all it answers and resets at once, so that its answer is lost.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import OrderedDict
from http import HTTPStatus
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bot.web.auth.gate import ADMIT
from bot.web.auth.unread import MOST, SILENCE_S

#: So long a connection may last until a request on it has the right key, in seconds. A page sends its request at once;
#: the refusal of a wrong key may be held back for two seconds.
STRANGER_S = 5.0
#: So many of them at once; beyond that the oldest is closed, since whoever has something to say has said it.
MAX_STRANGERS, LEAST_STRANGERS = 256, 16


class Strangers:
    """The connections without a right key, the oldest first."""

    def __init__(self, most: int = MAX_STRANGERS, seconds: float = STRANGER_S) -> None:
        self._most = most
        self._seconds = seconds
        self._limits: OrderedDict[asyncio.Transport, asyncio.TimerHandle] = OrderedDict()

    def __len__(self) -> int:
        return len(self._limits)

    def add(self, transport: asyncio.Transport) -> None:
        """Add a new connection; close the oldest one when there are too many."""
        while len(self._limits) >= self._most:
            self._close(next(iter(self._limits)))
        loop = asyncio.get_running_loop()
        self._limits[transport] = loop.call_later(self._seconds, self._close, transport)

    def remove(self, transport: asyncio.Transport) -> None:
        """Forget a connection: a key opened it, or it is gone."""
        if limit := self._limits.pop(transport, None):
            limit.cancel()

    def _close(self, transport: asyncio.Transport) -> None:
        self.remove(transport)
        # Not close(): that waits until all is sent, and a stranger need not read.
        transport.abort()


class Connection(H11Protocol):
    """Uvicorn's side of one connection, which is a stranger's until the gate admits a request on it."""

    def __init__(
        self,
        strangers: Strangers,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        # What stands here is in the state of every request of this connection, also after it became a WebSocket.
        super().__init__(config, server_state, {**app_state, ADMIT: self._admit}, _loop)
        self._strangers = strangers
        self._dropped: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin as a stranger."""
        plain = cast("asyncio.Transport", transport)
        self._strangers.add(plain)
        super().connection_made(plain)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._admit()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes; behind what was no request it is dropped, up to a bound."""
        if self._dropped is None:
            super().data_received(data)
            return
        self._dropped += len(data)
        if self._dropped > MOST:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and close in a moment: the sender may not have read the answer yet."""
        cycle = cast("Any", self.cycle)  # None before the first request, whatever its type says
        begun = cycle is not None and not cycle.response_complete
        if begun and cycle.response_started:  # there can be no second answer
            self.transport.close()
            return
        hint = 0 if begun else getattr(sys.exc_info()[1], "error_status_hint", 0)  # 431 for a head that is too long
        status = HTTPStatus(hint or HTTPStatus.BAD_REQUEST)
        body = json.dumps({"detail": msg if status == HTTPStatus.BAD_REQUEST else status.phrase})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}",
            f"Content-Length: {len(body)}",
            "Content-Type: application/json",
            "Cache-Control: no-store",
            "Connection: close",
        )
        self.transport.write("\r\n".join((*head, "", body)).encode())
        self._dropped = 0
        if begun:
            cycle.disconnected = True
            cycle.message_event.set()
        self.loop.call_later(SILENCE_S, self.transport.close)

    def _admit(self) -> None:
        self._strangers.remove(self.transport)
