"""What all commands share: where they print, their log, progress for a person to watch, lines of a check."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from bot.config import Settings
from bot.telemetry.logging import set_up_log
from bot.telemetry.redaction import Redactor
from bot.text.field_types import secrets_in
from bot.types import Health

if TYPE_CHECKING:
    from bot.app.builtin_models import Progress as OnProgress

out = Console(highlight=False, emoji=False)


def on_a_terminal() -> bool:
    """Return whether a person reads what is printed, and no file or collector of logs keeps it."""
    return sys.stdout.isatty()


def open_log(settings: Settings) -> Redactor:
    """Set up the log as the settings want it; return what blacks out their secrets."""
    return set_up_log(settings.log.level, settings.log.file, secrets_in(settings))


@contextlib.contextmanager
def downloads() -> Iterator[OnProgress]:
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


class Report:
    """Prints a line for each part that was checked. ``ok`` is whether all of them were well."""

    def __init__(self) -> None:
        self.ok = True

    def line(self, name: str, health: Health) -> None:
        """Print how a part is."""
        self.ok = self.ok and health.ok
        mark = "[green]ok  [/]" if health.ok else "[red]FAIL[/]"
        out.print(f"{mark} [bold]{escape(name):26}[/]  {escape(health.detail)}", soft_wrap=True)
        if not health.ok and health.remedy:
            out.print(f"     [bold]what to do:[/] {escape(health.remedy)}", soft_wrap=True)
