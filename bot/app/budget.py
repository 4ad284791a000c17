"""Builds what counts the calls of models and voices, and keeps the host within its budget."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from loguru import logger

from bot.app.mixing import platform_live
from bot.control.streams import StreamStates
from bot.errors import HaishinError
from bot.mind.budget.days import Days
from bot.mind.budget.governor import BudgetGovernor
from bot.mind.budget.meter import Meter
from bot.mind.budget.prices import LinkFacts, PriceList, Tariff, facts_of, tariff
from bot.mind.budget.settings import BudgetSettings
from bot.mind.budget.streams import Streams
from bot.mind.failover import LlmChain
from bot.runtime.failover import parse_link
from bot.runtime.link import LinkState
from bot.runtime.metering import Consumption, ProviderKind
from bot.telemetry.alarms import Alarms
from bot.telemetry.metrics import Metrics
from bot.voice.failover import TtsChain

if TYPE_CHECKING:
    from bot.app.app import App

#: How long the start waits for what earlier runs spent, in seconds; it is read later then.
READ_S: Final = 2.0
_PACKAGES: Final = {ProviderKind.LLM: "bot.mind.llm", ProviderKind.TTS: "bot.voice.tts"}


class Prices:
    """What the links cost, by the settings of the moment."""

    def __init__(self, links: Sequence[LinkFacts], listed: PriceList | None) -> None:
        self._links = links
        self._listed = listed

    def tariffs(self, settings: BudgetSettings) -> dict[str, Tariff]:
        """Return the tariffs by the links' keys."""
        return {one.key: tariff(one, settings, self._listed) for one in self._links}


async def open_budget(
    app: App, llm: LlmChain, tts: TtsChain, streams: StreamStates, alarms: Alarms
) -> tuple[BudgetGovernor, Prices]:
    """Make it, with what earlier runs spent, and let the chains ask it. A slow database holds nothing up."""
    settings, steady = app.settings.budget, asyncio.get_running_loop().time

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def live() -> bool | None:
        return platform_live(streams, app.sources)

    def told(call: Consumption, micros: int) -> None:
        count(app.metrics, call, micros)

    facts = await asyncio.to_thread(_facts, app.links, {"llm": llm.links(), "tts": tts.links()})
    prices = await asyncio.to_thread(_prices, facts)
    days = Days(now, steady, settings.time_zone or zone_of(app))
    meter = Meter(app.ledger.spending, days, Streams(live, now, steady), told)
    meter.tariffs = await asyncio.to_thread(prices.tariffs, settings)
    try:
        async with asyncio.timeout(READ_S):
            await meter.sync()
    except (HaishinError, TimeoutError) as error:
        logger.warning("what was spent before is read later: {}", str(error) or "the database is slow")
    governor = BudgetGovernor(settings, meter, days, alarms, now=now, steady=steady)
    tell(governor, alarms)
    llm.governor = tts.governor = governor
    return governor, prices


def zone_of(app: App) -> str:
    """Return the channel's time zone, where the budget names none of its own; empty for this machine's."""
    return app.settings.memory.timezone or app.programme.zone


def apply(app: App, settings: BudgetSettings) -> None:
    """Take over other settings while the host is on air."""
    if settings != app.budget.settings:
        app.budget.meter.tariffs = app.prices.tariffs(settings)
        app.budget.update(settings, zone_of(app))
        tell(app.budget, app.control.alarms)


def tell(governor: BudgetGovernor, alarms: Alarms) -> None:
    """Tell what an owner should know of the prices: one that is unknown, and a link that costs without a limit."""
    tariffs, settings = governor.tariffs.values(), governor.settings
    for one in tariffs:
        name, kind = f"budget:price:{one.facts.key}", "model" if one.facts.kind is ProviderKind.LLM else "voice"
        if one.known:
            alarms.clear(name)
            continue
        where = "budget.prices" if one.facts.kind is ProviderKind.LLM else "budget.voices"
        tokens, characters = f"${one.read:g} and ${one.written:g} for a million tokens", f"${one.characters:g}"
        costs = tokens if one.read else f"{characters} for a million characters"
        words = f"What the {kind} {one.facts.model or one.facts.link} costs is not known: it counts as {costs}."
        alarms.raise_alarm(name, words, f"That is the dearest. Write its own price under {where} in the settings.")
    limited = [one.usd or one.tokens for one in (settings.day, settings.stream)]
    if paid := [one.facts.link for one in tariffs if one.costs]:
        if not any(limited):
            logger.warning("{} costs money, and there is no limit: see docs/budget.md", ", ".join(sorted(set(paid))))
        voices = [one for one in tariffs if one.facts.kind is ProviderKind.TTS]
        if any(limited) and voices and all(one.costs for one in voices):
            logger.warning("every voice costs money: when the budget is spent the host is silent, with captions alone")


def count(metrics: Metrics, call: Consumption, micros: int) -> None:
    """Put a call into the metrics."""
    link = f"{call.kind}:{call.link}"
    if call.kind is ProviderKind.LLM:
        metrics.tokens.labels(link, "read").inc(call.prompt)
        metrics.tokens.labels(link, "written").inc(call.completion)
    else:
        metrics.characters.labels(link).inc(len(call.spoken))
    metrics.micros.labels(link).inc(micros)


def _facts(
    entries: Mapping[str, Sequence[Mapping[str, Any]]], links: Mapping[str, Sequence[LinkState]]
) -> list[LinkFacts]:
    """Return what is known of the links; the entries are those that they were opened from, in the same order."""
    found = []
    for kind in ProviderKind:
        for entry, link in zip(entries.get(kind, ()), links.get(kind, ()), strict=False):
            provider = str(entry.get("provider"))
            options: object = None
            with suppress(Exception):  # its chain tells what is wrong with it
                options = parse_link(_PACKAGES[kind], entry)[2]
            found.append(facts_of(kind, link.name, provider, options))
    return found


def _prices(links: Sequence[LinkFacts]) -> Prices:
    """Read the list of prices, where a model is asked that may cost something."""
    wanted = any(one.kind is ProviderKind.LLM and not one.local for one in links)
    return Prices(links, PriceList() if wanted else None)
