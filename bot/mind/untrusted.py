"""Make what viewers wrote fit to be data in a prompt: it cannot look like a part of the prompt itself."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from bot.text.sanitize import one_line

#: Longest viewer line and longest name that the model is shown, in characters.
MAX_LINE: Final = 500
MAX_NAME: Final = 40

#: Look-alikes of the brackets and bars that chat templates are written with.
_BRACKETS: Final = str.maketrans("＜﹤〈⟨‹《＞﹥〉⟩›》［【］】｜∣❘ǀ", "<<<<<<>>>>>>[[]]||||")
#: Marks of templates that are not written with angle brackets.
_SQUARE: Final = re.compile(
    r"\[(?=\s*/?\s*(?:inst|sys|system|system_prompt|available_tools|tool_calls|tool_results|assistant|user)\b)",
    re.IGNORECASE,
)
#: A line that begins like a turn of another template ("### System:", "Assistant:").
_ROLE: Final = re.compile(
    r"(?i)(?:#{2,}\s*)?\b(system|assistant|user|human|developer|instruction|response|tool)(?:\s+(?:message|prompt|note))?\s*[:：]"
)
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "|": "\\u007c"})
_JOINER: Final = "\u200d"


# Words by which chat templates mark where a speaker begins and ends: <|im_end|>, </s>, <start_of_turn>, [INST].
# Local servers turn them into control tokens wherever they stand, so one in a chat line would let a viewer
# speak as the system. No honest line needs them, so their bracket is replaced by one that no template knows.
# The mark of a prompt, eight hexadecimal digits, is none of them: what the system line names must stand in the prompt.
_ANGLE = re.compile(r"<(?!/?[0-9a-f]{8}>)(?=<?[/|｜]*[\w.:▁-]{1,60}[/|｜]*>)")
_ROLE_MARK = re.compile(r"\[(?=/?[A-Z_]{3,40}\])")


def visible(text: str, limit: int) -> str:
    """Return what can be seen of a text, on one line of at most ``limit`` characters; the joiner of emoji stays."""
    return one_line(text[: 4 * limit], limit, keep=_JOINER)


def as_data(item: Mapping[str, object], mark: str) -> str:
    """Return an item as one line of JSON that holds no mark of a prompt or a template.

    The brackets of templates become JSON escapes: they mean the same, and no template reads them as its own.
    ``mark`` is removed, in whatever letters it is written.
    """
    safe = {key: _tame(value, mark) if isinstance(value, str) else value for key, value in item.items()}
    body = json.dumps(safe, ensure_ascii=False)
    return _SQUARE.sub(r"\\u005b", body.translate(_ESCAPES))


def _tame(text: str, mark: str) -> str:
    text = text.translate(_BRACKETS)
    plain = unicodedata.normalize("NFKC", text)
    # What stood on both sides of a mark may be one itself.
    while mark in plain.casefold() and (less := re.sub(re.escape(mark), "", plain, flags=re.IGNORECASE)) != plain:
        text = plain = less
    return _ROLE.sub(r"\1 -", text)


def harmless(text: str) -> str:
    """Return a text in which no control word of a chat template works: its first bracket is replaced."""
    return _ROLE_MARK.sub("(", _ANGLE.sub("‹", text))
