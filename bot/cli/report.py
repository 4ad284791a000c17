"""Lines of a check: what is well, what is not, and what to do about it."""

from __future__ import annotations

from rich.markup import escape

from bot.cli.output import out
from bot.types import Health


class Report:
    """Prints a line for each part. ``ok`` is whether all of them were well."""

    def __init__(self) -> None:
        self.ok = True

    def line(self, name: str, health: Health) -> None:
        """Print how a part is."""
        self.ok = self.ok and health.ok
        mark = "[green]ok  [/]" if health.ok else "[red]FAIL[/]"
        out.print(f"{mark} [bold]{escape(name):26}[/]  {escape(health.detail)}", soft_wrap=True)
        if not health.ok and health.remedy:
            out.print(f"     [bold]what to do:[/] {escape(health.remedy)}", soft_wrap=True)
