"""The command line. Each command says what went wrong and what to do next, never a stack trace."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot import __version__
from bot.cli import interrupts
from bot.cli.ears import ears_cli
from bot.cli.faults import explain, run_cleanly
from bot.cli.interrupts import Interrupted
from bot.cli.live2d.commands import live2d_cli
from bot.cli.memory import memory_cli
from bot.cli.models.vrm import vrm_cli
from bot.cli.obs.commands import obs_cli
from bot.cli.options import NONE, Configs, load, redact, run_async
from bot.cli.programme.commands import programme_cli
from bot.errors import ConfigError, HaishinError

cli = typer.Typer(
    name="haishin",
    help="A host for live streams: reads chat, thinks, speaks through an avatar and runs the show.\n\n"
    "Start with 'haishin run'; it prints the addresses of the stage, the chat and the control room.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
models_cli = typer.Typer(help="The weights of the built-in model and voices.", no_args_is_help=True)
cli.add_typer(models_cli, name="models")
cli.add_typer(ears_cli, name="ears")
cli.add_typer(live2d_cli, name="live2d")
cli.add_typer(memory_cli, name="memory")
cli.add_typer(obs_cli, name="obs")
cli.add_typer(programme_cli, name="programme")
cli.add_typer(vrm_cli, name="vrm")
out = Console(highlight=False, emoji=False)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"haishin {__version__}")
        raise typer.Exit


@cli.callback()
def _root(
    version: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Take the options that every command knows."""


@cli.command()
def run(
    configs: Configs = NONE,
    port: Annotated[int | None, typer.Option(help="Listen here instead of web.port.")] = None,
    persona: Annotated[str | None, typer.Option(help="Be this persona instead of the configured one.")] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open the pages in the browser.")] = False,  # noqa: FBT002
    dry_run: Annotated[  # noqa: FBT002
        bool, typer.Option("--dry-run", help="Check all that needs no network and no model, then stop.")
    ] = False,
) -> None:
    """Go on air, and stay there until Ctrl-C.

    Ctrl-C ends the show well: the sentence is finished, within ten seconds. A second one, or one before the show is
    on air, ends it at once. With --dry-run it checks every setting, the persona, the moderation, the port, the pages,
    the platforms' packages and the options of every provider and judge, starts nothing, and asks nobody: 'haishin
    check' does the same and then reaches each part.

    Without a configuration: built-in model and voices, no key, no account. For example:

        haishin run --config my.yaml --persona xiaoyun
    """
    settings = load(configs, port=port, persona=persona)
    if dry_run:
        from bot.cli.check import dry_run as check_dry  # noqa: PLC0415

        raise typer.Exit(0 if run_async(check_dry(settings)) else 1)
    from bot.cli.run import go_on_air  # noqa: PLC0415 - heavy: 'haishin --help' must not wait for it

    show = browser or settings.web.open_browser
    interrupts.run(lambda signals: go_on_air(settings, configs, signals, open_browser=show))


@cli.command()
def moderate(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE.csv|FILE.ndjson|-", help="A table with labels; your corrections; or - for lines of text."
        ),
    ],
    text: Annotated[str, typer.Option(help="The column with the text.")] = "text",
    label: Annotated[str, typer.Option(help="The column that says whether it is bad.")] = "label",
    positive: Annotated[str, typer.Option(help="The label that means bad; several with commas.")] = "",
    policy: Annotated[str, typer.Option(help="strict, standard, relaxed, or a YAML file.")] = "standard",
    language: Annotated[str, typer.Option(help="en, zh or all: whose word lists are used.")] = "all",
    direction: Annotated[str, typer.Option(help="in: what viewers write; out: what the host says.")] = "in",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,  # noqa: FBT002
) -> None:
    """Judge the moderation on data of your own: F1, precision, recall, AUC, the slowest rows and the worst mistakes.

    A row is found when its score is 0.5 or more; "held" is the share that the policy then holds or blocks.
    With - it reads a line of text each and writes a verdict each as JSON. For example:

        haishin moderate cases.ndjson        (the corrections made in the control room, against the rules alone)

        haishin moderate comments.csv --text comment --label toxic --positive 1

        echo "hello there" | haishin moderate -
    """
    from bot.cli import moderate as console  # noqa: PLC0415
    from bot.runtime.machine import tune_gc  # noqa: PLC0415
    from moderation import Direction  # noqa: PLC0415

    try:
        if direction not in ("in", "out"):
            raise ConfigError(f"there is no direction {direction!r}", remedy="give in or out")
        moderator, way = console.moderator_of(policy, language), Direction(direction)
        if source == "-":
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
            tune_gc(collect=False)
            console.lines(moderator, way, sys.stdin.buffer, sys.stdout)
        elif source.endswith(".ndjson"):
            if not console.cases(Path(source), moderator):
                raise typer.Exit(1)
        else:
            console.table(Path(source), moderator, way, text=text, label=label, positive=positive, as_text=not as_json)
    except HaishinError as error:
        explain(error, redact)
        raise typer.Exit(2) from None
    except (Interrupted, BrokenPipeError):
        raise typer.Exit(0) from None


@cli.command()
def check(
    configs: Configs = NONE,
    *,
    mic: Annotated[bool, typer.Option("--mic", help="Try the microphone alone: record three seconds.")] = False,
) -> None:
    """Check the configuration and reach each part of it: one line each, with what to do about it.

    It checks all that 'haishin run --dry-run' does. Then it opens the database, connects to each platform, fetches
    missing weights, and asks every model, voice and judge for an answer. With --mic it tries the microphone alone: it
    records three seconds, shows how loud they are, says what it understood, and what to change.
    """
    settings = load(configs)
    if mic:
        from bot.cli.microphone import check_microphone  # noqa: PLC0415

        raise typer.Exit(0 if run_async(check_microphone(settings)) else 1)
    from bot.cli.check import check_parts  # noqa: PLC0415

    ok = run_async(check_parts(settings))
    raise typer.Exit(0 if ok else 1)


@cli.command()
def say(
    text: Annotated[str, typer.Argument(help="The words, English, Chinese or mixed.")],
    configs: Configs = NONE,
    output: Annotated[Path, typer.Option("--output", "-o", help="The WAV file to write.")] = Path("say.wav"),
) -> None:
    """Speak a text with the configured voices into a WAV file: hear a voice without a show."""
    settings = load(configs)
    from bot.cli.say import say_to_file  # noqa: PLC0415

    run_async(say_to_file(settings, text, output))


@cli.command()
def replay(
    file: Annotated[Path, typer.Argument(help="An NDJSON recording; see docs/replay-format.md.")],
    configs: Configs = NONE,
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="20 plays ten minutes in half a minute.")] = 1.0,
    listen: Annotated[bool, typer.Option(help="Wait for a real stage page instead of a silent listener.")] = False,  # noqa: FBT002
) -> None:
    """Run the show over a recorded evening and account for every message of it."""
    settings = load(configs)
    from bot.cli.replay import replay_evening  # noqa: PLC0415

    ok = interrupts.run(lambda signals: replay_evening(settings, configs, file, speed, signals, listen=listen))
    raise typer.Exit(0 if ok else 1)


@cli.command()
def login(
    platform: Annotated[str, typer.Argument(help="twitch or bilibili.", metavar="PLATFORM")],
    configs: Configs = NONE,
    role: Annotated[
        str, typer.Option("--as", help="Twitch: whose account this is: bot (reads and writes) or streamer.")
    ] = "bot",
) -> None:
    """Sign in to a platform: shows an address and a code (or a QR code), waits, and stores the sign-in.

    It is kept in the data folder, readable by you alone. For example:

        haishin login twitch --config configs/twitch.yaml

        haishin login twitch --as streamer
    """
    settings = load(configs)
    from bot.cli.accounts import sign_in  # noqa: PLC0415

    run_async(sign_in(settings, platform, role))


@cli.command()
def ledger(
    configs: Configs = NONE,
    everything: Annotated[bool, typer.Option("--all", help="Those that were thanked for, too.")] = False,  # noqa: FBT002
) -> None:
    """List the payments that were not thanked for, or could not be read wholly: they want a person."""
    settings = load(configs)
    from bot.cli.payments import list_payments  # noqa: PLC0415

    run_async(list_payments(settings, everything=everything))


@cli.command()
def budget(
    configs: Configs = NONE,
    days: Annotated[int, typer.Option(min=1, max=3660, help="So many days, today included.")] = 7,
    by: Annotated[str, typer.Option(help="day, stream, link or purpose; several with commas.")] = "day,link",
) -> None:
    """Say what the models and voices took: calls, tokens, characters and US dollars.

    It works while the host runs, and is at most a few seconds behind. Limits stand in the settings, under 'budget'.
    For example:

      haishin budget                          the last week, by day and link

      haishin budget --days 1 --by purpose    what today was for: replies, speech, the night bank, answers for money

      haishin budget --days 30 --by stream    what each stream of a month cost
    """
    settings = load(configs)
    from bot.cli.budget import By, show_budget  # noqa: PLC0415

    names = [name.strip() for name in by.split(",")]
    if unknown := [name for name in names if name not in list(By)]:
        raise ConfigError(f"--by: {unknown[0]!r} is none of {', '.join(By)}", remedy="write for example: --by day,link")
    run_async(show_budget(settings, days=days, by=tuple(dict.fromkeys(map(By, names)))))


@cli.command()
def forget(
    platform: Annotated[str, typer.Argument(help="twitch, bilibili or local.", metavar="PLATFORM")],
    viewer: Annotated[str, typer.Argument(help="The viewer's name in the chat, or id.", metavar="VIEWER")],
    configs: Configs = NONE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,  # noqa: FBT002
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before.")] = False,  # noqa: FBT002
) -> None:
    """Forget a viewer who wishes it: their lines, the answers to them, and the name and words of their payments.

    The amounts stay, for your books. For example:

        haishin forget twitch ann --dry-run

        haishin forget bilibili 12345 --yes
    """
    settings = load(configs)
    from bot.cli.forget import forget_viewer  # noqa: PLC0415

    run_async(forget_viewer(settings, platform, viewer, dry_run=dry_run, yes=yes))


@cli.command()
def personas(configs: Configs = NONE) -> None:
    """List the personas."""
    settings = load(configs)
    from bot import config  # noqa: PLC0415
    from bot.persona.persona import discover  # noqa: PLC0415

    table = Table("persona", "name", "languages", "about", box=None)
    for one in discover(config.home() / "personas"):
        mark = "[green]*[/]" if one.id == settings.persona else " "
        about = one.about if not one.problem else f"[red]{one.problem}[/]"
        table.add_row(f"{mark} {one.id}", one.name, ", ".join(one.languages), about)
    out.print(table)
    out.print("choose one with 'persona: NAME' in a configuration, or 'haishin run --persona NAME'", style="dim")


@models_cli.command("list")
def models_list(configs: Configs = NONE) -> None:
    """List the weights: what they are for, how large, and which are here."""
    settings = load(configs)
    from bot.app import builtin_models  # noqa: PLC0415
    from bot.weights import catalog  # noqa: PLC0415

    table = Table("weights", "for", "size", "licence", "here", box=None)
    for one in catalog.listing(builtin_models.root(settings)):
        table.add_row(
            one.name, one.kind, f"{one.size / 1e6:.0f} MB", one.licence, "[green]yes[/]" if one.path else "no"
        )
    out.print(table)


@models_cli.command("pull")
def models_pull(
    names: Annotated[list[str] | None, typer.Argument(help="Which; without a name, what 'haishin run' needs.")] = None,
    configs: Configs = NONE,
) -> None:
    """Fetch and verify weights. A broken download goes on where it stopped."""
    settings = load(configs)
    from bot.cli.weights import pull_models  # noqa: PLC0415

    run_async(pull_models(settings, names or []))


def main() -> None:
    """Run the command line."""
    run_cleanly(cli, redact)


if __name__ == "__main__":
    main()
