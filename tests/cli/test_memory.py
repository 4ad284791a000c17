"""``haishin memory``: what it lists, writes and forgets, and what it says where a host is on air."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import config
from bot.cli import memory as cli
from bot.cli import output
from bot.errors import ConfigError
from bot.store.database import open_store
from bot.store.memory.pieces import Piece, PieceKind
from bot.store.memory.store import MemoryStore


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    monkeypatch.setattr(output, "open_log", lambda _settings: None)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path))
    return config.load([], {"HAISHIN_STORE": f"sqlite+aiosqlite:///{tmp_path / 'h.db'}", "HAISHIN_WEB__PORT": "9"})


async def fill(settings: config.Settings) -> None:
    async with open_store(settings.store) as store:
        memory = MemoryStore(store)
        await memory.remember("twitch", "1", "Ann")
        await memory.add(Piece(PieceKind.VIEWER, "keeps [bold]bees[/]", "twitch", "1"))
        await memory.add(Piece(PieceKind.PROMISE, "I will sing."))


async def test_what_is_remembered_is_listed_and_written(
    settings: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(settings)
    await cli._list(settings, "", "", "")
    shown = capsys.readouterr().out
    assert "keeps [bold]bees[/]" in shown, "what strangers write is no markup"
    assert "I will sing." in shown
    await cli._list(settings, "promise", "", "")
    assert "bees" not in capsys.readouterr().out
    await cli._export(settings, "twitch", "1")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["text"] == "keeps [bold]bees[/]"
    await cli._list(settings, "gag", "", "")
    assert "nothing is remembered" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="no kind"):
        await cli._list(settings, "gossip", "", "")


async def test_a_piece_and_a_viewer_are_forgotten(
    settings: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(settings)
    async with open_store(settings.store) as store:
        (promise,) = await MemoryStore(store).listed((PieceKind.PROMISE,))
    await cli._forget(settings, promise.id, "", "")
    await cli._forget(settings, 0, "twitch", "1")
    capsys.readouterr()
    await cli._list(settings, "", "", "")
    assert "nothing is remembered" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="there is no piece"):
        await cli._forget(settings, promise.id, "", "")
    for piece, platform, viewer in ((0, "", ""), (3, "twitch", "1"), (0, "twitch", "")):
        with pytest.raises(ConfigError, match="say what to forget"):
            await cli._forget(settings, piece, platform, viewer)


async def test_a_host_on_air_still_knows_it_and_that_is_said(
    settings: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(settings)
    async with open_store(settings.store, as_host=True):
        await cli._forget(settings, 0, "twitch", "1")
    assert "still knows it" in capsys.readouterr().out.replace("\n", " ")
