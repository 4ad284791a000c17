"""The host looks of its own accord: at events and now and then, within its rates, never with closed eyes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.inbox.entries import Offer
from bot.show.tools.glances import Glances
from bot.types import Author, Delta, Kind, Message, MessageOutcome, Prompt, Tool
from bot.vision.eyes import Eyes
from bot.vision.settings import VisionSettings
from tests.support.virtual import virtual


class Seeing:
    """A model that sees the same in every picture."""

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        del prompt, tools
        await asyncio.sleep(0.5)
        yield Delta("A red boat.")


@dataclass
class Desk:
    """Glances over real eyes; ``pictures`` are the moments at which one was taken."""

    settings: VisionSettings
    patience: float = 1.0
    allowed: bool = True
    scene: str = "start"
    pictures: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = asyncio.get_running_loop().time

        async def capture() -> bytes:
            self.pictures.append(round(self.clock()))
            return b"\x89PNG"

        async def passes(_: str) -> bool:
            return self.allowed

        self.eyes = Eyes(capture, lambda: cast("Any", Seeing()), deadline_s=5.0)
        self.glances = Glances(
            self.eyes,
            self.settings,
            clock=self.clock,
            scene=lambda: self.scene,
            language=lambda: "en",
            passes=passes,
            patience=lambda: self.patience,
        )

    def happens(self, kind: Kind, outcome: MessageOutcome = MessageOutcome.QUEUED) -> None:
        line = Message("m", "twitch", Author("ann", "Ann"), "", kind)
        self.glances.offered(line, cast("Any", None), Offer(outcome, ""))

    def said(self) -> str | None:
        plan = self.glances.next(self.clock(), self.clock() - 60)
        return None if plan is None or plan.brief is None else f"{plan.brief.task} {plan.brief.material}"


@asynccontextmanager
async def desk(patience: float = 1.0, **settings: Any) -> AsyncIterator[Desk]:
    made = Desk(VisionSettings(enabled=True, **settings), patience)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(made.glances.run())
        yield made
        running.cancel()


@virtual
async def test_nothing_is_looked_at_unless_it_is_set() -> None:
    async with desk() as d:
        d.happens(Kind.RAID)
        d.scene = "game"
        await asyncio.sleep(3600)
        assert not d.pictures


@pytest.mark.parametrize(
    ("event", "kind", "why"),
    [("gift", Kind.GIFT, "gave you"), ("gift", Kind.SUPER_CHAT, "gave you"), ("raid", Kind.RAID, "crowd")]
)  # fmt: skip
@virtual
async def test_an_event_is_looked_at_once_and_said_once(event: str, kind: Kind, why: str) -> None:
    async with desk(events=[event]) as d:
        d.happens(kind)
        await asyncio.sleep(3)
        assert len(d.pictures) == 1
        said = d.said()
        assert said
        assert why in said
        assert "A red boat." in said
        assert d.said() is None


@virtual
async def test_what_was_refused_or_is_another_event_is_not_looked_at() -> None:
    async with desk(events=["raid"]) as d:
        d.happens(Kind.GIFT)
        d.happens(Kind.RAID, MessageOutcome.REFUSED)
        await asyncio.sleep(10)
        assert not d.pictures


@virtual
async def test_a_scene_that_stands_is_looked_at_and_the_first_one_is_no_change() -> None:
    async with desk(events=["scene"]) as d:
        await asyncio.sleep(30)
        d.scene = "game"
        await asyncio.sleep(1.5)
        assert not d.pictures
        await asyncio.sleep(4)
        assert len(d.pictures) == 1


@virtual
async def test_now_and_then_within_the_hours_rate_and_more_seldom_when_the_budget_is_short() -> None:
    async with desk(every_s=60, per_hour=5) as d:
        await asyncio.sleep(3590)
        assert len(d.pictures) == 5
    async with desk(2.0, every_s=600, per_hour=60) as d:
        await asyncio.sleep(3590)
        assert len(d.pictures) == 2


@virtual
async def test_events_in_a_row_are_looked_at_apart() -> None:
    async with desk(events=["gift"], per_hour=180) as d:
        for _ in range(60):
            d.happens(Kind.GIFT)
            await asyncio.sleep(1)
        assert 2 <= len(d.pictures) <= 3


@virtual
async def test_closed_eyes_see_nothing_and_what_they_saw_is_thrown_away() -> None:
    async with desk(events=["raid"], every_s=30) as d:
        d.happens(Kind.RAID)
        await asyncio.sleep(3)
        d.eyes.switch(on=False)
        d.eyes.switch(on=True)
        assert d.said() is None
        d.eyes.switch(on=False)
        seen = len(d.pictures)
        await asyncio.sleep(600)
        assert len(d.pictures) == seen


@virtual
async def test_what_is_old_or_what_moderation_stops_is_not_said() -> None:
    async with desk(events=["raid"]) as d:
        d.happens(Kind.RAID)
        await asyncio.sleep(120)
        assert d.said() is None
        d.allowed = False
        d.happens(Kind.RAID)
        await asyncio.sleep(3)
        assert d.said() is None
        assert len(d.pictures) == 2
