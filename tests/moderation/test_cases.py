"""The file of cases: what is written is read again, whatever happened to the file in between."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation import Action, Context, Direction, Verdict
from moderation.corrections import cases as module
from moderation.corrections.cases import Case, Cases, case_of, run_cases

IN, OUT = Direction.IN, Direction.OUT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "cases.ndjson"


def case(text: str, expect: str = "allow", direction: Direction = IN) -> Case:
    return case_of(text, expect, direction, "twitch", ("word:x",))  # type: ignore[arg-type]


def test_a_case_is_in_force_at_once_and_after_a_restart(file: Path) -> None:
    first = Cases(file)
    first.add(case("one"))
    first.add(case("two\n行", "hold", OUT))
    again = Cases(file)
    assert list(again) == list(first)
    assert (len(again), again.broken, len(again.allowances)) == (2, 0, 2)
    assert [c.platform for c in again] == ["twitch", "twitch"]
    line = json.loads(file.read_bytes().splitlines()[1])
    assert (line["text"], line["expect"], line["direction"], line["rules"]) == ("two\n行", "hold", "out", ["word:x"])


def test_a_new_word_about_the_same_text_replaces_the_old_one(file: Path) -> None:
    cases = Cases(file)
    for expect in ("allow", "hold"):
        cases.add(case("The same", expect))
        cases.add(case("other", expect))
    assert [(c.text, c.expect) for c in Cases(file)] == [("The same", "hold"), ("other", "hold")]
    assert len(file.read_bytes().splitlines()) == 2


def test_a_case_is_taken_back(file: Path) -> None:
    cases = Cases(file)
    cases.add(one := case("one"))
    cases.add(case("two"))
    assert cases.remove(one.id) == one
    assert cases.remove(one.id) is None
    assert [c.text for c in Cases(file)] == ["two"]
    assert len(cases.allowances) == 1


BROKEN = [
    b"{", b"null", b"7", b'"x"', b"[]", b"{}", b"\xff\xfe", b'{"text": "x"}',
    b'{"text": 5, "expect": "allow", "direction": "in"}', b'{"text": " ", "expect": "allow", "direction": "in"}',
    b'{"text": "x", "expect": "fly", "direction": "in"}', b'{"text": "x", "expect": "allow", "direction": "up"}',
    b'{"text": "x", "expect": "allow", "direction": "in", "rules": "abc"}',
    b'{"text": "x", "expect": "allow", "direction": "in", "rules": [5]}',
    b'{"text": "x", "expect": "allow", "direction": "in", "platform": null}',
    b'{"text": "x", "expect": ["allow"], "direction": "in"}',
    b'{"text": "' + b"x" * 3000 + b'", "expect": "allow", "direction": "in"}', b"[" * 100_000,
]  # fmt: skip


def test_broken_lines_are_counted_and_the_others_live(file: Path) -> None:
    Cases(file).add(case("first"))
    with file.open("ab") as out:
        out.write(b"\n".join(BROKEN) + b"\n\n  \n")
    Cases(file).add(case("last"))
    again = Cases(file)
    assert [c.text for c in again] == ["first", "last"]
    assert again.broken == len(BROKEN)


def test_a_torn_last_line_does_not_swallow_the_next(file: Path) -> None:
    Cases(file).add(case("whole"))
    torn = file.read_bytes()
    for cut in range(1, len(torn)):
        file.write_bytes(torn + torn[:cut].replace(b"whole", b"torn!"))
        Cases(file).add(case("after"))
        assert [c.text for c in Cases(file)][:1] + [c.text for c in Cases(file)][-1:] == ["whole", "after"], cut


def test_a_file_that_cannot_be_read_is_no_reason_not_to_start(file: Path) -> None:
    file.mkdir(parents=True)
    assert (len(Cases(file)), Cases(file).broken) == (0, 1)


def test_the_oldest_leaves(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CASES", 3)
    cases = Cases(file)
    for n in range(6):
        cases.add(case(f"text {n}"))
    for found in (cases, Cases(file)):
        assert [c.text for c in found] == ["text 3", "text 4", "text 5"]
        assert len(found.allowances) == 3


def test_a_disk_that_takes_nothing_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    cases = Cases()
    cases.file = tmp_path / "taken" / "cases.ndjson"
    with pytest.raises(OSError, match="taken"):
        cases.add(case("one"))
    assert (len(cases), len(cases.allowances)) == (0, 0)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=40).filter(str.strip), st.sampled_from(["allow", "hold"]))))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str]]) -> None:
    file = tmp_path_factory.mktemp("cases") / "c.ndjson"
    cases = Cases(file)
    for text, expect in said:
        cases.add(case(text, expect))
    assert list(Cases(file)) == list(cases)


class Rules:
    """Stops what has an x."""

    def check(self, text: str, context: Context) -> Verdict:
        bad = "x" in text and context.platform == "twitch"
        return Verdict(Action.HOLD if bad else Action.ALLOW, (), 0.0, text)


def test_cases_are_tried_against_the_rules() -> None:
    wanted = [case("an x"), case("a y"), case("another x", "hold"), case("z", "hold", OUT)]
    assert [(f.case.text, f.verdict.action) for f in run_cases(Rules(), wanted)] == [
        ("an x", Action.HOLD), ("z", Action.ALLOW),
    ]  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_the_file_belongs_to_its_owner_alone_whatever_it_was(tmp_path: Path) -> None:
    file = tmp_path / "cases.ndjson"
    file.write_bytes(b"")
    file.chmod(0o666)
    cases = Cases(file)
    cases.add(case("one"))
    assert file.stat().st_mode & 0o777 == 0o600
    cases.add(case("one"))
    assert file.stat().st_mode & 0o777 == 0o600
