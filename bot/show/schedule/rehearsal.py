"""Plays days of a programme in seconds: the real runner and the real kinds on a virtual clock.

Nobody speaks and nobody listens: a piece takes as long as its words would, a model's piece as long as `PIECE_CHARS`
are spoken. The chat is silent, cues and platforms only take notes, and what a condition asks nobody knows.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.runtime.signal import Signal
from bot.runtime.virtual_clock import VirtualLoop
from bot.show.schedule.file import ProgrammeFile
from bot.show.schedule.keeper import Keeper
from bot.show.schedule.programme import Segment
from bot.show.schedule.runner import STATE, Runner
from bot.show.segments.segment import Brief, ChatMode, Heard
from bot.store.programme import SavedProgramme, SegmentRun

#: Characters spoken in a second, and in a piece that the model makes: a usual voice and a usual reply.
CHARS_PER_S, PIECE_CHARS = 14.0, 280
#: Tokens that a model reads and writes for a piece, and for a question beside the show: with the persona and the
#: history of the default settings. An estimate, for budgets.
PIECE_TOKENS, ASK_TOKENS = 1300, 400
#: Length of a file whose length nobody knows, in seconds.
FILE_S = 180.0
#: Words in the place of those of a model.
_WORDS = "These are some words of the model."


@dataclass(frozen=True, slots=True)
class Part:
    """One run as it was rehearsed, or one that was left out. ``first`` is what was asked of the host first."""

    segment: str
    kind: str
    due_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    state: str
    note: str
    pieces: int
    tokens: int
    first: str | Brief

    @property
    def opening(self) -> str:
        """What was asked first, in words: what is said, or what the model is told to say."""
        return self.first.task if isinstance(self.first, Brief) else self.first


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was rehearsed, in the order of its ends. ``quiet`` are times without a segment, as start and end."""

    start: dt.datetime
    end: dt.datetime
    parts: tuple[Part, ...]
    cues: int
    quiet: tuple[tuple[dt.datetime, dt.datetime], ...]

    @property
    def tokens(self) -> int:
        """Tokens that the models read and wrote, by estimate."""
        return sum(part.tokens for part in self.parts)

    @property
    def aired(self) -> dt.timedelta:
        """For how long a segment was on."""
        return self.end - self.start - sum((end - start for start, end in self.quiet), dt.timedelta())


def rehearse(file: ProgrammeFile, start: dt.datetime, end: dt.datetime, language: str = "en") -> Rehearsal:
    """Play a programme from one moment to another. Not within a running loop."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0, threads=False)) as runner:
        return runner.run(_play(file, start, end, language))


def day(file: ProgrammeFile, date: dt.date, days: int = 1) -> tuple[dt.datetime, dt.datetime]:
    """Return the first and the last moment of some days in the programme's zone, in UTC."""
    zone = ZoneInfo(file.programme.zone)
    first, last = (
        dt.datetime.combine(d, dt.time(), zone).astimezone(dt.UTC) for d in (date, date + dt.timedelta(days=days))
    )
    return first, last


async def _play(file: ProgrammeFile, start: dt.datetime, end: dt.datetime, language: str) -> Rehearsal:
    loop = asyncio.get_running_loop()
    zero = loop.time()

    def clock() -> dt.datetime:
        return start + dt.timedelta(seconds=loop.time() - zero)

    speech, hands, records = _TimedSpeech(language), _Notes(), _Ended(file, clock)
    runner = Runner(speech, Keeper(records, clock), clock, hands=hands, tick_s=60.0)
    records.speech = speech
    runner.agenda.seen = start - dt.timedelta(microseconds=1)  # what is due at the first moment, too
    runner.adopt(file)
    records.seen = runner.agenda.seen
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(runner.run())
        await asyncio.sleep((end - start).total_seconds())
        if runner.air is not None:
            run = runner.air.segment_run
            run.note, run.aired_s = "still on at the end", runner.air.aired_s
            records.end(run, clock())
        playing.cancel()
    return Rehearsal(start, end, tuple(records.parts), hands.cues, tuple(_quiet(records.parts, start, end)))


def _quiet(parts: Sequence[Part], start: dt.datetime, end: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return the times in which no segment was on."""
    found, at = [], start
    for began, ended in sorted((p.started_at, p.ended_at) for p in parts if p.started_at and p.ended_at):
        if began > at:
            found.append((at, began))
        at = max(at, ended)
    return [*found, (at, end)] if end > at else found


class _TimedSpeech:
    """Speaks by letting the time pass."""

    closing = False

    def __init__(self, language: str) -> None:
        self.changed = Signal()
        self.language = language
        self.pieces = self.tokens = 0
        self.first: str | Brief = ""
        self._silent_since = _now()
        self._turn = asyncio.Lock()

    def quiet_s(self) -> float:
        """Return for how long nothing was said."""
        return 0.0 if self._turn.locked() else _now() - self._silent_since

    def treat_chat(self, mode: ChatMode) -> None:
        """Do nothing: there is no chat."""

    def interrupt(self) -> None:
        """Do nothing: who speaks is cancelled."""

    async def speak(self, what: Callable[[], str | Brief], turn: str) -> Heard:
        """Advance the clock by as much time as the words take."""
        del turn
        async with self._turn:
            said = what()
            self.pieces += 1
            self.tokens += PIECE_TOKENS if isinstance(said, Brief) else 0
            self.first = self.first or said
            await asyncio.sleep((PIECE_CHARS if isinstance(said, Brief) else len(said)) / CHARS_PER_S)
            self._silent_since = _now()
            return Heard(_WORDS if isinstance(said, Brief) else said, complete=True)

    async def ask(self, task: str, material: Sequence[str], max_tokens: int) -> str:
        """Return no answer."""
        del task, material, max_tokens
        self.tokens += ASK_TOKENS
        return ""

    def count(self) -> tuple[int, int, str | Brief]:
        """Return pieces, tokens and what was asked first since the last call."""
        counted = self.pieces, self.tokens, self.first
        self.pieces, self.tokens, self.first = 0, 0, ""
        return counted


class _Notes:
    """Takes notes of cues, and plays nothing."""

    cues = 0

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        """Count it."""
        del name, values
        self.cues += 1
        return True

    def segment(self, segment: Segment, *, begins: bool) -> None:
        """Do nothing."""

    async def invite(self, persona: str) -> None:
        """Do nothing: in a rehearsal nobody speaks."""

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        """Say that it was rehearsed."""
        del values
        return f"{action}: rehearsed"

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return that nobody voted."""
        del title, choices
        return {}

    async def play(self, source: str, file: Path | None) -> float:
        """Return the length of a file that nobody knows."""
        del source
        return FILE_S if file else 0.0


@dataclass
class _Ended:
    """The record of a rehearsal: it keeps what has ended."""

    file: ProgrammeFile
    clock: Callable[[], dt.datetime]
    parts: list[Part] = field(default_factory=list)
    speech: _TimedSpeech | None = None
    seen: dt.datetime | None = None

    async def load(self, since: dt.datetime) -> SavedProgramme:
        """Return that the programme was looked at just before the rehearsal."""
        del since
        seen = {STATE: {"seen": self.seen.isoformat()}} if self.seen else {}
        return SavedProgramme((), seen)

    async def put(self, run: SegmentRun) -> None:
        """Keep a run that has ended."""
        if not run.alive:
            self.end(run, run.ended_at)

    def end(self, run: SegmentRun, at: dt.datetime | None) -> None:
        """Keep a run as it is."""
        ran = run.started_at is not None
        pieces, tokens, first = self.speech.count() if ran and self.speech else (0, 0, "")
        kind = self.file.planned[run.segment].segment.kind
        self.parts.append(
            Part(run.segment, kind, run.due_at, run.started_at, at, run.state, run.note, pieces, tokens, first)
        )

    async def remember(self, name: str, value: Mapping[str, Any], now: dt.datetime) -> None:
        """Keep nothing: the runner has it in memory."""

    async def heard(self, turn: str) -> str:
        """Return that nothing was heard."""
        del turn
        return ""

    async def recent(self, since: dt.datetime) -> list[str]:
        """Return what has ended since."""
        return [f"The segment {p.segment} was on." for p in self.parts if p.ended_at and p.ended_at >= since]


def _now() -> float:
    return asyncio.get_running_loop().time()
