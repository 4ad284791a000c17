"""The local chat room: its last lines, who watches it, and what became of each line."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol

from bot.control.schemas.chat import ChatHello, ChatLine, ChatOutcome, ChatRemoved, ChatStatus
from bot.runtime.signal import Signal
from bot.types import Kind, Message, Retraction

KEPT = 50
#: Frames that wait for one slow page; the oldest go first, and the page shows fewer lines.
WAITING = 300

Frame = ChatLine | ChatOutcome | ChatRemoved | ChatStatus


class Watcher:
    """One open chat page."""

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque(maxlen=WAITING)
        self.pulse = Signal()


class RoomListener(Protocol):
    """Whoever else shows what stands in the room. Everything returns at once."""

    def line(self, message: Message) -> None:
        """Show a viewer's line, with the words that are allowed."""
        ...

    def take_back(self, retraction: Retraction) -> None:
        """Forget what a platform took back."""
        ...


class ChatRoom:
    """Lines in, frames out. Nothing here waits."""

    def __init__(self, greeting: str, label: str) -> None:
        self.greeting = greeting
        self.label = label
        self.listeners: list[RoomListener] = []
        self._lines: deque[ChatLine] = deque(maxlen=KEPT)
        self._authors: dict[str, tuple[str, str]] = {}  # source and author, by the line's id
        self._watchers: set[Watcher] = set()
        self._ids = count(1)
        self._status = ChatStatus(host="", state="idle", audible=False)

    def add(self, message: Message) -> None:
        """Show a viewer's line."""
        self._authors[message.id] = (message.source, message.author.id)
        while len(self._authors) > KEPT * 2:
            del self._authors[next(iter(self._authors))]
        self._line(ChatLine(
            id=message.id, author=message.author.name, text=message.text, kind=message.kind, host=False, at=_now(),
        ))  # fmt: skip
        for listener in self.listeners:
            listener.line(message)

    def said(self, turn: str, host: str, text: str) -> None:
        """Show what the audience heard the host say."""
        self._line(ChatLine(id=turn, author=host, text=text, kind=Kind.CHAT, host=True, at=_now()))

    def written(self, host: str, text: str) -> None:
        """Show what the host wrote without saying it."""
        self.said(f"written-{next(self._ids)}", host, text)

    def _line(self, line: ChatLine) -> None:
        self._lines.append(line)
        self._send(line)

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """Send what became of a line, when somebody watches."""
        if not self._watchers:
            return
        self._send(ChatOutcome.model_validate({"id": message.id, "outcome": outcome, "reason": reason}))

    def remove(self, ids: set[str]) -> None:
        """Forget lines that were deleted, and have the pages take them off."""
        self._lines = deque((line for line in self._lines if line.id not in ids), maxlen=KEPT)
        if ids:
            self._send(ChatRemoved(ids=sorted(ids)))

    def take_back(self, retraction: Retraction) -> None:
        """Forget what a platform took back: a line, all of a viewer's, or all of the platform's."""
        of = self._authors
        gone = {
            i.id for i in self._lines if not i.host and i.id in of and retraction.covers(of[i.id][0], i.id, of[i.id][1])
        }
        self.remove(gone | ({retraction.id} if retraction.id else set()))
        for listener in self.listeners:
            listener.take_back(retraction)

    def status(self, status: ChatStatus) -> None:
        """Show what the host is doing, when that changed."""
        if status != self._status:
            self._status = status
            self._send(status)

    def hello(self) -> ChatHello:
        """Return the room as it is."""
        return ChatHello(
            host=self._status.host,
            greeting=self.greeting,
            label=self.label,
            lines=list(self._lines),
            status=self._status,
        )

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """Follow the room."""
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def _send(self, frame: Frame) -> None:
        for watcher in self._watchers:
            watcher.frames.append(frame)
            watcher.pulse.notify()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
