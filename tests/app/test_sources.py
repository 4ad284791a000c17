"""Sources are made from the configuration; a package that is missing is named before anything is fetched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bot.app.sources import need_packages, open_source, open_sources
from bot.config import Settings
from bot.errors import ConfigError
from tests.sources.feed import RecordingFeed

WEB = {"sources": {"bilibili_web": {"room": 5}}}


def settings(data: dict[str, Any]) -> Settings:
    return Settings.model_validate(data)


async def test_what_is_configured_is_made_and_nothing_else(tmp_path: Path) -> None:
    assert open_sources(settings({}), RecordingFeed(), tmp_path) == {}
    made = open_sources(
        settings({"sources": {"twitch": {"client_id": "x"}, **WEB["sources"]}}), RecordingFeed(), tmp_path
    )
    assert list(made) == ["twitch", "bilibili_web"]
    assert open_source("bilibili_web", settings({}), RecordingFeed(), tmp_path).name == "bilibili_web", "for a sign-in"


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.startswith("bot.sources.bilibili.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bilibili_api", None)
    with pytest.raises(ConfigError, match=r"sources\.bilibili_web needs") as caught:
        need_packages(settings(WEB))
    assert "-m pip install" in caught.value.remedy
    assert sys.executable in caught.value.remedy
    need_packages(settings({}))
