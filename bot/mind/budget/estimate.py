"""Estimates tokens where no provider counted them: before a call, and of a stream that was cut.

The measure is learnt for each link from the calls that were counted, so that the estimate fits the model's own
tokenizer after a few answers.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.types import Prompt, Tool

#: Characters of a token, as Qwen2.5's tokenizer has them in English and in Chinese.
NARROW, WIDE = 4.4, 1.35
#: Tokens that a chat template puts around each line.
AROUND: Final = 4
#: A counted call changes the measure by so much, and the measure stays within these bounds.
_LEARNT: Final = 0.2
_LEAST, _MOST = 0.25, 4.0
#: Estimates of fewer tokens say nothing about the measure.
_TELLING: Final = 8


def tokens(text: str) -> float:
    """Return about how many tokens a text has."""
    if text.isascii():
        return len(text) / NARROW
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return (len(text) - wide) / NARROW + wide / WIDE


def prompt_tokens(prompt: Prompt, tools: Sequence[Tool] = ()) -> float:
    """Return about how many tokens a model reads for a prompt."""
    shown = sum(tokens(f"{tool.name} {tool.about} {json.dumps(dict(tool.schema))}") + AROUND for tool in tools)
    return sum(tokens(line.text) + AROUND for line in prompt.lines) + shown


@dataclass(slots=True)
class Measure:
    """How many tokens a link counts for one that is estimated, read and written."""

    read: float = 1.0
    written: float = 1.0
    _met: bool = False

    def learn(self, estimated: tuple[float, float], counted: tuple[int, int]) -> None:
        """Learn from a call that the provider counted; both are tokens read and written."""
        share = _LEARNT if self._met else 1.0
        self.read = _moved(self.read, estimated[0], counted[0], share)
        self.written = _moved(self.written, estimated[1], counted[1], share)
        self._met = True


def _moved(before: float, estimated: float, counted: int, share: float) -> float:
    if estimated < _TELLING or counted <= 0:
        return before
    return before + share * (min(_MOST, max(_LEAST, counted / estimated)) - before)
