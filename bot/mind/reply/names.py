"""Recognise a name before a colon: the persona's own is dropped however it is decorated, another's ends the reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

_MAX_NAME: Final = 32
#: What may stand before a name, around it, and between it and the colon.
_BEFORE: Final = frozenset("*_~#>`@-–—•\"'“”‘’「『《<[【［(（{｛|: \t")
_OPENERS: Final = {"(": ")", "（": "）", "[": "]", "【": "】", "*": "*", "<": ">"}
_AFTER: Final = frozenset("*_~`\"'“”‘’」』》>]】］)）}｝| \t")
_COLONS: Final = frozenset(":：")
#: Longest stage direction between a name and its colon, in characters.
_MAX_ASIDE: Final = 40
_FELT: Final = re.compile(r"[|｜] ?[^\W\d_]{1,16}(?:[ ,]{1,2}[^\W\d_]{1,16})? ?(?=[:：])")
_VERBS: Final = ("says", "said", "whispers", "replies", "responds", "answers", "说", "說", "回答", "回复", "回應")


#: What stands between a name and its colon when a model names its own words.
_OF_OWN: Final = (
    *(gap + word for gap in ("'s ", "’s ") for word in ("response", "reply", "answer", "line", "dialogue", "turn")),
    "的回复", "的回答", "的台词", "の返事", "の返答", "のセリフ",
)  # fmt: skip


class Whose(StrEnum):
    """Whose name stands before a colon. ``UNSURE``: more text must come first."""

    NOBODY = ""
    OWN = "own"
    OTHER = "other"
    UNSURE = "unsure"


class Names:
    """Knows the names that may stand before a colon."""

    _OWN = (
        "assistant", "ai", "response", "reply", "bot", "char", "host", "主播", "助手", "回复",
        "answer", "回答", "回复内容", "回答内容", "答复", "返答", "返信", "応答",
    )  # fmt: skip
    _OTHERS = (
        "user", "human", "viewer", "instruction", "input", "system", "observation", "action input", "用户",
        "观众", "系统",
    )  # fmt: skip

    def __init__(self, own: str, others: Sequence[str]) -> None:
        names = {other.casefold().strip()[:_MAX_NAME]: False for other in (*self._OTHERS, *others) if other.strip()}
        of_own = [own.strip() + of for of in _OF_OWN] if own.strip() else []
        names |= {name.casefold().strip()[:_MAX_NAME]: True for name in (*self._OWN, own, *of_own) if name.strip()}
        self._names = names
        self._longest_first = sorted(names, key=len, reverse=True)

    @property
    def known(self) -> frozenset[str]:
        """Return all names in small letters."""
        return frozenset(self._names)

    @property
    def own(self) -> frozenset[str]:
        """Return the host's own names in small letters."""
        return frozenset(name for name, own in self._names.items() if own)

    def match(self, window: str, *, open_end: bool) -> tuple[Whose, int]:
        """Return whose name with a colon opens the window, and how many characters that takes."""
        at = _skip(window, 0, _BEFORE)
        unsure = (Whose.UNSURE, 0) if open_end else (Whose.NOBODY, 0)
        rest = window[at:].casefold()
        if not rest:
            return unsure if len(window) <= _MAX_NAME else (Whose.NOBODY, 0)
        if len(rest) != len(window) - at:  # letters that grow when they are made small
            return Whose.NOBODY, 0
        may_grow = any(len(name) > len(rest) and name.startswith(rest) for name in self._longest_first)
        name = next((name for name in self._longest_first if rest.startswith(name)), None)
        if may_grow or name is None:
            return unsure if may_grow else (Whose.NOBODY, 0)
        behind = window[at + len(name) : at + len(name) + 1]
        if self._names[name] and behind and behind in "「『" and not name.isascii():  # as in the script of a play
            return Whose.OWN, at + len(name)
        end = _colon(window, at + len(name))
        if end is None:
            return unsure
        if end < 0 or window[end : end + 2] == "//":
            return Whose.NOBODY, 0
        end = _skip(window, end, frozenset("*_~`"))
        if end == len(window) and open_end:
            return unsure
        return (Whose.OWN if self._names[name] else Whose.OTHER), end


def _skip(text: str, at: int, signs: frozenset[str]) -> int:
    while at < len(text) and (text[at] in signs or _is_picture(text[at])):
        at += 1
    return at


def _is_picture(char: str) -> bool:
    return (char >= "\U0001f000" or "\u2190" <= char <= "\u2bff" or char in "\u200d\ufe0f") and not char.isalnum()


def _colon(text: str, at: int) -> int | None:
    """Return the index behind the colon that follows a name, -1 when none does, None when more text must come."""
    start = at
    while True:
        if at >= len(text):
            return None
        char = text[at]
        if char in _COLONS:
            return at + 1
        if at - start > _MAX_ASIDE:
            return -1
        if char in "|｜" and (end := text.find("]", at, start + _MAX_ASIDE)) > 0:  # [Mira | happy]:
            at = end + 1
            continue
        if char in "|｜" and (felt := _FELT.match(text, at)):  # Mira | happy:
            at = felt.end()
            continue
        closer = _OPENERS.get(char)
        if closer and (char != "*" or text[at - 1].isspace()):
            end = text.find(closer, at + 1, start + _MAX_ASIDE)
            if "\n" in text[at:end] if end > 0 else "\n" in text[at:]:
                return -1
            if end < 0:
                return None if len(text) < start + _MAX_ASIDE else -1
            at = end + 1
        elif char in _AFTER or _is_picture(char):
            at += 1
        else:
            verb = next((verb for verb in _VERBS if text.startswith(verb, at)), None)
            if verb is None:
                return None if any(verb.startswith(text[at:]) for verb in _VERBS) else -1
            at += len(verb)
