"""Counting, and writing it down in its own time."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.errors import TransientError
from bot.mind.budget.days import EVEN_S, Days
from bot.mind.budget.meter import Meter
from bot.mind.budget.prices import LinkFacts, Tariff
from bot.mind.budget.streams import BREAK_S, Streams
from bot.runtime.metering import CallPurpose, Consumption, ProviderKind
from bot.store.database import open_store
from bot.store.spend import OpenStream, SpendKey, SpendLedger, SpendSum

NOW = dt.datetime(2026, 11, 29, 20, tzinfo=dt.UTC)
LLM, TTS = ProviderKind.LLM, ProviderKind.TTS
TARIFFS = {
    "llm:cloud": Tariff(LinkFacts(LLM, "cloud", "openai", "m"), 2.0, 8.0),
    "llm:here": Tariff(LinkFacts(LLM, "here", "llamacpp")),
    "tts:cloud": Tariff(LinkFacts(TTS, "cloud", "openai", "v"), characters=15.0),
}


@dataclass
class Clocks:
    wall: dt.datetime = NOW
    steady: float = 0.0
    live: bool | None = True

    def wait(self, seconds: float) -> None:
        self.wall, self.steady = self.wall + dt.timedelta(seconds=seconds), self.steady + seconds

    def meter(self, ledger: SpendLedger) -> Meter:
        days = Days(lambda: self.wall, lambda: self.steady, "UTC")
        meter = Meter(ledger, days, Streams(lambda: self.live, lambda: self.wall, lambda: self.steady))
        meter.tariffs = TARIFFS
        return meter


@dataclass
class Flaky(SpendLedger):
    """A ledger whose database can be away."""

    inner: SpendLedger
    away: bool = False
    written: int = 0
    streams: list[OpenStream | None] = field(default_factory=list)

    async def add(self, sums: Mapping[SpendKey, SpendSum], stream: OpenStream | None = None) -> None:
        if self.away:
            raise TransientError("the database is too slow")
        self.written += 1
        await self.inner.add(sums, stream)

    async def of_day(self, day: dt.date) -> dict[SpendKey, SpendSum]:
        if self.away:
            raise TransientError("the database is too slow")
        return await self.inner.of_day(day)

    async def of_stream(self, stream: str) -> dict[SpendKey, SpendSum]:
        return await self.inner.of_stream(stream)

    async def open_stream(self) -> OpenStream | None:
        if self.away:
            raise TransientError("the database is too slow")
        return await self.inner.open_stream()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Flaky]:
    async with open_store(f"sqlite+aiosqlite:///{folder / 'a.db'}") as store:
        yield Flaky(SpendLedger(store))


def call(link: str = "cloud", prompt: int = 1000, completion: int = 100) -> Consumption:
    return Consumption(LLM, link, CallPurpose.REPLY, prompt, completion)


async def test_tokens_characters_and_money_are_summed(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        meter = Clocks().meter(ledger)
        meter.count(call())
        meter.count(call("here"))
        meter.count(Consumption(TTS, "cloud", CallPurpose.SPEECH, spoken="Hello there."))
        for scope in (meter.day, meter.stream):
            assert scope is not None
            assert scope.micros == 2000 + 800 + 15 * 12
            assert scope.tokens == 1100  # what runs here is counted by link alone
            assert scope.rows["llm:here", "", "reply"].tokens == 1100


async def test_parts_of_a_millionth_are_not_lost(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        meter = Clocks().meter(ledger)
        meter.tariffs = {"llm:cloud": Tariff(LinkFacts(LLM, "cloud", "openai", "m"), 0.05, 0.4)}
        for _ in range(1000):
            meter.count(call(prompt=7, completion=1))
        assert meter.day.micros == pytest.approx(1000 * (7 * 0.05 + 0.4), abs=1)


async def test_a_restart_goes_on_where_the_run_before_ended(tmp_path: Path) -> None:
    clocks = Clocks()
    async with opened(tmp_path) as ledger:
        first = clocks.meter(ledger)
        first.count(call())
        await first.sync()
        clocks.wait(600)
        second = clocks.meter(ledger)
        second.count(call())  # before it has read anything
        await second.sync()
        assert second.stream is not None
        assert second.day.micros == second.stream.micros == 5600
        second.count(call())
        await second.sync()
        third = clocks.meter(ledger)
        await third.sync()
        assert third.day.micros == 8400
        assert third.day.tokens == 3300


async def test_a_longer_break_is_another_stream(tmp_path: Path) -> None:
    clocks = Clocks()
    async with opened(tmp_path) as ledger:
        first = clocks.meter(ledger)
        first.count(call())
        await first.sync()
        clocks.wait(BREAK_S + 1)
        second = clocks.meter(ledger)
        await second.sync()
        assert second.stream is not None
        assert (second.day.micros, second.stream.micros) == (2800, 0)


async def test_off_air_nothing_counts_for_a_stream(tmp_path: Path) -> None:
    clocks = Clocks()
    async with opened(tmp_path) as ledger:
        meter = clocks.meter(ledger)
        meter.count(call())
        clocks.live = False
        meter.count(call())
        assert meter.stream is None
        clocks.wait(60)
        clocks.live = True  # the connection was lost for a moment
        assert meter.stream is not None
        assert (meter.day.micros, meter.stream.micros) == (5600, 2800)


async def test_a_database_that_is_away_loses_no_count_and_doubles_none(tmp_path: Path) -> None:
    clocks = Clocks()
    async with opened(tmp_path) as ledger:
        before = clocks.meter(ledger)
        before.count(call())
        await before.sync()
        ledger.away = True
        meter = clocks.meter(ledger)
        for _ in range(5):
            meter.count(call())
            with pytest.raises(TransientError):
                await meter.sync()
        assert meter.day.micros == 5 * 2800
        ledger.away = False
        await meter.sync()
        assert meter.waiting == 0
        assert meter.day.micros == 6 * 2800
        assert sum(one.micros for one in (await ledger.of_day(NOW.date())).values()) == 6 * 2800


async def test_counting_never_waits_for_the_database(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        meter = Clocks().meter(ledger)
        ledger.away = True
        for _ in range(10_000):
            meter.count(call())
        assert meter.waiting == 1  # one number for each link and purpose
        assert meter.day.micros == 10_000 * 2800


async def test_what_waits_is_written_every_few_seconds(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        meter = Clocks().meter(ledger)
        running = asyncio.create_task(meter.run())
        meter.count(call())
        async with asyncio.timeout(20):
            while meter.waiting:
                await asyncio.sleep(0.05)
        running.cancel()
        assert sum(one.micros for one in (await ledger.of_day(NOW.date())).values()) == 2800


@pytest.mark.parametrize("jump_h", [24, -24, 6, -30, 24 * 4000])
async def test_a_clock_that_jumps_resets_and_doubles_no_day(tmp_path: Path, jump_h: float) -> None:
    clocks = Clocks()
    async with opened(tmp_path) as ledger:
        meter = clocks.meter(ledger)
        await meter.sync()
        meter.count(call())
        clocks.wall += dt.timedelta(hours=jump_h)
        for _ in range(10):
            clocks.wait(30)
            meter.count(call())
            await meter.sync()
        assert meter.day.micros == 11 * 2800
        clocks.wall -= dt.timedelta(hours=jump_h)
        meter.count(call())
        await meter.sync()
        assert meter.day.micros == 12 * 2800
        assert sum(one.micros for one in (await ledger.of_day(NOW.date())).values()) == 12 * 2800


async def test_days_that_come_again_have_what_they_had(tmp_path: Path) -> None:
    clocks = Clocks()
    async with opened(tmp_path) as ledger:
        meter = clocks.meter(ledger)
        for day in (0, 1, 2, 3, 4, 5, 0, 3):  # a clock that is set again and again
            clocks.wall = NOW + dt.timedelta(days=day)
            for _ in range(int(EVEN_S / 30) + 2):
                clocks.wait(30)
                meter.day.rows.get(("", "", ""))
            meter.count(call())
            await meter.sync()
        assert meter.day.micros == 2 * 2800
        found = await ledger.of_day(NOW.date())
        assert sum(one.micros for one in found.values()) == 2 * 2800
