"""Models and servers that take no tools: they say so with an error, and are asked again without."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Final, cast

from loguru import logger

from bot.errors import ProviderError
from bot.types import Delta, Llm, Prompt, Tool

_TOOLS: Final = re.compile(r"\b(?:tools?|tool_choice|tool_calls?|functions?|function.call(?:ing|s)?)\b", re.IGNORECASE)
#: Providers that are known to take none; more of them no chain has.
_REMEMBERED: Final = 32


class ToolSupport:
    """Knows which models of a chain take tools."""

    def __init__(self) -> None:
        # By identity: nobody promises that a provider can be hashed. A provider opened anew is asked anew.
        self._without: deque[Any] = deque(maxlen=_REMEMBERED)

    def takes(self, llm: object) -> bool:
        """Return whether a model calls tools itself, as far as is known."""
        return all(known is not llm for known in self._without) and bool(getattr(llm, "native_calls", True))

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
                self._without.append(llm)
                logger.warning("a model takes no tools and is asked without them from now on: {}", error)
            else:
                return
        async with aclosing(cast("Any", llm.reply(prompt))) as deltas:
            async for delta in deltas:
                yield delta
