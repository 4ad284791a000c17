"""Language models, one behind the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from bot.errors import ProviderError
from bot.runtime.failover import Chain, Clock, Deadlines, Link, LinkState, OnFailure, open_links
from bot.types import Delta, Health, Llm, Prompt, Tool

LLM_DEADLINES = Deadlines(first_s=2.5, last_first_s=12.0)


class LlmChain:
    """Language models, one behind the other; itself an `Llm`."""

    def __init__(
        self, links: Sequence[Link[Llm]], on_failure: OnFailure | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._chain = Chain(links, LLM_DEADLINES, on_failure, clock)
        self._on_failure = on_failure

    def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer of the first model that gives one."""
        return self._chain.stream(lambda llm: llm.reply(prompt, tools))

    async def warm(self, prompt: Prompt) -> None:
        """Let the models that run here read the prompt ahead. A failure is reported, not raised."""
        for name, llm in self._chain.providers():
            if warm := getattr(llm, "warm", None):
                try:
                    async with asyncio.timeout(LLM_DEADLINES.total_s):
                        await warm(prompt)
                except (ProviderError, TimeoutError) as error:
                    if self._on_failure is not None:
                        self._on_failure(name, error)

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check(lambda llm: llm.check())

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()


@asynccontextmanager
async def open_llm(
    entries: Iterable[Mapping[str, Any]], on_failure: OnFailure | None = None
) -> AsyncIterator[LlmChain]:
    """Open the language models of a configuration; see `open_links`."""
    async with open_links("bot.mind.llm", entries, on_failure) as links:
        yield LlmChain(cast("list[Link[Llm]]", links), on_failure)
