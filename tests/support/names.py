"""Names as viewers choose them: harmless ones, made of words that people like."""

from __future__ import annotations

import random
from pathlib import Path

import yaml

_WORDS: dict[str, list[str]] = {
    kind: words.split()
    for kind, words in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8")).items()
}


def plausible_names(count: int, chance: random.Random) -> list[str]:
    """Return different names: English and European ones mostly, then Chinese, Japanese, Korean, Russian."""
    names: dict[str, None] = {}
    kinds = (_fancy, _fancy, _fancy, _plain, _plain, _adorned, _chinese, _chinese, _given_by_platform, _other)
    while len(names) < count:
        names[chance.choice(kinds)(chance)] = None
    return list(names)


def _number(chance: random.Random) -> str:
    numbers = ("", "", "", str(chance.randint(0, 99)), str(chance.randint(1970, 2012)), str(chance.randint(100, 999)))
    return chance.choice((*numbers, "88", "007", "1337"))


def _fancy(chance: random.Random) -> str:
    name = (
        chance.choice(_WORDS["like"]) + chance.choice(("", "", "_")) + chance.choice(_WORDS["what"]) + _number(chance)
    )
    return chance.choice((name, name.lower()))


def _plain(chance: random.Random) -> str:
    name = (
        chance.choice(_WORDS["given"])
        + chance.choice((" ", "_", ""))
        + chance.choice(_WORDS["family"])
        + _number(chance)
    )
    return chance.choice((name, name, name.lower()))


def _adorned(chance: random.Random) -> str:
    before = chance.choice(
        ("xX_", "The", "Its", "Mr", "Lil", "iAm", "ttv_", "The_Real_", "Just", "Sir", "Not", "Captain")
    )
    after = chance.choice(
        ("_Xx", "", "TV", "Live", "YT", "_ttv", "Gaming", "Plays", "Fan", "Hater", "Lover", "Official")
    )
    return before + chance.choice((*_WORDS["given"], *_WORDS["what"])) + after + _number(chance)


def _chinese(chance: random.Random) -> str:
    after = chance.choice(("", "", str(chance.randint(1, 999)), "呀", "酱", "丶"))
    return chance.choice(_WORDS["chinese_before"]) + chance.choice(_WORDS["chinese"]) + after


def _given_by_platform(chance: random.Random) -> str:
    return f"bili_{chance.randint(10**10, 9 * 10**10)}"


def _other(chance: random.Random) -> str:
    words = chance.choice((_WORDS["japanese"], _WORDS["korean"], _WORDS["russian"]))
    return chance.choice(words) + chance.choice(("", "", " ", "_")) + chance.choice((*words, "")) + _number(chance)
