"""A whole show on the jumping clock: the real loop, inbox, moderation, personas and stage hub over fake models.

What is fake here are the things with threads or sockets of their own: the model, the voice, the ledger's
database and the browser. Each of those has tests with the real thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import TransientError
from bot.inbox.inbox import Inbox, Limits, Offer
from bot.intake.intake import Intake
from bot.mind.memory.history import History
from bot.mind.prompt import Character, Prompter
from bot.persona import persona as personas
from bot.runtime.signal import Signal
from bot.show.composer import Composer
from bot.show.floor import Floor
from bot.show.loop import Show
from bot.show.turn import FinishedTurn, HostPolicy
from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Author, Delta, Health, Kind, Message, Money, Pcm, Prompt, Style, Tool
from bot.voice.speaker import Speaker
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

    async def paid(self, message: Message) -> bool:
        key = (message.source, message.id)
        new = key not in self.seen
        self.seen.add(key)
        return new

    async def begin(self, turn: str, epoch: int, purpose: str, messages: Sequence[Message]) -> None:
        self.turns[turn] = {"epoch": epoch, "purpose": purpose, "ids": [m.id for m in messages], "heard": []}

    async def progress(self, turn: str, heard: str) -> None:
        self.turns[turn]["heard"].append(heard)  # type: ignore[attr-defined]

    async def finish(self, turn: str, heard: str, state: str, planned: str, timings: dict[str, float]) -> None:
        self.turns[turn] |= {"final": heard, "state": state, "planned": planned, "timings": timings}

    def line(self, message: Message, action: str) -> None:
        del message, action

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        self.outcomes.append((message.id, outcome, reason))


class Stagehand:
    """One show with everything at hand."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        manners: HostPolicy | None = None,
        persona: str = "mira",
        filler_s: float = 2.0,
    ) -> None:
        clock = asyncio.get_running_loop().time
        self.persona = personas.load(ROOT / "personas" / persona, random.Random(7))
        self.pulse = Signal()
        self.llm, self.tts, self.ledger = ScriptedLlm(), ToneTts(), MemoryLedger()
        self.stage = Overlay(
            Settings(name=self.persona.name, look=Look(), captions=Captions(), label="AI"), self.pulse, clock=clock
        )
        self.inbox = Inbox(limits or Limits(), clock, random.Random(7))
        self.floor = Floor(self.pulse)
        self.history = History()
        self.moderator = make_moderator()
        self.fates: dict[str, tuple[str, str]] = {}
        self.failures: list[str] = []
        self.past: list[FinishedTurn] = []

        def ended(message: Message, outcome: str, reason: str) -> None:
            assert message.id not in self.fates, f"{message.id} has two outcomes"
            self.fates[message.id] = (outcome, reason)

        def settled(message: Message, outcome: str, reason: str) -> None:
            self.ledger.outcome(message, outcome, reason)
            ended(message, outcome, reason)

        self.inbox.on_outcome = settled
        name, system = self.persona.name, self.persona.system
        self.show = Show(
            inbox=self.inbox,
            floor=self.floor,
            stage=self.stage,
            composer=Composer(
                self.llm, self.persona.lines, name, filler_after_s=filler_s, reply_chars=600,
                on_failure=lambda what, _: self.failures.append(what),
            ),
            prompter=Prompter(Character(name, system, (), 0.8), max_tokens=160, history_tokens=900),
            history=self.history,
            speaker=Speaker(
                self.tts, self.stage, lambda c: Style(c.language), lookahead_s=12.0,
                on_voiceless=lambda e: self.failures.append(f"voice: {e}"),
            ),
            judge=self.moderator,
            ledger=self.ledger,
            lines=self.persona.lines,
            manners=manners or HostPolicy(greeting=False),
            pulse=self.pulse,
            on_turn=self.past.append,
            on_outcome=ended,
        )  # fmt: skip
        self.intake = Intake(
            self.inbox, self.ledger, self.moderator, names=(name,), on_offer=lambda _m, _v, _o: self.pulse.notify()
        )
        self._count = 0

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
                    self.floor.interrupt("closing", "the test is over")
                    await asyncio.wait({running}, timeout=5)
                    running.cancel()

    async def until(self, true: Callable[[], bool], within_s: float = 60) -> None:
        """Wait for something that must happen within so much time."""
        assert await self.pulse.wait_until(true, within_s), "it did not happen in time"

    async def quiet(self, within_s: float = 120) -> None:
        """Wait until nothing is said or waiting."""
        await self.until(lambda: self.show.on_air is None and not len(self.inbox), within_s)
