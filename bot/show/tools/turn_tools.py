"""The tools in one turn: what the model is offered, the calls it makes while it speaks, and what goes on with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from loguru import logger

from bot.mind.tools.decision import decide
from bot.mind.tools.function import Asker, Outcome, Result
from bot.mind.tools.toolbox import ToolBox, TurnState
from bot.mind.tools.wishes import dice
from bot.types import Llm, Prompt, Tool, ToolCall

#: Longest that a model is waited for that decides which tool a line asks for, in seconds.
DECIDE_S = 6.0
#: Returns a prompt that goes on with what was said so far and what the calls came to.
GoOn = Callable[[Prompt, str, Sequence[Result]], Prompt]


class TurnTools:
    """The tools of one turn. ``native``: the model calls them itself; else it is asked what the line asks for."""

    def __init__(self, box: ToolBox, asker: Asker, decider: Callable[[], Llm], go_on: GoOn, *, native: bool) -> None:
        self.rounds = box.settings.rounds
        self._box = box
        self._state = TurnState(asker, decided=not native)
        self._decider = decider
        self._go_on = go_on
        self._native = native
        self._calls: list[asyncio.Task[Result]] = []
        self._last = False

    @property
    def offered(self) -> Sequence[Tool]:
        """What the model is told that it may call now."""
        if not self._native or self._last or self._state.calls >= self._box.settings.max_calls:
            return ()
        return self._box.tools(self._state.asker, tainted=self._state.tainted)

    @property
    def wished(self) -> bool:
        """Whether the words that the turn answers seem to ask for a tool."""
        return bool(self._box.wished(self._state.asker))

    @property
    def asks_first(self) -> bool:
        """Whether the model must be asked about the line before it replies."""
        return not self._native and self.wished

    @property
    def called(self) -> bool:
        """Whether calls were begun that nobody has the results of yet."""
        return bool(self._calls)

    def begin(self, call: ToolCall, group: asyncio.TaskGroup) -> None:
        """Begin a call beside what is said. It ends with the group."""
        self._calls.append(group.create_task(self._box.call(call, self._state)))

    @property
    def plain(self) -> ToolCall | None:
        """The call that the line asks for so plainly that no model need be asked; None for any other line."""
        asker = self._state.asker
        if [f.name for f in self._box.wished(asker)] != ["roll"] or (rolled := dice(asker.words)) is None:
            return None
        return ToolCall("plain", "roll", json.dumps(rolled))

    async def first(self) -> ToolCall | None:
        """Return the call that the line asks for; None for none, and when no model decides in time."""
        asker = self._state.asker
        try:
            async with asyncio.timeout(DECIDE_S):
                return await decide(self._decider(), asker.words, self._box.wished(asker))
        except Exception as error:  # noqa: BLE001 - whatever a provider raises, the line is answered without a tool
            logger.info("no model decided about a tool: {}", str(error) or type(error).__name__)
            return None

    async def go_on(self, prompt: Prompt, said: str, *, last: bool) -> Prompt | None:
        """Wait for the calls; return the prompt that goes on with them, None when nothing is left to be said.

        ``said`` is what was said since the prompt. After the ``last`` of them no tools are offered any more.
        """
        results = await asyncio.gather(*self._calls)
        self._calls.clear()
        self._last = last
        functions = self._box.functions()
        silent = all(
            r.outcome is Outcome.DONE and (f := functions.get(r.tool)) is not None and f.effect for r in results
        )
        return None if said.strip() and silent else self._go_on(prompt, said, results)
