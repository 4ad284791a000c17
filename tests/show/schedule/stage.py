"""A whole show with a programme on the virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bot.show.schedule.file import ProgrammeFile
from bot.show.schedule.keeper import Keeper
from bot.show.schedule.runner import Runner
from bot.show.schedule.speech import ShowSpeech
from bot.show.schedule.state import Desk
from bot.store.programme import SegmentRun
from tests.support.harness import Stagehand
from tests.support.programmes import MemoryRecords, WallClock


class Theatre:
    """A show, its programme and its record."""

    def __init__(
        self, file: ProgrammeFile, records: MemoryRecords | None = None, clock: WallClock | None = None, **more: Any
    ) -> None:
        self.hand = Stagehand()
        self.records = records or MemoryRecords()
        self.clock = clock or WallClock()
        self.speech = ShowSpeech(self.hand.show, lambda: self.hand.llm)
        self.keeper = Keeper(self.records, self.clock)
        self.runner = Runner(self.speech, self.keeper, self.clock, **({"tick_s": 60.0} | more))
        self.runner.adopt(file)
        self.desk = Desk(self.runner, self.clock)
        self.hand.observers.add(self.runner)
        self.hand.intake.reader = self.runner.read

    @contextlib.asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """Play; at the end everything is cancelled as by a kill."""
        async with asyncio.TaskGroup() as group, self.hand.on_air():
            running = group.create_task(self.runner.run())
            try:
                yield
            finally:
                running.cancel()

    def said(self) -> list[str]:
        """Return what was heard of segments."""
        return [turn.text for turn in self.hand.past if turn.plan.kind == "segment" and turn.text]

    def ended(self, segment: str) -> list[SegmentRun]:
        """Return the runs of a segment that have ended."""
        return self.records.ended(segment)

    async def until_ended(self, segment: str, runs: int = 1, within_s: float = 7200) -> None:
        """Wait until a segment has ended so often."""
        true = await self.runner.changed.wait_until(
            lambda: sum(run.segment == segment for run in self.runner.past) >= runs, within_s
        )
        assert true, f"{segment} has not ended in time"
        await self.keeper.settled()
