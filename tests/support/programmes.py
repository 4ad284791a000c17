"""Programmes for tests: kinds that do what a test says, a record in memory, and a wall clock that can be set."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import TransientError
from bot.runtime.settings import Section
from bot.show.schedule.file import Planned, ProgrammeFile
from bot.show.schedule.programme import Programme
from bot.show.segments.registry import Kind
from bot.show.segments.segment import Brief, ChatMode, SegmentHost
from bot.store.programme import SavedProgramme, SegmentRun

MONDAY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


class Options(Section):
    """What the test kinds know."""

    text: str = ""
    seconds: float = 10.0
    pieces: int = 1


async def speaks(config: Options, host: SegmentHost) -> None:
    """Say a text so many times, each once, and remember how often."""
    text = config.text or "This segment is on now."
    done = host.memory.get("said", 0) if host.memory.get("run") == host.run else 0
    while done < config.pieces:
        heard = await host.say(f"{text} Number {done + 1}.")
        done += bool(heard.text)
        host.memory.update(run=host.run, said=done)
        await host.save()


async def waits(config: Options, host: SegmentHost) -> None:
    await host.wait(config.seconds)


async def fails(config: Options, host: SegmentHost) -> None:
    raise RuntimeError("the kind is broken")


async def improvises(config: Options, host: SegmentHost) -> None:
    for _ in range(config.pieces):
        await host.improvise(Brief(config.text or "Say something."))
        await host.wait(config.seconds)


KINDS: dict[str, Callable[[Any, SegmentHost], Awaitable[None]]] = {
    "speaks": speaks, "waits": waits, "fails": fails, "improvises": improvises,
}  # fmt: skip


def make(*segments: Mapping[str, Any], zone: str = "UTC", chat: ChatMode = ChatMode.ALL, **more: Any) -> ProgrammeFile:
    """Return a programme of these segments; their kind is one of the test's, ``waits`` unless they say another."""
    performers = {s["name"]: KINDS[s.get("kind", "waits")] for s in segments}
    programme = Programme.model_validate({"zone": zone, "segments": [{**s, "kind": "talk"} for s in segments], **more})
    planned = {
        one.name: Planned(one, Kind(Options, performers[one.name], chat), Options.model_validate(one.options))
        for one in programme.segments
    }
    return ProgrammeFile(programme, Path("programme.yaml"), planned)


@dataclass
class MemoryRecords:
    """Keeps the record in memory. ``down`` makes every write fail."""

    runs: dict[str, SegmentRun] = field(default_factory=dict)
    memories: dict[str, dict[str, Any]] = field(default_factory=dict)
    turns: dict[str, str] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False

    async def load(self, since: dt.datetime) -> SavedProgramme:
        return SavedProgramme(
            tuple(replace(r) for r in self.runs.values() if r.due_at >= since or r.alive),
            {name: dict(value) for name, value in self.memories.items()},
        )

    async def put(self, run: SegmentRun) -> None:
        if self.down:
            raise TransientError("the database is away")
        self.runs[run.run] = replace(run)
        self.history.append((run.segment, run.state.value))

    async def remember(self, name: str, value: Mapping[str, Any], now: dt.datetime) -> None:
        if self.down:
            raise TransientError("the database is away")
        self.memories[name] = dict(value)

    async def heard(self, turn: str) -> str:
        return self.turns.get(turn, "")

    async def recent(self, since: dt.datetime) -> list[str]:
        return []

    def ended(self, segment: str) -> list[SegmentRun]:
        return [run for run in self.runs.values() if run.segment == segment and not run.alive]


class WallClock:
    """A wall clock over the loop's. ``offset`` sets it back and forth."""

    def __init__(self, start: dt.datetime = MONDAY) -> None:
        self._start = start
        self._zero = asyncio.get_running_loop().time()
        self.offset = dt.timedelta()

    def __call__(self) -> dt.datetime:
        passed = asyncio.get_running_loop().time() - self._zero
        return self._start + dt.timedelta(seconds=passed) + self.offset
