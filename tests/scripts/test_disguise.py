"""Disguises: seeded, readable, and undone by the folding where folding can."""

from __future__ import annotations

import random

import pytest

from moderation.classifier.ngrams import forms
from moderation.text.forms import HAN, Tables, View
from moderation.text.split_characters import PARTS
from scripts.train.disguise import CHINESE, ENGLISH, KINDS, Kind, disguise, main

ENGLISH_LINE = "you are a stupid pig and nobody likes you"
CHINESE_LINE = "你妈死了，操你这个狗东西，滚吧，大家都骂你"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", [ENGLISH_LINE, CHINESE_LINE])
def test_the_same_seed_gives_the_same_disguise(kind: Kind, line: str) -> None:
    assert disguise(line, kind, random.Random(7)) == disguise(line, kind, random.Random(7))


@pytest.mark.parametrize("kind", ENGLISH)
def test_every_english_kind_changes_an_english_line(kind: Kind) -> None:
    assert all(disguise(ENGLISH_LINE, kind, random.Random(seed)) != ENGLISH_LINE for seed in range(20))


@pytest.mark.parametrize("kind", CHINESE)
def test_every_chinese_kind_changes_a_chinese_line(kind: Kind) -> None:
    assert all(disguise(CHINESE_LINE, kind, random.Random(seed)) != CHINESE_LINE for seed in range(20))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "!?", "🔥", "\ud800", "a", "你", "x" * 5000])
def test_any_text_can_be_disguised(kind: Kind, text: str) -> None:
    disguise(text, kind, random.Random(0))


def test_invisible_characters_and_look_alikes_are_folded_away(tables: Tables) -> None:
    for kind in ("zero_width", "homoglyph"):
        for seed in range(20):
            text = disguise(ENGLISH_LINE, kind, random.Random(seed))
            assert tables.folded(View(text).text).text.replace("l", "i") == ENGLISH_LINE.replace("l", "i")


def test_split_characters_are_put_together_again(tables: Tables) -> None:
    for seed in range(20):
        text = disguise(CHINESE_LINE, "split", random.Random(seed))
        seen = [form for family, form in forms(tables.folded(text).text, tables) if family == "zh"]
        assert seen == [CHINESE_LINE]


def test_homophones_sound_the_same(tables: Tables) -> None:
    plain = tables.pinyin(tables.joined(tables.folded("操你妈"))).text
    for seed in range(20):
        text = disguise("操你妈", "homophone", random.Random(seed))
        if all(map(HAN.match, text)):
            assert tables.pinyin(tables.joined(tables.folded(text))).text == plain


def test_every_part_is_two_characters_that_make_one() -> None:
    for parts, whole in PARTS.items():
        assert len(parts) == 2
        assert len(whole) == 1
        assert HAN.match(whole)


def test_as_a_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["disguise.py", "leet", ENGLISH_LINE, "3"])
    main()
    assert capsys.readouterr().out.strip() == disguise(ENGLISH_LINE, "leet", random.Random("3"))
    monkeypatch.setattr("sys.argv", ["disguise.py", "unheard", ENGLISH_LINE])
    with pytest.raises(SystemExit, match="usage"):
        main()
