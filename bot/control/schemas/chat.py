"""What the chat page and the host tell each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.stage.protocol import Model
from bot.types import Kind

#: Longest line that the local chat takes, in characters; Twitch allows 500.
MAX_CHAT = 500


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class ChatIn(Model):
    """``POST /api/chat``: a line for the local chat."""

    author: Name
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHAT)]


class ChatSay(ChatIn):
    """The one frame that a chat page sends on ``/ws/chat``: a line. The answer has the same ``ref``."""

    type: Literal["say"]
    ref: Annotated[int, Field(ge=0, le=2**31 - 1)]


class ChatReceipt(Model):
    """The answer to a line of this page; what becomes of it later is told as for all lines."""

    type: Literal["receipt"] = "receipt"
    ref: int
    id: str
    outcome: Literal["queued", "folded", "held", "refused", "dropped"]
    reason: str


class ChatProblem(Model):
    """A frame of this page was not understood, or its line could not be taken; ``ref`` is -1 where it had none."""

    type: Literal["problem"] = "problem"
    ref: int
    detail: str


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
