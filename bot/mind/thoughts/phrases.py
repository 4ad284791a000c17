"""Recognise thoughts that are announced in plain words: "Here is my thought process:", ``analysisThe user says``.

The second is what is left of gpt-oss's channels when a server strips its control tokens. "Okay, the user says hi" opens
one, too: a server that strips the opening mark leaves the closing one. "Sure! Here's a short reply:" is no thought, and
no part of the answer either.
"""

from __future__ import annotations

import re
from typing import Final

from bot.mind.thoughts import prefaces

#: Characters of decoration and white space that may stand before the words.
_DECORATION: Final = " \t\n*#_>"
_MAX_LEAD: Final = 32

_WHAT: Final = (
    "thought process",
    "thinking process",
    "reasoning process",
    "reasoning steps",
    "chain of thought",
    "internal monologue",
    "inner monologue",
    "internal thoughts",
    "inner thoughts",
    "scratchpad",
    "thinking",
    "thought",
    "reasoning",
)
_INTRO: Final = ("here is my ", "here's my ", "here’s my ", "here are my ", "my ", "")
_EASTERN: Final = (
    "分析", "思路",
    "思考", "思考过程", "思考過程", "思维过程", "推理", "推理过程", "推論", "内心独白", "内心思考", "思考プロセス",
)  # fmt: skip
_PHRASES: Final = (*(intro + what for intro in _INTRO for what in _WHAT), *_EASTERN)
_OPENING: Final = re.compile(
    rf"(?i)[{_DECORATION}]*(?:"
    + "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(_PHRASES, key=len, reverse=True))
    + r")[*_ ]{0,3}[:：]"
)
#: A heading of its own line, without a colon.
_HEADED: Final = re.compile(
    r"(?i)\s*(?:#{1,6}\s*|\*\*)(?:"
    + "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(_PHRASES, key=len, reverse=True))
    + r")(?:\*\*)?[ \t]{0,3}\n"
)
_HEADED_ANSWERS: Final = re.compile(
    r"(?i)(?:^|\n)\s*(?:#{1,6}\s*|\*\*)(?:my\s+)?(?:final\s+|最终|最終)?"
    r"(?:answer|response|reply|output|回答|回复|答案|答え|回應)(?:\*\*)?[ \t]{0,3}[:：\n]"
)
_DOTS: Final = re.compile(r"(?i)\s*thinking(?:\.\.\.|…)\n")
_DOTS_START: Final = "thinking...\n"
_GLUED: Final = ("analysis", "commentary", "assistantanalysis", "assistantcommentary")
_MESSAGE: Final = "<|message|>"

#: Where the answer begins after such a thought.
_ANSWERS: Final = re.compile(
    r"(?i)(?:here(?:'s|’s| is| are)\s+my\s+(?:final\s+)?(?:response|answer|reply)"
    r"|(?:^|\n)[\s*#_>-]{0,6}(?:my\s+)?(?:final\s+|最终|最終)?(?:answer|response|reply|output|回答|回复|答案|答え|回應))"
    r"[*_ ]{0,3}[:：]"
)
_CLOSED: Final = re.compile(rf"(?i)</[a-z_:|]{{2,24}}>|◁/think▷|\[/THINK\]|{_ANSWERS.pattern.removeprefix('(?i)')}")
_AT_ONCE: Final = re.compile("")
_DONE: Final = re.compile(r"(?i)done thinking[.\n]")
_FINAL: Final = re.compile(r"assistant\s{0,2}final|\n\s{0,4}final\s?[:：]")
_KINDS: Final = (
    (_OPENING, _ANSWERS),
    (_HEADED, _HEADED_ANSWERS),
    (_DOTS, _DONE),
    (prefaces.ABOUT_THE_USER, _CLOSED),
    (prefaces.PREFACE, _AT_ONCE),
)
#: Longest text that one of the three needs to be found in, in characters.
TAIL: Final = 64


class Undecided:
    """More text must come first."""


UNDECIDED: Final = Undecided()


def opening(text: str, *, final: bool) -> tuple[re.Pattern[str], int] | Undecided | None:
    """Look at the start of a reply. Return what ends the thought that it begins with and how many characters open it.

    None: it begins with no such thought.
    """
    start = text.lstrip(_DECORATION)
    if len(text) - len(start) > _MAX_LEAD:
        return None
    lead = len(text) - len(start)
    for word in _GLUED:
        if start.startswith(word):
            behind = start[len(word) :]
            if not final and (not behind or (_MESSAGE.startswith(behind) and behind != _MESSAGE)):
                return UNDECIDED
            if behind.startswith(_MESSAGE):
                return _FINAL, lead + len(word) + len(_MESSAGE)
            glued = bool(behind) and (
                word.startswith("assistant") or behind[0].isupper() or behind[0] in "\n:" or behind[0] > "\u2e80"
            )
            return (_FINAL, lead + len(word)) if glued else None
    for pattern, ends in _KINDS:
        if found := pattern.match(text):
            if pattern is prefaces.ABOUT_THE_USER and found.end() == len(text) and not final:
                return UNDECIDED  # the last word may go on: "to the" and "to them"
            return ends, found.end()
    return UNDECIDED if not final and _may_open(start) else None


def _may_open(start: str) -> bool:
    if any(word.startswith(start) for word in _GLUED) or _DOTS_START.startswith(start.casefold().replace("…", "...")):
        return True
    so_far = re.sub(r"\s+", " ", start.casefold())
    bare = so_far.rstrip("*_ ")
    if bare in _PHRASES and len(so_far) - len(bare) <= len("** "):
        return True
    return any(phrase.startswith(so_far) for phrase in _PHRASES) or prefaces.may_open(so_far)
