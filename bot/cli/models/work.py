"""What ``haishin vrm`` does: read a model, show its terms, copy it, let a persona wear it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot import config
from bot.app.casting import models
from bot.cli.output import out
from bot.errors import ConfigError
from bot.persona import persona as personas
from bot.stage.models.library import check_name, slug_of
from bot.stage.models.vrm import FILE, Commerce, Terms, Users, VrmModel, read_vrm

_MODEL: Final = re.compile(r"^model\s*:.*$", re.MULTILINE)


def add_vrm(file: Path, *, name: str, persona: str, yes: bool, replace: bool, dry_run: bool) -> None:
    """Add a model. Raise `ConfigError` with what is wrong, and `typer.Exit` when the terms are declined."""
    if persona:
        _card_of(persona)  # before anything is asked
    found = read_vrm(file.expanduser())
    slug = _named(name or slug_of(found.terms.title or file.stem))
    show_terms(file.name, found)
    library = models()
    if dry_run:
        out.print(f"\nnothing was copied; it would be called [bold]{slug}[/]")
        return
    if slug in library.names() and not replace:
        raise ConfigError(f"there is a model {slug!r} already", remedy="add --name OTHER, or --replace to exchange it")
    if not yes and not _agreed("\nDo you keep to these terms, and shall the model be copied?", "--yes"):
        out.print("nothing was copied")
        raise typer.Exit(1)
    folder = library.add(slug, found.card(), {FILE: file.expanduser().resolve()}, replace=replace)
    out.print(f"[green]added[/] [bold]{slug}[/] in {escape(str(folder))}")
    if persona:
        wear(persona, slug)
        out.print(f"{persona} wears it from the next start on; on a running host choose it on the panel")
    else:
        out.print(f"to wear it: 'model: {slug}' in a persona.yaml, or choose it on the panel")


def show_terms(file: str, found: VrmModel) -> None:
    """Print what a model is and what its author allows."""
    terms = found.terms
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for label, words in (
        ("file", f"{file}: VRM {found.version}, {found.triangles:,} triangles"),
        ("title", terms.title or "none"),
        ("author", terms.author or "not said"),
        ("licence", terms.licence),
        ("may be used by", terms.users.value),
        ("may be used", terms.commerce.value),
        ("author's name", "must be shown to viewers; the stage does" if terms.credit else "need not be shown"),
        *terms.more,
        ("expressions", ", ".join(found.expressions[:40]) or "none"),
    ):
        table.add_row(Text(label, style="bold"), Text(words))
    out.print(table)
    for warning in (*warnings(terms), *found.notes):
        out.print(f"[yellow]note:[/] {escape(warning)}", soft_wrap=True)


def warnings(terms: Terms) -> Iterator[str]:
    """Yield what a streamer must look at before using a model."""
    if terms.users is Users.AUTHOR:
        yield "only its author may perform with it: go on if that is you, or if you have the author's leave"
    elif terms.users is Users.LICENSED:
        yield "only people whom its author licensed may perform with it: go on if you are one"
    if terms.commerce is Commerce.NONE:
        yield "a channel that earns money (gifts, subscriptions, ads) may not use it"
    if terms.licence == "not said":
        yield "it names no licence: ask its author"


def wear(persona: str, model: str) -> None:
    """Write ``model`` into a persona's file, and leave the rest of it as it is. Raise `ConfigError`."""
    file = _card_of(persona)
    before = file.read_text("utf-8")
    line = f"model: {model}"
    after = _MODEL.sub(line, before, count=1) if _MODEL.search(before) else f"{before.rstrip()}\n\n{line}\n"
    _write(file, after)
    try:
        personas.load(file.parent)
    except ConfigError:
        _write(file, before)
        raise


def list_models() -> None:
    """Print the models that there are."""
    library = models()
    found = library.list()
    if not found:
        out.print("there are no models of your own; 'haishin vrm add FILE' brings one")
        return
    worn = _worn()
    table = Table("name", "kind", "title", "author", "licence", "worn by", box=None)
    for one in found:
        card = one.card
        cells = (card.kind.value, card.title, card.author, card.licence) if card else ("", one.problem, "", "")
        table.add_row(one.name, *(Text(cell) for cell in cells), Text(", ".join(worn.get(one.name, ()))))
    out.print(table)


def remove_model(name: str, *, yes: bool) -> None:
    """Delete a model. Raise `ConfigError`."""
    library = models()
    if _named(name) not in library.names():
        raise ConfigError(f"there is no model {name!r}", remedy="'haishin vrm list' shows the models that there are")
    worn = _worn().get(name, ())
    if worn:
        out.print(f"[yellow]note:[/] {', '.join(worn)} will show the built-in figure")
    if not yes and not _agreed(f"Delete the copy of {name}?", "--yes"):
        out.print("nothing was deleted")
        raise typer.Exit(1)
    library.remove(name)
    out.print(f"deleted {name}")


def _named(name: str) -> str:
    try:
        return check_name(name)
    except ValueError as error:
        raise ConfigError(str(error), remedy="for example: --name mei") from None


def _agreed(question: str, flag: str) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to be asked", remedy=f"read the terms above, and agree with {flag}")
    return typer.confirm(question)


def _card_of(persona: str) -> Path:
    """Return a persona's file, which is there and holds. Raise `ConfigError`."""
    folder = config.home() / "personas" / persona
    personas.load(folder)
    return folder / "persona.yaml"


def _write(file: Path, text: str) -> None:
    making = file.with_suffix(".yaml.new")
    try:
        making.write_text(text, "utf-8")
        making.replace(file)
    except OSError as error:
        making.unlink(missing_ok=True)
        raise ConfigError(
            f"{file} cannot be written: {error.strerror or error}", remedy="write 'model' into it by hand"
        ) from None


def _worn() -> dict[str, list[str]]:
    """Return the personas that name each model; one that cannot be read wears none."""
    found: dict[str, list[str]] = {}
    for folder in sorted((config.home() / "personas").glob("*/persona.yaml")):
        try:
            persona = personas.load(folder.parent)
        except ConfigError:
            continue
        if persona.model:
            found.setdefault(persona.model, []).append(persona.id)
    return found
