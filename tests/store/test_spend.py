"""What was spent, in a real database."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Store, open_store
from bot.store.spend import OpenStream, SpendKey, SpendLedger, SpendSum

DAY = dt.date(2026, 11, 29)
NOW = dt.datetime(2026, 11, 29, 20, tzinfo=dt.UTC)


def key(day: dt.date = DAY, stream: str = "s", link: str = "llm:openai", purpose: str = "reply") -> SpendKey:
    return SpendKey(day, stream, link, "gpt-4o-mini", purpose)


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
    async with open_store(url) as opened:
        yield opened


async def test_sums_grow_and_are_found_by_day_and_by_stream(store: Store) -> None:
    ledger, one = SpendLedger(store), SpendSum(1, 100, 20, 0, 27)
    next_day = DAY + dt.timedelta(days=1)
    await ledger.add({key(): one, key(purpose="night"): one})
    await ledger.add({key(): one, key(next_day): one, key(stream=""): one})
    day, stream = await ledger.of_day(DAY), await ledger.of_stream("s")
    assert day[key()] == SpendSum(2, 200, 40, 0, 54)
    assert day.keys() == {key(), key(purpose="night"), key(stream="")}
    assert stream.keys() == {key(), key(purpose="night"), key(next_day)}
    assert [k.day for k, _ in await ledger.since(DAY)] == [next_day, DAY, DAY, DAY]
    assert len(await ledger.since(next_day)) == 1


async def test_large_sums_and_strange_names_are_kept(store: Store) -> None:
    ledger, huge = SpendLedger(store), SpendSum(1, 2**40, 2**40, 2**40, 2**50)
    name = "モデル\0\ud800" * 100
    await ledger.add({SpendKey(DAY, "large", "llm:" + "x" * 500, name, "reply"): huge})
    (found,) = (await ledger.of_stream("large")).values()
    assert found == huge


async def test_the_stream_that_goes_on_is_found_again(store: Store) -> None:
    ledger = SpendLedger(store)
    await ledger.add({}, OpenStream("first", NOW))
    await ledger.add({}, OpenStream("2026-11-29T20:00:00Z", NOW))
    assert await ledger.open_stream() == OpenStream("2026-11-29T20:00:00Z", NOW)


async def test_nothing_is_known_of_a_stream_in_a_new_database(tmp_path: Path) -> None:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'b.db'}") as store:
        assert await SpendLedger(store).open_stream() is None


async def test_two_that_add_at_once_lose_nothing(store: Store) -> None:
    ledger, one = SpendLedger(store), SpendSum(1, 1, 1, 1, 1)
    await asyncio.gather(*(ledger.add({key(stream="both"): one}) for _ in range(50)))
    assert (await ledger.of_stream("both"))[key(stream="both")] == SpendSum(50, 50, 50, 50, 50)
