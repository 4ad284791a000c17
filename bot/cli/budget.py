"""haishin budget: what the models and voices cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from enum import StrEnum
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from bot.cli.output import open_log, out
from bot.config import Settings, store_url
from bot.store.database import open_store
from bot.store.spend import SpendKey, SpendLedger, SpendSum

_NAMES = ("calls", "tokens read", "written", "characters", "US dollars")


class By(StrEnum):
    """What the sums are listed by."""

    DAY = "day"
    STREAM = "stream"
    LINK = "link"
    PURPOSE = "purpose"


_PARTS: dict[By, Callable[[SpendKey], str]] = {
    By.DAY: lambda key: f"{key.day:%Y-%m-%d}",
    By.STREAM: lambda key: key.stream or "off air",
    By.LINK: lambda key: f"{key.link} {key.model}".strip(),
    By.PURPOSE: lambda key: key.purpose,
}


async def show_budget(settings: Settings, *, days: int, by: tuple[By, ...]) -> None:
    """Print the sums of the last days, and how much of the day's limits is spent."""
    open_log(settings)
    zone = ZoneInfo(settings.budget.time_zone) if settings.budget.time_zone else None
    today = dt.datetime.now(dt.UTC).astimezone(zone).date()
    async with open_store(store_url(settings)) as store:
        found = await SpendLedger(store).since(today - dt.timedelta(days=days - 1))
    if not found:
        out.print("nothing was spent in these days")
        return
    table = Table(*by, *_NAMES, box=None)
    for column in table.columns[len(by) :]:
        column.justify = "right"
    for names, one in sums_by(found, by):
        table.add_row(*(Text(name) for name in names), *_cells(one))
    whole = SpendSum()
    for _, one in found:
        whole.add(one)
    table.add_section()
    table.add_row("in all", *[""] * (len(by) - 1), *_cells(whole))
    out.print(table)
    spent = sum(one.micros for key, one in found if key.day == today) / 1e6
    if (limit := settings.budget.day.usd) is not None:
        out.print(f"today: ${spent:.2f} of ${limit:.2f}")
    else:
        out.print(f"today: ${spent:.2f}, and no limit is set: see docs/budget.md")


def sums_by(found: Iterable[tuple[SpendKey, SpendSum]], by: tuple[By, ...]) -> list[tuple[tuple[str, ...], SpendSum]]:
    """Return the sums of what has the same names, in the order in which it comes first."""
    sums: dict[tuple[str, ...], SpendSum] = {}
    for key, one in found:
        sums.setdefault(tuple(_PARTS[part](key) for part in by), SpendSum()).add(one)
    return list(sums.items())


def _cells(one: SpendSum) -> tuple[str, ...]:
    numbers = (one.calls, one.prompt, one.completion, one.characters)
    return (*(f"{number:,}" for number in numbers), f"{one.micros / 1e6:,.4f}")
