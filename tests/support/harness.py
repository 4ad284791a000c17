"""A whole show on the jumping clock: the real loop, inbox, moderation, personas and stage hub over fake models.

What is fake here are the things with threads or sockets of their own: the model, the voice, the ledger's
database and the browser. Each of those has tests with the real thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from array import array
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import TransientError
from bot.inbox.inbox import Inbox, Limits, Offer
from bot.intake.feed import Feed, Spools, deletion_from, deletion_values
from bot.intake.intake import Intake
from bot.mind.memory.history import History
from bot.mind.prompt import Character, Prompter
from bot.persona import persona as personas
from bot.show.composer import Composer
from bot.show.floor import Floor
from bot.show.loop import Show
from bot.show.observer import Observer, Observers
from bot.show.performance import Cast
from bot.show.turn import FinishedTurn, HostPolicy
from bot.sources.registry import SourceRegistry
from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.store.payments import Recorded
from bot.store.records import message_from, message_values
from bot.store.spool import Spool
from bot.store.tables import TurnState
from bot.telemetry.alarms import Alarms
from bot.types import (
    Author,
    CutKind,
    Delta,
    Health,
    Kind,
    Message,
    MessageOutcome,
    Money,
    Pcm,
    Prompt,
    Style,
    Tool,
    TurnKind,
)
from bot.voice.speaker import Speaker
from moderation.policy import Policy
from tests.fakes.stage_page import FakePage
from tests.support.moderators import make_moderator

ROOT = Path(__file__).parents[2]
RATE = 24_000
SAGA = " ".join(f"Then came the {n}th ship, and it was {n * 7} feet long." for n in range(2000))


@dataclass
class ScriptedLlm:
    """Answers with ``reply``, word by word. ``mode`` makes it fail."""

    reply_text: str = "[joy] Well hello there, thanks for dropping by tonight! Let us play something."
    first_s: float = 0.2
    word_s: float = 0.025
    mode: str = ""
    prompts: list[Prompt] = field(default_factory=list)
    cancelled: int = 0

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        del tools
        self.prompts.append(prompt)
        try:
            if self.mode == "hang":
                await asyncio.sleep(12)
                raise TransientError("no answer in time")
            if self.mode == "down":
                raise TransientError("connection refused")
            await asyncio.sleep(self.first_s)
            if self.mode == "nothing":
                return
            words = {
                "garbage": "\ufffd#$ " * 400,
                "endless": SAGA,
            }.get(self.mode, self.reply_text).split(" ")
            for index, word in enumerate(words):
                if self.mode == "dies" and index == 6:
                    raise TransientError("the connection was cut")
                yield Delta(word if index == 0 else f" {word}")
                await asyncio.sleep(self.word_s)
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise

    async def check(self) -> Health:
        return Health(ok=True, detail="scripted")


@dataclass
class ToneTts:
    """Speaks a tone of 14 characters a second, faster than real time. ``mode`` makes it fail."""

    languages: frozenset[str] = frozenset()
    first_s: float = 0.1
    mode: str = ""
    spoken: list[str] = field(default_factory=list)

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        del style
        self.spoken.append(text)
        if self.mode == "down":
            raise TransientError("no voice")
        await asyncio.sleep(self.first_s)
        total = int(RATE * max(0.3, len(text) / 14))
        step = RATE // 10
        for at in range(0, total, step):
            if self.mode == "cuts" and at > total // 2:
                raise TransientError("cut")
            yield Pcm(array("h", [1000] * min(step, total - at)).tobytes(), RATE)
            await asyncio.sleep(0.02)

    async def check(self) -> Health:
        return Health(ok=True, detail="tone")


@dataclass
class MemoryLedger:
    """Keeps the record in lists; the real one is tested against a real database."""

    turns: dict[str, dict[str, object]] = field(default_factory=dict)
    outcomes: list[tuple[str, str, str]] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    retractions: list[tuple[str | None, str | None, str | None]] = field(default_factory=list)
    forgotten: list[tuple[str, str | None]] = field(default_factory=list)

    async def record(self, message: Message) -> Recorded:
        key = (message.source, message.id)
        new = key not in self.seen
        self.seen.add(key)
        return Recorded.NEW if new else Recorded.SETTLED

    def begin(self, turn: str, epoch: int, kind: TurnKind, messages: Sequence[Message]) -> None:
        self.turns[turn] = {"epoch": epoch, "purpose": kind.value, "ids": [m.id for m in messages], "heard": []}

    def progress(self, turn: str, heard: str) -> None:
        self.turns[turn]["heard"].append(heard)  # type: ignore[attr-defined]

    def finish(
        self, turn: str, heard: str, state: TurnState, planned: str, timings: Mapping[str, float], *, withdrawn: bool
    ) -> None:
        self.turns[turn] |= {
            "final": heard, "state": state.value, "planned": planned, "timings": timings, "withdrawn": withdrawn,
        }  # fmt: skip

    def line(self, message: Message, action: str) -> None:
        del message, action

    async def retract(
        self, *, message: str | None = None, author: str | None = None, source: str | None = None, before: object = None
    ) -> int:
        self.retractions.append((message, author, source))
        return 0

    async def forget(self, author_id: str, source: str | None = None) -> int:
        self.forgotten.append((author_id, source))
        return 0


def in_memory() -> Spools:
    """Return spools without files."""
    return Spools(Spool(None, message_values, message_from), Spool(None, deletion_values, deletion_from))


class Watching(Observer):
    """Keeps what the show tells, and that each message has one outcome."""

    def __init__(self, hand: Stagehand) -> None:
        self._hand = hand

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        hand = self._hand
        before = hand.fates.get(message.id, (MessageOutcome.HELD, ""))[0]
        assert before is MessageOutcome.HELD, f"{message.id} has two outcomes"
        hand.fates[message.id] = (outcome, reason)
        hand.ledger.outcomes.append((message.id, outcome, reason))
        hand.show.wake.notify()

    def turn_over(self, turn: FinishedTurn) -> None:
        self._hand.past.append(turn)

    def provider_failed(self, what: str, error: BaseException | None) -> None:
        self._hand.failures.append(what)


class Stagehand:
    """One show with everything at hand."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        manners: HostPolicy | None = None,
        persona: str = "mira",
        filler_s: float = 2.0,
        policy: Policy | None = None,
        streamer: str | None = None,
    ) -> None:
        clock = asyncio.get_running_loop().time
        self.persona = personas.load(ROOT / "personas" / persona, random.Random(7))
        self.llm, self.tts, self.ledger = ScriptedLlm(), ToneTts(), MemoryLedger()
        self.stage = Overlay(
            Settings(name=self.persona.name, look=Look(), captions=Captions(), label="AI"), clock=clock
        )
        self.observers = Observers(Watching(self))
        self.inbox = Inbox(limits or Limits(), clock, random.Random(7), self.observers)
        self.floor = Floor()
        self.history = History()
        self.moderator = make_moderator(policy)
        self.fates: dict[str, tuple[str, str]] = {}
        self.failures: list[str] = []
        self.past: list[FinishedTurn] = []

        name, system = self.persona.name, self.persona.system
        self.show = Show(
            cast=Cast(
                self.persona.lines,
                Prompter(Character(name, system, (), 0.8, streamer=streamer), max_tokens=160, history_tokens=900),
                manners or HostPolicy(greeting=False),
            ),
            inbox=self.inbox,
            floor=self.floor,
            stage=self.stage,
            composer=Composer(
                self.llm, self.persona.lines, name, filler_after_s=filler_s, reply_chars=600, observer=self.observers
            ),
            history=self.history,
            speaker=Speaker(
                self.tts, self.stage, lambda c: Style(c.language), lookahead_s=12.0,
                on_voiceless=lambda e: self.failures.append(f"voice: {e}"),
            ),
            judge=self.moderator,
            recorder=self.ledger,
            observer=self.observers,
        )  # fmt: skip
        self.intake = Intake(self.inbox, self.ledger, self.moderator, names=(name,), observer=self.observers)
        self.observers.add(self.show)
        self.alarms = Alarms(clock)
        self.registry = SourceRegistry(self.alarms)
        self.feed = Feed(self.intake, self.registry, self.ledger, self.observers, self.alarms, in_memory())
        self._count = 0

    def keep(self, ledger: MemoryLedger) -> None:
        """Let another ledger take the place of the first."""
        self.ledger = self.show.performance._recorder = self.intake._ledger = self.feed._ledger = ledger

    async def chat(self, text: str, author: str = "ana", kind: Kind = Kind.CHAT, amount: Money | None = None) -> Offer:
        self._count += 1
        message = Message(f"m{self._count}", "test", Author(author, author), text, kind, amount)
        return await self.intake.offer(message)

    @contextlib.asynccontextmanager
    async def on_air(self, page: FakePage | None = None) -> AsyncIterator[FakePage]:
        """Run the show with a page open."""
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.show.run())
            async with (page or FakePage()).open(self.stage) as opened:
                try:
                    yield opened
                finally:
                    self.floor.close()
                    self.floor.interrupt(CutKind.CLOSING, "the test is over")
                    await asyncio.wait({running}, timeout=5)
                    running.cancel()

    async def until(self, true: Callable[[], bool], within_s: float = 60) -> None:
        """Wait for something that must happen within so much time."""
        assert await self.show.wake.wait_until(true, within_s), "it did not happen in time"

    async def quiet(self, within_s: float = 120) -> None:
        """Wait until nothing is said or waiting."""
        await self.until(lambda: self.show.on_air is None and not len(self.inbox), within_s)
