"""What the programme keeps: the runs of its segments, what they remember, and what happened of late.

Every method raises `TransientError` when the database is busy, full or gone, and may be called again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.tables import Outcome, PaidEvent, ProgrammeMemory, ProgrammeRun, RunPhase, RunState, Utterance
from bot.text.money import money
from bot.types import Kind, MessageOutcome, Money, TurnKind

#: Runs that one start takes up, and sentences about what happened of late.
MAX_RUNS, MAX_SENTENCES = 5000, 40

_ALIVE = (RunState.WAITING, RunState.ON_AIR)


@dataclass(slots=True)
class SegmentRun:
    """One run of a segment. ``run`` is its name: the same after a crash, another one the next time.

    ``turn`` is the turn that opens or closes it: what was heard of that turn says whether it was announced.
    """

    segment: str
    due_at: dt.datetime
    cause: str = ""
    state: RunState = RunState.WAITING
    phase: RunPhase = RunPhase.OPENING
    turn: str = ""
    note: str = ""
    aired_s: float = 0.0
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    run: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the run by its segment and the moment at which it was due."""
        self.run = f"{self.segment}@{self.due_at.astimezone(dt.UTC).isoformat()}"

    @property
    def alive(self) -> bool:
        """Whether it waits or is on air."""
        return self.state in _ALIVE


@dataclass(frozen=True, slots=True)
class SavedProgramme:
    """What an earlier start left: the runs of late, oldest first, and the memories by name."""

    runs: tuple[SegmentRun, ...] = ()
    memories: Mapping[str, dict[str, Any]] = field(default_factory=dict)


class ProgrammeLedger:
    """The programme's part of the record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, since: dt.datetime) -> SavedProgramme:
        """Return the runs that were due since a moment or are still alive, and all memories."""

        async def read(c: AsyncConnection) -> SavedProgramme:
            wanted = (
                select(ProgrammeRun)
                .where((col(ProgrammeRun.due_at) >= since) | col(ProgrammeRun.state).in_(_ALIVE))
                .order_by(col(ProgrammeRun.id).desc())
                .limit(MAX_RUNS)
            )
            rows = list(await c.execute(wanted))[::-1]
            memories = {r.name: dict(r.value) for r in await c.execute(select(ProgrammeMemory))}
            return SavedProgramme(tuple(_run(r) for r in rows), memories)

        return await self._store.run(read)

    async def put(self, run: SegmentRun) -> None:
        """Write how a run stands."""
        values = {
            "segment": run.segment,
            "cause": run.cause[:200],
            "state": run.state.value,
            "phase": run.phase.value,
            "turn": run.turn,
            "note": run.note,
            "aired_s": run.aired_s,
            "due_at": run.due_at,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
        }
        name = run.run

        async def write(c: AsyncConnection) -> None:
            changed = await c.execute(update(ProgrammeRun).where(col(ProgrammeRun.run) == name).values(**values))
            if not changed.rowcount:
                await c.execute(insert(ProgrammeRun).values(run=name, **values))

        await self._store.run(write)

    async def remember(self, name: str, value: Mapping[str, Any], now: dt.datetime) -> None:
        """Write a memory."""
        kept = {"value": dict(value), "at": now}

        async def write(c: AsyncConnection) -> None:
            which = col(ProgrammeMemory.name) == name
            changed = await c.execute(update(ProgrammeMemory).where(which).values(**kept))
            if not changed.rowcount:
                await c.execute(insert(ProgrammeMemory).values(name=name, **kept))

        await self._store.run(write)

    async def heard(self, turn: str) -> str:
        """Return what the audience heard of a turn, as far as the record knows; empty for an unknown one."""

        async def read(c: AsyncConnection) -> str:
            wanted = select(col(Utterance.heard)).where(col(Utterance.turn) == turn)
            return str((await c.execute(wanted)).scalar_one_or_none() or "")

        return await self._store.run(read)

    async def said(self, since: dt.datetime, most: int, kind: TurnKind | None = None) -> list[tuple[dt.datetime, str]]:
        """Return what was heard of the host since a moment, the last ``most`` turns (of one kind), oldest first."""

        async def read(c: AsyncConnection) -> list[tuple[dt.datetime, str]]:
            wanted = (
                select(col(Utterance.started_at), col(Utterance.heard))
                .where(col(Utterance.started_at) >= since, col(Utterance.heard) != "", ~col(Utterance.withdrawn))
                .order_by(col(Utterance.id).desc())
                .limit(most)
            )
            if kind is not None:
                wanted = wanted.where(col(Utterance.purpose) == kind.value)
            return [(r.started_at, r.heard) for r in (await c.execute(wanted)).all()][::-1]

        return await self._store.run(read)

    async def recent(self, since: dt.datetime) -> list[str]:
        """Return what happened since a moment, one plain sentence each: payments, segments, raids, answers."""

        async def read(c: AsyncConnection) -> list[str]:
            paid = select(PaidEvent).where(col(PaidEvent.received_at) >= since).order_by(col(PaidEvent.id).desc())
            said = [_payment(r) for r in await c.execute(paid.limit(MAX_SENTENCES))]
            runs = (
                select(ProgrammeRun)
                .where(col(ProgrammeRun.started_at) >= since, col(ProgrammeRun.state) == RunState.DONE.value)
                .order_by(col(ProgrammeRun.id).desc())
                .limit(MAX_SENTENCES)
            )
            said += [f"The segment {r.segment} was on." for r in await c.execute(runs)]
            for words, which in (
                ("raids came in", col(Outcome.kind) == Kind.RAID.value),
                ("lines of the chat were answered", col(Outcome.outcome) == MessageOutcome.ANSWERED.value),
            ):
                count = (
                    await c.execute(select(func.count()).select_from(Outcome).where(which, col(Outcome.at) >= since))
                ).scalar_one()
                said += [f"{count} {words}."] if count else []
            return said

        return await self._store.run(read)


def forget_viewer(memory: Any, author: str, source: str | None = None) -> bool:
    """Remove what a memory has of a viewer, in place; return whether there was anything.

    Segments keep what is somebody's under the key "source, line break, id", or with it as ``key`` in a list.
    """

    def theirs(key: object) -> bool:
        if not isinstance(key, str) or "\n" not in key:
            return False
        whose, _, viewer = key.partition("\n")
        return viewer == author and source in (None, whose)

    found = False
    if isinstance(memory, dict):
        for key in [key for key in memory if theirs(key)]:
            del memory[key]
            found = True
    elif isinstance(memory, list):
        kept = [item for item in memory if not (isinstance(item, dict) and theirs(item.get("key")))]
        found = len(kept) < len(memory)
        memory[:] = kept
    else:
        return False
    for inner in memory.values() if isinstance(memory, dict) else memory:
        found |= forget_viewer(inner, author, source)
    return found


def _run(row: Any) -> SegmentRun:
    return SegmentRun(
        row.segment,
        row.due_at,
        row.cause,
        RunState(row.state),
        RunPhase(row.phase),
        row.turn,
        row.note,
        row.aired_s,
        row.started_at,
        row.ended_at,
    )


def _payment(row: Any) -> str:
    amount = money(Money(row.minor, row.currency)) if row.minor is not None else ""
    return f"{row.author_name} sent a {row.kind.replace('_', ' ')}{f' of {amount}' if amount else ''}."
