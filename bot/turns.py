"""A turn from the outside: what it is asked to say, how it stands while it is on air, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.inbox import Choice
from bot.timeline import Timeline
from bot.types import Clause, Message, Turn
from moderation import Context, Verdict

Why = Literal["answer", "thanks", "say", "line"]


class Ledger(Protocol):
    """The durable record as the show sees it."""

    async def begin(self, turn: str, epoch: int, purpose: str, messages: Sequence[Message]) -> None:
        """A turn begins; its paid events are being answered."""
        ...

    async def progress(self, turn: str, heard: str) -> None:
        """So much was heard so far."""
        ...

    async def finish(self, turn: str, heard: str, state: str, planned: str, timings: dict[str, float]) -> None:
        """The turn is over: ``state`` is completed, interrupted, expired or failed."""
        ...

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """What became of a message."""
        ...


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be said."""

    why: Why
    choice: Choice | None = None
    lines: tuple[str, ...] = ()
    language: str = ""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages it answers."""
        return self.choice.messages if self.choice else ()


@dataclass(frozen=True, slots=True)
class Past:
    """One finished turn, for the control room."""

    turn: Turn
    job: Job
    text: str
    outcome: str
    interrupted: bool
    timeline: Timeline
    ended_at: dt.datetime


@dataclass
class OnAir:
    """The turn on air."""

    turn: Turn
    job: Job
    timeline: Timeline
    began_at: float
    clauses: list[Clause] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    blocked: Verdict | None = None


@dataclass(frozen=True)
class Manners:
    """How the host behaves; see `bot.config.ShowSettings`."""

    language: str = "en"
    greeting: bool = True
    thanks: bool = True
    idle_after_s: float = 0.0
    turn_s: float = 90.0
    return_s: float = 4.0
