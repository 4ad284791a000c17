"""Read the plainest facts about a viewer by rules, and name what a fact answers: a newer one takes its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.mind.memory.privacy import refusal
from bot.text.sanitize import one_line, plain
from bot.text.scripts import language

#: The longest fact, source line and name of a slot, in characters; the store's column takes no longer slot.
MAX_FACT, MAX_ORIGIN, MAX_SLOT = 160, 300, 32


class Slot(StrEnum):
    """What a fact answers."""

    NAME = "name"
    HOME = "home"
    JOB = "job"
    STUDY = "study"
    BIRTHDAY = "birthday"
    PET = "pet"
    FAMILY = "family"
    HOBBY = "hobby"
    TASTE = "taste"
    PLAN = "plan"
    OTHER = "other"


#: Of these a viewer has one: a newer fact takes the place of the older one.
SINGLE: Final = frozenset({Slot.NAME, Slot.HOME, Slot.JOB, Slot.STUDY, Slot.BIRTHDAY})


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a viewer said of themselves. ``slot`` is empty where it takes no other one's place."""

    text: str
    slot: str
    origin: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a line must be like, and the slot and the fact that it then gives; both may name groups of the pattern."""

    pattern: re.Pattern[str]
    slot: str
    text: str


_PET: Final = (
    "cat|dog|parrot|rabbit|bunny|hamster|horse|pony|tortoise|turtle|snake|ferret|budgie|bird|goat|puppy|kitten|lizard|"
    "gecko"
)
_PET_ZH: Final = "猫咪|小猫|猫|狗狗|小狗|狗|鹦鹉|兔子|仓鼠|乌龟|蜥蜴|鸟"
_PETS: Final = {
    "puppy": "dog", "kitten": "cat", "bunny": "rabbit", "turtle": "tortoise", "猫咪": "cat", "小猫": "cat",
    "猫": "cat",
    "狗狗": "dog", "小狗": "dog", "狗": "dog", "鹦鹉": "parrot", "兔子": "rabbit", "仓鼠": "hamster",
    "乌龟": "tortoise",
    "猫ちゃん": "cat", "犬": "dog", "蜥蜴": "lizard", "鸟": "bird",
}  # fmt: skip
_STOP: Final = r"(?=\s*(?:$|[.,;!?…。，！？~]|\b(?:and|but|so|now|because|since|lol|haha|too|btw|please|with|where)\b))"
_WHAT: Final = r"(?P<what>[^.,;!?…。，！？~]{1,60}?)"
_NAME: Final = r"(?P<what>[\w'’·-]{1,24}(?: [\w'’-]{1,24})?)"
_EAST: Final = r"(?P<what>[^\s，。！？,.!?~…了吧啦呢哦呀就]{1,20})"
_I: Final = r"(?:^|[.,;!?。，！？ ])(?:i|we)"


def _rule(pattern: str, slot: str, text: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), slot, text)


_RULES: Final = (
    _rule(
        rf"\bmy (?:(?:new|old|little|other|first|second) )?(?P<pet>{_PET})(?:'s name)?(?: is| was)?(?: now)?"
        rf"(?: called| named)? (?!is\b|was\b|called\b|named\b){_NAME}{_STOP}",
        "pet {pet}",
        "has a {pet} called {what}",
    ),
    _rule(
        rf"\b(?:have|got|adopted) an? (?:\w+ )?(?P<pet>{_PET})(?: that is| who is|,)? (?:called"
        rf"|named) {_NAME}{_STOP}",
        "pet {pet}",
        "has a {pet} called {what}",
    ),
    _rule(
        rf"(?:\bmy name is|\bplease call me|(?:^|[.,!;] ?)(?:just )?call me|\bi go by) (?!back\b|when\b|if\b"
        rf"|a\b|an\b|the\b){_NAME}{_STOP}",
        "name",
        "is called {what}",
    ),
    _rule(
        rf"{_I}(?: now| just)? (?:live|moved|am living|'m living)(?: back)? (?:in|to) {_WHAT}{_STOP}",
        "home",
        "lives in {what}",
    ),
    _rule(rf"{_I}(?: now)? (?:work|am working|'m working) as (?:an? |the )?{_WHAT}{_STOP}", "job", "works as {what}"),
    _rule(rf"\bmy birthday is (?:on |in )?{_WHAT}{_STOP}", "birthday", "has their birthday on {what}"),
    _rule(
        rf"\bmy (?:new )?favou?rite (?P<kind>[\w ]{{1,24}}?) is(?: now)? {_WHAT}{_STOP}",
        "favourite {kind}",
        "favourite {kind}: {what}",
    ),
    _rule(
        rf"{_I} (?:really |absolutely |totally |just )?(?:can'?t stand|hate|dislike|don'?t like)(?: eating"
        rf"| drinking)? (?!it\b|that\b|this\b|you\b|how\b|when\b|the\b|your\b|her\b|him\b|them\b){_WHAT}{_STOP}",
        "taste {what}",
        "dislikes {what}",
    ),
    _rule(
        rf"{_I} (?:really |absolutely |totally |just )?(?:love|like|adore|enjoy)(?: eating| drinking)? (?!it\b"
        rf"|that\b|this\b|you\b|how\b|when\b|the\b|your\b|her\b|him\b|them\b){_WHAT}{_STOP}",
        "taste {what}",
        "likes {what}",
    ),
    _rule(
        rf"(?:我(?:家|的)?(?:里|家)?(?:养)?(?:的|有)?(?:一?只|一?条"
        rf"|那只)?(?:\w{{0,2}}色)?\w?)(?P<pet>{_PET_ZH})(?:的名字)?(?:现在|改名)?(?:是叫|名叫|名字是|名字叫|叫做"
        rf"|叫|是)(?!我|你|什么){_EAST}",
        "pet {pet}",
        "养的{pet}叫{what}",
    ),
    _rule(rf"(?:我(?:的名字)?叫|(?:以后)?(?:请|就)?叫我|我的名字是)(?!你|他|她|什么|做|的){_EAST}", "name", "叫{what}"),
    _rule(rf"我(?:现在|目前|刚|上个?月|上周)*(?:住在|搬到了?|搬去了?|定居(?:在)?){_EAST}", "home", "住在{what}"),
    _rule(rf"我(?:的)?(?:职业|工作)(?:现在)?是{_EAST}", "job", "工作是{what}"),
    _rule(rf"我的?生日(?:是|在){_EAST}", "birthday", "生日是{what}"),
    _rule(
        rf"我最(?:喜欢|爱)的(?P<kind>[^\s，。是]{{1,8}})(?:现在)?是{_EAST}",
        "favourite {kind}",
        "最喜欢的{kind}是{what}",
    ),
    _rule(
        rf"我(?:很|最|特别|超级?|真的|非常|现在|就)*(?:讨厌|不喜欢|受不了)(?:吃|喝)?(?!你|这|那|他|她|主播){_EAST}",
        "taste {what}",
        "讨厌{what}",
    ),
    _rule(
        rf"我(?:很|最|特别|超级?|真的|非常|现在|就)*(?:喜欢|爱)(?:吃|喝)?(?!你|这|那|他|她|主播|的|看你"
        rf"|听你){_EAST}",
        "taste {what}",
        "喜欢{what}",
    ),
    _rule(
        r"(?:うちの|私の)(?P<pet>猫|犬)の?(?:名前)?は(?P<what>[^\s、。!！]{1,16}?)(?:です|だよ|っていう|という)",
        "pet {pet}",
        "{pet}の名前は{what}",
    ),
    _rule(
        r"(?:^|[、。 ]|私の|僕の|俺の)名前は(?P<what>[^\s、。!！]{1,16}?)(?:です|だよ|と申し|っていい)",
        "name",
        "名前は{what}",
    ),
    _rule(r"(?P<what>[^\s、。!！はが]{1,16})に(?:住んで|引っ越し)", "home", "{what}に住んでいる"),
)
#: "Remember that …": the viewer says themselves that it is worth it.
_REMEMBER: Final = re.compile(
    r"^\W*(?:please |pls |hey |can you |\S{1,20}[,:] )*(?:remember|don'?t forget|note)(?: that|:)? (?P<rest>(?:i"
    r"|my|we|our|i'm|i've)\b.{3,200})"
    r"|^\W*(?:请|帮我|麻烦)?(?:记住|记得|记一下|别忘了|不要忘记)[:：,，]?(?P<rest_zh>我.{2,100})"
    r"|^\W*(?P<rest_ja>(?:私|僕|俺).{2,100}?)(?:って|と|を)?(?:覚えて|覚えといて)",
    re.IGNORECASE | re.DOTALL,
)
#: What makes a second pet, home or job of it: then it takes no place.
_ANOTHER: Final = re.compile(r"\b(?:another|other|second|third)\b|另|第二|还有", re.IGNORECASE)
_QUESTION: Final = re.compile(
    r"[?？]\s*$|[吗呢么嘛]\s*[?？。!！~]*$|ですか\W*$|^\W*(?:do|does|did|are|is|can|could|would|will|what|who"
    r"|why|when|where|how|which)\b",
    re.IGNORECASE,
)
#: Said of nobody in earnest: a wish, a condition, a quotation.
_NOT_MEANT: Final = re.compile(
    r"\b(?:if i|i wish|imagine|as if|pretend|would (?:love|like)|used to|in (?:the|this) game|my character"
    r"|in my dream|jk|just kidding)\b|如果我|要是我|假如|假装|梦里|游戏里|开玩笑|私が.*なら",
    re.IGNORECASE,
)


def is_question(line: str) -> bool:
    """Return whether a line asks: nothing is told by it."""
    return bool(_QUESTION.search(plain(line)))


def asked_for(line: str) -> str:
    """Return what a viewer asks to be remembered of themselves ("remember that my …"); empty when they do not."""
    found = _REMEMBER.match(one_line(line, MAX_ORIGIN))
    return next((part.strip() for part in found.groups() if part), "") if found else ""


def by_rules(line: str) -> list[Fact]:
    """Return the facts of a line that a rule can read: few, and seldom wrong. None of them is refused."""
    shown = one_line(line, MAX_ORIGIN)
    wish = asked_for(shown)
    if not shown or (is_question(shown) and not wish) or _NOT_MEANT.search(shown) or refusal(shown):
        return []
    said = wish or shown
    found = [fact for rule in _RULES for fact in _facts(rule, said, shown)]
    if wish and not found:
        found = [fact_of(wish, "", shown)]
    slots: dict[str, Fact] = {}
    for fact in found:
        slots.setdefault(fact.slot, fact)
    return list(slots.values())


def fact_of(text: str, slot: str, origin: str) -> Fact:
    """Return a fact within the bounds of the store."""
    return Fact(one_line(text, MAX_FACT), slot, one_line(origin, MAX_ORIGIN), language(origin))


def slot_of(line: str, slot: Slot, text: str) -> str:
    """Return the name of the slot of a fact that a model read: that of the rules, where one of them reads it too."""
    for rule in _RULES:
        if rule.pattern.search(line) or rule.pattern.search(text):
            found = next((fact.slot for fact in (*_facts(rule, line, line), *_facts(rule, text, line))), "")
            if found:
                return found
    return slot.value if slot in SINGLE and not _ANOTHER.search(line) else ""


def _facts(rule: _Rule, said: str, origin: str) -> list[Fact]:
    found = []
    for match in rule.pattern.finditer(said):
        values = {name: value.strip() for name, value in match.groupdict().items() if value}
        if not values.get("what"):
            continue
        pet = values.get("pet", "").lower()
        slot = rule.slot.format(**{**values, "pet": _PETS.get(pet, pet)})
        if pet and _ANOTHER.search(said):
            slot = ""
        found.append(fact_of(rule.text.format(**values), _shortened(slot), origin))
    return found


def _shortened(slot: str) -> str:
    """Return the name of a slot in the one form in which names are compared, no longer than the store takes."""
    return " ".join(re.findall(r"\w+", plain(slot).casefold()))[:MAX_SLOT].rstrip()
