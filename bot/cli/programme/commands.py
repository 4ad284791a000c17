"""haishin programme: the commands around the programme. What is heavy is imported when one is run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import NONE, Configs, load, run_async

programme_cli = typer.Typer(help="The programme: segments on time.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The programme's YAML file; see docs/programme.md.")]


@programme_cli.command("check")
def check(
    file: File,
    configs: Configs = NONE,
    scenes: Annotated[str, typer.Option(help="Scenes that there are, with commas; without it OBS is asked.")] = "",
    sources: Annotated[str, typer.Option(help="Media sources that there are, likewise.")] = "",
    days: Annotated[int, typer.Option(min=1, max=31, help="So many days are rehearsed.")] = 7,
) -> None:
    """Find what is wrong with a programme: unknown names, dead segments, collisions, silence, cost; each with its line.

    The cues are known from the configuration; scenes and media sources from OBS, where obs.enabled is true and it
    answers within 3 seconds. For example:

        haishin programme check configs/programme-example.yaml --scenes "Live,Story,Break"
    """
    from bot.cli.programme import work  # noqa: PLC0415 - heavy: 'haishin --help' must not wait for it

    known = run_async(work.known(load(configs), scenes, sources))
    ok = work.check(file, known, days)
    raise typer.Exit(0 if ok else 1)


@programme_cli.command("rehearse")
def rehearse(
    file: File,
    day: Annotated[str, typer.Option(help="The day, like 2026-10-25; today without it.")] = "",
    until: Annotated[str, typer.Option(help="Up to this time of the day, like 21:30.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,  # noqa: FBT002
    aloud: Annotated[bool, typer.Option("--aloud", help="Let the host say how each segment opens.")] = False,  # noqa: FBT002
    folder: Annotated[Path | None, typer.Option(help="With --aloud: write WAV files there; play nothing.")] = None,
    configs: Configs = NONE,
) -> None:
    """Play a day of a programme in seconds, on a clock that jumps, and print what was on when.

    With --aloud the model and the voice of the configuration say the opening of each segment, as they would on air:
    through this machine's sound, or, where it has none, into the folder 'rehearsal'.
    """
    from bot.cli.programme import work  # noqa: PLC0415 - as above

    rehearsal = work.rehearse_day(file, day, until, as_json=as_json)
    if aloud:
        from bot.cli.programme.aloud import read_openings  # noqa: PLC0415 - as above

        asyncio.run(read_openings(load(configs), rehearsal, folder))
