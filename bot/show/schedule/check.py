"""The show compiler: what is wrong with a programme that can be read, each finding with its file and line.

What can be seen in the file is looked up; the rest is found by rehearsing some days of it: collisions, silence, cost.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.show.schedule.file import ProgrammeFile
from bot.show.schedule.rehearsal import Part, Rehearsal, day, rehearse
from bot.show.segments.registry import SegmentKind
from bot.store.tables import RunState

#: A segment that starts so much later than due is told of.
LATE = dt.timedelta(minutes=1)
#: A segment that is on for so long at the end of the rehearsal, and has no length, may never end.
ENDLESS = dt.timedelta(hours=3)
#: Options of kinds that name a cue.
_CUES = ("cue", "before", "after")


class Level(StrEnum):
    """How bad it is. An error is what cannot be meant."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. ``place`` is "file:line"."""

    level: Level
    place: str
    text: str

    def __str__(self) -> str:
        """Return it as compilers do."""
        return f"{self.place}: {self.level}: {self.text}"


@dataclass(frozen=True, slots=True)
class Known:
    """Names that there are; None where nobody knows."""

    scenes: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    cues: frozenset[str] | None = None
    personas: frozenset[str] | None = None


def check(file: ProgrammeFile, known: Known, today: dt.date, days: int = 7) -> tuple[list[Finding], Rehearsal]:
    """Return what is to be looked at, the worst first, and the rehearsal. Takes seconds; not within a running loop."""
    start, end = day(file, today, days)
    rehearsal = rehearse(file, start, end)
    findings = [*_names(file, known), *_files(file), *_dead(file, start), *_collisions(file, rehearsal)]
    findings += [*_silence(file, rehearsal), *_cost(file, rehearsal, days)]
    order = list(Level)
    return sorted(findings, key=lambda one: order.index(one.level)), rehearsal


def _names(file: ProgrammeFile, known: Known) -> Iterator[Finding]:
    for name, planned in file.planned.items():
        segment = planned.segment
        wanted: list[tuple[str, str, frozenset[str] | None, tuple[str, ...]]]
        wanted = [("scene", segment.scene, known.scenes, ("scene",))]
        wanted.append(("persona", segment.persona, known.personas, ("persona",)))
        wanted += [("cue", cue, known.cues, ("cues",)) for cue in (*segment.cues.start, *segment.cues.end)]
        wanted += [("cue", str(getattr(planned.options, key, "")), known.cues, ("options", key)) for key in _CUES]
        if segment.kind is SegmentKind.MEDIA:
            wanted.append(("source", str(getattr(planned.options, "source", "")), known.sources, ("options", "source")))
        for what, word, names, keys in wanted:
            if word and names is not None and word not in names:
                near = difflib.get_close_matches(word, names, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                yield Finding(Level.ERROR, file.place(name, *keys), f"{name}: there is no {what} {word!r}{hint}")


def _files(file: ProgrammeFile) -> Iterator[Finding]:
    """Yield the files and folders of options that are not there."""
    for name, planned in file.planned.items():
        for key in type(planned.options).model_fields:
            value = getattr(planned.options, key)
            for path in value if isinstance(value, list) else [value]:
                if isinstance(path, Path) and not (file.path.parent / path.expanduser()).exists():
                    yield Finding(Level.ERROR, file.place(name, "options", key), f"{name}: there is no file {path}")


def _dead(file: ProgrammeFile, start: dt.datetime) -> Iterator[Finding]:
    """Yield the segments that can never start by themselves."""
    dead: set[str] = set()
    for segment in file.programme.segments:
        if segment.when.by_clock and file.programme.next_after(segment, start - dt.timedelta(microseconds=1)) is None:
            dead.add(segment.name)
            why = "its moment is over" if segment.when.at else "there is no such day"
            yield Finding(Level.ERROR, file.place(segment.name, "when"), f"{segment.name} never starts: {why}")
    found = True
    while found:
        found = False
        for segment in file.programme.segments:
            if segment.when.after in dead and segment.name not in dead:
                found = True
                dead.add(segment.name)
                why = f"{segment.when.after} never does"
                yield Finding(Level.ERROR, file.place(segment.name, "when"), f"{segment.name} never starts: {why}")


def _collisions(file: ProgrammeFile, rehearsal: Rehearsal) -> Iterator[Finding]:
    groups: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in rehearsal.parts:
        if part.state == RunState.ON_AIR:
            if part.started_at is not None and rehearsal.end - part.started_at > ENDLESS:
                groups[part.segment, part.note].append(part)
        elif part.state != RunState.DONE:
            groups[part.segment, f"{part.state}: {part.note}"].append(part)
        elif part.started_at is not None and part.started_at - part.due_at > LATE:
            groups[part.segment, ""].append(part)
    for (name, why), parts in groups.items():
        times = f"{len(parts)} time{'s' if len(parts) > 1 else ''}, first on {_local(file, parts[0].due_at)}"
        place = file.place(name, "when")
        if not why:
            latest = max(p.started_at - p.due_at for p in parts if p.started_at)
            yield Finding(Level.NOTE, place, f"{name} waits for another up to {_span(latest)} ({times})")
        elif "still on" in why:
            yield Finding(Level.WARNING, file.place(name), f"{name} does not end by itself within the rehearsal")
        else:
            level = Level.ERROR if "failed" in why else Level.WARNING
            yield Finding(level, place, f"{name} collides, {why} ({times})")


def _silence(file: ProgrammeFile, rehearsal: Rehearsal) -> Iterator[Finding]:
    longest = file.programme.longest_gap
    if longest is None:
        return
    too_long = [(start, end) for start, end in rehearsal.quiet if (end - start).total_seconds() > longest]
    if too_long:
        start, end = max(too_long, key=lambda gap: gap[1] - gap[0])
        place = f"{file.path}:{file.yaml.line(('longest_gap',))}"
        text = f"{len(too_long)} times without a segment are longer than wanted; the longest, {_span(end - start)}, "
        yield Finding(Level.ERROR, place, f"{text}begins on {_local(file, start)}")


def _cost(file: ProgrammeFile, rehearsal: Rehearsal, days: int) -> Iterator[Finding]:
    budget = file.programme.budget
    tokens, hours = rehearsal.tokens / days, rehearsal.aired.total_seconds() / 3600 / days
    spent: dict[str, int] = defaultdict(int)
    for part in rehearsal.parts:
        spent[part.segment] += part.tokens
    if budget.tokens_per_day is not None and tokens > budget.tokens_per_day:
        dearest = max(spent, key=lambda name: spent[name])
        text = f"about {tokens:,.0f} tokens a day are more than {budget.tokens_per_day:,}; most are of {dearest}"
        yield Finding(Level.ERROR, f"{file.path}:{file.yaml.line(('budget', 'tokens_per_day'))}", text)
    if budget.hours_per_day is not None and hours > budget.hours_per_day:
        text = f"{hours:.1f} hours of segments a day are more than {budget.hours_per_day:g}"
        yield Finding(Level.ERROR, f"{file.path}:{file.yaml.line(('budget', 'hours_per_day'))}", text)


def _local(file: ProgrammeFile, moment: dt.datetime) -> str:
    return moment.astimezone(ZoneInfo(file.programme.zone)).strftime("%a %d %b, %H:%M")


def _span(time: dt.timedelta) -> str:
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
