"""Names by ear: what is clean in writing may be foul when a voice reads it."""

from __future__ import annotations

import random

import pytest

from bot.app.moderator import names_are_heard
from bot.intake.names import SafeNames
from bot.text.someone import NOBODY
from bot.types import Author
from bot.voice.names.chinese import ChineseEar
from bot.voice.names.ear import NameEar, open_name_ear
from bot.voice.names.english import EnglishEar, distance
from moderation.moderator import Moderator
from moderation.policy import Policy
from tests.support.names import plausible_names


@pytest.fixture(scope="module")
def ear() -> NameEar:
    return open_name_ear()


@pytest.mark.parametrize(
    "name",
    [
        "Fah Gut", "FahGut", "fahgut", "Nick Er", "Sheet Head", "Bee Itch", "Kum Gussler", "Vaj Eyena", "Hoo Ker",
        "Masta Bayt", "Mutha Fugga", "See Men", "Wang Kerr", "Testa Kulls", "Sunn Of A Beach",
        "银荡", "作爱", "积巴", "鸡拔王", "妓铝匠人西特勒", "音茎",
    ],
)  # fmt: skip
def test_a_name_that_sounds_foul_is_heard(ear: NameEar, name: str) -> None:
    assert ear.foul(name)


@pytest.mark.parametrize(
    "name",
    [
        "Rhoda Cox", "Jonas Koch", "Beach Bunny", "Peter Pan", "Sheet Music", "Nick Carter", "Analyst", "Cockatoo",
        "Mike", "", "12345", "🦊", "Łukasz", "出生", "态度", "飞雾", "最强剑客", "佛系奶茶", "a" * 5000, "\ud800", "а́б",
    ],
)  # fmt: skip
def test_an_ordinary_name_is_not(ear: NameEar, name: str) -> None:
    assert not ear.foul(name)


def test_hardly_any_plausible_name_is_taken_for_a_foul_one(ear: NameEar) -> None:
    names = plausible_names(600, random.Random(17))
    assert len([name for name in names if ear.foul(name)]) <= 0.01 * len(names)


def test_a_name_that_breaks_the_library_is_not_said() -> None:
    class Broken:
        def __call__(self, text: str) -> str:
            if text == "bad":
                return "bæd"
            raise IndexError(text)

        def known(self, word: str) -> bool:
            return False

    ear = NameEar(EnglishEar(Broken(), ["bad"], {}, ()), ChineseEar((), ()))
    assert ear.foul("Anna") == "?"


def test_without_the_dictionary_chinese_names_are_heard_alone() -> None:
    ear = NameEar(None, ChineseEar(["淫荡"], ()))
    assert ear.foul("银荡") == "淫荡"
    assert not ear.foul("Fah Gut")


def test_sounds_that_are_alike_are_near() -> None:
    assert distance("kʌm", "kʌm") == 0
    assert distance("fɑɡʌt", "fæɡət") < distance("fɑɡʌt", "fɹAkət")


def test_the_viewer_becomes_someone(ear: NameEar) -> None:
    moderator = Moderator(Policy())
    names = SafeNames(moderator, lambda *_: None)
    author = Author("1", "Kum Gussler")
    assert names.make_safe(author).name == "Kum Gussler"
    moderator.name_ear = ear.foul
    names.clear()
    assert names.make_safe(author).name == NOBODY


@pytest.mark.parametrize(
    ("setting", "voices", "heard"),
    [
        ("auto", "auto", True), ("auto", [{"provider": "kokoro"}], True), ("auto", [{"provider": "edge"}], False),
        ("on", [{"provider": "edge"}], True), ("off", "auto", False),
    ],
)  # fmt: skip
def test_auto_hears_where_a_voice_has_the_dictionary(setting: str, voices: object, heard: bool) -> None:
    assert names_are_heard(setting, voices) is heard  # type: ignore[arg-type]
