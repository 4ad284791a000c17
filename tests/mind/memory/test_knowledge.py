"""What the persona's pages say about a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mind.memory.history import estimate_tokens
from bot.mind.memory.knowledge import MAX_FOUND, MAX_PASSAGE, Knowledge
from bot.persona.persona import load

ROOT = Path(__file__).parents[3] / "personas"


def knowledge_of(name: str) -> Knowledge:
    persona = load(ROOT / name)
    return Knowledge(((page.name, page.text) for page in persona.knowledge), (persona.name, *persona.aliases))


@pytest.fixture(scope="module")
def mira() -> Knowledge:
    return knowledge_of("mira")


@pytest.fixture(scope="module")
def xiaoyun() -> Knowledge:
    return knowledge_of("xiaoyun")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("who is Gerald?", "Gerald is the foghorn."),
        ("HOW OLD ARE YOU", "The lamp was first lit"),
        ("can you sing something", "She hums"),
        ("any foghorns around?", "Gerald is the foghorn."),
        ("who built you", "She runs on Haishin"),
        ("what's your favourite colour", "the amber of the lamp"),
    ],
)
def test_a_question_finds_the_passage_that_shares_its_words(mira: Knowledge, question: str, words: str) -> None:
    assert any(words in found.text for found in mira.search(question, 300))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("你几岁了呀", "云没有年龄"),
        ("老雷是谁", "老雷：师傅"),
        ("小云转正了没", "还差八十三单"),
        ("你会唱歌吗", "跑调是因为风大"),
        ("小溜呢", "她养的一阵小风"),
    ],
)
def test_a_chinese_question_is_matched_by_pairs_of_characters(xiaoyun: Knowledge, question: str, words: str) -> None:
    assert words in xiaoyun.search(question, 300)[0].text


@pytest.mark.parametrize(
    "small_talk",
    [
        "hi Mira, how are you?", "lol gg", "", "???", "do you like it?", "今天好累啊",
        "The conference is now being recorded.", "because we've been there before", "he’s only just got here",
        "hi there, how is your evening?", "good morning everyone", "nice day today",
    ],
)  # fmt: skip
def test_small_talk_finds_nothing(mira: Knowledge, small_talk: str) -> None:
    assert mira.search(small_talk, 300) == []


def test_a_list_item_is_a_passage_with_the_heading_above_it() -> None:
    page = "# Fox\n\nA fox.\nIt is red.\n\n## Food\n- eats berries\n- drinks\n  rain\n1. sleeps"
    knowledge = Knowledge([("animals", page)])
    assert len(knowledge) == 4
    (berries,) = knowledge.search("berries", 100)
    assert (berries.page, berries.heading, berries.text) == ("animals", "Food", "eats berries")
    assert knowledge.search("rain", 100)[0].text == "drinks rain"
    assert knowledge.search("red", 100)[0].text == "A fox. It is red."


def test_the_budget_holds(mira: Knowledge) -> None:
    question = "Gerald, the lamp, tea, Pepper, the umbrella, politics, spoilers and the fleet"
    for budget in (0, 20, 60, 300):
        found = mira.search(question, budget)
        assert sum(estimate_tokens(p.heading) + estimate_tokens(p.text) for p in found) <= budget
        assert len(found) <= MAX_FOUND
    assert mira.search(question, 300)


def test_a_word_of_every_passage_and_the_hosts_name_tell_nothing() -> None:
    page = "\n\n".join(f"The lamp of Nora shows number {n}{n}{n}." for n in range(9))
    assert Knowledge([("p", page)]).search("lamp", 300) == []
    assert Knowledge([("p", "Nora likes tea.")]).search("Nora", 300) != []
    assert Knowledge([("p", "Nora likes tea.")], ["Nora"]).search("Nora", 300) == []


@given(st.text(max_size=3000), st.text(max_size=300))
def test_no_page_and_no_question_breaks_the_search(page: str, question: str) -> None:
    knowledge = Knowledge([("p", page), ("q", page[::-1])])
    assert all(0 < len(found.text) <= MAX_PASSAGE for found in knowledge.search(question + page[:50], 1000))
