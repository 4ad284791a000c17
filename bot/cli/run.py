"""haishin run: go on air until a signal ends it."""

from __future__ import annotations

import asyncio
import time
import webbrowser
from pathlib import Path

from bot.app.app import App, on_signals, open_app
from bot.app.casting import load_persona
from bot.cli.output import downloads, open_log, out
from bot.config import Settings
from bot.runtime.machine import tune_gc


async def go_on_air(settings: Settings, files: list[Path], *, open_browser: bool, dry_run: bool) -> None:
    """Run the show until a signal ends it."""
    open_log(settings)
    began = time.monotonic()
    persona = load_persona(settings)
    out.print(f"[bold]Haishin[/]: {persona.name} gets ready")
    if dry_run:
        out.print("the configuration is right; nothing was started")
        return
    stop = asyncio.Event()
    on_signals(stop.set)
    with downloads() as progress:
        opening = open_app(settings, files, progress)
        app = await opening.__aenter__()
    tune_gc()
    try:
        _welcome(app, time.monotonic() - began)
        if open_browser:
            for address in (app.addresses.panel, app.addresses.stage, app.addresses.chat):
                webbrowser.open(address)
        await app.run(stop)
    finally:
        await opening.__aexit__(None, None, None)
    out.print("off air")


def _welcome(app: App, seconds: float) -> None:
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
