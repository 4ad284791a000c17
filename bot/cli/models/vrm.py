"""The commands of ``haishin vrm``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

vrm_cli = typer.Typer(
    help="VRM models: your own 3D figure on the stage, in the place of the built-in one.\n\n"
    "'add' reads a .vrm file (VRM 0 or 1), shows whose it is and what its author allows, and copies it into the data "
    "folder once you agree. A persona wears it by 'model: NAME' in its persona.yaml, or you choose it on the panel. "
    "docs/models.md says more. For example:\n\n"
    "    haishin vrm add ~/Downloads/mei.vrm --persona mira",
    no_args_is_help=True,
)


@vrm_cli.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="The .vrm file; it stays where it is.", metavar="FILE")],
    name: Annotated[str, typer.Option(help="How the model is called from now on; by default its title.")] = "",
    persona: Annotated[str, typer.Option(help="Let this persona wear it: writes 'model' into its persona.yaml.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Agree to the model's terms without being asked.")] = False,  # noqa: FBT002
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a model of this name.")] = False,  # noqa: FBT002
    dry_run: Annotated[  # noqa: FBT002
        bool, typer.Option("--dry-run", help="Check the file and show its terms, and copy nothing.")
    ] = False,
) -> None:
    """Add a VRM model: check the file, show its terms, ask, and copy it.

    The terms are the author's: who may perform with the model, whether a channel that earns money may use it, and
    whether viewers must read the author's name, which the stage then shows. For example:

        haishin vrm add mei.vrm --dry-run

        haishin vrm add mei.vrm --name mei --persona mira
    """
    from bot.cli.models.work import add_vrm  # noqa: PLC0415

    add_vrm(file, name=name, persona=persona, yes=yes, replace=replace, dry_run=dry_run)


@vrm_cli.command("list")
def list_() -> None:
    """List the models that there are, with licence and author, and which personas wear them."""
    from bot.cli.models.work import list_models  # noqa: PLC0415

    list_models()


@vrm_cli.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The model's name, as 'haishin vrm list' shows it.", metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete it without being asked.")] = False,  # noqa: FBT002
) -> None:
    """Delete the copy of a model. A persona that still names it shows the built-in figure, with an alarm."""
    from bot.cli.models.work import remove_model  # noqa: PLC0415

    remove_model(name, yes=yes)
