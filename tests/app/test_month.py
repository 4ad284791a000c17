"""The whole host over days and outages, on the virtual clock: the short forms of ``bench.month``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from bench.month import OUTAGES, cut, month
from bench.support.virtual_host import run_virtually


@pytest.fixture(autouse=True, scope="module")
def _quietly() -> Iterator[None]:
    logger.disable("bot")
    yield
    logger.enable("bot")


@pytest.fixture(scope="module")
def a_day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("month")
    found: dict[str, Any] = run_virtually(
        lambda: month(1, 900, home, bank=4, window_s=86_400 / len(OUTAGES), lightly=True)
    )
    return found


@pytest.mark.slow
def test_each_segment_is_on_exactly_once(a_day: dict[str, Any]) -> None:
    assert a_day["segments_not_once"] == {}
    assert a_day["segments"]["chatter"]["due"] == 12
    assert a_day["segments"]["night reading"]["done"] == 1
    assert a_day["openings_twice"] == []


@pytest.mark.slow
def test_no_payment_is_lost_and_none_is_thanked_twice(a_day: dict[str, Any]) -> None:
    assert a_day["payments"] == a_day["acknowledged"] == 3 * len(OUTAGES)
    assert a_day["lost"] == []
    assert a_day["thanked_twice"] == []


@pytest.mark.slow
def test_no_outage_is_a_silence_and_no_greeting_comes_twice_in_a_row(a_day: dict[str, Any]) -> None:
    assert a_day["hosts"] == 2
    assert a_day["longest_silence_s"]["own accord"]["seconds"] <= a_day["dial_s"]
    assert a_day["greetings"] == 2
    assert a_day["greetings_twice_in_a_row"] == 0


def test_cut_off_from_model_voice_and_network_the_bank_is_heard_and_the_show_returns_at_once(tmp_path: Path) -> None:
    found = run_virtually(lambda: cut(0.3, tmp_path, bank=20, again_h=0.1))
    assert found["heard"] > 20
    assert found["without_sound"] == []
    assert found["longest_silence_s"] <= 20
    assert found["shortest_repetition_h"] >= 0.1
    assert max(found["returned"].values()) <= 5
    assert found["returned"].keys() == {"model_s", "voice_s"}
