"""Keeps the host within its budget.

| | the soft limit | the hard limit |
|---|---|---|
| links that cost | the cheapest goes first, the free ones before it | none is asked |
| replies | half as long | prepared lines, or a free link's |
| own initiatives | half as often; nothing is drafted ahead by a link that costs | the night bank |
| what is for money | as ever | as ever |

What is for money is counted, and never refused: `bot.runtime.metering.paid_for`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from loguru import logger

from bot.mind.budget.days import Days
from bot.mind.budget.forecast import Forecast
from bot.mind.budget.meter import Meter, Scope
from bot.mind.budget.prices import Tariff
from bot.mind.budget.settings import BudgetLimit, BudgetSettings
from bot.runtime.metering import EXTRAS, CallPurpose, Consumption, ProviderKind
from bot.runtime.signal import Signal
from bot.telemetry.alarms import AlarmLevel, Alarms
from bot.types import Prompt

#: How often the levels are looked at while nothing is spent, in seconds: a day ends by itself.
LOOK_S: Final = 5.0
#: From the soft limit on, an answer is so much shorter, and at least so many tokens; pauses are so much longer.
SHORTER: Final = 0.5
LEAST_TOKENS: Final = 48
LONGER: Final = 2.0
#: A stream's limit that is reached later than this is not spoken of, in seconds.
FAR_S: Final = 24 * 3600.0

_ALARM: Final = "budget"


class BudgetLevel(StrEnum):
    """How the host stands to a limit."""

    NORMAL = "normal"
    SOFT = "soft"
    HARD = "hard"

    @property
    def rank(self) -> int:
        """Return the levels' order."""
        return list(BudgetLevel).index(self)


class ScopeName(StrEnum):
    """What a limit is for."""

    DAY = "day"
    STREAM = "stream"


class Unit(StrEnum):
    """What a limit counts."""

    USD = "usd"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the host stands to one limit: both in dollars or in tokens. ``reached_at``: at this pace."""

    scope: ScopeName
    unit: Unit
    spent: float
    limit: float
    level: BudgetLevel
    reached_at: dt.datetime | None = None

    @property
    def words(self) -> str:
        """Return it in words."""
        of = "of the day" if self.scope is ScopeName.DAY else "of the stream"
        if self.unit is Unit.USD:
            return f"${self.spent:.2f} {of}'s ${self.limit:.2f}"
        return f"{self.spent:,.0f} {of}'s {self.limit:,.0f} tokens"


class BudgetGovernor:
    """A `bot.runtime.metering.Governor`. ``changed`` is notified when what the panel shows has changed."""

    def __init__(
        self,
        settings: BudgetSettings,
        meter: Meter,
        days: Days,
        alarms: Alarms,
        *,
        now: Callable[[], dt.datetime],
        steady: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.meter = meter
        self.changed = Signal()
        self._days = days
        self._alarms = alarms
        self._now = now
        self._steady = steady
        self._forecast = Forecast(steady())
        self._before = BudgetLevel.NORMAL
        meter.changed.lead_to(self.changed)

    @property
    def today(self) -> dt.date:
        """The day."""
        return self._days.today()

    @property
    def tariffs(self) -> Mapping[str, Tariff]:
        """What the links cost, by their keys."""
        return self.meter.tariffs

    def update(self, settings: BudgetSettings, zone: str) -> None:
        """Take over other limits, and the ``zone`` that counts where the settings name none."""
        if settings.time_zone != self.settings.time_zone:
            self._days.move(settings.time_zone or zone)
        self.settings = settings
        self.look()

    # --- what the chains ask: see `bot.runtime.metering.Governor` -----------------------------------

    def rank(self, kind: ProviderKind, link: str, purpose: CallPurpose) -> float | None:
        """Return when a link is asked, the lowest first; None: not at all."""
        tariff = self.tariffs.get(f"{kind}:{link}")
        level = self.level
        if purpose is CallPurpose.PAID or level is BudgetLevel.NORMAL or tariff is None:
            return 0.0
        own = self._level_of(tariff)
        if own is BudgetLevel.HARD or (own is BudgetLevel.SOFT and purpose in EXTRAS):
            return None
        return tariff.weight

    def fitted(self, prompt: Prompt, purpose: CallPurpose) -> Prompt:
        """Return the prompt, with a shorter answer while the host is thrifty. Answers of a form stay as they are."""
        formed = bool(prompt.grammar) or prompt.schema is not None
        if purpose is not CallPurpose.REPLY or formed or not self.thrifty:
            return prompt
        return replace(prompt, max_tokens=min(prompt.max_tokens, max(LEAST_TOKENS, int(prompt.max_tokens * SHORTER))))

    def count(self, consumption: Consumption) -> None:
        """Count a call that is over."""
        took = self.meter.count(consumption)
        tariff = self.tariffs.get(f"{consumption.kind}:{consumption.link}")
        remote = tariff is None or not tariff.facts.local
        self._forecast.add(self._steady(), took.micros, took.tokens if remote else 0)
        self.look()

    # --- what the show asks -------------------------------------------------------------------------

    @property
    def level(self) -> BudgetLevel:
        """How the host stands to the limit that is nearest."""
        return max((level for _, level in self._levels()), key=lambda level: level.rank, default=BudgetLevel.NORMAL)

    @property
    def thrifty(self) -> bool:
        """Whether the host saves: replies are shorter, and it speaks less of its own accord."""
        return self.level is BudgetLevel.SOFT

    def brevity(self) -> float:
        """Return how long a reply may be, as a part of its usual length."""
        return SHORTER if self.thrifty else 1.0

    def patience(self) -> float:
        """Return how much longer than usual the host waits before it speaks unasked."""
        return LONGER if self.thrifty else 1.0

    def standings(self) -> list[Standing]:
        """Return how the host stands to each limit."""
        pace, found = self._forecast.pace(self._steady()), []
        for scope, unit, spent, limit in self._limits():
            per_s = 0.0 if pace is None else pace.micros / 1e6 if unit is Unit.USD else pace.tokens
            left_s = (limit - spent) / per_s if per_s > 0 else float("inf")
            near = left_s < (self._days.left_s() if scope is ScopeName.DAY else FAR_S)
            at = self._now() + dt.timedelta(seconds=left_s) if near and spent < limit else None
            found.append(Standing(scope, unit, spent, limit, self._of(spent, limit), at))
        return found

    # --- what it does by itself ---------------------------------------------------------------------

    async def run(self) -> None:
        """Look at the levels now and then; runs as long as the show."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Raise and clear the alarm, and tell when a level has changed."""
        level = self.level
        if level is self._before:
            return
        rose, self._before = level.rank > self._before.rank, level
        worst = max(self.standings(), key=lambda one: (one.level.rank, one.spent / one.limit), default=None)
        words = worst.words if worst else ""
        self._alarms.clear(_ALARM)
        if level is BudgetLevel.SOFT:
            text = f"The budget runs low: {words}. Replies are shorter, and the cheaper links go first."
            self._alarms.raise_alarm(_ALARM, text, "Nothing has to be done; 'budget' in the settings has the limits.")
        elif level is BudgetLevel.HARD:
            text = f"The budget is spent: {words}. No link that costs is asked, but for what viewers paid for."
            remedy = "Raise the limit under 'budget' in the settings (no restart needed), or wait for the next day."
            self._alarms.raise_alarm(_ALARM, text, remedy, AlarmLevel.ERROR)
        if not rose:
            logger.info("the budget: the level is {} again", level)
        self.changed.notify()

    def _level_of(self, tariff: Tariff) -> BudgetLevel:
        """Return the level that concerns a link: money where it costs, tokens where it is a model elsewhere."""
        units = {Unit.USD} if tariff.costs else set()
        if tariff.facts.kind is ProviderKind.LLM and not tariff.facts.local:
            units.add(Unit.TOKENS)
        levels = [level for unit, level in self._levels() if unit in units]
        return max(levels, key=lambda level: level.rank, default=BudgetLevel.NORMAL)

    def _levels(self) -> list[tuple[Unit, BudgetLevel]]:
        return [(unit, self._of(spent, limit)) for _, unit, spent, limit in self._limits()]

    def _limits(self) -> list[tuple[ScopeName, Unit, float, float]]:
        """Return each limit that is set, with what was spent of it."""
        found: list[tuple[ScopeName, Unit, float, float]] = []
        scopes: list[tuple[ScopeName, BudgetLimit, Callable[[], Scope | None]]] = [
            (ScopeName.DAY, self.settings.day, lambda: self.meter.day),
            (ScopeName.STREAM, self.settings.stream, lambda: self.meter.stream),
        ]
        for name, limit, scope_of in scopes:
            if limit.usd is None and limit.tokens is None:
                continue
            scope = scope_of()
            if scope is not None and limit.usd is not None:
                found.append((name, Unit.USD, scope.micros / 1e6, limit.usd))
            if scope is not None and limit.tokens is not None:
                found.append((name, Unit.TOKENS, float(scope.tokens), float(limit.tokens)))
        return found

    def _of(self, spent: float, limit: float) -> BudgetLevel:
        if spent >= limit:
            return BudgetLevel.HARD
        return BudgetLevel.SOFT if spent >= limit * self.settings.soft else BudgetLevel.NORMAL
