"""Language models, one behind the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from bot.runtime.failover import Chain, Clock, Deadlines, Link, LinkState, OnFailure, open_links
from bot.runtime.link import as_provider_error
from bot.runtime.opening import from_package
from bot.types import Delta, Health, Llm, Prompt, Tool, ToolCall, Usage

LLM_DEADLINES = Deadlines(first_s=2.5, last_first_s=12.0)


class LlmChain:
    """Language models, one behind the other; itself an `Llm`."""

    def __init__(
        self, links: Sequence[Link[Llm]], on_failure: OnFailure | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._chain: Chain[Llm] = Chain(links, LLM_DEADLINES, on_failure, clock, check=lambda llm: llm.check())
        self._on_failure = on_failure

    def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer of the first model that gives one."""
        return self._chain.stream(lambda llm: llm.reply(prompt, tools), sound=is_delta)

    def aside(self) -> Llm:
        """Return the same models for questions beside the show, whose failures must not make a link rest."""
        return _Aside(self, self._chain)

    async def warm(self, prompt: Prompt) -> None:
        """Let the models that run here read the prompt ahead. A failure is reported, not raised."""
        for name, llm in self._chain.providers():
            if warm := getattr(llm, "warm", None):
                try:
                    async with asyncio.timeout(LLM_DEADLINES.total_s):
                        await warm(prompt)
                except Exception as error:  # noqa: BLE001 - a provider that raises anything is a failed provider
                    if self._on_failure is not None:
                        self._on_failure(name, as_provider_error(error, name))

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check()

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()

    async def retry_now(self, name: str) -> LinkState:
        """Try a link at once; see `Chain.retry_now`."""
        return await self._chain.retry_now(name)


class _Aside:
    """A chain's models, asked without a trace on its links."""

    def __init__(self, llm: LlmChain, chain: Chain[Llm]) -> None:
        self._llm = llm
        self._chain = chain

    def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer of the first model that gives one."""
        return self._chain.stream(lambda llm: llm.reply(prompt, tools), sound=is_delta, counted=False)

    async def check(self) -> Health:
        """Check all links."""
        return await self._llm.check()


def is_delta(item: Any) -> bool:
    """Return whether an item of a reply has the types that `Delta` promises."""
    if not isinstance(item, Delta):
        return False
    text, call, usage = cast("tuple[Any, Any, Any]", (item.text, item.call, item.usage))
    return isinstance(text, str) and isinstance(call, ToolCall | None) and isinstance(usage, Usage | None)


@asynccontextmanager
async def open_llm(
    entries: Sequence[Mapping[str, Any]], on_failure: OnFailure | None = None
) -> AsyncIterator[LlmChain]:
    """Open the language models of a configuration; see `open_links`."""
    clock = asyncio.get_running_loop().time
    async with open_links(from_package("bot.mind.llm"), entries, on_failure, clock) as links:
        yield LlmChain(cast("list[Link[Llm]]", links), on_failure, clock)
