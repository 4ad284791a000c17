"""The words of a text as an index wants them: English by its stems, Chinese and Japanese by pairs of characters."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise
from typing import Final

from bot.text.scripts import CJK

#: Longest text that is read, in characters, and longest word.
MAX_TEXT: Final = 20_000
_MAX_WORD: Final = 40
#: A single character says less than a pair.
_SINGLE: Final = 0.3

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
#: Runs of East Asian characters inside a word that has letters or digits as well.
_RUN: Final = re.compile(f"(?:{CJK.pattern})+|(?:(?!{CJK.pattern}).)+", re.DOTALL)

STOP_WORDS: Final = frozenset(
    "a about after again all also am an and any are as at be because been before being but by can could d did do does "
    "doing don for from had has have having he her here hers him his how i if in into is isn it its just ll m may me "
    "might more most my no nor not now of off on once only or other our out over own re s same shall she should so "
    "some such t than that the their theirs them then there these they this those through to too until up ve very was "
    "we were what when where which while who whom whose why will with would yes you your yours oh hey hi wow yeah "
    "really got".split()
)
#: Characters that carry grammar; a pair of two of them is no term, and alone they are none.
STOP_CHARACTERS: Final = frozenset(
    "的了是不我你他她它们這这那有在和就也都很吗嗎呢吧啊哦嗯呀么什怎哪谁誰会會能要想说說看来來去上下个個人一没還还给把被让到得着过對对好多少"
    "のはがをにでとともかよねわだですまいうくしてるなれさん"
)
#: Forms that no rule leads back to their verb or noun.
_IRREGULAR: Final = {
    form: word
    for word, forms in {
        "be": "was were been",
        "bear": "bore born",
        "become": "became",
        "begin": "began begun",
        "bite": "bit bitten",
        "break": "broke broken",
        "bring": "brought",
        "build": "built",
        "buy": "bought",
        "catch": "caught",
        "child": "children",
        "choose": "chose chosen",
        "come": "came",
        "draw": "drew drawn",
        "drink": "drank drunk",
        "drive": "drove driven",
        "eat": "ate eaten",
        "fall": "fell fallen",
        "feel": "felt",
        "fight": "fought",
        "find": "found",
        "fly": "flew flown",
        "foot": "feet",
        "forget": "forgot forgotten",
        "get": "got gotten",
        "give": "gave given",
        "go": "goes going went gone",
        "grow": "grew grown",
        "hear": "heard",
        "hold": "held",
        "keep": "kept",
        "know": "knew known",
        "learn": "learnt",
        "leave": "left",
        "lend": "lent",
        "lose": "lost",
        "make": "made",
        "man": "men",
        "mean": "meant",
        "meet": "met",
        "mouse": "mice",
        "pay": "paid",
        "person": "people",
        "ride": "rode ridden",
        "ring": "rang rung",
        "run": "ran",
        "say": "said",
        "see": "saw seen",
        "sell": "sold",
        "send": "sent",
        "shoot": "shot",
        "sing": "sang sung",
        "sit": "sat",
        "sleep": "slept",
        "speak": "spoke spoken",
        "spend": "spent",
        "stand": "stood",
        "steal": "stole stolen",
        "swim": "swam swum",
        "take": "took taken",
        "teach": "taught",
        "tell": "told",
        "think": "thought",
        "throw": "threw thrown",
        "understand": "understood",
        "wear": "wore worn",
        "win": "won",
        "woman": "women",
        "write": "wrote written",
    }.items()
    for form in forms.split()
}
#: What asks: a mark, a word that asks, an order to tell.
_ASKS: Final = re.compile(
    r"[?？]|\b(?:what|who|whom|whose|why|when|where|how|which|what'?s|who'?s)\b"
    r"|^\W*(?:\w+\W+)?(?:do|does|did|are|is|was|were|can|could|has|have|tell|guess|remember|remind|name|explain)\b"
    r"|[谁誰哪几幾怎何]|什么|什麼|甚么|多少|多大|多久|为啥|是否|是不是|有没有|[吗嗎呢么嘛]\s*[。!！~]*$|告诉|记得|知道.{0,12}吗"
    r"|ですか|ますか|どこ|だれ|いつ|なぜ|どう|教えて|[かの]\s*$",
    re.IGNORECASE,
)
_VOWEL: Final = re.compile("[aeiouy]")
#: Endings that make another word of the same root, the longest first, with what stands instead.
_ENDINGS: Final = tuple(
    tuple(pair.split(":"))
    for pair in "ization:ize ational:ate fulness:ful iveness:ive ousness:ous ations:ate ation:ate ments:ment ness: "
    "ment: ably:able ibly:ible ally:al ily:y ly: ful: ity: ions:ion".split(" ")
)


def terms(text: str) -> dict[str, float]:
    """Return the terms of a text, each with how often it stands there; an East Asian character alone weighs less."""
    found: defaultdict[str, float] = defaultdict(float)
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()):
        for run in _RUN.findall(match[0]) if CJK.search(match[0]) else (match[0],):
            if CJK.match(run):
                _add_characters(run, found)
            else:
                word = run.removesuffix("'s").removesuffix("’s")[:_MAX_WORD]
                if word and word not in STOP_WORDS:
                    found[stem(word)] += 1.0
    return dict(found)


def asks(text: str) -> bool:
    """Return whether a line asks something, by its marks and words; one that only talks does not."""
    return bool(_ASKS.search(text[:MAX_TEXT]))


def _add_characters(run: str, found: defaultdict[str, float]) -> None:
    for first, second in pairwise(run):
        if not (first in STOP_CHARACTERS and second in STOP_CHARACTERS):
            found[first + second] += 1.0
    for char in run:
        if char not in STOP_CHARACTERS:
            found[char] += 1.0 if len(run) == 1 else _SINGLE


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """Return what the forms of an English word have in common: "studies", "studied" and "studying" give one stem.

    The result need be no word. Words of other alphabets and short ones stay as they are.
    """
    word = _IRREGULAR.get(word, word)
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    word = _past(_plural(word))
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            word = word[: len(word) - len(ending)] + instead
            break
    if word.endswith("y") and len(word) > 3 and word[-2] not in "aeiou":
        word = word[:-1] + "i"
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _plural(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _past(word: str) -> str:
    """Take off the endings of the past and of what goes on: "planned", "planning" give "plan"."""
    for ending in ("ing", "ed"):
        root = word[: -len(ending)]
        if not word.endswith(ending) or len(root) < 3 or not _VOWEL.search(root):
            continue
        if word.endswith("ied"):
            return root[:-1] + "y"
        if root[-1] == root[-2] and root[-1] not in "lsz":
            return root[:-1]
        return root
    return word
