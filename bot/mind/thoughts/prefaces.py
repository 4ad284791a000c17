"""Recognise what a model says about the user, or of its own answer, before it answers.

"Okay, the user says hi" opens a thought: a server that strips the opening mark leaves the closing one alone. "Sure!
Here's a short reply:" is no thought, and no part of the answer either.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Final

_LEADS: Final = (
    "", "okay, ", "okay. ", "ok, ", "alright, ", "hmm, ", "so, ", "so ", "okay, so ", "well, ", "first, ",
    "let's see, ",
)  # fmt: skip
_DOES: Final = (
    "says", "said", "asks", "asked", "wants", "wanted", "is asking", "is saying", "just", "has asked", "seems to",
    "greets", "greeted", "wrote", "writes", "sent", "mentions", "mentioned",
)  # fmt: skip
_MUST: Final = ("we need to ", "we should ", "i need to ", "i should ")
_ANSWER: Final = ("respond as", "reply as", "answer as", "respond to the", "reply to the", "answer the user")
_LEADS_ZH: Final = ("", "好的，", "嗯，", "好，", "首先，")
_DOES_ZH: Final = ("说", "问", "想", "发来", "希望", "在问", "打招呼")

_YES: Final = (
    "sure", "okay", "ok", "certainly", "of course", "absolutely", "alright", "great", "no problem",
)  # fmt: skip
_HERE: Final = ("here's ", "here’s ", "here is ", "here are ")
_YES_EAST: Final = ("", "好的，", "好的！", "当然，", "当然！", "没问题，", "はい、", "承知しました。")
_HERE_EAST: Final = ("以下是", "下面是", "以下为", "这是", "以下は", "以下が")


def _all(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map("".join, itertools.product(*parts)))


_USER_PHRASES: Final = (
    *_all(_LEADS, ("the user ",), _DOES), *_all(_MUST, _ANSWER), *_all(_LEADS_ZH, ("用户",), _DOES_ZH),
    "ユーザーは", "ユーザーが",
)  # fmt: skip
_PREFACES: Final = (*_HERE, *_all(_YES, ("! ", ", ", ". ", " "), _HERE), *_all(_YES_EAST, _HERE_EAST))
_PHRASES: Final = (*_USER_PHRASES, *_PREFACES)
_DECORATION: Final = r"(?i)[ \t\n*#_>\"“]*(?:"
_NO_END: Final = "[^:：\\n.!?。！？]"


def _any_of(phrases: Iterable[str]) -> str:
    return "|".join(map(re.escape, phrases))


#: A thought about who wrote.
ABOUT_THE_USER: Final = re.compile(f"{_DECORATION}{_any_of(_USER_PHRASES)})(?![A-Za-z])")
#: A whole preface with its colon.
PREFACE: Final = re.compile(
    f"{_DECORATION}{_any_of(_PREFACES)}){_NO_END}{{0,80}}?"
    r"(?:reply|response|answer|message|version|rewrite|dialogue|in character|回复|回答|台词|回應|返答|返信|セリフ)"
    rf"{_NO_END}{{0,50}}[*_ ]{{0,3}}[:：]\s*"
)
_OPEN: Final = re.compile(f"{_DECORATION}{_any_of(_PREFACES)}){_NO_END}{{0,130}}$")


def may_open(so_far: str) -> bool:
    """Return whether the start of a reply, in small letters, may still become one of both."""
    return any(phrase.startswith(so_far) for phrase in _PHRASES) or _OPEN.match(so_far) is not None
