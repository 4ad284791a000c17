"""An hour of a long stream: an outage of every platform each twenty minutes, and everybody is thanked once."""

from __future__ import annotations

import asyncio

import pytest

from bench.weeks import weeks
from tests.support.clock import JumpingLoop


@pytest.mark.slow
def test_outages_cost_no_payment_and_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.twitch.connection.LOOK_S", 5.0)
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        result = runner.run(weeks(1.0))
    assert result["outages"] == 9
    assert result["not_recovered_in_2_min"] == []
    assert result["payments"] == result["thanked_once"] == 18
    growth = result["growth_from_the_middle"]
    assert growth["tasks"] <= 0
    assert growth["files"] <= 0
