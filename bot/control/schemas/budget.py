"""What the panel gets of the budget."""

from __future__ import annotations

import datetime as dt

from bot.mind.budget.governor import BudgetLevel, ScopeName, Unit
from bot.runtime.metering import ProviderKind
from bot.stage.protocol import Model


class BudgetLimitView(Model):
    """One limit, in dollars or in tokens. ``reached_at``: when it is reached at the pace of the last hour."""

    scope: ScopeName
    unit: Unit
    spent: float
    limit: float
    level: BudgetLevel
    reached_at: dt.datetime | None


class BudgetLink(Model):
    """One link of a chain, and what it took today. ``price`` says in words what it costs, ``source`` who says so.

    ``priced`` is False for a price that is not known and counts as the dearest.
    """

    kind: ProviderKind
    name: str
    model: str
    price: str
    source: str
    priced: bool
    calls: int
    tokens: int
    characters: int
    usd: float


class BudgetView(Model):
    """``GET /api/budget``: the limits and the links. ``today`` and ``stream`` are dollars; ``waiting``: sums to write.

    ``paid`` is what of today went into answers and thanks for money, which no limit stops.
    """

    level: BudgetLevel
    limits: list[BudgetLimitView]
    links: list[BudgetLink]
    today: float
    stream: float | None
    paid: float
    waiting: int


class SpendRow(Model):
    """``GET /api/budget/days``: one sum. ``stream`` is the moment at which it began, or empty off air."""

    day: dt.date
    stream: str
    link: str
    model: str
    purpose: str
    calls: int
    prompt: int
    completion: int
    characters: int
    usd: float
