"""Models and servers that take no tools: they say so with an error, and are asked again without."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Final, cast
from weakref import WeakSet

from loguru import logger

from bot.errors import ProviderError
from bot.types import Delta, Llm, Prompt, Tool

_TOOLS: Final = re.compile(r"\b(?:tools?|tool_choice|tool_calls?|functions?|function.call(?:ing|s)?)\b", re.IGNORECASE)


class ToolSupport:
    """Knows which models of a chain take tools."""

    def __init__(self) -> None:
        self._without: WeakSet[Any] = WeakSet()

    def takes(self, llm: object) -> bool:
        """Return whether a model calls tools itself, as far as is known."""
        return llm not in self._without and bool(getattr(llm, "native_calls", True))

    async def reply(self, llm: Llm, prompt: Prompt, tools: Sequence[Tool]) -> AsyncIterator[Delta]:
        """Stream an answer; without the tools when the model refuses the question for their sake."""
        if tools and self.takes(llm):
            began = False
            try:
                async with aclosing(cast("Any", llm.reply(prompt, tools))) as deltas:
                    async for delta in deltas:
                        began = True
                        yield delta
            except ProviderError as error:
                if began or not _TOOLS.search(str(error)):
                    raise
                self._without.add(llm)
                logger.warning("a model takes no tools and is asked without them from now on: {}", error)
            else:
                return
        async with aclosing(cast("Any", llm.reply(prompt))) as deltas:
            async for delta in deltas:
                yield delta
