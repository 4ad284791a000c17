"""Right, wrong, and nearly right answers."""

from __future__ import annotations

import pytest

from bot.show.segments.answers import Judged, judge


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("jupiter", ["Jupiter"]),
        ("Ｊｕｐｉｔｅｒ!!", ["Jupiter"]),
        ("I think it's Jupiter", ["Jupiter"]),
        ("is it the moon?", ["Moon"]),
        ("jupitre", ["Jupiter"]),
        ("cafe", ["Café"]),
        ("new-york", ["New York"]),
        ("seven", ["7"]),
        ("七", ["7"]),
        ("7", ["seven"]),
        ("beijing", ["北京"]),
        ("Běi Jīng", ["北京"]),
        ("北京", ["Beijing"]),
        ("背景", ["北京"]),
        ("應該是臺灣吧", ["台湾"]),
        ("我觉得是北京！", ["北京"]),
        ("トウキョウ", ["とうきょう"]),
        ("北京です", ["北京"]),
        ("答えは富士山です", ["富士山"]),
        ("木星", ["Jupiter", "木星"]),
        ("It", ["It"]),
        ("the the", ["The The"]),
        ("no mans land", ["No Man's Land"]),
    ],
)
def test_right_answers(text: str, answers: list[str]) -> None:
    assert judge(text, answers) is Judged.RIGHT


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("", ["x"]),
        ("🎉🎉", ["x"]),
        ("1946", ["1945"]),
        ("austria", ["Australia"]),
        ("iran", ["Iraq"]),
        ("がっこう", ["かっこう"]),
        ("not jupiter", ["Jupiter"]),
        ("不是北京", ["北京"]),
        ("mars jupiter saturn venus", ["Jupiter"]),
        ("hello everybody", ["Jupiter"]),
        ("x" * 100_000, ["x"]),
        ("北" * 10_000, ["北京"]),
        ("\ud800", ["x"]),
    ],
)
def test_no_right_answers(text: str, answers: list[str]) -> None:
    assert judge(text, answers) is not Judged.RIGHT


def test_another_script_may_be_right() -> None:
    assert judge("木星", ["Jupiter"]) is Judged.NEAR
    assert judge("Юпитер", ["Jupiter"]) is Judged.NEAR
    assert judge("lol", ["Jupiter"]) is Judged.WRONG
