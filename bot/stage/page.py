"""One open stage page: its socket, its role, and what waits to be sent to it."""

from __future__ import annotations

from collections import deque
from typing import Literal, Protocol

from pydantic import BaseModel

from bot.runtime.signal import Signal

#: What a page that does not keep up may have waiting before it is closed: about five minutes of sound.
MAX_BACKLOG = 16 << 20


class Socket(Protocol):
    """What the hub needs of a WebSocket."""

    async def send_text(self, data: str) -> None:
        """Send a text frame."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        ...

    async def receive_text(self) -> str | None:
        """Return the next text frame, or None when the socket is closed. Binary frames give ``""``."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close it."""
        ...


class Page:
    """One open stage page."""

    def __init__(self, socket: Socket, wants_audio: bool, *, running: bool = True) -> None:
        self.socket = socket
        self.wants_audio = wants_audio
        self.role: Literal["audio", "view"] = "view"
        self.running = running
        self.reported = False
        self.problems = 0
        self.latency_ms = 0.0
        self._queue: deque[str | bytes] = deque()
        self._size = 0
        self._pulse = Signal()
        self.doomed: tuple[int, str] | None = None

    def send(self, frame: str | bytes) -> None:
        """Queue a frame. A page whose backlog is too large is closed instead."""
        if self.doomed:
            return
        self._queue.append(frame)
        self._size += len(frame)
        if self._size > MAX_BACKLOG:
            self.doom(1013, "the page does not keep up")
        self._pulse.notify()

    def say(self, message: BaseModel) -> None:
        """Queue a text message."""
        self.send(message.model_dump_json())

    def forget_sound(self) -> None:
        """Drop the sound that was queued and not sent: it belongs to what was stopped."""
        self._queue = deque(f for f in self._queue if isinstance(f, str))
        self._size = sum(len(f) for f in self._queue)

    def doom(self, code: int, reason: str) -> None:
        """Let the socket closed."""
        if not self.doomed:
            self.doomed = (code, reason)
            self._queue.clear()
            self._pulse.notify()

    async def write(self) -> None:
        """Send what is queued until the page is doomed."""
        while True:
            await self._pulse.wait_until(lambda: bool(self._queue) or self.doomed is not None)
            if self.doomed:
                await self.socket.close(*self.doomed)
                return
            while self._queue:
                frame = self._queue.popleft()
                self._size -= len(frame)
                if isinstance(frame, str):
                    await self.socket.send_text(frame)
                else:
                    await self.socket.send_bytes(frame)
