"""``haishin forget``: whom it finds, what it says, what is left."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import config
from bot.cli import forget
from bot.cli.forget import forget_viewer
from bot.errors import ConfigError, Refused
from bot.show.night.bank import FILE, NightBank, Piece
from bot.show.night.recordings import FOLDER, NightRecordings
from bot.show.night.settings import PieceKind
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.tables import Outcome
from bot.types import Author, Kind, Message, Money, Style
from bot.voice.recorded import Recording


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    monkeypatch.setattr(forget, "open_log", lambda _settings: None)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path))
    return config.load([], {"HAISHIN_STORE": f"sqlite+aiosqlite:///{tmp_path / 'h.db'}", "HAISHIN_WEB__PORT": "9"})


def line(number: int, author: str, name: str, source: str = "twitch", **more: object) -> Message:
    return Message(f"{source}-{number}", source, Author(author, name), f"words of {name}", **more)  # type: ignore[arg-type]


async def fill(settings: config.Settings) -> None:
    async with open_store(settings.store) as store:
        ledger = Ledger(store)
        gift = line(9, "1", "Ann", kind=Kind.GIFT, amount=Money(500, "USD"))
        await ledger.record(gift)
        for message in (
            line(1, "1", "Ann"),
            line(2, "2", "Bob"),
            line(3, "3", "bob"),
            line(4, "1", "Ann", "bilibili_web"),
        ):
            ledger.line(message, "allow")
            ledger.journal.outcome(message, "answered", "")
        ledger.journal.outcome(line(5, "77", "Gone"), "expired", "")
        await ledger.journal.flush()


async def left(settings: config.Settings) -> tuple[list[tuple[str, str]], set[str], list[str]]:
    async with open_store(settings.store) as store:
        ledger = Ledger(store)
        lines = await ledger.seen(dt.timedelta(days=1))
        hashes = set((await store.run(lambda c: c.execute(select(Outcome.message_id)))).scalars())
        paid = [owed.message.author.name for owed in await ledger.owed(everything=True)]
        return lines, hashes, paid


async def test_a_viewer_is_forgotten_on_one_platform(
    settings: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(settings)
    before = await left(settings)
    await forget_viewer(settings, "twitch", "ANN", dry_run=True, yes=False)
    printed = capsys.readouterr().out
    assert "nothing was changed" in printed
    assert [cell for row in printed.splitlines() if row.strip().startswith("twitch") for cell in row.split()] == [
        "twitch", "1", "Ann", "1", "0", "1", "1", "0",
    ]  # fmt: skip
    assert await left(settings) == before
    await forget_viewer(settings, "twitch", "ann", dry_run=False, yes=True)
    assert "2 lines and payments" in capsys.readouterr().out
    lines, outcomes, paid = await left(settings)
    assert ("twitch", "twitch-1") not in lines
    assert ("bilibili_web", "bilibili_web-4") in lines
    assert "twitch-1" not in outcomes
    assert paid == ["someone"]


async def test_what_was_prepared_for_the_night_is_forgotten_too(settings: config.Settings, tmp_path: Path) -> None:
    await fill(settings)
    now = dt.datetime.now(dt.UTC)
    bank = NightBank(tmp_path / FILE, lambda: now)
    for about in (("twitch", "m1", "1"), ("twitch", "m2", "2"), ("", "", "")):
        bank.add(Piece(PieceKind.QUESTION, "", f"[joy] Words about {about[2]}.", now, about=about))
    await bank.save()
    recordings = NightRecordings(tmp_path / FOLDER)
    assert await recordings.add("Words about 1.", Style(), Recording("v", 8000, bytes(800)))
    await forget_viewer(settings, "twitch", "ann", dry_run=False, yes=True)
    await bank.load()
    assert [piece.about[2] for piece in bank.pieces] == ["2", ""]
    assert not list((tmp_path / FOLDER).glob("*.wav"))
    assert not (tmp_path / FOLDER / "index.jsonl").exists()


async def test_by_id_when_only_outcomes_are_left(settings: config.Settings) -> None:
    await fill(settings)
    await forget_viewer(settings, "twitch", "77", dry_run=False, yes=True)
    assert "twitch-5" not in (await left(settings))[1]


async def test_whom_nobody_knows_and_of_whom_there_are_two(settings: config.Settings) -> None:
    await fill(settings)
    with pytest.raises(ConfigError, match="nobody called 'carol'") as error:
        await forget_viewer(settings, "twitch", "carol", dry_run=False, yes=True)
    assert "id of the viewer" in error.value.remedy
    with pytest.raises(ConfigError, match="2 viewers of twitch") as error:
        await forget_viewer(settings, "twitch", "bob", dry_run=False, yes=True)
    assert "haishin forget twitch 2" in error.value.remedy
    with pytest.raises(ConfigError, match="no platform 'youtube'"):
        await forget_viewer(settings, "youtube", "ann", dry_run=False, yes=True)
    assert len((await left(settings))[0]) == 4


async def test_it_asks_first(settings: config.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(settings)
    monkeypatch.setattr("builtins.input", lambda _words: "n")
    with pytest.raises(Refused, match="nothing was changed"):
        await forget_viewer(settings, "bilibili", "ann", dry_run=False, yes=False)
    monkeypatch.setattr("builtins.input", lambda _words: "y")
    await forget_viewer(settings, "bilibili", "ann", dry_run=False, yes=False)
    assert ("bilibili_web", "bilibili_web-4") not in (await left(settings))[0]


async def test_beside_a_host_it_is_done_and_says_what_is_left_to_do(
    settings: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(settings)
    async with open_store(settings.store, as_host=True):
        await forget_viewer(settings, "twitch", "ann", dry_run=False, yes=True)
        printed = capsys.readouterr().out
        assert "2 lines and payments" in printed
        assert f"what to do: a host is on air (process {os.getpid()}" in printed
        assert "control room" in printed
    await forget_viewer(settings, "bilibili_web", "Ann", dry_run=False, yes=True)
    assert "what to do" not in capsys.readouterr().out
