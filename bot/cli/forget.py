"""haishin forget: take a viewer out of the records."""

from __future__ import annotations

import asyncio
import datetime as dt

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.cli.output import open_log, out
from bot.config import Settings, data_dir, store_url
from bot.errors import ConfigError, Refused
from bot.show.night.bank import FILE, NightBank
from bot.show.night.recordings import FOLDER, NightRecordings
from bot.store import viewers
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.viewers import Viewer

#: The sources that a platform's name stands for.
PLATFORMS = {
    "twitch": ("twitch",),
    "bilibili": ("bilibili_open", "bilibili_web"),
    "bilibili_open": ("bilibili_open",),
    "bilibili_web": ("bilibili_web",),
    "local": ("local",),
}


async def forget_viewer(settings: Settings, platform: str, who: str, *, dry_run: bool, yes: bool) -> None:
    """Forget a viewer by id or name: lines, questions, outcomes, and the words of payments, whose amounts stay.

    Raise `ConfigError` when there is no such platform or viewer, or several of that name, and `Refused` when
    nobody confirms it.
    """
    open_log(settings)
    if platform not in PLATFORMS:
        raise ConfigError(f"there is no platform {platform!r}", remedy=f"give one of: {', '.join(PLATFORMS)}")
    async with open_store(store_url(settings)) as store:
        found = await viewers.find(store, PLATFORMS[platform], who.strip())
        people = {viewer.id for viewer in found}
        if not found:
            raise ConfigError(
                f"nobody called {who!r} is in the records of {platform}",
                remedy="give the name as it stood in the chat, or the platform's id of the viewer; what is older "
                "than memory.raw_chat_hours is gone already",
            )
        _show(found)
        if len(people) > 1:
            raise ConfigError(
                f"{len(people)} viewers of {platform} are or were called {who!r}",
                remedy=f"give the id of the one you mean: haishin forget {platform} {found[0].id}",
            )
        if dry_run:
            out.print("nothing was changed")
            return
        if not yes and not await asyncio.to_thread(_confirmed):
            raise Refused("nothing was changed", remedy="answer y, or give --yes where nobody can answer")
        ledger = Ledger(store)
        gone = sum([await ledger.forget(viewer.id, viewer.source) for viewer in found])
        host = await store.running_host()
    if host is None:
        await _forget_prepared(found)
    out.print(f"[green]forgotten[/]: {gone} lines and payments; the amounts stay, without name and words")
    if host is not None:
        out.print(
            f"[bold]what to do:[/] a host is on air ({escape(str(host))}) and still remembers the viewer: forget them "
            "in its control room too, or start it again",
            soft_wrap=True,
        )


async def _forget_prepared(found: list[Viewer]) -> None:
    """Take the answers to a viewer out of what the host has prepared for the night."""
    bank = NightBank(data_dir() / FILE, lambda: dt.datetime.now(dt.UTC))
    await bank.load()
    gone = [await bank.forget(viewer.source, viewer.id) for viewer in found]
    if any(gone):
        # Which sound is whose is not written down: all of it is made anew.
        recordings = NightRecordings(data_dir() / FOLDER)
        await recordings.load()
        await recordings.keep_only(())


def _show(found: list[Viewer]) -> None:
    table = Table("platform", "id", "names", "lines", "answered", "payments", "outcomes", "remembered", box=None)
    for one in found:
        figures = map(str, (one.lines, one.answered, one.paid, one.outcomes, one.remembered))
        # As texts: what strangers call themselves is no markup.
        table.add_row(*(Text(cell) for cell in (one.source, one.id, ", ".join(one.names)[:80], *figures)))
    out.print(table)


def _confirmed() -> bool:
    try:
        return input("forget this viewer? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
