"""Read from a service's own words why it refuses a request: for a part that it does not know, or for what is asked."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

#: Words with which services refuse a part of a request, in all the wordings that were found.
_UNKNOWN: Final = re.compile(
    r"(?i)support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra (?:fields|inputs)|invalid"
    r"|deprecated|not (?:a )?valid|must be|only the default|cannot be|no such"
)
#: Words by which a filter of the service says that it dislikes what stands in the prompt.
_DISLIKED: Final = re.compile(
    r"(?i)content exists risk|data_?inspection_?failed|inappropriate content|flagged|moderation|content[_ ]filter"
    r"|content management policy|usage polic|safety|sensitive"
)
#: Another name by which a part is called.
_ALSO: Final = {"response_format": "json_schema|json mode|structured output", "chat_template_kwargs": "chat template"}


def unknown_part(said: str, parts: Collection[str]) -> str:
    """Return which of the ``parts`` of a request a refusal is about; empty when it is about none of them.

    The longest name counts: "reasoning_effort" before "reasoning".
    """
    if not _UNKNOWN.search(said):
        return ""
    for part in sorted(parts, key=len, reverse=True):
        names = f"{re.escape(part)}|{_ALSO[part]}" if part in _ALSO else re.escape(part)
        if re.search(rf"(?i)(?<![a-z_])(?:{names})(?![a-z_])", said):
            return part
    return ""


def dislikes_the_prompt(status: int, said: str) -> bool:
    """Return whether a refusal is about the words of the prompt: the next question may be welcome."""
    return status in (400, 403, 451) and bool(_DISLIKED.search(said))
