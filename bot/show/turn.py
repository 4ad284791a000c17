"""A turn from the outside: what it is asked to say, how it stands while it is on air, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from bot.inbox.inbox import Choice
from bot.show.breaker import BlockedClause
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Message, Retraction, Turn
from moderation import Context, Verdict

TurnKind = Literal["answer", "thanks", "say", "line"]


class Ledger(Protocol):
    """The durable record as the show sees it."""

    async def begin(self, turn: str, epoch: int, purpose: str, messages: Sequence[Message]) -> None:
        """Record that a turn begins; its paid events are being answered."""
        ...

    async def progress(self, turn: str, heard: str) -> None:
        """So much was heard so far."""
        ...

    async def finish(self, turn: str, heard: str, state: str, planned: str, timings: dict[str, float]) -> None:
        """Record that the turn is over: ``state`` is completed, interrupted, expired or failed."""
        ...

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """Record what became of a message."""
        ...


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class Opinions(Protocol):
    """The judges, slower and optional; see `bot.review.second_opinion.SecondOpinion`."""

    async def of(self, verdict: Verdict, text: str, context: Context) -> Verdict:
        """Return the verdict that counts after whoever can be asked in time was asked; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """Something to be said."""

    why: TurnKind
    choice: Choice | None = None
    lines: tuple[str, ...] = ()
    language: str = ""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages it answers."""
        return self.choice.messages if self.choice else ()


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """One finished turn, for the control room."""

    turn: Turn
    job: TurnPlan
    text: str
    outcome: str
    interrupted: bool
    timeline: Timeline
    ended_at: dt.datetime
    blocked: BlockedClause | None = None


@dataclass
class LiveTurn:
    """The turn on air. ``clauses`` holds what was allowed, as it is shown; ``blocked`` what ended the reply."""

    turn: Turn
    job: TurnPlan
    timeline: Timeline
    began_at: float
    clauses: list[Clause] = field(default_factory=list)
    blocked: BlockedClause | None = None
    taken_back: list[Retraction] = field(default_factory=list)

    def take_back(self, retraction: Retraction) -> bool:
        """Record a deletion; False when it leaves everything that is answered here as it is."""
        concerned = any(remains(m, retraction) is not m for m in self.job.messages)
        if concerned:
            self.taken_back.append(retraction)
        return concerned

    def remaining(self) -> tuple[Message, ...]:
        """Return what is still to be answered after all deletions."""
        messages = self.job.messages
        for retraction in self.taken_back:
            messages = tuple(left for m in messages if (left := remains(m, retraction)) is not None)
        return messages


def remains(message: Message, retraction: Retraction) -> Message | None:
    """Return what a deletion leaves of a message: of a payment in a chat that is cleared, all but its words."""
    if not retraction.covers(message.source, message.id, message.author.id):
        return message
    if retraction.id or retraction.author or not message.paid:
        return None
    return replace(message, text="") if message.text else message


@dataclass(frozen=True)
class HostPolicy:
    """How the host behaves; see `bot.show.settings.ShowSettings`."""

    language: str = "en"
    greeting: bool = True
    thanks: bool = True
    idle_after_s: float = 0.0
    turn_s: float = 90.0
    return_s: float = 4.0
    release_delay_s: float = 0.0
    pause_after_blocks: int = 3
    pause_within_s: float = 300.0
