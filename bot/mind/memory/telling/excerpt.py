"""Shorten a passage to the sentences that a question is about, so that it fits where the whole does not."""

from __future__ import annotations

import re
from typing import Final

from bot.mind.memory.history import estimate_tokens
from bot.mind.memory.search.terms import terms
from bot.text.scripts import join

#: Where a passage may be cut: behind a sentence, and behind a part of one in Chinese and Japanese, which are long.
_ENDS: Final = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])")


def excerpt(text: str, question: str, tokens: int) -> str:
    """Return the sentences of a text that share most with a question, in their order, within ``tokens``.

    The whole text where it fits; empty where not even one sentence does. Of sentences that share as much, the first.
    """
    if estimate_tokens(text) <= tokens:
        return text
    sentences = [part for part in _ENDS.split(text) if part.strip()]
    asked = terms(question)
    shared = [sum(min(count, asked.get(term, 0.0)) for term, count in terms(part).items()) for part in sentences]
    chosen: list[int] = []
    for at in sorted(range(len(sentences)), key=lambda at: (-shared[at], at)):
        if chosen and not shared[at]:
            break
        if estimate_tokens(join([sentences[i] for i in sorted([*chosen, at])])) <= tokens:
            chosen.append(at)
    return join([sentences[at] for at in sorted(chosen)])
