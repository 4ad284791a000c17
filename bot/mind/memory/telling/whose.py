"""Tell of whom a viewer's line speaks: of themselves, of the host, or of neither alone.

"What is my cat called?" is answered by what the viewer told, "what is your favourite colour?" by the host's own pages.
A small model takes the one for the other when it is given both.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Whose(StrEnum):
    """Of whom a line speaks."""

    ASKER = "asker"
    HOST = "host"
    OPEN = "open"


#: What speaks to the host and asks nothing about it ("do you remember", "tell me", "can you guess").
_ASIDE: Final = re.compile(
    r"\b(?:do|did|can|could|would|will) you (?:still |please |even )?(?:remember|recall|know|guess|tell|say)\b"
    r"|\b(?:you (?:still )?(?:remember|know)|i (?:told|asked) you|thank you)\b"
    r"|\b(?:(?:tell|show|remind|give|let|help|explain to) me"
    r"|i (?:wonder|mean|guess|think|heard)|excuse me|may i ask|if you know|what do you think)\b"
    r"|你(?:还|还能|能|可以|应该|会)?(?:记得|知道|猜|说说|告诉)|(?:告诉|提醒|帮|给|跟|教|问|和)我|我(?:想问|问你|跟你说|告诉过你)|请问"
    r"|(?:あなたは?|君は?)?(?:覚えて|知って)(?:いる|る|ます)?|教えて",
    re.IGNORECASE,
)
_ASKER: Final = re.compile(r"\b(?:my|mine|myself|i|i'?m|i'?ve|me)\b|我(?!们|們)|俺|私|僕|うち", re.IGNORECASE)
_HOST: Final = re.compile(r"\b(?:you|your|yours|yourself|you'?re|u|ur)\b|你|您|妳|あなた|君|主播", re.IGNORECASE)
#: What asks for a fact of the viewer's own life, which no page of the host's has.
_PERSONAL: Final = re.compile(
    r"\b(?:what|who|where|when|which|how old)\b(?:'s| is| are| was| were| do you (?:call|think is))? (?:\w+ ){0,2}?my\b"
    r"|\b(?:do|did|am|can|can't|cannot) i (?:not )?"
    r"(?:live|work|study|come from|like|love|hate|called|have|own|stand|play|eat)\b"
    r"|\bmy \w+(?:'s)? (?:name|birthday|job|age)\b|\bwho am i\b|^\W*my \w+(?: \w+)?\W*$"
    r"|我(?!们|們)(?:的|家|养)?[^，。？?!！]{0,8}(?:叫|是|在|住)?(?:什么|谁|哪|几|多大)|我(?:住|叫|喜欢|讨厌|学|做|最).{0,8}[？?吗么什]"
    r"|(?:私|僕|俺|うち)の.{1,10}(?:名前|は何|はどこ|はいつ|は誰)",
    re.IGNORECASE,
)


def whose(line: str) -> Whose:
    """Return of whom a line speaks, by its pronouns; one that names both speaks of neither alone."""
    said = _ASIDE.sub(" ", line.replace("’", "'"))
    asker, host = bool(_ASKER.search(said)), bool(_HOST.search(said))
    if asker == host:
        return Whose.OPEN
    return Whose.ASKER if asker else Whose.HOST


def is_personal(line: str) -> bool:
    """Return whether a line asks for a fact of its writer's own life."""
    return whose(line) is Whose.ASKER and bool(_PERSONAL.search(_ASIDE.sub(" ", line.replace("’", "'"))))
