"""haishin programme: check a programme, and rehearse a day of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import asdict, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from loguru import logger
from rich.table import Table
from rich.text import Text

from bot.cli.output import out
from bot.config import Settings, home
from bot.errors import ConfigError, ProviderError, Refused, TransientError
from bot.persona import persona as personas
from bot.show.schedule import check as compiler
from bot.show.schedule.check import Finding, Known, Level
from bot.show.schedule.file import ProgrammeFile, read
from bot.show.schedule.rehearsal import Part, Rehearsal, day, rehearse
from bot.stage.obs import answers
from bot.stage.obs.session import open_session
from bot.stage.obs.settings import ObsSettings

#: OBS has so many seconds to say what it holds.
ASK_S = 3.0
_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "dim"}


async def known(settings: Settings, scenes: str, sources: str) -> Known:
    """Return the names that there are: those of the command line, else those of OBS; print what nobody knows."""
    cues = frozenset(settings.director.cues)
    there = await asyncio.to_thread(personas.discover, home() / "personas")
    named = Known(_names(scenes), _names(sources), cues or None, frozenset(one.id for one in there if not one.problem))
    if named.scenes is not None and named.sources is not None:
        return named
    missing = "scenes" if named.scenes is None else "sources"
    if not settings.obs.enabled:
        out.print(f"OBS is not asked without obs.enabled: true, {missing} not checked")
        return named
    try:
        held = await ask_obs(settings.obs)
    except (ProviderError, Refused) as error:
        out.print(Text(f"OBS was not reached, {missing} not checked: {error}"), soft_wrap=True)
        return named
    return replace(
        named,
        scenes=held.scenes if named.scenes is None else named.scenes,
        sources=held.sources if named.sources is None else named.sources,
    )


async def ask_obs(settings: ObsSettings) -> Known:
    """Return the scenes and sources that OBS holds. Raise `ProviderError` or `Refused`, after `ASK_S` at the latest."""
    try:
        async with asyncio.timeout(ASK_S), open_session(settings, lambda _name, _data: None) as session:
            scenes = answers.scene_names((await session.request("GetSceneList")).get("scenes"))
            listed = (await session.request("GetInputList")).get("inputs")
    except TimeoutError:
        raise TransientError(f"it said nothing within {ASK_S:g} s") from None
    entries = listed if isinstance(listed, list) else []
    inputs = [answers.text(one.get("inputName")) for one in entries if isinstance(one, dict)]
    if not scenes:  # there is always one
        raise TransientError("it does not tell its scenes")
    return Known(frozenset(scenes), frozenset(filter(None, inputs)))


def _names(text: str) -> frozenset[str] | None:
    return frozenset(name.strip() for name in text.split(",")) if text.strip() else None


def check(path: Path, known: Known, days: int) -> bool:
    """Print what is wrong with a programme; return whether it may be played. Raise `ConfigError`."""
    logger.disable("bot.show.schedule")  # what happens in a rehearsal did not happen
    file = read(path)
    findings, rehearsal = compiler.check(file, known, _today(file), days)
    for one in findings:
        out.print(Text(str(one), style=_COLOURS[one.level]), soft_wrap=True)
    per_day = f"{rehearsal.aired.total_seconds() / 3600 / days:.1f} h and about {rehearsal.tokens / days:,.0f} tokens"
    out.print(
        f"{len(file.planned)} segments, {len(rehearsal.parts)} runs in {days} days; {per_day} a day; "
        f"{_count(findings, Level.ERROR)}, {_count(findings, Level.WARNING)}"
    )
    return not any(one.level is Level.ERROR for one in findings)


def rehearse_day(path: Path, date: str, until: str, *, as_json: bool) -> Rehearsal:
    """Play a day of a programme, or a part of one, print its timeline, and return it. Raise `ConfigError`."""
    logger.disable("bot.show.schedule")
    file = read(path)
    start, end = day(file, _date(date) if date else _today(file))
    if until:
        end = _until(until, start, file)
    rehearsal = rehearse(file, start, end)
    if as_json:
        print(json.dumps(_values(rehearsal), ensure_ascii=False, indent=1))  # noqa: T201 - for a program to read
        return rehearsal
    zone = ZoneInfo(file.programme.zone)
    table = Table("start", "end", "segment", "kind", "pieces", "what", box=None)
    for part in sorted(rehearsal.parts, key=lambda p: p.started_at or p.due_at):
        table.add_row(*(Text(cell) for cell in _row(part, zone)), style="" if part.state == "done" else "yellow")
    out.print(table)
    hours = rehearsal.aired.total_seconds() / 3600
    longest = max((end - start for start, end in rehearsal.quiet), default=dt.timedelta())
    out.print(
        f"{len(rehearsal.parts)} runs, {hours:.1f} h with a segment, about {rehearsal.tokens:,} tokens; "
        f"the longest time without one: {round(longest.total_seconds() / 60)} min"
    )
    return rehearsal


def _row(part: Part, zone: ZoneInfo) -> tuple[str, ...]:
    start = part.started_at or part.due_at
    what = part.opening.strip().splitlines()[0][:70] if part.opening.strip() else ""
    return (
        start.astimezone(zone).strftime("%H:%M:%S"),
        part.ended_at.astimezone(zone).strftime("%H:%M:%S") if part.ended_at and part.started_at else "",
        part.segment,
        part.kind,
        str(part.pieces),
        what if part.state == "done" else f"{part.state}: {part.note}",
    )


def _values(rehearsal: Rehearsal) -> dict[str, object]:
    parts = [
        {
            key: value.isoformat() if isinstance(value, dt.datetime) else value
            for key, value in {**asdict(part), "first": part.opening}.items()
        }
        for part in rehearsal.parts
    ]
    return {
        "start": rehearsal.start.isoformat(),
        "end": rehearsal.end.isoformat(),
        "tokens": rehearsal.tokens,
        "aired_s": rehearsal.aired.total_seconds(),
        "parts": parts,
    }


def _count(findings: list[Finding], level: Level) -> str:
    count = sum(one.level is level for one in findings)
    return f"{count} {level}{'' if count == 1 else 's'}"


def _today(file: ProgrammeFile) -> dt.date:
    return dt.datetime.now(ZoneInfo(file.programme.zone)).date()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no day", remedy="write it like 2026-10-25") from None


def _until(text: str, start: dt.datetime, file: ProgrammeFile) -> dt.datetime:
    zone = ZoneInfo(file.programme.zone)
    try:
        time = dt.time.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no time of day", remedy="write it like 21:30") from None
    end = dt.datetime.combine(start.astimezone(zone).date(), time, zone).astimezone(dt.UTC)
    if end <= start:
        raise ConfigError("the rehearsal ends before it begins", remedy="give a later time with --until")
    return end
