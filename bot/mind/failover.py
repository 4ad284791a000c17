"""Language models, one behind the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from bot.errors import TransientError
from bot.mind.budget.estimate import Measure
from bot.mind.budget.tally import Tally
from bot.mind.thoughts.filter import ThoughtFilter
from bot.mind.thoughts.wrapped import Unwrapper
from bot.mind.tool_support import ToolSupport
from bot.runtime.failover import Chain, Clock, Deadlines, Link, LinkState, OnFailure, open_links
from bot.runtime.link import ProviderState, as_provider_error
from bot.runtime.metering import CallPurpose, Consumption, Governor, ProviderKind, Ungoverned, purpose_now
from bot.runtime.opening import from_package
from bot.types import Delta, Health, Llm, Prompt, Tool, ToolCall, Usage

#: Once words were passed on no other link can take over, so a pause within an answer is borne for longer.
LLM_DEADLINES = Deadlines(first_s=2.5, last_first_s=12.0, gap_s=6.0)
#: Answers in a row without the closing mark after which a link is no longer taken for one that begins in a thought.
_FORGET_AFTER: Final = 2


class LlmChain:
    """Language models, one behind the other; itself an `Llm`."""

    def __init__(
        self, links: Sequence[Link[Llm]], on_failure: OnFailure | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._chain: Chain[Llm] = Chain(links, LLM_DEADLINES, on_failure, clock, check=lambda llm: llm.check())
        self._on_failure = on_failure
        self._habits: dict[str, _Habit] = {}
        self._tools = ToolSupport()
        self._measures: dict[str, Measure] = {}
        #: Who counts what the calls take, and says which links may be asked.
        self.governor: Governor = Ungoverned()

    def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer of the first model that gives one, without its thoughts.

        Some servers open the thought in the prompt, so that an answer has the closing mark alone. The first such answer
        comes as it is, the mark included, unless its model is known to think (``begins_in_thought``); from then on the
        link is known for it.
        """
        return self.stream(prompt, tools)

    def stream(self, prompt: Prompt, tools: Sequence[Tool], *, counted: bool = True) -> AsyncIterator[Delta]:
        """Stream an answer as `reply` does; with ``counted`` off, what happens leaves no trace on the links."""
        purpose = purpose_now(CallPurpose.REPLY if counted else CallPurpose.BESIDE)
        wanted = self.governor.fitted(prompt, purpose)
        return self._chain.stream(
            lambda llm: self._metered(llm, wanted, tools, purpose),
            sound=is_delta,
            sieve=lambda link: _AnswerSieve(self._habit_of(link), wanted, aside=not counted),
            rank=lambda name: self.governor.rank(ProviderKind.LLM, name, purpose),
            counted=counted,
        )

    async def _metered(
        self, llm: Llm, prompt: Prompt, tools: Sequence[Tool], purpose: CallPurpose
    ) -> AsyncIterator[Delta]:
        """Stream what a link answers, and count it when it is over, however it ends."""
        name = next((name for name, one in self._chain.providers() if one is llm), "")
        tally = Tally(prompt, tools, self._measures.setdefault(name, Measure()))
        try:
            answer = self._tools.reply(llm, prompt, tools) if tools else llm.reply(prompt)
            async with aclosing(cast("Any", answer)) as deltas:
                async for delta in deltas:
                    tally.take(delta)
                    yield delta
        except Exception:
            tally.refused = True
            raise
        finally:
            read, written, estimated = tally.total()
            self.governor.count(Consumption(ProviderKind.LLM, name, purpose, read, written, estimated=estimated))

    def _habit_of(self, link: Link[Llm]) -> _Habit:
        first = bool(getattr(link.provider, "begins_in_thought", False))
        return self._habits.setdefault(link.name, _Habit(inside=first))

    def may_be_asked(self, purpose: CallPurpose) -> bool:
        """Return whether any link may be asked for a purpose; whether it can be is another question."""
        return any(
            self.governor.rank(ProviderKind.LLM, name, purpose) is not None for name, _ in self._chain.providers()
        )

    def aside(self) -> Llm:
        """Return the same models for questions beside the show, whose failures must not make a link rest."""
        return _Aside(self)

    async def warm(self, prompt: Prompt) -> None:
        """Warm the models that run here with the prompt. A failure is reported, not raised."""
        for name, llm in self._chain.providers():
            if warm := getattr(llm, "warm", None):
                try:
                    async with asyncio.timeout(LLM_DEADLINES.total_s):
                        await warm(prompt)
                except Exception as error:  # noqa: BLE001 - a provider that raises anything is a failed provider
                    if self._on_failure is not None:
                        self._on_failure(name, as_provider_error(error, name))

    @property
    def native_calls(self) -> bool:
        """Whether the model that would be asked now calls tools itself."""
        up = {link.name for link in self._chain.states() if link.state is ProviderState.UP}
        models = self._chain.providers()
        first = next((llm for name, llm in models if name in up), models[0][1] if models else None)
        return first is not None and self._tools.takes(first)

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check()

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()

    async def retry_now(self, name: str) -> LinkState:
        """Try a link at once; see `Chain.retry_now`."""
        return await self._chain.retry_now(name)

    async def revive(self, within_s: float) -> bool:
        """Ask the links whether they are back, those that may be asked; see `Chain.revive`."""
        return self.may_be_asked(CallPurpose.REPLY) and await self._chain.revive(within_s)


class _Aside:
    """A chain's models, asked without a trace on its links."""

    def __init__(self, llm: LlmChain) -> None:
        self._llm = llm

    def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer of the first model that gives one."""
        return self._llm.stream(prompt, tools, counted=False)

    async def check(self) -> Health:
        """Check all links."""
        return await self._llm.check()


@dataclass(slots=True)
class _Habit:
    """What is known of a link's answers: whether they begin within a thought, and how many lately did not end it."""

    inside: bool = False
    unclosed: int = 0


class _AnswerSieve:
    """Lets the words and calls of one answer through; thoughts only show that the model makes progress."""

    def __init__(self, habit: _Habit, prompt: Prompt, *, aside: bool) -> None:
        self._habit = habit
        self._max_tokens = prompt.max_tokens
        # Who asks for data gets it as it is.
        self._unwrapper = None if prompt.schema or prompt.grammar else Unwrapper(keeps=aside)
        self._filter = ThoughtFilter(inside=habit.inside)
        self._answered = False
        self._usage: Usage | None = None

    def begins(self, item: Delta) -> bool:
        """Return whether a piece has words or a call."""
        return bool(item.text) or item.call is not None

    def take(self, item: Delta) -> list[Delta]:
        """Return the piece without what is a thought."""
        text = self._filter.feed(item.text)
        self._note()
        self._usage = item.usage or self._usage
        return self._passed(Delta(self._unwrapped(text), item.call))

    def end(self) -> list[Delta]:
        """Return what was held back. Raises `TransientError` when there was no answer."""
        text = self._filter.flush()
        self._note()
        if not self._filter.closed:
            text += self._unclosed()
        text = self._unwrapped(text, final=True)
        passed = self._passed(Delta(text, usage=self._usage))
        if not self._answered:
            raise TransientError("the answer was empty, a thought that did not end, or data without words")
        return passed

    def _unwrapped(self, text: str, *, final: bool = False) -> str:
        if self._unwrapper is None:
            return text
        return self._unwrapper.feed(text) + (self._unwrapper.flush() if final else "")

    def _passed(self, item: Delta) -> list[Delta]:
        self._answered = self._answered or item.call is not None or bool(item.text.strip())
        return [item] if item.text or item.call or item.usage else []

    def _note(self) -> None:
        if self._filter.lonely:
            self._habit.inside, self._habit.unclosed = True, 0
        elif self._habit.inside and self._filter.closed:
            self._habit.unclosed = 0

    def _unclosed(self) -> str:
        """Return the answer of a link that was thought to begin in a thought and did not.

        When the model ended by itself, before its tokens ran out, it was no thought. Else nobody can tell.
        """
        self._habit.unclosed += 1
        whole = self._usage is not None and 0 < self._usage.completion < self._max_tokens
        if whole or self._habit.unclosed >= _FORGET_AFTER:
            self._habit.inside, self._habit.unclosed = False, 0
        return self._filter.leftover() if whole else ""


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
