"""One open stage page: its socket, its role, what it says, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ValidationError

from bot.runtime.signal import Signal
from bot.stage.layers.board import Wish
from bot.stage.models.messages import ModelState
from bot.stage.protocol import AudioState, LabelSeen, PlaybackReport, Problem, RoleChange, Stopped, page_message

#: What a page may say.
PageWords = PlaybackReport | Stopped | AudioState | LabelSeen | ModelState
#: Bytes (and characters of text) that may wait for a slow page before it is closed: about five minutes of sound.
MAX_BACKLOG = 16 << 20
#: A page that has to go and does not even take the word of it is left after so long, in seconds: its seat is needed.
CLOSING_S = 2.0
#: Broken frames that a page may send before it is closed.
MAX_PROBLEMS = 20


class Socket(Protocol):
    """What the hub needs of a WebSocket."""

    async def send_text(self, data: str) -> None:
        """Send a text frame."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        ...

    async def receive_text(self) -> str | None:
        """Return the next text frame, or None when the socket is closed. A binary frame gives ``""``."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close the socket with a WebSocket close code."""
        ...


@runtime_checkable
class Ready(Protocol):
    """A socket that can take a frame at once, without a task of its own: a thousand pages cost a thousand of them."""

    def write_now(self, frame: str | bytes) -> bool:
        """Send a frame if it goes out at once; return False when it must wait, or the socket is not open."""
        ...


class Page:
    """One open stage page."""

    def __init__(self, socket: Socket, wants_audio: bool, *, running: bool = True, wish: Wish | None = None) -> None:
        self.socket = socket
        #: The layers that it shows.
        self.wish = wish or Wish()
        #: Whether the AI label can be seen in it, by its own word; None when it shows none.
        self.label_seen: bool | None = None
        #: What the page said last of the streamer's own model.
        self.model: ModelState | None = None
        self.wants_audio = wants_audio
        self.role: Literal["audio", "view"] = "view"
        #: Whether the page can make sound: a browser tab cannot until it is clicked.
        self.running = running
        #: Whether the page has ever reported what it plays.
        self.reported = False
        self.problems = 0
        self.latency_ms = 0.0
        #: The close code and the reason, once the page has to go.
        self.doomed: tuple[int, str] | None = None
        self._ready = socket if isinstance(socket, Ready) else None
        self._queue: deque[str | bytes] = deque()
        #: Whether a frame is on its way: what comes now comes after it.
        self._sending = False
        self._size = 0
        self._changed = Signal()

    @property
    def may_be_heard(self) -> bool:
        """Whether the audio role may be given to this page."""
        return self.wants_audio and self.running and not self.doomed

    def change_role(self, role: Literal["audio", "view"]) -> None:
        """Set the role of the page, and tell it."""
        self.role = role
        self.say(RoleChange(role=role))

    def take_audio_state(self, message: AudioState) -> None:
        """Take note whether the page can make sound; a page that cannot loses the audio role."""
        self.running = message.state == "running"
        self.latency_ms = message.latency_ms
        if not self.running and self.role == "audio":
            self.change_role("view")

    def take_note(self, message: LabelSeen | ModelState) -> None:
        """Take note of what can be seen in the page."""
        if isinstance(message, LabelSeen):
            self.label_seen = message.shown
        else:
            self.model = message

    def send(self, frame: str | bytes) -> None:
        """Send a frame at once, or queue it. A page whose backlog is too large is closed instead."""
        if self.doomed:
            return
        if self._ready is not None and not self._queue and not self._sending and self._ready.write_now(frame):
            return
        self._queue.append(frame)
        self._size += len(frame)
        if self._size > MAX_BACKLOG:
            self.doom(1013, "the page does not keep up")
        self._changed.notify()

    def say(self, message: BaseModel) -> None:
        """Queue a text message."""
        self.send(message.model_dump_json())

    def forget_sound(self) -> None:
        """Drop the sound that was queued and not sent: it belongs to what was stopped."""
        self._queue = deque(f for f in self._queue if isinstance(f, str))
        self._size = sum(len(f) for f in self._queue)

    def doom(self, code: int, reason: str) -> None:
        """Drop what is queued and have `write` close the socket. The first code and reason count."""
        if not self.doomed:
            self.doomed = (code, reason)
            self._queue.clear()
            self._changed.notify()

    async def write(self) -> None:
        """Send what is queued until the page is doomed; then close its socket."""
        while True:
            await self._changed.wait_until(lambda: bool(self._queue) or self.doomed is not None)
            if self.doomed:
                await self.socket.close(*self.doomed)
                return
            while self._queue:
                frame = self._queue.popleft()
                self._size -= len(frame)
                self._sending = True
                if isinstance(frame, str):
                    await self.socket.send_text(frame)
                else:
                    await self.socket.send_bytes(frame)
                self._sending = False

    async def write_while(self, reading: Coroutine[Any, Any, None]) -> None:
        """Send what is queued while ``reading`` runs; the end of either one ends both. Their errors are raised.

        A page that is doomed and hangs ends both as well.
        """
        async with asyncio.TaskGroup() as group:
            tasks = {group.create_task(work) for work in (self.write(), reading, self._overdue())}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()

    async def _overdue(self) -> None:
        """Wait until the page is doomed and has had the time to go."""
        await self._changed.wait_until(lambda: self.doomed is not None)
        await asyncio.sleep(CLOSING_S)

    async def messages(self) -> AsyncIterator[PageWords]:
        """Yield what the page says until its socket closes. It is told of a broken frame; too many doom the page."""
        while (raw := await self.socket.receive_text()) is not None:
            try:
                message = page_message.validate_json(raw)
            except ValidationError as error:
                self._object(error)
                if self.problems > MAX_PROBLEMS:
                    self.doom(1008, "too many frames that were not understood")
                    return
            else:
                yield message

    def _object(self, error: ValidationError) -> None:
        """Tell the page what is wrong with its last frame."""
        self.problems += 1
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        self.say(Problem(detail=f"{where or 'frame'}: {first['msg']}"[:300]))
