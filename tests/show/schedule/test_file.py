"""A programme's file: what is wrong with it is told with its line, all at once."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.show.schedule.file import read
from bot.show.schedule.programme import Missed, Overlap
from bot.show.segments.segment import ChatMode

ROOT = Path(__file__).parents[3]


def write(folder: Path, text: str) -> Path:
    file = folder / "programme.yaml"
    file.write_text(textwrap.dedent(text), "utf-8")
    return file


def test_the_example_is_read(tmp_path: Path) -> None:
    found = read(ROOT / "configs" / "programme-example.yaml")
    assert len(found.planned) > 8
    evening = found.planned["story time"].segment
    assert (evening.length, evening.missed, evening.overlap) == (1500.0, Missed.ONCE, Overlap.QUEUE)
    assert found.planned["questions"].kind.chat is ChatMode.VOTES


def test_durations_times_and_texts_are_read_as_they_are_meant(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        """
        zone: Asia/Shanghai
        segments:
          - name: 早安
            kind: talk
            when: {at: 2026-12-31 23:55}
            length: 1h30m
            late: 90
            options: {topics: [2026, 08:15, yes]}
        """,
    )
    found = read(file)
    segment = found.planned["早安"].segment
    assert (segment.length, segment.late) == (5400.0, 90.0)
    assert found.planned["早安"].options.model_dump()["topics"] == ["2026", "08:15", "yes"]
    assert found.line("早安", "options") == 9
    assert found.place("早安").endswith("programme.yaml:4")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("zone: Europe/Berln", 1, "there is no such time zone"),
        ("segments:\n- {name: a, kind: tolk, when: {every: 1h}}", 2, "segments.0.kind: input should be 'talk'"),
        ("segments:\n- name: a\n  kind: break\n  when: {every: 1h}\n  lenght: 5m", 5, "did you mean 'length'?"),
        ("segments:\n- name: a\n  kind: break\n  when: {cron: 61 * * * *}", 4, "no cron that can be read"),
        ("segments:\n- name: a\n  kind: break\n  when: {cron: 0 9 * * *, every: 1h}", 4, "write exactly one of"),
        ("segments:\n- name: a\n  kind: break\n  when: {}", 4, "write exactly one of"),
        ("segments:\n- name: a\n  kind: break\n  when: {every: soon}", 4, "write a time like 90s"),
        ("segments:\n- name: a\n  kind: break\n  when: {at: tomorrow}", 4, "write a moment like"),
        (
            "segments:\n- name: a\n  kind: break\n  when: {every: 1h}\n  options:\n    secnds: 5",
            6,
            "segments.0.options.secnds: there is no such setting; did you mean 'seconds'?",
        ),
        ("segments:\n- name: a\n  kind: talk\n  when: {every: 1h}\n  options: {topics: []}", 5, "options.topics"),
        (
            "segments:\n- name: a\n  kind: break\n  when: {every: 1h}\n- name: a\n  kind: break\n  when: {every: 1h}",
            5,
            "there are two segments 'a'",
        ),
        ("segments:\n- name: a\n  kind: break\n  when: {after: bee}", 4, "there is no segment 'bee' to follow"),
        (
            "segments:\n- name: a\n  kind: break\n  when: {after: b}\n- name: b\n  kind: break\n  when: {after: a}",
            4,
            "these follow each other in a circle: a ← b ← a",
        ),
        ("segments:\n- name: a\n  kind: break\n  when: {after: a}", 4, "in a circle"),
        ("segments:\n- name: a\n\tkind: break", 3, "not valid YAML"),
        ("segments: 5", 1, "segments: input should be a valid list"),
        ("- a", 1, "(whole file)"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        read(file)
    first = str(caught.value).splitlines()[0]
    assert first.startswith(f"{file}:{line}: "), first
    assert words in str(caught.value)


def test_settings_of_the_host_that_are_given_as_a_programme_are_told_to_be_such(tmp_path: Path) -> None:
    file = tmp_path / "live.yaml"
    file.write_text("persona: mira\nshow: {greeting: false}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert "persona: there is no such setting" in str(caught.value)
    assert "haishin check --config" in caught.value.remedy


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        """\
        zone: Nowhere
        segments:
          - {name: a, kind: break, when: {every: never}}
          - {name: "?", kind: break, when: {every: 1h}}
        """,
    )
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert len(str(caught.value).splitlines()) == 3


def test_an_empty_file_is_an_empty_programme(tmp_path: Path) -> None:
    assert not read(write(tmp_path, "")).planned
