"""haishin run: go on air until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import webbrowser
from contextlib import AsyncExitStack
from pathlib import Path

from bot.app.app import App
from bot.app.build import open_app
from bot.app.casting import load_persona
from bot.cli.interrupts import Interrupts
from bot.cli.output import downloads, open_log, out
from bot.config import Settings
from bot.errors import HaishinError
from bot.runtime.machine import tune_gc

#: How long the last rows of the ledger may take when the show is ended at once.
FLUSH_S = 2.0


async def go_on_air(settings: Settings, files: list[Path], interrupts: Interrupts, *, open_browser: bool) -> None:
    """Run the show until a signal ends it. A signal before the show is on air, or a second one, cancels it."""
    redactor = open_log(settings)
    began = time.monotonic()
    out.print(f"[bold]Haishin[/]: {load_persona(settings).name} gets ready")
    async with AsyncExitStack() as stack:
        with downloads() as progress:
            app = await stack.enter_async_context(open_app(settings, files, progress))
        redactor.add(app.token)
        tune_gc()
        stop = asyncio.Event()
        with interrupts.ending(stop.set):
            welcome(app, time.monotonic() - began)
            if open_browser:
                for address in (app.addresses.panel, app.addresses.stage, app.addresses.chat):
                    await asyncio.to_thread(webbrowser.open, address)
            await on_air(app, stop)
    out.print("off air")


async def on_air(app: App, stop: asyncio.Event) -> None:
    """Run a show until ``stop`` is set. When it is cancelled, what the ledger still holds is written."""
    try:
        await app.run(stop)
    except asyncio.CancelledError:
        with contextlib.suppress(HaishinError, TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await app.turns.close()
                await app.ledger.journal.flush()
        raise


def welcome(app: App, seconds: float) -> None:
    """Print where the pages are."""
    where = app.addresses
    out.print(f"[bold green]on air[/] after {seconds:.1f} s. Open these pages:")
    for name, address, what in (
        ("stage", where.stage, "the avatar: a browser tab, or OBS → Sources → Browser, 1280×720"),
        ("chat", where.chat, "write to the host here"),
        ("panel", where.panel, "the control room: queue, stop, say this"),
    ):
        out.print(f"  [bold]{name:6}[/] {what}")
        out.print(f"         [link={address}]{address}[/link]", soft_wrap=True)
    out.print("[dim]the address holds your key: show it to nobody. Ctrl-C ends the show.[/]")
