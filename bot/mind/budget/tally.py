"""Counts one call of a model while it streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bot.mind.budget.estimate import Measure, prompt_tokens, tokens
from bot.types import Delta, Prompt, Tool, ToolCall, Usage

#: No call has more tokens; a count above it is a mistake of the server.
MAX_TOKENS: Final = 10_000_000


class Tally:
    """What one call took so far.

    A provider that counts is believed, as far as its count can be true. A stream that was cut sends no count: then
    the prompt counts as it is estimated, and the answer as far as it came. A call that the provider refused before
    anything came took nothing.
    """

    def __init__(self, prompt: Prompt, tools: Sequence[Tool], measure: Measure) -> None:
        self.refused = False
        self._prompt = prompt
        self._tools = tools
        self._measure = measure
        self._said: list[str] = []
        self._came = False
        self._usage: Usage | None = None

    def take(self, item: Any) -> None:
        """Take the next piece, which may be of any type."""
        self._came = True
        if not isinstance(item, Delta):
            return
        text: Any = item.text
        if isinstance(text, str):
            self._said.append(text)
        if isinstance(item.call, ToolCall):
            self._said.append(f"{item.call.name} {item.call.arguments}")
        if isinstance(item.usage, Usage):
            self._usage = item.usage

    def total(self) -> tuple[int, int, bool]:
        """Return the tokens read and written, and whether any of it is an estimate."""
        if self.refused and not self._came:
            return 0, 0, False
        read, written = prompt_tokens(self._prompt, self._tools), tokens("".join(self._said))
        usage = self._usage
        counted = (_count(usage.prompt), _count(usage.completion)) if usage else (0, 0)
        if all(counted):
            self._measure.learn((read, written), counted)
        guessed = (round(read * self._measure.read), round(written * self._measure.written))
        # A server that counts nothing where something was read or written does not count at all.
        return counted[0] or guessed[0], counted[1] or guessed[1], not counted[0] or (not counted[1] and written > 0)


def _count(number: Any) -> int:
    """Return a count of tokens that can be true, else 0."""
    true = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= MAX_TOKENS
    return number if true else 0
