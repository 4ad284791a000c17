"""Of whom a line speaks."""

from __future__ import annotations

import pytest

from bot.mind.memory.telling.whose import Whose, is_personal, whose


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("what is my cat called?", Whose.ASKER),
        ("do you remember my dog's name?", Whose.ASKER),
        ("can you tell me where I live", Whose.ASKER),
        ("你还记得我的狗叫什么吗", Whose.ASKER),
        ("我不吃什么？", Whose.ASKER),
        ("うちの猫の名前を覚えてる？", Whose.ASKER),
        ("what is your favourite colour?", Whose.HOST),
        ("tell me your favourite colour", Whose.HOST),
        ("告诉我你的工号", Whose.HOST),
        ("who is Gerald?", Whose.OPEN),
        ("do you know who Winston is?", Whose.OPEN),
        ("would you like my cat?", Whose.OPEN),
        ("跟我说说老雷", Whose.OPEN),
    ],
)
def test_the_pronouns_tell_but_for_those_that_only_speak_to_the_host(line: str, about: Whose) -> None:
    assert whose(line) is about


@pytest.mark.parametrize(
    ("line", "personal"),
    [
        ("what's my cat called?", True),
        ("where do I live?", True),
        ("do you know my birthday?", True),
        ("我的猫叫什么名字", True),
        ("我住在哪里？", True),
        ("私の猫の名前は？", True),
        ("how do I beat the boss in level 3?", False),
        ("I need help with the third map", False),
        ("what is your cat called?", False),
        ("我们今晚玩什么", False),
    ],
)
def test_a_fact_of_the_own_life_is_told_from_a_wish_for_help(line: str, personal: bool) -> None:
    assert is_personal(line) is personal
