"""Who draws viewers away, or sells something, is stopped both ways; who only speaks of it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from moderation import Action, Category, Context, Direction, Policy
from tests.support.moderators import make_lists, make_moderator

CASES: dict[str, dict[str, list[str]]] = yaml.safe_load(Path(__file__).with_name("contact.yaml").read_text("utf-8"))
#: Rules and lists alone: what they find must not hang on what the classifier thinks.
LISTS = make_lists()
IN, OUT = Context(Direction.IN), Context(Direction.OUT)


def stopped(line: str, context: Context) -> bool:
    verdict = LISTS.check(line, context)
    # A viewer's link is masked: the host never sees it.
    return not verdict.allowed or (context is IN and verdict.action is Action.MASK)


def test_there_are_enough_of_both() -> None:
    for side in CASES.values():
        lines = [line for lines in side.values() for line in lines]
        assert len(set(lines)) == len(lines) >= 90


@pytest.mark.parametrize("context", [IN, OUT], ids=["in", "out"])
@pytest.mark.parametrize("language", CASES["bad"])
def test_offers_and_contacts_are_stopped(language: str, context: Context) -> None:
    assert [line for line in CASES["bad"][language] if not stopped(line, context)] == []


@pytest.mark.parametrize("context", [IN, OUT], ids=["in", "out"])
@pytest.mark.parametrize("language", CASES["harmless"])
def test_who_speaks_of_such_things_is_not(language: str, context: Context) -> None:
    assert [line for line in CASES["harmless"][language] if stopped(line, context)] == []


@pytest.mark.parametrize(
    "line", ["ni66er", "you ni99er", "шлюха", "она шлюха!", "sıktır git", "SIKTIR GIT", "死ね", "시발", "hijo de puta"]
)
def test_other_languages_and_digits_for_letters(line: str) -> None:
    assert stopped(line, IN)
    assert stopped(line, OUT)


@pytest.mark.parametrize(
    "line", ["жизнь", "ожидание", "барсук", "пидпис", "시발점", "パチンコ", "salopette", "死ねない"]
)
def test_words_of_other_languages_that_hold_a_bad_one(line: str) -> None:
    assert LISTS.check(line).reasons == ()


@pytest.mark.parametrize("line", ["去 4 吧", "去4吧", "你去4", "你妈4了"])
def test_a_four_that_stands_for_death_is_heard(line: str) -> None:
    assert stopped(line, IN)
    assert stopped(line, OUT)


@pytest.mark.parametrize(
    "line", ["你去4楼", "去4个地方", "我第4了", "4个人", "4妈妈级", "比分6 4", "64级了", "我14岁的时候"]
)
def test_a_four_that_counts_is_a_number(line: str) -> None:
    assert LISTS.check(line).action is Action.ALLOW


@pytest.mark.parametrize("line", ["恶心死了+1", "8个月我靠 这一年", "男性女性都有", "see http://t.co/5WXgKbCM29 there"])
def test_a_digit_elsewhere_changes_nothing(line: str) -> None:
    assert LISTS.check(line).action in (Action.ALLOW, Action.MASK)


@pytest.mark.parametrize("line", ["6 4 事件", "64事件", "89学潮", "共产党是骗子", "打倒中共", "共产党都是流氓"])
def test_politics_in_digits_and_in_sentences_where_they_are_looked_for(line: str) -> None:
    heard = make_moderator(Policy(), on_air=("bilibili_web",))
    verdict = heard.check(line, OUT)
    assert verdict.action is Action.BLOCK
    assert Category.POLITICS in verdict.categories
    assert not heard.check(line, Context(platform="bilibili")).allowed
    assert Category.POLITICS not in [r.category for r in LISTS.check(line, OUT).reasons]


@pytest.mark.parametrize("line", ["I have 10 grams of c0ke for sale", "selling some weed, dm me"])
def test_drugs_for_sale_are_no_mere_spam(line: str) -> None:
    assert Category.VIOLENCE in LISTS.check(line).categories
