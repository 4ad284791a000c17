"""haishin replay: run a recorded evening and account for every message."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from loguru import logger
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from bot.app.app import App
from bot.app.build import open_app
from bot.cli.interrupts import Interrupts
from bot.cli.output import downloads, open_log, out
from bot.cli.run import on_air, welcome
from bot.config import Settings, own_data_dir
from bot.inbox.inbox import Offer
from bot.show.observer import Observer
from bot.sources import replay
from bot.stage.headless import HeadlessPage
from bot.types import Message, MessageOutcome
from bot.web.door import open_door
from moderation import Verdict

#: How long the host may go on after the evening is over, in seconds.
DRAIN_S = 120.0
#: Lines that may wait for moderation before the next one is played.
WAITING = 100


async def replay_evening(
    settings: Settings, files: list[Path], file: Path, speed: float, interrupts: Interrupts, *, listen: bool
) -> bool:
    """Run a recorded evening and account for every message; return whether none is unaccounted for.

    Unless a real page listens, a built-in listener takes the place of the stage page: it plays by the
    clock, ``speed`` times as fast, so that the host speaks as often as it would have that evening.
    """
    redactor = open_log(settings)
    recording = await asyncio.to_thread(replay.read, file)
    for fault in recording.faults:
        logger.warning("{}", fault)
    ids = [e.message.id for e in recording.events if isinstance(e, replay.Arrival)]
    out.print(f"{file}: {len(ids)} messages over {recording.duration_s / 60:.1f} min, played at {speed:g}×")
    settings.sources.replay = None
    settings.store = settings.store or "sqlite+aiosqlite:///:memory:"
    _quicken(settings, speed)
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(open_door(settings.web, own_data_dir()))
        redactor.add(*door.keys)
        with downloads() as progress:
            show = open_app(settings, files, door, progress, pace=1.0 if listen else speed)
            app = await stack.enter_async_context(show)
        stop = asyncio.Event()
        outcomes = _Outcomes()
        app.observers.add(outcomes)
        if listen:
            welcome(app, 0.0)
        listener = HeadlessPage(app.show.stage, speed)
        with interrupts.ending(stop.set):
            async with asyncio.TaskGroup() as group:
                running = group.create_task(on_air(app, stop))
                listening = group.create_task(listener.run()) if not listen else None
                tally = await _play(app, recording, speed, stop)
                await _drain(app, stop)
                stop.set()
                await running
                if listening:
                    listening.cancel()
    return _account(ids, outcomes, recording.skipped, tally, listener.heard_s)


def _quicken(settings: Settings, speed: float) -> None:
    """Make every time of the show pass ``speed`` times as fast as well, so that the evening stays itself."""
    box, show = settings.inbox, settings.show
    settings.inbox = box.model_copy(
        update={"ttl_s": box.ttl_s / speed, "fresh_s": box.fresh_s / speed, "refill_per_s": box.refill_per_s * speed}
    )
    show.idle_after_s = 0.0


class _Outcomes(Observer):
    """Keeps what became of each message in the end, by its id."""

    def __init__(self) -> None:
        self.last: dict[str, tuple[str, str]] = {}
        self.doubts = 0

    def judged(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Count what moderation let pass in doubt."""
        del message, offer
        self.doubts += verdict.doubt

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Keep it."""
        self.last[message.id] = (outcome.value, reason)


async def _play(app: App, recording: replay.Recording, speed: float, stop: asyncio.Event) -> replay.Tally:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), console=out
    )
    with bar:
        task = bar.add_task("the evening", total=len(recording.events))

        async def offer(message: Message) -> None:
            bar.advance(task)
            while app.intake.unjudged >= WAITING:  # an evening that is played faster than it was keeps all its lines
                await asyncio.sleep(0.01)
            if not stop.is_set():
                await app.feed.offer(message)

        return await replay.play(recording.events, speed, offer, app.feed.retract)


async def _drain(app: App, stop: asyncio.Event) -> None:
    """Wait for a while until the host has finished what is left."""
    end = time.monotonic() + DRAIN_S
    while time.monotonic() < end and not stop.is_set() and (app.intake.unjudged or len(app.inbox) or app.show.on_air):
        await app.show.wake.wait(0.5)


def _account(ids: list[str], outcomes: _Outcomes, skipped: int, tally: replay.Tally, heard_s: float) -> bool:
    table = Table("outcome", "messages", "reasons", box=None)
    by: dict[str, Counter[str]] = {}
    for one in ids:
        what, reason = outcomes.last.get(one, ("unaccounted for", ""))
        by.setdefault(what, Counter())[_plain(reason)] += 1
    for what, reasons in sorted(by.items(), key=lambda kv: -kv[1].total()):
        top = "; ".join(f"{n}× {r}" for r, n in reasons.most_common(4) if r)
        table.add_row(what, str(reasons.total()), top)
    out.print(table)
    lost = by.get("unaccounted for", Counter()).total()
    out.print(
        f"{len(ids)} messages, {tally.retracted} retractions, {skipped} lines left out, "
        f"{outcomes.doubts} in doubt, {heard_s:.0f} s of speech heard, {lost} unaccounted for"
    )
    return lost == 0


def _plain(reason: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "N", reason)
