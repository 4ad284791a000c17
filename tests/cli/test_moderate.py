"""``haishin moderate``: its figures are right, and it takes whatever a table or a pipe holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.moderate import moderator_of
from bot.errors import ConfigError
from moderation.evaluation import auc, quality, recall_at

ROOT = Path(__file__).parents[2]

ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0])), max_size=30)


def moderate(*args: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "moderate", *args],
        input=given, capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def test_the_figures_of_a_small_set() -> None:
    bad = [True, True, True, False, False, False, False, False]
    flagged = [True, True, False, True, False, False, False, False]
    scores = [0.9, 0.8, 0.1, 0.7, 0.1, 0.0, 0.0, 0.0]
    found = quality(bad, flagged, scores)
    assert (found.precision, found.recall, found.f1) == (0.6667, 0.6667, 0.6667)
    assert found.accuracy == 0.75
    assert found.false_alarms == 0.2
    assert found.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)
    assert found.auc == pytest.approx((5 + 5 + 3.5) / 15, abs=1e-4)
    assert found.recall_at_1 == pytest.approx(2 / 3, abs=1e-4), "above every good row"


@given(ROWS)
def test_the_area_is_the_chance_that_bad_scores_above_good(rows: list[tuple[bool, bool, float]]) -> None:
    bad, flagged, scores = ([r[i] for r in rows] for i in range(3))
    pairs = [
        1.0 if s > t else 0.5 if s == t else 0.0
        for b, s in zip(bad, scores, strict=True) if b
        for c, t in zip(bad, scores, strict=True) if not c
    ]  # fmt: skip
    found = auc(bad, scores)
    assert found == (pytest.approx(sum(pairs) / len(pairs), abs=1e-4) if pairs else None)
    result = quality(bad, flagged, scores)
    assert all(value is None or 0 <= value <= 1 for value in (result.f1, result.precision, result.recall_at_1))


def test_at_so_many_false_alarms_no_more_good_rows_are_above_the_threshold() -> None:
    bad = [True] * 10 + [False] * 200
    scores = [0.5] * 5 + [0.99] * 5 + [0.9, 0.8] + [0.4] * 198
    assert recall_at(bad, scores, 0.01) == 1.0
    assert recall_at(bad, scores, 0.005) == 0.5
    assert recall_at(bad, scores, 0.0) == 0.5


def test_figures_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        quality([True], [], [0.1])


def test_lines_in_verdicts_out() -> None:
    done = moderate("-", given="hello there\nkill yourself, kys\n\n你妈死了\n")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [v["action"] for v in found] == ["allow", "block", "allow", "block"]
    assert all(set(v) == {"action", "score", "doubt", "categories", "rules"} for v in found)
    assert all(0 <= v["score"] <= 1 for v in found)
    assert found[1]["categories"][0] == "harassment"


def test_a_line_in_doubt_is_named(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    for least, doubt in ((0, True), (1, False)):
        policy.write_text(f"doubt_from: {least}\n", "utf-8")
        done = moderate("-", "--policy", str(policy), given="hello there\nkill yourself, kys\n")
        assert [json.loads(line)["doubt"] for line in done.stdout.splitlines()] == [doubt, False]


def test_lines_come_back_as_they_are_given(tmp_path: Path) -> None:
    """An outside program may write one line and wait for the verdict on it."""
    del tmp_path
    words = [sys.executable, "-m", "bot", "moderate", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        for text, action in ((b"hello\n", "allow"), (b"kill yourself, kys\nhel", "block"), (b"lo\n\xff\n", "allow")):
            run.stdin.write(text)
            run.stdin.flush()
            assert json.loads(run.stdout.readline())["action"] == action
        run.stdin.write(b"x" * 500_000 + b"\nthe last one")
        run.stdin.close()
        rest = [json.loads(line) for line in run.stdout]
        assert [v["rules"][:1] for v in rest] == [["encoding"], ["unread"], []]


def test_a_table_is_judged(tmp_path: Path) -> None:
    file = tmp_path / "set.csv"
    file.write_text('id,words,what\n1,hello,0\n2,"kys, kill\nyourself",1\n3,\0nice,0\n4,,1\n', "utf-8-sig")
    done = moderate(str(file), "--text", "words", "--label", "what", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["rows"], found["bad"], found["precision"], found["recall"]) == (4, 2, 1.0, 0.5)
    shown = moderate(str(file), "--text", "words", "--label", "what", "--positive", "1")
    assert "slowest" in shown.stdout
    assert "missed" in shown.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["set.csv", "--text", "nothing"], "its columns are: text, label"),
        (["set.csv"], "name it with --positive"),
        (["set.csv", "--positive", "9"], "the labels are: a, b"),
        (["missing.csv"], "cannot be read"),
        (["empty.csv"], "has no rows"),
        (["set.csv", "--policy", "cruel"], "strict, standard, relaxed"),
        (["set.csv", "--policy", "wrong.yaml"], "docs/moderation.md"),
        (["set.csv", "--direction", "up"], "give in or out"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(args: list[str], words: str, tmp_path: Path) -> None:
    (tmp_path / "set.csv").write_text("text,label\nx,a\ny,b\n")
    (tmp_path / "empty.csv").write_text("text,label\n")
    (tmp_path / "wrong.yaml").write_text("levle: strict\n")
    done = moderate(*[str(tmp_path / a) if "." in a else a for a in args])
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_policy_of_ones_own_is_used(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("moderation:\n  block_words: [pineapple]\n")
    done = moderate("-", "--policy", str(tmp_path / "mine.yaml"), given="I like pineapple\n")
    assert json.loads(done.stdout)["action"] == "block"


def test_corrections_are_tried_against_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "cases.ndjson"
    good = {"text": "hello there", "expect": "allow", "direction": "in"}
    bad = {"text": "kys, kill yourself", "expect": "allow", "direction": "in"}
    file.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\ntorn {", "utf-8")
    done = moderate(str(file))
    assert done.returncode == 1, done.stderr
    assert "block, but you said allow" in done.stdout
    assert "1 of 2 corrections" in done.stdout
    assert "1 lines of the file cannot be read" in done.stderr
    file.write_text(json.dumps(good), "utf-8")
    assert moderate(str(file)).returncode == 0
    assert moderate(str(tmp_path / "none.ndjson")).returncode == 2


def test_a_language_of_ones_own(tmp_path: Path) -> None:
    found = [
        json.loads(moderate("-", "--language", language, given="nmsl\n").stdout)["rules"] for language in ("zh", "en")
    ]
    assert any(rule.startswith("word:") for rule in found[0])
    assert not any(rule.startswith("word:") for rule in found[1])
    assert moderate("-", "--language", "xx", given="a\n").returncode == 2


def test_a_line_without_an_end_and_bytes_that_are_no_text() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "moderate", "-"],
        input=b"hello \xff\xfe there\n" + b"x" * 1_000_000 + b"\nbye", capture_output=True, timeout=60, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [v["action"] for v in found] == ["hold", "hold", "allow"]
    assert found[0]["rules"] == ["encoding"]
    assert "unread" in found[1]["rules"]


@pytest.mark.parametrize("codec", ["gbk", "utf-16"])
def test_a_table_in_another_encoding_is_refused_by_name(tmp_path: Path, codec: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes("text,label\nhello,0\n你这个傻逼去死,1\n今天天气真好,0\n".encode(codec))
    done = moderate(str(file))
    assert done.returncode == 2
    assert f"it looks like {codec.upper()}" in done.stderr
    assert "UTF-8" in done.stderr
    file.write_bytes("text,label\nhello,0\n傻逼主播,1\n".encode("utf-8-sig"))
    assert moderate(str(file)).returncode == 0


def test_a_policy_is_read_by_the_one_reader_of_yaml(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("moderation:\n  block_words: [no, 123]\n  escalation:\nshow:\n  answer: all\n", "utf-8")
    made = moderator_of(str(file))
    assert made.policy.block_words == ("no", "123")
    file.write_text("level: strict\nlevel: relaxed\n", "utf-8")
    with pytest.raises(ConfigError, match=r"policy\.yaml:2: level is written twice"):
        moderator_of(str(file))
    file.write_text("a: &a {b: *a}\n", "utf-8")
    with pytest.raises(ConfigError, match="nested too deeply"):
        moderator_of(str(file))
