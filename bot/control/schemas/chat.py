"""What the chat page and the host tell each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from bot.stage.protocol import Model
from bot.types import Kind

#: Longest line that the local chat takes, in characters; Twitch allows 500.
MAX_CHAT = 500


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class ChatIn(Model):
    """``POST /api/chat``: a line for the local chat."""

    author: Name
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHAT)]


class ChatLine(Model):
    """One line of the local chat room; ``host`` when the avatar said (and the audience heard) it."""

    type: Literal["line"] = "line"
    id: str
    author: str
    text: str
    kind: Kind
    host: bool
    at: str


class ChatOutcome(Model):
    """What became of a line that was shown before."""

    type: Literal["outcome"] = "outcome"
    id: str
    outcome: Literal["answered", "folded", "held", "expired", "refused", "dropped"]
    reason: str


class ChatRemoved(Model):
    """Lines that were deleted by a moderator: take them off the page."""

    type: Literal["removed"] = "removed"
    ids: list[str]


class ChatStatus(Model):
    """What the host is doing, and whether a stage page is open to hear it."""

    type: Literal["status"] = "status"
    host: str
    state: Literal["idle", "thinking", "speaking", "stopped"]
    audible: bool


class ChatHello(Model):
    """First frame of ``/ws/chat``: the room as it is."""

    type: Literal["hello"] = "hello"
    host: str
    greeting: str
    label: str
    lines: list[ChatLine]
    status: ChatStatus
