from __future__ import annotations

import pytest

from moderation.text.forms import Tables
from moderation.text.spoken import meant, readings, sound, windows, words_of

TABLES = Tables()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HeilHitler", "heil hitler"),
        ("H1tler88", "h1tler88"),
        ("KKK", "kkk"),
        ("HEILHitler", "heil hitler"),
        ("TTVBob", "ttv bob"),
        ("MikeHawkTV", "mike hawk tv"),
        ("xX_h1tl3r_Xx", "x x h1tl3r xx"),
        ("14/88", "14 88"),
        ("小明Abc88", "小明 abc88"),
        ("ＨｉＢｏｂ", "hi bob"),
        ("Ёжик", "eжиk"),
        ("", ""),
    ],
)
def test_a_name_is_cut_into_its_words(name: str, words: str) -> None:
    assert " ".join(words_of(name, TABLES)) == words


def test_digits_are_read_in_every_way_that_they_are_meant() -> None:
    assert {"hitler", "hltler"} <= {reading[0] for reading in readings(["h1tl3r"])}
    assert ["penis"] in readings(["pen15"])
    assert ["hatejews"] in readings(["h8jews"])
    assert readings(["anna1988"])[0] == ["anna"]
    assert readings(["1988"]) == [["1988"]]
    assert ["rape"] not in readings(["rape"])[1:]


def test_doubled_letters_and_lookalikes() -> None:
    assert ["fuck"] in readings(["ffuucckk"])
    assert ["fuck"] in readings(["fvck"])
    assert ["nigga"] in readings(["niqqa"])
    assert readings(["quiz"]) == [["quiz"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [("phaggot", "faggot"), ("fuhq", "fuck"), ("kneegrow", "nigro"), ("mikehawk", "mikehok"), ("kunt", "cunt")],
)
def test_what_sounds_the_same_is_the_same(one: str, other: str) -> None:
    assert sound(one)[0] == sound(other)[0]


@pytest.mark.parametrize(("one", "other"), [("count", "cunt"), ("bob", "boob"), ("coon", "con"), ("fox", "fucks")])
def test_what_does_not_is_not(one: str, other: str) -> None:
    assert not set(sound(one)) & set(sound(other))


def test_an_unstressed_ending_is_any_vowel() -> None:
    assert sound("nigger")[1] == sound("niggah")[1] == sound("nigga")[1]


def test_what_stands_on_its_head_is_turned_back() -> None:
    assert list(meant("ɹǝʇsᴉɯ")) == ["mister"]
    assert list(meant("Мира")) == ["mira"]
    assert list(meant("Bob")) == []


def test_all_runs_of_words() -> None:
    assert windows(["ab", "cd"]) == ["ab", "cd", "abcd"]
    assert "abcdefg" in windows(list("abcdefg"))
    assert max(map(len, windows(["no"] * 9))) == 2 * 5
