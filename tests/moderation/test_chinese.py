"""The Chinese model: whom a word is aimed at, sounds and initials, and that what tests it was never learnt."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.classifier.classifier import Classifier
from moderation.classifier.ngrams import TOGETHER, forms, readings, readings_of, spells_chinese
from moderation.text.forms import Tables
from scripts.train import chinese, train_chinese
from scripts.train.corpora import Line


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables()


@pytest.fixture(scope="module")
def classifier(tables: Tables) -> Classifier:
    return Classifier.load(tables=tables)


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    with (tmp_path / "cold_train.csv").open("w", encoding="utf-8-sig", newline="") as file:
        lines = [("race", i % 2, f"这些{'坏蛋真讨厌' if i % 2 else '朋友真可爱'}{i}") for i in range(200)]
        csv.writer(file).writerows([("topic", "label", "TEXT"), *lines])
    return tmp_path


@pytest.mark.parametrize(
    ("aimed", "harmless"),
    [
        ("主播就是个废物，全家死光", "主播这把全家桶，废物利用啦"),
        ("你妈死了", "我妈死活不让我看"),
        ("主播真恶心，滚", "这个boss真恶心"),
        ("你怎么还不去死", "笑死我了"),
        ("傻逼主播", "我是傻逼我忘存档了"),
        ("黑人都是垃圾", "黑人也有自己的节日"),
        ("nmsl", "yyds"),
        ("sha bi zhu bo", "zhu bo hao"),
    ],
)
def test_what_is_aimed_at_somebody_scores_higher(
    classifier: Classifier, tables: Tables, aimed: str, harmless: str
) -> None:
    bad, good = (classifier.score(tables.folded(text).text) for text in (aimed, harmless))
    assert bad.hold
    assert not good.hold
    assert bad.toxic > good.toxic


@pytest.mark.xfail(reason="a sum of weights cannot tell who speaks against abuse from who abuses; CARD.md says so")
def test_counter_speech_is_not_held(classifier: Classifier, tables: Tables) -> None:
    assert not classifier.score(tables.folded("反对歧视黑人").text).hold


@pytest.mark.parametrize(
    "line",
    ["煞笔主播去4吧", "沙比主播", "cao你妈", "傻🍺主播", "亻尔女马歹匕了", "你 妈 死 了", "你媽死了", "ｎｍｓｌ"],
)
def test_usual_disguises_are_held(classifier: Classifier, tables: Tables, line: str) -> None:
    assert classifier.score(tables.folded(line).text).hold


@pytest.mark.parametrize("text", ["nmsl", "sha bi", "sb", "caonima", "gg wp"])
def test_latin_that_may_be_chinese_is_read_as_both(tables: Tables, text: str) -> None:
    assert [of for of, _ in forms(text, tables)] == ["zh", "en"]


@pytest.mark.parametrize("text", ["", "   ", "hello there", "you suck", "nice", "gun game", "123", "sha bi " * 10, "é"])
def test_other_latin_is_not(text: str) -> None:
    assert not spells_chinese(text)


def test_what_sounds_alike_is_heard_alike() -> None:
    (whole, heard), (other, same) = readings("你妈死了"), readings("尼玛司乐")
    assert np.array_equal(heard, same)
    assert not np.array_equal(whole, other)
    assert set(heard) < set(whole)
    assert [len(part) for part in readings("")] == [0, 0]


@given(st.lists(st.text("你妈死了傻逼黑人nmsahbi1！。 \ue101\U00020000😂", max_size=12), min_size=1, max_size=70))
def test_texts_hashed_at_once_have_the_buckets_of_each_alone(texts: list[str]) -> None:
    for start in range(0, len(texts), TOGETHER):
        some = texts[start : start + TOGETHER]
        for which, (buckets, ends) in enumerate(readings_of(some)):
            assert len(ends) == len(some) + 1
            for text, first, last in zip(some, ends, ends[1:], strict=False):
                assert buckets[first:last].tolist() == readings(text)[which].tolist()


def test_lines_of_the_test_are_never_learnt(sets: Path) -> None:
    test = {line.text for line in chinese.test()}
    learnt = chinese.training(sets)
    assert len(test) > 500
    assert not test & {line.text for line in learnt}
    assert not test & {line.original for line in learnt}
    assert {line.toxic for line in chinese.test()} == {True, False}


def test_a_line_is_never_both_abuse_and_ordinary() -> None:
    found: dict[str, bool] = {}
    for line in chinese.own():
        assert found.setdefault(line.text, line.toxic) == line.toxic, line.text


def test_good_and_bad_are_disguised_alike() -> None:
    lines = [Line(f"你们今天都在这里说话{i}", i % 2 == 0, "ordinary", str(i)) for i in range(400)]
    copies = list(chinese.disguised(lines, 1.0, "seed"))
    assert copies == list(chinese.disguised(lines, 1.0, "seed"))
    assert 0.4 < sum(copy.toxic for copy in copies) / len(copies) < 0.6
    assert all(copy.disguised and copy.text != copy.original for copy in copies)


def test_the_figures_are_those_of_the_scores() -> None:
    labels = np.array([True, True, False, False])
    found = train_chinese.figures(np.array([0.9, 0.4, 0.6, 0.1]), labels, 0.8)
    assert (found["f1"], found["macro_f1"], found["auc"]) == (0.5, 0.5, 0.75)
    assert (found["held_of_bad"], found["held_of_others"]) == (0.5, 0.0)
    chance = random.Random(0)
    fair = np.array([chance.random() for _ in range(20_000)])
    outcomes = np.array([chance.random() < probability for probability in fair])
    assert train_chinese.figures(fair, outcomes, 0.8)["calibration_error"] < 0.02
