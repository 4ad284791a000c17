"""haishin budget."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.cli.budget import By, sums_by
from bot.cli.options import run_async
from bot.store.database import open_store
from bot.store.spend import SpendKey, SpendLedger, SpendSum

TODAY = dt.datetime.now(dt.UTC).date()
SUMS = {
    SpendKey(TODAY, "s", "llm:openai", "gpt-4o-mini", "reply"): SpendSum(10, 12_000, 900, 0, 2_340_000),
    SpendKey(TODAY, "s", "llm:openai", "gpt-4o-mini", "paid"): SpendSum(1, 1200, 90, 0, 234_000),
    SpendKey(TODAY, "", "tts:openai", "tts-1", "speech"): SpendSum(11, 0, 0, 2000, 30_000),
    SpendKey(TODAY - dt.timedelta(days=20), "", "tts:openai", "tts-1", "speech"): SpendSum(1, 0, 0, 500, 7500),
}


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.db'}"

    async def fill() -> None:
        async with open_store(url) as store:
            await SpendLedger(store).add(SUMS)

    run_async(fill())
    file = tmp_path / "mine.yaml"
    file.write_text(f"store: {url}\nbudget: {{day: {{usd: 5}}, time_zone: UTC}}\n", "utf-8")
    return file


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["budget", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_week_is_shown_by_day_and_link(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed("-c", str(settings)) + capsys.readouterr().out
    assert "llm:openai gpt-4o-mini" in text
    assert "13,200" in text
    assert "2.6040" in text
    assert "today: $2.60 of $5.00" in text


def test_sums_are_joined_by_what_was_asked_for() -> None:
    rows = list(SUMS.items())
    by_purpose = dict(sums_by(rows, (By.PURPOSE,)))
    assert by_purpose["speech",].characters == 2500
    assert [names for names, _ in sums_by(rows, (By.STREAM,))] == [("s",), ("off air",)]
    assert len(sums_by(rows, (By.DAY, By.LINK))) == 3


def test_help_teaches_by_examples() -> None:
    text = printed("--help")
    assert "haishin budget --days 30 --by stream" in text


def test_an_unknown_column_is_refused(settings: Path) -> None:
    result = CliRunner().invoke(cli, ["budget", "-c", str(settings), "--by", "month"])
    assert result.exit_code != 0
