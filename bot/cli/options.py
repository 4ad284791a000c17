"""What all commands take: the files of settings. It imports nothing heavy, so that ``haishin --help`` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import interrupts
from bot.telemetry.redaction import Redactor

if TYPE_CHECKING:
    from bot.config import Settings

Configs = Annotated[
    list[Path],
    typer.Option("--config", "-c", help="A YAML file with settings; may be repeated, later ones win.", metavar="FILE"),
]
NONE: list[Path] = []
#: What a command prints about errors goes through here; it learns the secrets of the settings.
redact = Redactor()


def load(configs: list[Path], **over: object) -> Settings:
    """Return the settings, and learn their secrets; ``over`` is what the command line sets. Raise `ConfigError`."""
    from bot import config  # noqa: PLC0415 - heavy: 'haishin --help' must not wait for it
    from bot.text.field_types import secrets_in  # noqa: PLC0415

    settings = config.load(configs)
    redact.add(*secrets_in(settings))
    if over.get("port") is not None:
        settings.web.port = int(str(over["port"]))
    if over.get("persona"):
        settings.persona = str(over["persona"])
    return settings


def run_async(work: Any) -> Any:
    """Run a coroutine until it ends or a signal cancels it; return its result."""
    return interrupts.run(lambda _signals: work)
