"""haishin replay: run a recorded evening and account for every message."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from pathlib import Path

from loguru import logger
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from bot.app.app import App, on_signals, open_app
from bot.cli.output import downloads, open_log, out
from bot.cli.run import _welcome
from bot.config import Settings
from bot.sources import replay
from bot.stage.headless import HeadlessPage


async def replay_evening(settings: Settings, files: list[Path], file: Path, speed: float, *, listen: bool) -> bool:
    """Run a recorded evening and account for every message; True when none is unaccounted for.

    Unless a real page listens, a built-in listener takes the place of the stage page: it plays by the
    clock, ``speed`` times as fast, so that the host speaks as often as it would have that evening.
    """
    open_log(settings)
    recording = await asyncio.to_thread(replay.read, file)
    for fault in recording.faults:
        logger.warning("{}", fault)
    arrivals = [e for e in recording.events if isinstance(e, replay.Arrival)]
    out.print(f"{file}: {len(arrivals)} messages over {recording.duration_s / 60:.1f} min, played at {speed:g}×")
    settings.sources.replay = None
    settings.store = settings.store or "sqlite+aiosqlite:///:memory:"
    _quicken(settings, speed)
    fates: dict[str, tuple[str, str]] = {}
    stop = asyncio.Event()
    on_signals(stop.set)
    with downloads() as progress:
        opening = open_app(settings, files, progress, pace=1.0 if listen else speed)
        app = await opening.__aenter__()
    try:
        _follow(app, fates)
        if listen:
            _welcome(app, 0.0)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(app.run(stop))
            listener = HeadlessPage(app.show.stage, speed)
            listening = group.create_task(listener.run()) if not listen else None
            tally = await _play(app, recording, speed, stop)
            await _drain(app, fates, len(arrivals) + recording.skipped, stop)
            stop.set()
            await running
            if listening:
                listening.cancel()
    finally:
        await opening.__aexit__(None, None, None)
    return _account([e.message.id for e in arrivals], fates, recording.skipped, tally, listener.heard_s)


def _quicken(settings: Settings, speed: float) -> None:
    """Make every time of the show pass ``speed`` times as fast as well, so that the evening stays itself."""
    box, show = settings.inbox, settings.show
    settings.inbox = box.model_copy(update={"ttl_s": box.ttl_s / speed, "refill_per_s": box.refill_per_s * speed})
    show.idle_after_s = 0.0


def _follow(app: App, fates: dict[str, tuple[str, str]]) -> None:
    ends, offered = app.desk.outcome, app.desk.offered

    def outcome(message: object, what: str, reason: str) -> None:
        fates[message.id] = (what, reason)  # type: ignore[attr-defined]
        ends(message, what, reason)  # type: ignore[arg-type]

    app.desk.outcome = outcome  # type: ignore[method-assign, assignment]
    app.desk.offered = offered  # type: ignore[method-assign]


async def _play(app: App, recording: replay.Recording, speed: float, stop: asyncio.Event) -> replay.Tally:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), console=out
    )
    with bar:
        task = bar.add_task("the evening", total=len(recording.events))

        async def offer(message: object) -> None:
            bar.advance(task)
            if not stop.is_set():
                await app.intake.offer(message)  # type: ignore[arg-type]

        return await replay.play(recording.events, speed, offer, app.desk.retract)


async def _drain(app: App, fates: dict[str, tuple[str, str]], total: int, stop: asyncio.Event) -> None:
    """Let the host finish what still waits, for a while."""
    del fates, total
    end = time.monotonic() + 120
    while time.monotonic() < end and not stop.is_set() and (len(app.inbox) or app.show.on_air):
        await app.pulse.wait(0.5)


def _account(
    ids: list[str], fates: dict[str, tuple[str, str]], skipped: int, tally: replay.Tally, heard_s: float
) -> bool:
    table = Table("outcome", "messages", "reasons", box=None)
    by: dict[str, Counter[str]] = {}
    for one in ids:
        what, reason = fates.get(one, ("unaccounted for", ""))
        by.setdefault(what, Counter())[_plain(reason)] += 1
    for what, reasons in sorted(by.items(), key=lambda kv: -kv[1].total()):
        top = "; ".join(f"{n}× {r}" for r, n in reasons.most_common(4) if r)
        table.add_row(what, str(reasons.total()), top)
    out.print(table)
    lost = by.get("unaccounted for", Counter()).total()
    out.print(
        f"{len(ids)} messages, {tally.retracted} retractions, {skipped} lines left out, "
        f"{heard_s:.0f} s of speech heard, {lost} unaccounted for"
    )
    return lost == 0


def _plain(reason: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "N", reason)
