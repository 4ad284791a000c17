"""What the commands do, with progress for a person to watch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from bot.app import builtin_models

out = Console(highlight=False)


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


# --- check ----------------------------------------------------------------------------------------


# --- say ------------------------------------------------------------------------------------------


# --- replay ---------------------------------------------------------------------------------------


# --- models ---------------------------------------------------------------------------------------
