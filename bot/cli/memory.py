"""haishin memory: see, export and forget what the host remembers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.options import NONE, Configs, load, run_async

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store.memory.pieces import Piece
    from bot.store.memory.store import MemoryStore

memory_cli = typer.Typer(
    help="What the host remembers: of viewers who asked for it, of its shows, its promises and itself.\n\n"
    "'list' shows it, 'export' writes it as JSON, 'forget' deletes one piece or all of a viewer. docs/memory.md says "
    "what is kept, for how long, and who sees it.",
    no_args_is_help=True,
)
Platform = Annotated[str, typer.Option(help="The source of the viewer: twitch, bilibili_open, bilibili_web or local.")]
Viewer = Annotated[str, typer.Option(help="The platform's id of the viewer, as 'haishin memory list' shows it.")]
#: Pieces that are listed at most.
MOST = 500


@memory_cli.command("list")
def list_(
    configs: Configs = NONE,
    kind: Annotated[
        str, typer.Option(help="One kind alone: viewer, canon, episode, gag, promise, summary or knowledge.")
    ] = "",
    platform: Platform = "",
    viewer: Viewer = "",
) -> None:
    """List what is remembered, the newest first, with its number.

    For example:

        haishin memory list

        haishin memory list --kind promise

        haishin memory list --platform twitch --viewer 12345
    """
    run_async(_list(load(configs), kind, platform, viewer))


@memory_cli.command()
def export(configs: Configs = NONE, platform: Platform = "", viewer: Viewer = "") -> None:
    """Write what is remembered as JSON, one piece a line: of everybody, or of one viewer with their linked accounts.

    This is what a viewer gets who asks what is kept of them. For example:

        haishin memory export > memory.ndjson

        haishin memory export --platform twitch --viewer 12345
    """
    run_async(_export(load(configs), platform, viewer))


@memory_cli.command()
def forget(
    piece: Annotated[int, typer.Argument(help="The number of one piece; leave it out to forget a viewer.")] = 0,
    configs: Configs = NONE,
    platform: Platform = "",
    viewer: Viewer = "",
) -> None:
    """Forget one piece, or all that is remembered of a viewer and what was made of their words. It cannot be undone.

    'haishin forget' takes a viewer out of all records, not out of memory alone. For example:

        haishin memory forget 17

        haishin memory forget --platform twitch --viewer 12345
    """
    run_async(_forget(load(configs), piece, platform, viewer))


async def _list(settings: Settings, kind: str, platform: str, viewer: str) -> None:
    from rich.table import Table  # noqa: PLC0415 - heavy, as all below: 'haishin --help' must not wait for it
    from rich.text import Text  # noqa: PLC0415

    from bot.cli.output import out  # noqa: PLC0415

    async with _opened(settings) as memory:
        found = await _pieces(memory, kind, platform, viewer)
    if not found:
        out.print("nothing is remembered of that")
        return
    table = Table("no.", "kind", "of", "since", "due", "what", box=None)
    for one in found:
        whose = f"{one.source} {one.author_id}".strip() or "-"
        since, due = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (one.at, one.due_at))
        # As texts: what strangers write is no markup.
        table.add_row(*map(Text, (str(one.id), one.kind.value, whose, since, due, one.text[:160])))
    out.print(table)


async def _export(settings: Settings, platform: str, viewer: str) -> None:
    async with _opened(settings) as memory:
        for one in await _pieces(memory, "", platform, viewer):
            typer.echo(json.dumps(asdict(one), ensure_ascii=False, default=str))


async def _forget(settings: Settings, piece: int, platform: str, viewer: str) -> None:
    from rich.markup import escape  # noqa: PLC0415

    from bot.cli.output import out  # noqa: PLC0415
    from bot.errors import ConfigError  # noqa: PLC0415

    if bool(piece) == bool(viewer) or bool(viewer) != bool(platform):
        raise ConfigError(
            "say what to forget", remedy="give the number of a piece, or --platform and --viewer: haishin memory list"
        )
    async with _opened(settings) as memory:
        if piece and not await memory.delete(piece):
            raise ConfigError(f"there is no piece {piece}", remedy="haishin memory list shows the numbers")
        gone = 1 if piece else await memory.forget(platform, viewer)
        host = await memory.store.running_host()
    out.print(f"[green]forgotten[/]: {gone} piece(s)")
    if host is not None:
        out.print(
            f"[bold]what to do:[/] a host is on air ({escape(str(host))}) and still knows it: forget it in its control "
            "room too, or start it again",
            soft_wrap=True,
        )


async def _pieces(memory: MemoryStore, kind: str, platform: str, viewer: str) -> list[Piece]:
    """Return pieces, the newest first. Raises `ConfigError` for a kind that there is not."""
    from bot.errors import ConfigError  # noqa: PLC0415
    from bot.store.memory.pieces import PieceKind  # noqa: PLC0415

    names = [one.value for one in PieceKind]
    if kind and kind not in names:
        raise ConfigError(f"there is no kind {kind!r}", remedy=f"give one of: {', '.join(names)}")
    kinds = [PieceKind(kind)] if kind else list(PieceKind)
    if viewer:
        return await memory.of_viewer(platform, viewer, kinds=kinds)
    return await memory.listed(kinds, limit=MOST)


@asynccontextmanager
async def _opened(settings: Any) -> AsyncIterator[MemoryStore]:
    from bot.cli.output import open_log  # noqa: PLC0415
    from bot.config import store_url  # noqa: PLC0415
    from bot.store.database import open_store  # noqa: PLC0415
    from bot.store.memory.store import MemoryStore  # noqa: PLC0415

    open_log(settings)
    async with open_store(store_url(settings)) as store:
        yield MemoryStore(store)
