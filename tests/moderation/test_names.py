"""Names: what is taken out of them, and which may be read aloud."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.names import SafeNames
from bot.types import Author
from moderation import Category, Context, Direction, Policy, Verdict, clean_name
from moderation.names import MAX_NAME, NOBODY, undisguised
from moderation.rules.names import Names
from moderation.text.forms import Tables
from moderation.why import explain
from tests.support.moderators import make_moderator
from tests.support.names import plausible_names

CASES: dict[str, dict[str, list[object]]] = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text("utf-8"))
HOST = ("Mira", "mira", "米拉", "小云")
#: Of so many names that nobody objects to, at most this share may be taken away.
MANY, FEW = 2000, 0.01


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Mira", "Mira"),
        ("小明", "小明"),
        ("Müller", "Müller"),
        ("  a   b ", "a b"),
        ("\u202eabc\u202c", "abc"),
        ("a\u200bb", "ab"),
        ("h" + "\u0335" * 50 + "i", "h\u0335\u0335i"),
        ("x" * 100, "x" * 32),
        ("[joy]Bob", "joy Bob"),
        ("<b>Bob</b>", "b Bob /b"),
        ("", NOBODY),
        ("   ", NOBODY),
        ("\ud800", NOBODY),
        ("!!!", NOBODY),
        ("\u0301" * 10_000, NOBODY),
        ("😂", NOBODY),
        ("Bob https://evil.example/x", "Bob"),
        ("a\nb", "a b"),
        ("Ｂｏｂ", "Bob"),
        ("x_y_z", "x y z"),
    ],
)
def test_names(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(st.characters(), max_size=500))
def test_every_name_can_be_shown(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= MAX_NAME
    assert clean.isprintable()
    assert not set(clean) & set("[]<>{}*_\n\u202e\u200b")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("f@ggot", "faggot"), ("@sshole", "asshole"), ("sh*t", "sht"), ("k|ll", "klll"), ("Bob", "")],
)
def test_signs_between_letters_are_read_as_letters(name: str, meant: str) -> None:
    assert undisguised(name) == meant


class Callers:
    """Names made safe by the moderator of a show that is heard on both platforms."""

    def __init__(self) -> None:
        self.moderator = make_moderator(Policy(), on_air=("twitch", "bilibili_web"))
        self.verdicts: dict[str, Verdict] = {}
        self.names = SafeNames(self.moderator, self.verdicts.__setitem__, lambda: HOST)

    def call(self, name: object) -> str:
        return self.names.make_safe(Author("1", str(name))).name


@pytest.fixture(scope="module")
def callers() -> Callers:
    return Callers()


@pytest.mark.parametrize("kind", CASES["bad"])
def test_what_must_not_be_read_aloud_becomes_someone(callers: Callers, kind: str) -> None:
    assert [name for name in CASES["bad"][kind] if callers.call(name) != NOBODY] == []


@pytest.mark.parametrize("language", CASES["harmless"])
def test_harmless_names_stay(callers: Callers, language: str) -> None:
    names = {str(name): callers.verdicts for name in CASES["harmless"][language] if callers.call(name) == NOBODY}
    assert {name: told[clean_name(name)].rules for name, told in names.items()} == {}


def test_there_are_enough_of_both() -> None:
    bad, harmless = ([name for names in CASES[side].values() for name in names] for side in ("bad", "harmless"))
    assert len(set(map(str, bad))) == len(bad) >= 400
    assert len(set(map(str, harmless))) == len(harmless) >= 400


def test_of_names_that_people_choose_next_to_none_is_taken_away(callers: Callers) -> None:
    names = plausible_names(MANY, random.Random(20))
    assert len([name for name in names if callers.call(name) == NOBODY]) <= FEW * MANY


def test_the_names_of_the_host_are_its_own_alone() -> None:
    rules = Names(Tables())
    lexicon = make_moderator()._policies.base.lexicon

    def found(name: str, *host: str) -> list[str]:
        return [finding.rule for finding in rules.find(name, lexicon, host)]

    assert found("Nora", "Mira") == found("Mira") == []
    assert found("N0ra", "Nora") == found("The Real Nora", "Mira", "Nora") == ["name:host"]


@pytest.mark.parametrize(("name", "politics", "stays"), [("八平方", True, False), ("八平方", False, True)])
def test_politics_count_where_the_policy_looks_for_them(name: str, politics: bool, stays: bool) -> None:
    judge = make_moderator(Policy(politics=politics, platforms={}))
    assert (SafeNames(judge, lambda *_: None).make_safe(Author("1", name)).name == name) is stays


def test_a_word_that_the_streamer_blocks_is_found_within_a_name() -> None:
    names = SafeNames(make_moderator(Policy(block_words=("pineapple",))), lambda *_: None)
    assert names.make_safe(Author("1", "PineappleFan")).name == NOBODY


def test_a_line_is_not_judged_as_a_name() -> None:
    judge = make_moderator()
    for line in ("官方吐槽大会开始了吗", "is that the twitch staff?", "who is the admin?"):
        assert judge.check(line).allowed, line
        assert judge.check(line, Context(Direction.OUT)).allowed, line


def test_why_a_name_is_not_said_is_told(callers: Callers) -> None:
    for name, reason in {"TwitchStaff": "staff", "Ben Dover": "by its sound", "VX:abc888": "contact"}.items():
        callers.call(name)
        told = explain(callers.verdicts[name], name, Policy(), Direction.OUT)
        assert any(reason in line for line in told), told


@given(st.text(max_size=60))
def test_any_text_can_be_judged_as_a_name(name: str) -> None:
    verdict = make_moderator().check(name, Context(Direction.OUT, name=True, host=HOST))
    assert "error" not in verdict.rules


@pytest.mark.parametrize("name", ["a" * 400, "xX" * 30, "n1" * 30, "the" * 20, "爱" * 60, "8" * 60, "𝓪" * 60, "i" * 64])
def test_a_name_made_to_take_long_is_judged_all_the_same(name: str) -> None:
    assert make_moderator().check(name, Context(Direction.OUT, name=True)).reasons is not None


def test_the_category_is_told() -> None:
    verdict = make_moderator().check("HeilHitler", Context(Direction.OUT, name=True))
    assert Category.HATE in verdict.categories
