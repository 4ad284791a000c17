"""Thirty days of a programme with the whole show, over a night in which the clock is moved."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter

import pytest

from bot.runtime.virtual_clock import VirtualLoop
from bot.show import loop as show_loop
from bot.types import Kind, Money
from tests.show.schedule.stage import Theatre
from tests.support.programmes import WallClock, make

START = dt.datetime(2026, 10, 9, 22, tzinfo=dt.UTC)  # midnight in Berlin
DAYS = 30
PROGRAMME = (
    {"name": "night", "kind": "speaks", "when": {"cron": "30 2 * * *"}},
    {"name": "morning", "kind": "speaks", "when": {"cron": "0 8 * * *"}, "chat": "collect"},
    {"name": "after", "kind": "speaks", "when": {"after": "morning"}},
    {"name": "weekdays", "kind": "speaks", "when": {"cron": "0 18 * * 1-5"}, "overlap": "cut"},
    {"name": "quarters", "kind": "waits", "when": {"every": "6h"}, "late": "1h"},
)


def test_each_segment_is_on_exactly_once_over_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_loop, "LOOK_S", 900.0)

    async def month() -> tuple[Theatre, Counter[str]]:
        theatre = Theatre(make(*PROGRAMME, zone="Europe/Berlin"), clock=WallClock(START), tick_s=900.0)
        async with theatre.playing():
            for _ in range(DAYS):
                await asyncio.sleep(43_200)
                await theatre.hand.chat("hi Mira, how was your night?", "ann")
                await theatre.hand.chat("", "bob", Kind.GIFT, Money(500, "USD"))
                await asyncio.sleep(43_200)
            await theatre.keeper.settled(10)
        return theatre, Counter(run.segment for run in theatre.records.runs.values() if run.state == "done")

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        theatre, done = runner.run(month())
    assert done == {"night": 30, "morning": 30, "after": 30, "weekdays": 20, "quarters": 120}
    assert {run.state for run in theatre.records.runs.values()} == {"done"}
    said = sum(turn.plan.kind == "segment" for turn in theatre.hand.past)
    assert said == 30 + 30 + 30 + 20
    gifts = [fate for message, fate in theatre.hand.fates.items() if int(message[1:]) % 2 == 0]
    assert [outcome for outcome, _ in gifts] == ["answered"] * DAYS
