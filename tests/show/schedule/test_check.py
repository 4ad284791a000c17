"""The show compiler finds what is wrong, and a rehearsal plays a day as it would be."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import pytest

from bot.show.schedule import check as compiler
from bot.show.schedule.check import Finding, Known, Level
from bot.show.schedule.file import read
from bot.show.schedule.rehearsal import Rehearsal, day, rehearse
from tests.support.programmes import make

MONDAY = dt.date(2026, 6, 1)
ROOT = Path(__file__).parents[3]
TALK = "kind: talk, options: {topics: [the sea], pieces: 2, pause_s: 5}"


def findings(folder: Path, text: str, known: Known | None = None, days: int = 1) -> list[Finding]:
    file = folder / "programme.yaml"
    file.write_text(textwrap.dedent(text), "utf-8")
    return compiler.check(read(file), known or Known(), MONDAY, days)[0]


def told(found: list[Finding]) -> list[tuple[str, int, str]]:
    return [(one.level.value, int(one.place.rpartition(":")[2]), one.text) for one in found]


def test_the_example_is_as_it_should_be() -> None:
    file = read(ROOT / "configs" / "programme-example.yaml")
    found, rehearsal = compiler.check(file, Known(), MONDAY, 7)
    assert not [str(one) for one in found if one.level is not Level.NOTE]
    assert rehearsal.end - rehearsal.start == dt.timedelta(days=7)


def test_names_that_nobody_knows_are_found(tmp_path: Path) -> None:
    text = """\
        segments:
          - name: a
            kind: break
            when: {every: 6h}
            scene: Brake
            persona: miira
            cues: {start: [lights], end: [dark]}
            options: {seconds: 60, before: lihgts}
          - name: b
            kind: media
            when: {every: 6h}
            options: {files: [none.mp4], source: Player, length_s: 60}
        """
    known = Known(frozenset({"Break"}), frozenset({"Host media"}), frozenset({"lights"}), frozenset({"mira"}))
    errors = [one for one in told(findings(tmp_path, text, known)) if one[0] == "error"]
    assert [(line, text.partition(": ")[2]) for _, line, text in errors] == [
        (5, "there is no scene 'Brake'; did you mean 'Break'?"),
        (6, "there is no persona 'miira'; did you mean 'mira'?"),
        (7, "there is no cue 'dark'"),
        (8, "there is no cue 'lihgts'; did you mean 'lights'?"),
        (12, "there is no source 'Player'"),
        (12, "there is no file none.mp4"),
    ]
    assert not [one for one in told(findings(tmp_path, text)) if one[0] == "error" and "file" not in one[2]]


def test_segments_that_can_never_start_are_found(tmp_path: Path) -> None:
    text = f"""\
        segments:
          - {{name: past, when: {{at: 2020-01-01 10:00}}, {TALK}}}
          - {{name: never, when: {{cron: 0 9 30 2 *}}, {TALK}}}
          - {{name: follows, when: {{after: follower}}, {TALK}}}
          - {{name: follower, when: {{after: never}}, {TALK}}}
          - {{name: by hand, when: {{command: true}}, {TALK}}}
        """
    assert told(findings(tmp_path, text)) == [
        ("error", 2, "past never starts: its moment is over"),
        ("error", 3, "never never starts: there is no such day"),
        ("error", 5, "follower never starts: never never does"),
        ("error", 4, "follows never starts: follower never does"),
    ]


def test_collisions_are_found_by_their_policy(tmp_path: Path) -> None:
    text = f"""\
        segments:
          - {{name: long, when: {{cron: '0 8,12,16 * * *'}}, kind: break, options: {{seconds: 3600}}}}
          - {{name: skips, when: {{cron: 10 8 * * *}}, overlap: skip, {TALK}}}
          - {{name: late, when: {{cron: 20 12 * * *}}, late: 10m, {TALK}}}
          - {{name: cuts, when: {{cron: 30 16 * * *}}, overlap: cut, {TALK}}}
          - {{name: patient, when: {{cron: 40 8 * * *}}, late: 1h, {TALK}}}
        """
    found = told(findings(tmp_path, text))
    assert (
        "warning",
        3,
        "skips collides, skipped: another segment was on (1 time, first on Mon 01 Jun, 08:10)",
    ) in found
    assert any(one[:2] == ("warning", 4) and "missed" in one[2] for one in found)
    assert any(one[:2] == ("warning", 2) and "cut by cuts" in one[2] for one in found)
    assert any(one[:2] == ("note", 6) and "waits for another up to 20 min" in one[2] for one in found)


def test_silence_and_cost_beyond_what_is_wanted_are_found(tmp_path: Path) -> None:
    text = f"""\
        longest_gap: 2h
        budget:
          tokens_per_day: 5000
          hours_per_day: 0.05
        segments:
          - {{name: often, when: {{cron: 0 8-20/2 * * *}}, {TALK}}}
        """
    found = told(findings(tmp_path, text))
    assert [one[:2] for one in found] == [("error", 1), ("error", 3), ("error", 4)]
    assert "the longest, 8 h 0 min, begins on Mon 01 Jun, 00:00" in found[0][2]
    assert "most are of often" in found[1][2]


# --- rehearsal -----------------------------------------------------------------------------------------


def rehearsed(date: dt.date, *segments: dict[str, object], zone: str = "Europe/Berlin") -> Rehearsal:
    file = make(*segments, zone=zone)
    return rehearse(file, *day(file, date))


@pytest.mark.parametrize(("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_has_as_many_hours_as_its_zone_gives_it(date: str, hours: int) -> None:
    found = rehearsed(
        dt.date.fromisoformat(date),
        {"name": "hourly", "when": {"every": "1h"}},
        {"name": "daily", "when": {"cron": "30 2 * * *"}},
    )
    names = [part.segment for part in found.parts if part.state == "done"]
    assert (names.count("hourly"), names.count("daily")) == (hours, 1)


def test_what_is_due_at_midnight_belongs_to_the_day_that_begins() -> None:
    found = rehearsed(MONDAY, {"name": "midnight", "when": {"cron": "0 0 * * *"}})
    (part,) = found.parts
    assert part.due_at == found.start
    assert part.ended_at is not None
    assert found.aired.total_seconds() == pytest.approx(10)


def test_a_segment_that_fails_and_one_that_never_ends_are_told() -> None:
    found = rehearsed(
        MONDAY,
        {"name": "bad", "kind": "fails", "when": {"cron": "0 8 * * *"}},
        {"name": "endless", "when": {"cron": "0 9 * * *"}, "options": {"seconds": 99999999}},
    )
    assert [(p.segment, p.state, p.note) for p in found.parts] == [
        ("bad", "cut", "it failed: the kind is broken"),
        ("endless", "on air", "still on at the end"),
    ]
