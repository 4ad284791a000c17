"""The budget as an operator sees it."""

from __future__ import annotations

import datetime as dt
from typing import Final

from bot.control.schemas.budget import BudgetLimitView, BudgetLink, BudgetView, SpendRow
from bot.mind.budget.governor import BudgetGovernor
from bot.mind.budget.meter import Scope
from bot.mind.budget.prices import Tariff
from bot.runtime.metering import CallPurpose
from bot.runtime.signal import Signal
from bot.store.spend import SpendLedger, SpendSum
from bot.telemetry.metrics import Metrics

#: Sums that are listed at once.
MAX_ROWS: Final = 2000


class BudgetControls:
    """What was spent; without a governor nothing is known."""

    def __init__(self, governor: BudgetGovernor | None = None, ledger: SpendLedger | None = None) -> None:
        self.changed = governor.changed if governor else Signal()
        self._governor = governor
        self._ledger = ledger

    def state(self) -> BudgetView | None:
        """Return how the budget stands; None where nothing costs and nothing is limited."""
        governor = self._governor
        if governor is None:
            return None
        limits, tariffs = governor.standings(), governor.tariffs
        if not limits and not any(one.costs for one in tariffs.values()):
            return None
        day, stream = governor.meter.day, governor.meter.stream
        paid = sum(one.micros for (_, _, purpose), one in day.rows.items() if purpose == CallPurpose.PAID)
        return BudgetView(
            level=governor.level,
            limits=[
                BudgetLimitView(
                    scope=one.scope, unit=one.unit, spent=round(one.spent, 6), limit=one.limit, level=one.level,
                    reached_at=one.reached_at,
                )
                for one in limits
            ],
            links=[_link(one, day) for one in tariffs.values()],
            today=_usd(day.micros),
            stream=_usd(stream.micros) if stream else None,
            paid=_usd(paid),
            waiting=governor.meter.waiting,
        )  # fmt: skip

    async def days(self, days: int) -> list[SpendRow]:
        """Return the sums of the last days, the newest first. Raises `TransientError`."""
        if self._governor is None or self._ledger is None:
            return []
        first = self._governor.today - dt.timedelta(days=days - 1)
        return [
            SpendRow(
                day=key.day, stream=key.stream, link=key.link, model=key.model, purpose=key.purpose, calls=one.calls,
                prompt=one.prompt, completion=one.completion, characters=one.characters, usd=_usd(one.micros),
            )
            for key, one in (await self._ledger.since(first))[:MAX_ROWS]
        ]  # fmt: skip

    def measure(self, metrics: Metrics) -> None:
        """Put how much of each limit is spent into the metrics."""
        for one in self._governor.standings() if self._governor else ():
            metrics.budget.labels(one.scope.value, one.unit.value).set(one.spent / one.limit)


def _link(one: Tariff, day: Scope) -> BudgetLink:
    took = SpendSum()
    for (link, _, _), part in day.rows.items():
        if link == one.facts.key:
            took.add(part)
    return BudgetLink(
        kind=one.facts.kind, name=one.facts.link, model=one.facts.model, price=worded(one), source=one.source,
        priced=one.known, calls=took.calls, tokens=took.tokens, characters=took.characters, usd=_usd(took.micros),
    )  # fmt: skip


def worded(one: Tariff) -> str:
    """Return in words what a link costs."""
    if not one.costs:
        return "free"
    if one.characters:
        return f"${one.characters:g} for a million characters"
    return f"${one.read:g} and ${one.written:g} for a million tokens read and written"


def _usd(micros: int) -> float:
    return round(micros / 1e6, 6)
