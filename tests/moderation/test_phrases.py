"""Threats, wishes to die, grooming and praise of terror are told from games, films and worries."""

from __future__ import annotations

import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from moderation import Action, Context, Direction, Policy
from moderation.policy import Category, Severity
from moderation.rules import phrases
from moderation.rules.files import read_lexicon
from moderation.rules.phrases import LEXICONS, NEEDS, Forms, Phrases, in_order, names_a_child, spelt_out
from moderation.text.forms import Tables
from scripts import make_needs
from scripts.train import chinese, english
from tests.support.moderators import make_lists, make_moderator

TABLES = Tables()
DANGER = Phrases("danger.yaml", "phrase:{}")
QUIET = make_lists()


def found(text: str) -> set[str]:
    return {finding.category.value for finding in DANGER.find(Forms.from_view(TABLES.folded(text), TABLES))}


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("violence", "i'm going to stab you when you come to the convention"),
        ("violence", "I know where you live, sleep with one eye open"),
        ("violence", "we're gonna beat up that mod after school, not a joke"),
        ("violence", "he is bringing his dad's rifle... i'm bringing a gun to school tomorrow"),
        ("violence", "somebody should throw acid on her"),
        ("violence", "i will shoot up the mall on friday"),
        ("violence", "w3'r3 gonna sh00t up the sch00l t0m0rr0w"),
        ("violence", "明天我带刀去你公司弄死你"),
        ("violence", "你妈几点下班我都清楚，别逼我"),
        ("violence", "在商场放了炸弹，等着看新闻吧"),
        ("self-harm", "i don't want to live anymore"),
        ("self-harm", "everyone would be better off without me"),
        ("self-harm", "i'm going to jump off the bridge tonight, goodbye"),
        ("self-harm", "wrote my goodbye letter"),
        ("harassment", "you should just end it, nobody will miss you"),
        ("self-harm", "what is the most painless way to die"),
        ("self-harm", "遗书写好了，谢谢大家"),
        ("self-harm", "药已经准备好了，今晚就走"),
        ("harassment", "你怎么还不去死"),
        ("minors", "you're 12? turn on your cam and don't tell your mom"),
        ("minors", "how old are you? send me a selfie, our little secret"),
        ("minors", "any girls under 14 here? dm me"),
        ("minors", "is your dad asleep? then come to my place, just you and me"),
        ("minors", "小学生妹妹加我qq，送皮肤"),
        ("minors", "你几岁呀，发张照片给叔叔，别告诉爸妈"),
        ("extremism", "hitler was right about everything"),
        ("extremism", "the mosque shooter is a hero"),
        ("extremism", "join our militia, we need men with rifles"),
        ("extremism", "9/11 was beautiful, do another 9/11"),
        ("extremism", "那个枪手是英雄"),
        ("extremism", "第三帝国万岁"),
    ],
)
def test_dangers_are_found(category: str, text: str) -> None:
    assert category in found(text)
    for finding in DANGER.find(Forms.from_view(TABLES.folded(text), TABLES)):
        assert finding.severity is Severity.SERIOUS
        assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "i'll kill you next round, u just got lucky",
        "gonna kill you tonight in ranked",
        "shoot the boss with the rifle when he comes to the door",
        "the bomb is at b",
        "i'm coming to your city for the con, so excited",
        "when does the school shooter documentary come out",
        "this level makes me want to die lol",
        "cut myself shaving this morning",
        "my friend says she doesn't want to live anymore, how can i help",
        "please don't end your life, call a helpline",
        "jump off the bridge, there's water below",
        "my son is 12 and wants to send you a picture",
        "how old are you? my sister asks",
        "you're 15 kills ahead, add me",
        "you're 16? add me for ranked",
        "never send pictures to strangers, kids",
        "keep it a secret but we are throwing dad a party",
        "i visited auschwitz last summer",
        "anyone who says the holocaust never happened is a fool",
        "in wolfenstein you fight the nazis",
        "the invoice says 1488 dollars",
        "下一把我要杀了你",
        "快砍死那个boss",
        "笑死我了",
        "想死你了主播",
        "不要自杀，会有人想你的",
        "我儿子12岁也喜欢你",
        "加好友一起排位",
        "别告诉我妈我还没睡",
        "南京大屠杀纪念馆很沉重",
        "圣战士这个职业强不强",
        "",
    ],
)
def test_what_is_near_to_them_is_left_alone(text: str) -> None:
    assert found(text) == set()


def test_they_wait_for_a_person_and_the_host_never_says_them() -> None:
    line = "i'm going to jump off the bridge tonight, goodbye"
    verdict = QUIET.check(line)
    assert (verdict.action, verdict.rules) == (Action.HOLD, ("phrase:self-harm",))
    assert QUIET.check(line, Context(Direction.OUT)).action is Action.BLOCK
    window = Context(Direction.OUT, window=("You should just end it,",))
    assert QUIET.check("nobody will miss you.", window).action is Action.BLOCK


def test_sexual_words_about_a_child_do_not_pass_where_sexual_words_may() -> None:
    bold = make_moderator(Policy(categories={Category.SEXUAL: "off"}, rules={"classifier": "off"}))
    assert bold.check("send nudes").allowed
    verdict = bold.check("send nudes, any 13 year old here")
    assert not verdict.allowed
    assert "phrase:minors" in verdict.rules
    assert names_a_child("那个小学生")
    assert not names_a_child("no kidding")


@pytest.mark.parametrize(
    "piece", ["i'll kill him ", "you are ", "don't tell your mom ", "我要杀你", "小学生加我", "send me "]
)
def test_a_text_made_of_them_takes_no_longer_than_its_length(piece: str) -> None:
    took = []
    for size in (1000, 4000):
        folded = TABLES.folded((piece * size)[:size])
        rounds = []
        for _ in range(3):  # the best of them: on a busy machine one may take long by chance
            began = time.process_time()
            list(DANGER.find(Forms.from_view(folded, TABLES)))
            rounds.append(time.process_time() - began)
        took.append(min(rounds))
    assert took[1] < 12 * took[0] + 0.05


def test_long_texts_are_not_looked_through_in_a_flood() -> None:
    line = "i'm going to jump off the bridge tonight, goodbye. "
    assert not QUIET.check(line, Context(quick=True)).allowed
    assert QUIET.check(line + "and so on " * 20, Context(quick=True)).allowed
    assert not QUIET.check(line + "and so on " * 20).allowed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lines_that_measure_them_are_not_learnt(language: str) -> None:
    learnt = [example.text for example in english.own()] if language == "en" else [line.text for line in chinese.own()]
    file = Path(__file__).parents[2] / "bench/lines" / f"danger_{language}.yaml"
    lines = [line for some in yaml.safe_load(file.read_text("utf-8")).values() for line in some]
    assert len(lines) == len(set(lines)) > 250
    scores = process.cdist(lines, learnt, scorer=fuzz.ratio, processor=str.lower, score_cutoff=88)
    assert [line for line, row in zip(lines, scores, strict=True) if row.any()] == []


def test_the_needs_are_those_of_the_patterns() -> None:
    assert (make_needs.FOLDER / "data" / NEEDS).read_text("utf-8") == make_needs.make(), "run scripts.make_needs"


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("kill (?:you|him)", [{"kill h", "kill y"}]),
        ("(?:dead|alive) ?\\w+ body", [{"alive", "dead"}, {" body"}]),
        ("(?:kill)?ing it", [{"ing it", "killin"}]),
        ("(?:gun|\\d) ?", []),
        ("[a-z]{3,}", []),
        ("(?!kill)x(?=gun)", []),
        ("死(?:吧|了)|(?:去)+死", [{"死了", "死吧", "去"}]),
        ("(?:ha)+ha (?:.{0,5}) gun", [{" gun"}, {"ha "}]),
    ],
)
def test_a_need_is_what_every_match_spells_out(pattern: str, needs: list[set[str]]) -> None:
    assert sorted(map(sorted, make_needs.needs_of(pattern))) == sorted(map(sorted, needs))


@pytest.mark.parametrize("file", LEXICONS)
def test_needs_hide_nothing_that_a_pattern_finds(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Phrases(file, "{}")
    none = dict.fromkeys(("en", "zh"), phrases._Needs())
    monkeypatch.setattr(phrases, "_read_needs", lambda _file: none)
    plain = Phrases(file, "{}")
    raw = read_lexicon(file)
    spelt = [
        spelt_out(pattern, raw["parts"])
        for language in ("en", "zh")
        for group in raw[language]
        for pattern in in_order(group)
    ]
    words = sorted({word for pattern in spelt for word in re.findall("[a-z']{2,}|[\u4e00-\u9fff]{1,4}", pattern)})

    @settings(max_examples=150)
    @given(st.lists(st.sampled_from(words), max_size=25), st.sampled_from((" ", "")))
    def same(chosen: list[str], between: str) -> None:
        forms = Forms.from_view(TABLES.folded(between.join(chosen)), TABLES)
        assert list(quick.find(forms)) == list(plain.find(forms))

    same()


def test_needs_of_other_patterns_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert phrases._read_needs("danger.yaml")["en"].of_patterns
    monkeypatch.setattr(phrases.hashlib, "sha256", lambda _raw: SimpleNamespace(hexdigest=lambda: "another file"))
    assert not phrases._read_needs("danger.yaml")["en"].of_patterns
    assert list(Phrases("danger.yaml", "x").find(Forms.from_view(TABLES.folded("sleep with one eye open"), TABLES)))
