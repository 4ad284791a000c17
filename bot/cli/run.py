"""haishin run: go on air until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
import time
import webbrowser
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from bot.cli.interrupts import Interrupts
from bot.cli.output import downloads, on_a_terminal, open_log, out
from bot.config import Settings, own_data_dir
from bot.errors import HaishinError
from bot.runtime.machine import give_back_memory, tune_gc
from bot.web.door import open_door

if TYPE_CHECKING:
    from bot.app.app import App

#: How long the last rows of the ledger may take when the show is ended at once.
FLUSH_S = 2.0


async def go_on_air(settings: Settings, files: list[Path], interrupts: Interrupts, *, open_browser: bool) -> None:
    """Run the show until a signal ends it. A signal before the show is on air, or a second one, cancels it."""
    redactor = open_log(settings)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        # The very first thing: a page that is opened now waits for the host, and a taken port is told at once.
        door = await stack.enter_async_context(open_door(settings.web, own_data_dir()))
        redactor.add(*door.keys)
        out.print(f"[bold]Haishin[/]: {settings.persona} gets ready")
        build = await loaded("bot.app.build")
        with downloads() as progress:
            app = await stack.enter_async_context(build.open_app(settings, files, door, progress))
        tune_gc()
        give_back_memory()
        stop = asyncio.Event()
        with interrupts.ending(stop.set):
            welcome(app, time.monotonic() - began)
            if open_browser:
                for address in (app.addresses.panel, app.addresses.stage, app.addresses.chat):
                    await asyncio.to_thread(webbrowser.open, address)
            await on_air(app, stop)
    out.print("off air")


async def loaded(name: str) -> ModuleType:
    """Import a module, which takes seconds, while the event loop goes on. Raise what the import raises.

    The thread is none of the loop's: Ctrl-C does not wait for it (see `bot.cli.interrupts.leave`).
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[ModuleType] = loop.create_future()

    def settle(module: ModuleType | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if module is not None:
            done.set_result(module)
        elif error is not None:
            done.set_exception(error)

    def work() -> None:
        module, failure = None, None
        try:
            module = importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - raised again in the loop
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, module, failure)

    threading.Thread(target=work, name=f"import of {name}").start()
    return await done


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
    """Print where the pages are: with their keys on a terminal alone, since logs are kept and read by others."""
    where = app.addresses
    with_keys = on_a_terminal()
    out.print(f"[bold green]on air[/] after {seconds:.1f} s. Open these pages:")
    for name, address, what in (
        ("stage", where.stage, "the avatar: a browser tab, or OBS → Sources → Browser, 1280×720"),
        ("chat", where.chat, "write to the host here"),
        ("panel", where.panel, "the control room: queue, stop, say this"),
    ):
        shown = address if with_keys else address.partition("?")[0]
        out.print(f"  [bold]{name:6}[/] {what}")
        out.print(f"         [link={shown}]{shown}[/link]", soft_wrap=True)
    if with_keys:
        out.print(
            "[dim]each address holds a key. Show the panel's to nobody: it gives every order; the other two open"
            " their own page alone. Ctrl-C ends the show.[/]"
        )
    else:
        out.print(
            "[dim]without their keys, as this is no terminal: add ?token= and your HAISHIN_TOKEN to the panel's"
            " address, or what the file 'token' in the data folder holds. The panel links to the other two.[/]"
        )
