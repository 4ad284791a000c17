"""haishin check --mic: record three seconds, show how loud they are, say what was understood and what to change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from math import log10
from typing import Any, cast

from rich.progress import BarColumn, Progress, TextColumn

from bot.app import builtin_models
from bot.cli.output import Report, downloads, on_a_terminal, open_log, out
from bot.config import Settings
from bot.errors import HaishinError
from bot.hearing import vad
from bot.hearing.failover import open_asr
from bot.hearing.input import echo
from bot.hearing.input.settings import EchoMode, InputKind
from bot.hearing.input.sound_card.devices import MAX_NAME, named
from bot.hearing.input.trial import Trial, record
from bot.hearing.opening import asr_entries
from bot.hearing.speech import FRAME, Hints, Samples, SpeechPiece, Transcript
from bot.text.sanitize import one_line
from bot.types import Health

SECONDS = 3.0
#: The bar of the level: its width in characters, and what its left end stands for, in decibels.
WIDTH, FLOOR_DB = 30, -60.0
#: How long the recogniser may take, in seconds: a slow machine loads it first.
RECOGNISED_S = 60.0


async def check_microphone(settings: Settings) -> bool:
    """Try the microphone; print a line for each thing that was found; return whether all of it is well."""
    open_log(settings)
    report = Report()
    if settings.hearing.input.kind is InputKind.BROWSER:
        out.print(
            "the configured microphone is a page's (hearing.input.kind: browser); this tries the one of this machine"
        )
    trial = await _recorded(settings)
    report.line(
        "microphones", Health(ok=bool(trial.devices), detail=named(trial.devices) or "none", remedy=trial.trouble)
    )
    if trial.trouble or not trial.sound.size:
        report.line("microphone", Health(ok=False, detail="no sound", remedy=trial.trouble or "try it once more"))
        return False
    name = trial.device.shown if trial.device else "?"
    report.line("microphone", Health(ok=True, detail=f"{name}, {trial.device.rate if trial.device else 0} Hz"))
    advice = trial.advice()
    report.line("level", Health(ok=not advice, detail=bar(trial.level, trial.peak), remedy=advice))
    report.line("words", await _understood(settings, trial.sound))
    report.line("echo", _echo(settings))
    return report.ok


def bar(level: float, peak: float) -> str:
    """Return a level as a bar with figures in decibels below the loudest that there is."""
    filled = round(WIDTH * max(0.0, 1 - _db(level) / FLOOR_DB))
    return f"{'█' * filled}{'·' * (WIDTH - filled)}  {_db(level):.0f} dB, peak {_db(peak):.0f} dB"


def _db(level: float) -> float:
    return max(FLOOR_DB * 2, 20 * log10(level)) if level > 0 else FLOOR_DB * 2


async def _recorded(settings: Settings) -> Trial:
    out.print(f"[bold]speak now[/], for {SECONDS:.0f} seconds: say who you are and what you stream")
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(WIDTH),
        TextColumn("{task.fields[level]}"),
        console=out,
        transient=True,
        disable=not on_a_terminal(),
    )
    with shown:
        task = shown.add_task("opening", total=SECONDS, level="")

        def progress(seconds: float, level: float) -> None:
            left = max(0.0, SECONDS - seconds)
            shown.update(task, completed=seconds, description=f"recording, {left:.1f} s left", level=bar(level, level))

        return await record(settings.hearing.input, SECONDS, progress)


async def _understood(settings: Settings, sound: Samples) -> Health:
    """Recognise what was recorded."""

    async def pieces() -> AsyncIterator[SpeechPiece]:
        yield SpeechPiece(sound)

    nothing = Health(ok=False, detail="nothing was said", remedy="speak while it records, nearer and louder")
    last: Transcript | None = None
    try:
        # A recogniser invents words where there are none.
        if not await asyncio.to_thread(spoken, sound):
            return nothing
        with downloads() as progress:
            models = settings.models
            entries = await asr_entries(
                settings.asr, progress, root=builtin_models.root(settings), offline=models.offline
            )
        async with (
            asyncio.timeout(RECOGNISED_S),
            open_asr(entries) as asr,
            aclosing(cast("Any", asr.hear(pieces(), Hints()))) as heard,
        ):
            async for transcript in heard:
                last = transcript
    except TimeoutError:
        return Health(
            ok=False, detail=f"no answer within {RECOGNISED_S:.0f} s", remedy="close programs that use the processor"
        )
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)
    if last is None or not last.text.strip():
        return nothing
    return Health(
        ok=True, detail=f"“{one_line(last.text, MAX_NAME * 3)}” ({last.language}, {last.confidence:.0%} sure)"
    )


def spoken(sound: Samples) -> bool:
    """Return whether there is a voice in it: three frames in a row. Raises `ConfigError` or `FatalError`."""
    activity, run = vad.load(), 0
    for end in range(FRAME, sound.size + 1, FRAME):
        run = run + 1 if activity.probability(sound[end - FRAME : end]) >= 0.5 else 0
        if run == 3:
            return True
    return False


def _echo(settings: Settings) -> Health:
    wanted = settings.hearing.input
    if wanted.echo is EchoMode.OFF:
        return Health(ok=True, detail="off: wear headphones")
    if echo.installed():
        return Health(ok=True, detail="the host's voice is taken out: loudspeakers will do")
    missing = echo.MISSING
    return Health(ok=wanted.echo is EchoMode.AUTO, detail=f"{missing}: {missing.remedy}", remedy=missing.remedy)
