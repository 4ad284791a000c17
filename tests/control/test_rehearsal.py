"""A rehearsal for the panel, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.control import rehearsal
from bot.control.rehearsal import rehearse_aside, rehearse_here
from bot.control.schemas.programme import RehearsalOrder
from bot.errors import Refused

PROGRAMME = """
zone: UTC
segments:
  - {name: long, kind: talk, when: {cron: "0 12 * * *"}, length: 30m, options: {topics: [sea]}, cues: {start: [lights]}}
  - {name: late, kind: talk, when: {cron: "1 12 * * *"}, length: 5m, options: {topics: [tea]}, overlap: skip}
longest_gap: 1h
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "day.yaml"
    path.write_text(PROGRAMME, "utf-8")
    return path


async def test_the_day_is_played_aside_with_its_findings(file: Path) -> None:
    view = await rehearse_aside(RehearsalOrder(file=str(file), cues=["applause"]))
    assert not view.fault
    by_name = {part.segment: part for part in view.parts}
    assert by_name["long"].state == "done"
    assert by_name["late"].started_at is None
    texts = " ".join(one.text for one in view.findings)
    assert "there is no cue 'lights'" in texts
    assert "late collides" in texts
    assert "longer than wanted" in texts
    assert max((one.end - one.start).total_seconds() for one in view.quiet) >= 11 * 3600


async def test_a_file_with_a_fault_is_told_with_its_line(file: Path) -> None:
    file.write_text(PROGRAMME.replace("kind: talk", "kind: tlak"), "utf-8")
    view = await rehearse_aside(RehearsalOrder(file=str(file), cues=None))
    assert "day.yaml:4" in view.fault
    assert not view.parts


async def test_one_that_takes_too_long_is_ended(file: Path) -> None:
    with pytest.raises(Refused, match="not over within"):
        await rehearse_aside(RehearsalOrder(file=str(file), cues=None), within_s=0.01)


async def test_a_process_that_fails_or_cannot_begin_is_refused_in_words(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = RehearsalOrder(file=str(file), cues=None)
    monkeypatch.setattr(rehearsal, "sys", type("Fake", (), {"executable": "/bin/false"}))
    with pytest.raises(Refused, match=r"broke off|cannot be started|no process"):
        await rehearse_aside(order)
    monkeypatch.setattr(rehearsal, "sys", type("Fake", (), {"executable": str(file)}))
    with pytest.raises(Refused, match="no process"):
        await rehearse_aside(order)
    assert sys.executable


def test_what_is_shown_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "MAX_PARTS", 1)
    monkeypatch.setattr(rehearsal, "MAX_FINDINGS", 1)
    view = rehearse_here(RehearsalOrder(file=str(file), cues=None))
    assert len(view.parts) == len(view.findings) == 1
