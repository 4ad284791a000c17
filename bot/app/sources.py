"""Builds the connections to the platforms that the configuration names."""

from __future__ import annotations

import importlib
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from bot.config import Settings
from bot.errors import ConfigError
from bot.sources.source import Feed, Source

#: Where each source's class is, and the extra that brings what it needs.
_WHERE = {
    "twitch": ("bot.sources.twitch.source", "twitch"),
    "bilibili_open": ("bot.sources.bilibili.open_source", ""),
    "bilibili_web": ("bot.sources.bilibili.web_source", "bilibili"),
}


def open_sources(settings: Settings, feed: Feed, data: Path) -> dict[str, Source]:
    """Make each source that is configured; ``data`` is the folder for their sign-ins.

    Connects to nothing yet. Raises `ConfigError` when a package is missing.
    """
    made = {name: open_source(name, settings, feed, data) for name in _WHERE if getattr(settings.sources, name)}
    if "bilibili_open" in made and "bilibili_web" in made:
        # Both would tell of the same gift: the official one hears, the other writes.
        hears, writes = cast("Any", made["bilibili_open"]), cast("Any", made["bilibili_web"])
        writes.listens, writes.on_account = False, hears.set_writer
    return made


def _needs(extra: str) -> str:
    """Return the packages of an extra, quoted for a shell.

    The words are right for a checkout and for an installed Haishin.
    """
    try:
        wanted = metadata.requires("haishin") or []
    except metadata.PackageNotFoundError:  # run from a folder without an installation
        wanted = []
    found = [r for r in wanted if f'extra == "{extra}"' in r.replace("'", '"')]
    return " ".join(shlex.quote(r.partition(";")[0].strip()) for r in found) or f"'haishin[{extra}]'"


def need_packages(settings: Settings) -> None:
    """Raise `ConfigError` when a configured source lacks a package: better now than after a download of minutes."""
    for name in _WHERE:
        if getattr(settings.sources, name):
            _module(name)


def _module(name: str) -> Any:
    module, extra = _WHERE[name]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = getattr(error, "name", None) or str(error)
        raise ConfigError(
            f"sources.{name} needs the package {missing!r}",
            remedy=f"install what it needs: {sys.executable} -m pip install {_needs(extra)}",
        ) from error


def open_source(name: str, settings: Settings, feed: Feed, data: Path) -> Source:
    """Make one source, as the configuration has it or, when it names none, with its defaults."""
    made = _module(name)
    config = getattr(settings.sources, name) or type(settings.sources).model_fields[name].annotation.__args__[0]()  # type: ignore[union-attr]
    return cast("Source", made.Source(config, settings.sources.rates, feed, data / f"{name}.json"))
