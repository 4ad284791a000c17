"""The host of its own accord over a `Stagehand`, with a model that never says the same twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import TransientError
from bot.runtime.virtual_clock import VirtualLoop
from bot.show.night.accord import OwnAccord
from bot.show.night.bank import NightBank, Piece
from bot.show.night.drafting import Drafter
from bot.show.night.likeness import Said
from bot.show.night.settings import NightSettings, PieceKind, Talkativeness
from bot.show.observer import Observer
from bot.show.turn import FinishedTurn
from bot.types import Delta, Health, Pcm, Prompt, Style, Tool
from tests.support.harness import Stagehand, ToneTts

BASE = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SYLLABLES = "bar tel mon sil ver dun cal rim fos gan hol pek tur wen lam nor".split()


def tale(number: int, sentences: int = 5) -> str:
    """Return a text of made-up words that shares hardly any with that of another number."""
    chance = random.Random(number)
    words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(sentences * 8)]
    parts = (" ".join(words[at : at + 8]).capitalize() for at in range(0, len(words), 8))
    return ". ".join(parts) + "."


@dataclass
class Teller:
    """A model that tells another tale each time. ``mode`` makes it fail; ``texts`` come first."""

    mode: str = ""
    texts: list[str] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    told: int = 0
    first_s: float = 0.2

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        self.prompts.append(prompt)
        await asyncio.sleep(self.first_s)
        if self.mode:
            raise TransientError("connection refused")
        self.told += 1
        for word in (self.texts.pop(0) if self.texts else f"[joy] {tale(self.told)}").split(" "):
            yield Delta(f"{word} ")
            await asyncio.sleep(0.02)

    async def check(self) -> Health:
        return Health(ok=not self.mode, detail="teller")


class QuickTts(ToneTts):
    """Speaks in one breath, which costs a test of hours little."""

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        await asyncio.sleep(self.first_s)
        yield Pcm(b"\x01\x01" * int(8000 * max(0.3, len(text) / 14)), 8000)


def through_the_night(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on a virtual clock that has no sockets and no threads to wait for."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(0, threads=False)) as runner:
            runner.run(test(*args, **kwargs))

    return run


class Silences(Observer):
    """Measures, by the clock of the loop, how long nothing was heard between two turns, and keeps what was."""

    def __init__(self) -> None:
        self.now = asyncio.get_running_loop().time
        self.until = self.now()
        self.longest = 0.0
        self.heard: list[tuple[float, str]] = []

    def turn_over(self, turn: FinishedTurn) -> None:
        first, ended = turn.timeline.ms("heard"), turn.timeline.ms("ended")
        if not turn.text or first is None or ended is None:
            return
        began = self.now() - (ended - first) / 1000
        self.longest = max(self.longest, began - self.until)
        self.until = self.now()
        self.heard.append((began, turn.text))


class Night:
    """Everything at hand. ``file`` makes the bank durable; ``taken`` says that a segment is on."""

    def __init__(
        self,
        hand: Stagehand,
        file: Path | None = None,
        taken: Callable[[], bool] | None = None,
        **settings: Any,
    ) -> None:
        self.hand, self.teller, self.silences = hand, Teller(), Silences()
        loop = asyncio.get_running_loop()

        def clock() -> dt.datetime:
            return BASE + dt.timedelta(seconds=loop.time())

        async def recent() -> Sequence[str]:
            return self.events

        async def reached() -> bool:
            await asyncio.sleep(0.1)
            return not self.teller.mode

        self.clock, self.events, self.taken = clock, ["bob gave 5 dollars"], False
        self.settings = NightSettings(**({"talkativeness": Talkativeness.ALWAYS, "every_s": 5} | settings))
        self.bank, self.said = NightBank(file, clock), Said(self.settings.remember_h)
        pages = [("about: The lighthouse", "Lamp Nine has two hundred and eleven steps.")]
        hand.show.composer.llm = self.teller
        hand.show.speaker.tts = QuickTts()
        self.drafter = Drafter(
            hand.show, lambda: self.teller, self.bank, self.said,
            judge=hand.moderator, worker=None, clock=clock, recent=recent, pages=lambda: pages,
        )  # fmt: skip
        self.accord = OwnAccord(
            hand.show, self.bank, self.drafter, self.said, self.settings,
            clock=clock, reached=reached, taken=taken or (lambda: self.taken),
        )  # fmt: skip
        hand.observers.add(self.accord, self.silences)

    def stock(self, pieces: int) -> None:
        """Put pieces into the bank."""
        for number in range(pieces):
            self.bank.add(Piece(PieceKind.STORY, "", f"[joy] {tale(10_000 + number)}", self.clock()))
