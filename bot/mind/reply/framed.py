"""Recognise directions in frames that are no brackets (``~giggles~``), and lines of a reply about itself."""

from __future__ import annotations

import re
from typing import Final

from bot.mind.reply.acting import is_aside, may_be_aside
from bot.mind.reply.markup import HOLD, feeling_line

#: What `unheard` returns for a line that is left out to its end.
WHOLE_LINE: Final = HOLD + 1
#: Signs that stand on both sides of a direction at the start of a sentence.
_FRAMES: Final = {"--": "--", "——": "——", "::": "::", "~~": "~~", "-": "-", "–": "–", "—": "—", "~": "~", "～": "～"}
_FRAMES_OF_TWO: Final = {"|": "|", "｜": "｜", "⟨": "⟩", "﹝": "﹞", "❲": "❳", "«": "»", "‹": "›", "❬": "❭", "［": "］"}
_OPENERS: Final = frozenset("".join((*_FRAMES, *_FRAMES_OF_TWO)))

#: How a line opens that may tell of the reply and not of the show, and what it holds then.
_LEADS: Final = (
    "let me know if ", "please let me know if ", "i hope this ", "hope this ", "this response ", "this reply ",
    "this answer ", "the response ", "the reply ", "my response ", "would you like me to ", "feel free to ",
    "希望这个", "希望以上", "希望我的", "希望这样的", "以上是", "以上就是", "以上回", "以上为", "如果需要", "如需",
    "如果你想", "如果您", "字数", "文字数", "word count", "character count", "この返", "この回答", "以上が", "以上の返",
)  # fmt: skip
_ITSELF: Final = re.compile(
    r"(?i)(?:(?:(?:word|character) count|字数|文字数) ?[:：] ?[0-9]"
    r"|(?:(?:please )?let me know|would you like me|feel free|i? ?hope this)\b[^\n]{0,60}\b"
    r"(?:adjust|chang|tones?\b|style\b|versions?\b|shorter|longer|rewrit|repl(?:y|ies)\b|response|revis|tweak|modif|character\b)"
    r"|(?:this|the|my) (?:response|reply|answer) (?:keeps|stays|captures|maintains|uses|aims|fits|reflects|follows"
    r"|should|is (?:short|under|within|in |playful|concise|brief|meant|written))"
    r"|(?:希望|以上|如)[^\n]{0,14}(?:回复|回答|答复|语气|风格|字数|要求|人设|台词)"
    r"|この(?:返答|返信|回答)[^\n]{0,24}(?:口調|文字|キャラ|意識|設定)|以上(?:が|の)[^\n]{0,6}(?:返答|返信|回答))"
)


def unheard(window: str, *, line: bool, behind: bool, open_end: bool) -> tuple[str, int]:
    """Return what the window opens with to be acted and not said, and its length; 0: there is none.

    ``line``: a line begins. ``behind``: words of the reply stand before it. -1: more text must come first.
    """
    if line:
        felt, taken = feeling_line(window, open_end=open_end)
        if taken:
            return felt, taken
        if behind and (told := about_itself(window, open_end=open_end)):
            return "", -1 if told < 0 else WHOLE_LINE
    return direction(window, open_end=open_end)


def direction(window: str, *, open_end: bool) -> tuple[str, int]:
    """Return the direction that opens the window and its length with the frame; 0 and -1 as for `unheard`."""
    if window[0] not in _OPENERS:
        return "", 0
    opener = next((sign for sign in (window[:2], window[:1]) if sign in _FRAMES or sign in _FRAMES_OF_TWO), "")
    if len(window) < 3 and open_end:
        return "", -1
    if not opener or not window[len(opener) : len(opener) + 1].isalpha():
        return "", 0
    closer = _FRAMES.get(opener) or _FRAMES_OF_TWO[opener]
    line = window[len(opener) :].partition("\n")[0]
    content, found, behind = line.partition(closer)
    if not found:
        more = open_end and len(line) == len(window) - len(opener) and may_be_aside(line)
        return "", -1 if more else 0
    if not behind and open_end and len(window) < HOLD:
        return "", -1
    if behind[:1].isalnum() and behind[:1].isascii():
        return "", 0
    return (content, len(opener) + len(content) + len(closer)) if is_aside(content, opens=True) else ("", 0)


def about_itself(window: str, *, open_end: bool) -> int:
    """Return 1 when the line that opens the window tells of the reply; 0: it does not, -1: more must come first."""
    start = window.casefold()
    if not any(start.startswith(lead) for lead in _LEADS):
        return -1 if open_end and any(lead.startswith(start) for lead in _LEADS) else 0
    if _ITSELF.match(window):
        return 1
    return -1 if open_end and "\n" not in window else 0
