"""What all commands share: where they print, their log, and progress for a person to watch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from bot.app import builtin_models
from bot.config import Settings
from bot.telemetry.logging import set_up_log
from bot.telemetry.redaction import Redactor
from bot.text.field_types import secrets_in

out = Console(highlight=False)


def open_log(settings: Settings) -> Redactor:
    """Set up the log as the settings want it; return what blacks out their secrets."""
    return set_up_log(settings.log.level, settings.log.file, secrets_in(settings))


@contextlib.contextmanager
def downloads() -> Iterator[builtin_models.Progress]:
    """Show a bar for each file that is being fetched."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=out,
        transient=True,
    )
    tasks: dict[str, int] = {}
    with bars:

        def progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)  # type: ignore[arg-type]

        yield progress
