"""``haishin ears``: what it says without a host, and in which words it tells how the ears stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.cli.ears import describe

VIEW: dict[str, Any] = {
    "enabled": True, "on": True, "listening": True, "trouble": "", "source": "microphone", "input": "live",
    "level": 0.1,
}  # fmt: skip


@pytest.mark.parametrize("order", [["on"], ["off"], ["talk"], ["talk", "down"], ["answer"], ["status"]])
def test_without_a_host_it_says_what_to_do(order: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path))
    monkeypatch.setenv("HAISHIN_WEB__PORT", "9")
    without = CliRunner().invoke(cli, ["ears", *order])
    assert without.exit_code != 0
    assert "no host was started here" in str(without.exception)
    monkeypatch.setenv("HAISHIN_TOKEN", "a-long-token-of-the-test")
    away = CliRunner().invoke(cli, ["ears", *order])
    assert away.exit_code != 0
    assert "no host answers at http://127.0.0.1:9" in str(away.exception)
    assert "a-long-token" not in str(away.exception)
    assert not list(tmp_path.iterdir()), "nothing is made"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "you are heard (microphone, live"),
        ({"enabled": False}, "not enabled"),
        ({"on": False, "trouble": "x"}, "the ears are off"),
        ({"trouble": "there is no microphone"}, "there is no microphone"),
        ({"listening": False}, "the button to talk is not held"),
    ],
)
def test_how_they_stand_is_said_in_words(more: dict[str, Any], words: str) -> None:
    assert words in describe({**VIEW, **more})
