"""The commands of ``haishin live2d``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

live2d_cli = typer.Typer(
    help="A Live2D model of your own as the host: install Live2D's Core, add a model.\n\n"
    "Haishin contains nothing of Live2D. Two steps, once:\n\n"
    "1. haishin live2d install ~/Downloads/CubismSdkForWeb-5-r.4.zip\n\n"
    "2. haishin live2d add ~/models/mine\n\n"
    "Then write 'model: mine' into persona.yaml, or choose it on the panel. docs/live2d.md tells the licence.",
    no_args_is_help=True,
)
Yes = Annotated[bool, typer.Option("--yes", help="Accept Live2D's terms without being asked.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
Name = Annotated[str, typer.Option(help="What the model is called: small letters, digits, '-', '_'.")]


@live2d_cli.command("install")
def install(
    source: Annotated[
        str, typer.Argument(help="The SDK's zip file or folder, the script itself, or an https address.", metavar="SDK")
    ] = "",
    yes: Yes = False,  # noqa: FBT002
    dry_run: DryRun = False,  # noqa: FBT002
) -> None:
    """Take Live2D's Core out of the SDK for Web that you downloaded, after showing you Live2D's terms.

    Without SDK it says what is installed, and where to get it. Only the Core is taken (one script, checked before it is
    kept); it goes into your data folder, which no repository holds. Models of Cubism 5 need Core 5, of 5.3 Core 6. For
    example:

        haishin live2d install ~/Downloads/CubismSdkForWeb-5-r.4.zip --dry-run
    """
    from bot.cli.live2d.work import install_core  # noqa: PLC0415 - 'haishin --help' must not wait for it

    install_core(source, yes=yes, dry_run=dry_run)


@live2d_cli.command("add")
def add(
    folder: Annotated[Path, typer.Argument(help="The folder with the .model3.json, or that file.")],
    name: Name = "",
    title: Annotated[str, typer.Option(help="The model's title; else its file's name.")] = "",
    author: Annotated[str, typer.Option(help="Who made it.")] = "",
    licence: Annotated[str, typer.Option(help="What its maker allows, in a few words.")] = "",
    credit: Annotated[str, typer.Option(help="The line that viewers read; 'none' for no line.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace the model of this name.")] = False,  # noqa: FBT002
    dry_run: DryRun = False,  # noqa: FBT002
) -> None:
    """Check a model and copy it into your data folder, with a guess what is its mouth, its joy and its wave.

    It says which Cubism the model is for, what is missing, and which expressions and movements it recognised by their
    names (English, Chinese, Japanese). What it got wrong is corrected on the panel, or in the model's model.yaml. For
    example:

        haishin live2d add ~/models/mine --author "Who drew it" --licence "streaming allowed" --dry-run
    """
    from bot.cli.live2d.work import add_model  # noqa: PLC0415

    add_model(
        folder, name, title=title, author=author, licence=licence, credit=credit, replace=replace, dry_run=dry_run
    )


@live2d_cli.command("list")
def list_() -> None:
    """Say which Core is installed, and which Live2D models there are."""
    from bot.cli.live2d.work import say_list  # noqa: PLC0415

    say_list()


@live2d_cli.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The model's name; 'core' for Live2D's Core.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002
) -> None:
    """Delete a model, or Live2D's Core, from your data folder. The folder it was added from is left alone."""
    from bot.cli.live2d.work import remove_model  # noqa: PLC0415

    remove_model(name, yes=yes)
