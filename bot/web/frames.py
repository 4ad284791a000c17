"""Frames that go to many pages: encoded once, and written to each connection without a task of its own.

The way through ASGI costs each frame of each page two tasks' turns, a message in between and the encoding. Where a
connection takes more at once, none of it is needed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

#: Under this name in the state of a WebSocket the server keeps what writes to it at once.
WRITE = "write_now"
#: With more than so many bytes in a connection's own buffer, a frame waits in the page's queue, which has a bound.
MOST_UNSENT = 16 << 10


@lru_cache(maxsize=8)
def encoded(frame: str | bytes) -> bytes:
    """Return a frame as it goes over the wire; the last ones are kept, since all pages get the same."""
    if isinstance(frame, str):
        return Frame(Opcode.TEXT, frame.encode()).serialize(mask=False)
    return Frame(Opcode.BINARY, frame).serialize(mask=False)


class QuickSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket, with a way past the tasks. It is right as long as frames are not compressed."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        if config.ws_per_message_deflate:
            raise ValueError("a frame that is encoded once is not compressed")
        super().__init__(config, server_state, {**app_state, WRITE: self.write_now}, _loop)

    def write_now(self, wire: bytes) -> bool:
        """Write an encoded frame if the connection takes it at once; return whether it did."""
        if not self.handshake_complete or self.close_sent or self.disconnected or self.initial_response is not None:
            return False
        transport = self.transport
        # What waits for the connection to drain, waits in front of this frame.
        if not self.writable.is_set() or transport.is_closing() or transport.get_write_buffer_size() > MOST_UNSENT:
            return False
        transport.write(wire)
        return True
