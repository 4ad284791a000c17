"""haishin live2d: take the Core that the streamer downloaded, and copy models in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer
from rich.markup import escape

from bot import config
from bot.app.casting import models
from bot.cli.output import out
from bot.errors import ConfigError
from bot.stage.models.library import Card, ModelKind, slug_of
from bot.stage.models.live2d import MAIN, Live2DModel, read_model, write_main
from bot.stage.models.live2d_core import (
    DOWNLOAD,
    MOST_ARCHIVE,
    RELEASE_TERMS,
    TERMS,
    CoreFile,
    CoreStore,
    find_core,
)
from bot.stage.models.live2d_mapping import mapping_of, unassigned

#: The name that `remove` knows besides the models'.
CORE = "core"
#: Longest silence while the SDK is fetched from an address, in seconds.
FETCH_S = 30.0
_SUMMARY = f"""[bold]Live2D's terms, in our words[/] (what counts is what stands at the addresses)

  • The Cubism Core is Live2D's property. You get it from Live2D, and use it under their agreement with you:
    {TERMS}
  • It may not be changed or taken apart, and not be passed on but as their agreement says. Haishin therefore contains
    nothing of it: it is kept in your data folder alone. Do not put that folder into a repository or an image.
  • A business with more than ten million yen of revenue a year needs a release licence of Live2D before it publishes
    anything made with it. Live2D further wants to approve programs that load any model, as this one does, before
    somebody publishes them with its Core inside:
    {RELEASE_TERMS}
  • The model has a licence of its own, by its maker: whether you may stream with it, earn with it, change it.
"""


def install_core(source: str, *, yes: bool, dry_run: bool) -> None:
    """Show the terms, ask, and keep the Core found in ``source``. Raise `ConfigError`."""
    store = CoreStore(config.data_dir())
    if not source:
        _say_core(store)
        out.print(f"Download the SDK for Web (its zip file) from {DOWNLOAD}\nthen: haishin live2d install THE-FILE")
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = _fetch(source, Path(scratch)) if "://" in source else Path(source).expanduser()
        core = find_core(path)
    out.print(f"found [bold]{_named(core)}[/] in {escape(core.found_in)} ({len(core.data) >> 10} kB)")
    out.print(_SUMMARY)
    if dry_run:
        out.print(f"It would be kept in {escape(str(store.folder))}. Nothing was changed.")
        return
    if not yes and not typer.confirm("Have you read Live2D's agreement, and do you accept it?"):
        out.print("Nothing was installed.")
        raise typer.Exit(1)
    config.own_data_dir()
    kept = store.install(core)
    out.print(f"installed: {escape(str(kept))}\nnext: haishin live2d add THE-MODEL'S-FOLDER")


def add_model(
    folder: Path, name: str, *, title: str, author: str, licence: str, credit: str, replace: bool, dry_run: bool
) -> None:
    """Check a model, say what was found, and copy it into the library. Raise `ConfigError`."""
    model = read_model(folder.expanduser())
    mapping = mapping_of(model)
    _say_model(model)
    _say_mapping(mapping)
    title = title or model.title
    line = "" if credit == "none" else credit or f"{title}{f' by {author}' if author else ''} · Live2D"
    card = Card(
        kind=ModelKind.LIVE2D, file=MAIN, title=title[:300], author=author, licence=licence, credit=line[:120],
        mapping=mapping,
    )  # fmt: skip
    name = name or slug_of(model.title)
    library = models()
    if not licence:
        out.print("[yellow]Its licence is not known[/]: ask its maker whether you may stream with it (--licence).")
    if dry_run:
        out.print(f"It would be added as [bold]{escape(name)}[/]. Nothing was changed.")
        return
    config.own_data_dir()
    with tempfile.TemporaryDirectory() as scratch:
        files = {MAIN: write_main(model, Path(scratch)), **model.copies}
        kept = library.add(name, card, files, replace=replace)
    out.print(f"added: {escape(str(kept))}\nnext: 'model: {name}' in persona.yaml, or choose it on the panel")
    if CoreStore(config.data_dir()).path is None:
        out.print("[yellow]Live2D's Core is not installed yet[/]: haishin live2d install")


def say_list() -> None:
    """Say what is there."""
    data = config.data_dir()
    _say_core(CoreStore(data))
    found = [one for one in models().list() if one.card is None or one.card.kind is ModelKind.LIVE2D]
    for one in found:
        if one.card is None:
            out.print(f"[red]{one.name}[/]  {escape(one.problem)}")
        else:
            about = " · ".join(part for part in (one.card.title, one.card.author, one.card.licence) if part)
            out.print(f"[bold]{one.name}[/]  {escape(about)}")
    if not found:
        out.print("no Live2D model yet: haishin live2d add FOLDER")


def remove_model(name: str, *, yes: bool) -> None:
    """Delete a model, or the Core. Raise `ConfigError`."""
    data = config.data_dir()
    library = models()
    if name != CORE and name in library.names():
        card = next(one.card for one in library.list() if one.name == name)
        if card is not None and card.kind is not ModelKind.LIVE2D:
            raise ConfigError(f"{name} is no Live2D model", remedy=f"haishin {card.kind.value} remove {name}")
    if not yes and not typer.confirm(f"Delete {name} from {data}?"):
        raise typer.Exit(1)
    if name == CORE:
        try:
            gone = CoreStore(data).remove()
        except OSError as error:
            raise ConfigError(f"the Core cannot be deleted: {error.strerror or error}") from None
        out.print("deleted" if gone else "it was not installed")
        return
    library.remove(name)
    out.print("deleted")


def _say_core(store: CoreStore) -> None:
    core = store.installed()
    if core is not None:
        out.print(f"installed: [bold]{_named(core)}[/], {escape(core.found_in)}, sha256 {core.digest[:16]}…")
    elif store.path is not None:
        out.print(f"[red]what lies at {escape(str(store.path))} is not Live2D's Core[/]: install it again")
    else:
        out.print("Live2D's Core is not installed")


def _named(core: CoreFile) -> str:
    return f"Cubism Core {core.version}" if core.version else "Cubism Core (the stage page says its version)"


def _say_model(model: Live2DModel) -> None:
    sizes = ", ".join(f"{width} × {height}" for width, height in model.textures)
    out.print(f"[bold]{escape(model.title)}[/]: Cubism {model.cubism.value}, needs Core {model.cubism.core} or newer")
    out.print(f"  textures: {sizes}; parameters known: {len(model.parameters)}")
    out.print(f"  expressions: {escape(', '.join(model.expressions)) or 'none'}")
    out.print(f"  movements: {escape(', '.join(f'{k} ({v})' for k, v in model.motions.items())) or 'none'}")
    if model.hit_areas:
        out.print(f"  areas: {escape(', '.join(model.hit_areas))}")
    for name in model.missing:
        out.print(f"  [yellow]missing:[/] {escape(name)}")
    for warning in model.warnings:
        out.print(f"  [yellow]look at:[/] {escape(warning)}")


def _say_mapping(mapping: dict[str, dict[str, str]]) -> None:
    for group in ("emotions", "gestures", "motions", "vowels"):
        if entries := mapping.get(group):
            out.print(f"  {group}: {escape(', '.join(f'{ours} = {theirs}' for ours, theirs in entries.items()))}")
    if "ParamMouthOpenY" not in mapping.get("parameters", {}):
        out.print("  [yellow]no parameter looks like the mouth[/]: name it as ParamMouthOpenY in the mapping")
    emotions, gestures = unassigned(mapping)
    if emotions:
        out.print(f"  shown by the face's parameters alone: {', '.join(emotions)}")
    if gestures:
        out.print(f"  played by the head's parameters alone: {', '.join(gestures)}")


def _fetch(address: str, folder: Path) -> Path:
    """Fetch what lies at an https address into a folder, with bounds; return the file. Raise `ConfigError`."""
    import httpx  # noqa: PLC0415 - heavy

    if not address.lower().startswith("https://"):
        raise ConfigError(f"{address[:80]} is no https address", remedy="name an https address, or a file")
    path = folder / "sdk"
    done = 0
    try:
        with (
            httpx.stream("GET", address, follow_redirects=True, timeout=FETCH_S) as answer,
            path.open("wb") as file,
        ):
            if answer.url.scheme != "https":
                raise ConfigError("the address leads on to one without https")
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                done += len(piece)
                if done > MOST_ARCHIVE:
                    raise ConfigError(f"more than {MOST_ARCHIVE >> 20} MB lie there: it is no SDK")
                file.write(piece)
    except httpx.HTTPError as error:
        raise ConfigError(
            f"{address[:80]} cannot be fetched: {str(error)[:150] or type(error).__name__}",
            remedy=f"Live2D asks for your consent on its page: download it there ({DOWNLOAD}), and name the file",
        ) from None
    return path
