"""Names as recognisers mishear them, and other words that are none."""

from __future__ import annotations

import pytest

from bot.show.cohost.names import names_host
from bot.show.cohost.words import is_murmur, is_order, is_question, length

MISHEARD = {
    "Mira": ["Meera", "Mera", "Myra", "Mirra", "mira", "MIRA", "Mirah", "Miera", "mi ra"],
    "Luna": ["Loona", "Looner", "Lunah", "loo na"],
    "小葵": ["小魁", "孝亏", "晓葵", "小奎", "肖葵", "校亏"],
    "小云": ["晓芸", "肖云", "消运", "小芸"],
}
OTHERS = {
    "Mira": ["mirror", "Maria", "more", "Mina", "near", "hear a", "camera", "miracle"],
    "Luna": ["lunch", "tuna", "lunar landing", "loaner"],
    "小葵": ["小鬼", "小熊", "校规", "小雨", "葵花", "大葵", "贵"],
    "小云": ["小雨", "小熊", "校园", "消遣", "白云"],
}


@pytest.mark.parametrize("name", MISHEARD)
def test_most_misheard_spellings_are_found(name: str) -> None:
    found = [word for word in MISHEARD[name] if names_host(f"{word}, look", [name])]
    assert len(found) / len(MISHEARD[name]) >= 0.75, found


@pytest.mark.parametrize("name", OTHERS)
def test_other_words_are_no_name(name: str) -> None:
    assert [word for word in OTHERS[name] if names_host(f"the {word} is here", [name])] == []


def test_aliases_and_hostile_names_do_no_harm() -> None:
    assert names_host("hey lighthouse keeper", ["Mira", "Lighthouse Keeper"])
    for name in ("", "  ", "!!!", "a", "猫"):
        assert not names_host("nothing of the kind was said", [name])
    assert not names_host("", ["Mira"])


@pytest.mark.parametrize(
    "text",
    [
        "Stop.",
        "wait",
        "Hold on!",
        "No!",
        "no no no",
        "Okay, stop",
        "wait a second please",
        "停",
        "等一下我看看",
        "别说了",
        "待って",
    ],
)
def test_orders(text: str) -> None:
    assert is_order(text)
    assert not is_murmur(text)


@pytest.mark.parametrize(
    "text", ["No, I like the other one", "I have to stop at the shop", "不是吧", "等级很高", "nothing"]
)
def test_what_is_no_order(text: str) -> None:
    assert not is_order(text)


@pytest.mark.parametrize(
    "text",
    ["Mm-hmm.", "mhm", "Yeah, yeah.", "Right, okay.", "haha", "Wow.", "嗯嗯", "哈哈哈", "对对对", "うんうん", "…", ""],
)
def test_murmurs(text: str) -> None:
    assert is_murmur(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is it?",
        "do you see that",
        "and how does it end",
        "你觉得呢",
        "这是什么",
        "どう思う",
        "it is red, isn't it",
    ],
)
def test_questions(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize("text", ["I went home.", "that was nice", "我回家了", "帰りました"])
def test_what_is_no_question(text: str) -> None:
    assert not is_question(text)


def test_a_chinese_character_is_half_a_word() -> None:
    assert length("hold on now") == 3
    assert length("我想说话") == 2
    assert length("") == 0
