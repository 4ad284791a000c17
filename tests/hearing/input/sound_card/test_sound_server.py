"""What ``pactl`` says, and what it might say, through a stand-in on the path."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from bot.hearing.input.sound_card import sound_server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a part of Linux")

YETI = {
    "index": 2,
    "name": "alsa_input.yeti",
    "description": "Blue Yeti",
    "mute": True,
    "sample_specification": "s16le 2ch 44100Hz",
    "properties": {"device.class": "sound"},
}
MONITOR = {**YETI, "index": 1, "name": "speaker.monitor", "mute": False, "properties": {}}


@pytest.fixture
def pactl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a pactl on the path that prints the files of a folder."""
    script = tmp_path / "pactl"
    script.write_text(f'#!/bin/sh\nfor last; do :; done\ncat "{tmp_path}/$last"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


async def test_sources_are_read_with_what_matters(pactl: Path) -> None:
    (pactl / "sources").write_text(json.dumps([YETI, MONITOR]))
    (pactl / "info").write_text(json.dumps({"default_source_name": "alsa_input.yeti"}))
    found = await sound_server.sources()
    assert found is not None
    yeti, monitor = found
    assert (yeti.description, yeti.rate, yeti.channels) == ("Blue Yeti", 44_100, 2)
    assert (yeti.muted, yeti.default, yeti.monitor) == (True, True, False)
    assert monitor.monitor


@pytest.mark.parametrize(
    "said", ["", "no json", "{}", "7", "null", '[1, null, "x", {}, {"index": "x", "name": 1}]', "[" * 10_000, "\xff"]
)
async def test_an_answer_that_makes_no_sense_is_none(pactl: Path, said: str) -> None:
    (pactl / "sources").write_text(said, "latin-1")
    (pactl / "info").write_text("{}")
    assert not await sound_server.sources()
    (pactl / "source-outputs").write_text(said, "latin-1")
    assert await sound_server.heard_source() is None


async def test_the_stream_of_this_process_is_found_among_others(pactl: Path) -> None:
    outputs = [
        {"source": 1, "properties": {"application.process.id": "1"}},
        {"source": 9},
        {"source": 2, "properties": {"application.process.id": str(os.getpid())}},
    ]
    (pactl / "source-outputs").write_text(json.dumps(outputs))
    assert await sound_server.heard_source() == 2


async def test_changes_of_sources_are_told_and_those_of_others_are_not(pactl: Path) -> None:
    (pactl / "subscribe").write_text("Event 'new' on client #3\nEvent 'change' on sink #1\n")
    assert [None async for _ in sound_server.changes()] == []
    (pactl / "subscribe").write_text("Event 'new' on client #3\nEvent 'remove' on source #2\n")
    assert [None async for _ in sound_server.changes()] == [None]


async def test_without_the_program_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await sound_server.sources() is None
    assert await sound_server.heard_source() is None
    assert [None async for _ in sound_server.changes()] == []
