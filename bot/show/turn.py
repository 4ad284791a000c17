"""A turn from the outside: what it is asked to say, how it stands while it is on air, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Protocol

from bot.inbox.inbox import Choice
from bot.runtime.signal import Signal
from bot.show.breaker import BlockedClause
from bot.show.floor_settings import FloorEvent, FloorState
from bot.show.segments.segment import Brief
from bot.store.tables import TurnState
from bot.telemetry.timeline import Timeline
from bot.types import Clause, CutKind, Delta, Emotion, Kind, Message, Prompt, Retraction, Turn, TurnKind, TurnOutcome
from moderation import Context, Verdict


class TurnRecorder(Protocol):
    """The durable record as the show sees it; `bot.store.turns.TurnJournal`. Nothing here waits or raises."""

    def begin(self, turn: str, epoch: int, kind: TurnKind, messages: Sequence[Message]) -> None:
        """Record that a turn begins; its payments are being answered."""
        ...

    def progress(self, turn: str, heard: str) -> None:
        """Record what was heard so far."""
        ...

    def finish(
        self, turn: str, heard: str, state: TurnState, planned: str, timings: Mapping[str, float], *, withdrawn: bool
    ) -> None:
        """Record that a turn is over."""
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
class Answer:
    """What a turn answers to the streamer. ``said`` holds the words as a message of `Kind.HOST`.

    ``draft`` returns an answer that was begun before all was said, if it fits the prompt. By ``sound_at``, a moment of
    the loop's clock, a short sound is made if no word of the answer is there yet.
    """

    said: Message
    draft: Callable[[Prompt], AsyncIterator[Delta] | None] | None = None
    sound_at: float | None = None


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """Something to be said. ``brief`` is what the model is to say of its own accord, after the ``lines``.

    ``answer`` is what it answers to the streamer. What is ``protected`` is said to its end when the streamer begins to
    speak: thanks for money always are. ``reads_out`` says that the lines hold the words of the viewer who is answered.
    ``over`` is called once when the turn has ended, whatever became of it; it returns at once. ``turn`` is the turn's
    id where whoever plans it must know it beforehand; each plan then needs a new one.
    """

    kind: TurnKind
    choice: Choice | None = None
    lines: tuple[str, ...] = ()
    language: str = ""
    brief: Brief | None = None
    over: Callable[[FinishedTurn], None] | None = None
    turn: str = ""
    answer: Answer | None = None
    protected: bool = False
    reads_out: bool = False

    @property
    def asked(self) -> tuple[Message, ...]:
        """What it answers: messages of viewers, or the words of the streamer."""
        return (self.answer.said,) if self.answer else self.messages

    @property
    def finishes(self) -> bool:
        """Whether it is said to its end when the streamer begins to speak."""
        return self.protected or any(message.paid for message in self.messages)

    @property
    def for_money(self) -> bool:
        """Whether it answers or thanks for money. A redemption is paid for with the channel's points alone."""
        return any(message.paid and message.kind is not Kind.REDEMPTION for message in self.messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages it answers."""
        return self.choice.messages if self.choice else ()

    @property
    def doubt(self) -> bool:
        """Whether there is a doubt about what it answers; see `moderation.Verdict`."""
        return self.choice is not None and self.choice.doubt


class Pick(NamedTuple):
    """A turn that was picked, and its row in the table of the floor; ``expired``: it is left out, and settled."""

    plan: TurnPlan
    event: FloorEvent
    expired: bool = False


class Initiative(Protocol):
    """Something that lets the host speak when no message does: the programme, or the host's own accord.

    ``changed`` is notified when it may have something new to say.
    """

    changed: Signal

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        """Return what is to be said now, which then counts as taken; None when there is nothing."""
        ...

    def due_in(self, now: float, quiet_since: float) -> float | None:
        """Return the seconds until it wants to be asked again; None when ``changed`` will say.

        0 says that it has something to say now: a busy chat then goes before it for a bounded time alone.
        """
        ...


class ChatGate(Protocol):
    """Whether ordinary chat is answered just now; payments always are."""

    @property
    def open(self) -> bool:
        """Whether lines of the chat may be taken up."""
        ...

    @property
    def addressed(self) -> bool:
        """Whether only lines that speak to the host may be."""
        ...


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """One finished turn. ``text`` is what was heard of it, ``detail`` says in words why it came out as it did."""

    turn: Turn
    plan: TurnPlan
    text: str
    outcome: TurnOutcome
    detail: str
    interrupted: bool
    timeline: Timeline
    ended_at: dt.datetime
    blocked: BlockedClause | None = None
    cut: CutKind | None = None
    #: The feelings of the clauses of which something was heard.
    emotions: tuple[Emotion, ...] = ()
    unanswered: bool = False


@dataclass
class LiveTurn:
    """The turn on air. ``clauses`` holds what was allowed, as it is shown; ``blocked`` what ended the reply.

    ``event`` is its row in the table of the floor; ``sounded`` says whether any of it was sent to be heard,
    ``committed`` whether it is in the history, ``unanswered`` that no model answered and nothing was prepared for that:
    all that was said bridged the wait.
    """

    turn: Turn
    plan: TurnPlan
    timeline: Timeline
    began_at: float
    clauses: list[Clause] = field(default_factory=list)
    blocked: BlockedClause | None = None
    taken_back: list[Retraction] = field(default_factory=list)
    committed: bool = False
    event: FloorEvent = FloorEvent.OPERATOR
    sounded: bool = False
    unanswered: bool = False

    @property
    def state(self) -> FloorState:
        """Its column in the table of the floor."""
        return FloorState.SPEAKING if self.sounded else FloorState.THINKING

    def take_back(self, retraction: Retraction) -> bool:
        """Record a deletion; False when it leaves everything that is answered here as it is."""
        concerned = any(remains(m, retraction) is not m for m in self.plan.messages)
        if concerned:
            self.taken_back.append(retraction)
        return concerned

    def remaining(self) -> tuple[Message, ...]:
        """Return what is still to be answered after all deletions."""
        messages = self.plan.messages
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
    read_aloud: Literal["never", "addressed", "all"] = "never"
    pause_after_blocks: int = 3
    pause_within_s: float = 300.0
