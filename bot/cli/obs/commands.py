"""The commands of ``haishin obs``."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import NONE, Configs, load, run_async

obs_cli = typer.Typer(help="OBS: set it up, find what is wrong, see how it stands.", no_args_is_help=True)


@obs_cli.command("setup")
def obs_setup(
    configs: Configs = NONE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,  # noqa: FBT002
) -> None:
    """Make the scenes, the overlay and the settings of sound in OBS that the show needs.

    Run it as often as you like: what is there is left, and what you made yourself is used and never changed.
    OBS must be running, with Tools → WebSocket Server Settings → Enable WebSocket server. For example:

        HAISHIN_OBS__PASSWORD=… haishin obs setup --dry-run
    """
    settings = load(configs)
    from bot.cli.obs.work import set_up  # noqa: PLC0415

    raise typer.Exit(0 if run_async(set_up(settings, dry_run=dry_run)) else 1)


@obs_cli.command("doctor")
def obs_doctor(
    configs: Configs = NONE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,  # noqa: FBT002
) -> None:
    """Find what is wrong with OBS for a show, with what to do about each. It changes nothing.

    The exit status is 1 when something fails; a warning alone is 0.
    """
    settings = load(configs)
    from bot.cli.obs.work import find_faults  # noqa: PLC0415

    raise typer.Exit(0 if run_async(find_faults(settings, as_json=as_json)) else 1)


@obs_cli.command("status")
def obs_status(configs: Configs = NONE) -> None:
    """Say how OBS stands: version, scene on air, stream, recording, load."""
    settings = load(configs)
    from bot.cli.obs.work import say_status  # noqa: PLC0415

    run_async(say_status(settings))
