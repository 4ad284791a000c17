"""Carries out what the model asks for, within bounds. Whatever it asks, it gets an answer; nothing here raises.

call ─▶ known? ─▶ allowed for whoever asks? ─▶ arguments fit? ─▶ how often? ─▶ moderation ─▶ a person? ─▶ done
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from loguru import logger

from bot.errors import HaishinError
from bot.mind.tools.arguments import Declined, canonical, read
from bot.mind.tools.confirmations import Confirmation, Confirmations
from bot.mind.tools.function import Asker, Function, Origin, Outcome, Result
from bot.mind.tools.rates import Rates
from bot.mind.tools.settings import AllowedTools, McpTool, ToolRule, ToolSettings
from bot.mind.tools.wishes import seems_to_ask
from bot.mind.untrusted import visible
from bot.runtime.signal import Signal
from bot.types import Retraction, Tool, ToolCall
from moderation import Context, Direction, Verdict
from moderation.worker import Worker, called

#: Calls that the panel shows, and how much of the arguments of each, in characters.
KEPT, MAX_SHOWN = 50, 300
#: How much of a text moderation looks at once, in characters: two pieces overlap by the second number.
PIECE, OVERLAP = 400, 60

_LINK: Final = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
NOT_DONE: Final = "Not done yet: a person has to confirm it first. Say that you have asked."


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What became of one call, for the panel. ``at`` is of the loop's clock."""

    at: float
    tool: str
    origin: Origin
    who: str
    arguments: str
    outcome: Outcome
    detail: str


@dataclass(slots=True)
class TurnState:
    """What the calls of one turn share: how many there were, what each came to, and whether strangers spoke in one.

    ``decided`` tells that a small question decided them, which is wrong too often for what has an effect.
    """

    asker: Asker
    calls: int = 0
    tainted: bool = False
    decided: bool = False
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.tainted = self.tainted or self.asker.tainted


class ToolBox:
    """The functions that there are, and what may be done with them.

    ``functions`` is asked each time: what a mixer or another program offers comes and goes. ``counted`` is told the
    tool and the outcome of each call.
    """

    def __init__(
        self,
        functions: Callable[[], Mapping[str, Function]],
        settings: ToolSettings,
        judge: Judge,
        *,
        worker: Worker | None = None,
        clock: Callable[[], float] | None = None,
        counted: Callable[[str, Outcome], None] = lambda _tool, _outcome: None,
    ) -> None:
        self.changed = Signal()
        self.settings = settings
        self.confirmations = Confirmations()
        self.confirmations.changed.lead_to(self.changed)
        #: The last calls, the newest last.
        self.records: deque[CallRecord] = deque(maxlen=KEPT)
        self._functions = functions
        self._judge = judge
        self._worker = worker
        self._clock = clock or asyncio.get_running_loop().time
        self._counted = counted
        self._rates = Rates()
        self._confirmed: deque[Confirmation] = deque()

    def rule(self, name: str) -> ToolRule | None:
        """Return the bounds of a tool; None for one that the settings do not know."""
        if name in AllowedTools.model_fields:
            rule: ToolRule = getattr(self.settings.allow, name)
            return rule
        server, _, theirs = name.partition("_")
        known = self.settings.mcp.get(server)
        return known.tools.get(theirs) if known else None

    def functions(self) -> Mapping[str, Function]:
        """Return the functions that can be called just now."""
        return self._functions()

    def offered(self, asker: Asker, *, tainted: bool = False) -> list[Function]:
        """Return what the model may be told of in a turn for somebody."""
        if not self.settings.enabled:
            return []
        return [
            function
            for name, function in self._functions().items()
            if (rule := self.rule(name)) and asker.origin in rule.who and not (function.effect and tainted)
        ]

    def tools(self, asker: Asker, *, tainted: bool = False) -> list[Tool]:
        """Return the same in the form in which a model is told of it."""
        return [function.tool for function in self.offered(asker, tainted=tainted)]

    def wished(self, asker: Asker) -> list[Function]:
        """Return the functions among them that the words of whoever asks seem to ask for."""
        return [
            f for f in self.offered(asker, tainted=asker.tainted) if seems_to_ask(asker.words, f.name, self._words(f))
        ]

    def _words(self, function: Function) -> Sequence[str]:
        rule = self.rule(function.name)
        return (*function.words, *(rule.words if isinstance(rule, McpTool) else ()))

    # --- a call -------------------------------------------------------------------------------------

    async def call(self, call: ToolCall, turn: TurnState) -> Result:
        """Run one call of a turn, after those before it. Never raises but `asyncio.CancelledError`."""
        async with turn.lock:
            key = (call.name, canonical(call.arguments))
            if (before := turn.results.get(key)) is not None:
                self._note(call.name, turn.asker, "", Outcome.REPEATED, "the same call was answered in this turn")
                return before
            if turn.calls >= self.settings.max_calls:
                result = self._refused(call, turn.asker, f"more than {self.settings.max_calls} calls in one turn")
            else:
                turn.calls += 1
                result = await self._answered(call, turn)
            turn.results[key] = result
            return result

    async def _answered(self, call: ToolCall, turn: TurnState) -> Result:
        asker = turn.asker
        try:
            function, rule = self._found(call.name, turn)
            arguments, shown = read(function, call.arguments)
            self._in_time(call.name, rule, asker)
            await self._moderated(shown)
        except Declined as no:
            return self._refused(call, asker, str(no))
        go = partial(self._done, function, rule, arguments, shown, asker)
        if why := self._needs_person(function, rule, turn):
            return self._asked_for(call.name, shown, asker, why, go)
        result = await go()
        turn.tainted = turn.tainted or function.outside
        return result

    def _found(self, name: str, turn: TurnState) -> tuple[Function, ToolRule]:
        """Return a function and its bounds. Raises `Declined` where the asker may not cause it."""
        function, rule = self._functions().get(name), self.rule(name)
        if not self.settings.enabled or function is None or rule is None:
            raise Declined("there is no such tool")
        if turn.asker.origin not in rule.who:
            raise Declined(f"it is not allowed for a {turn.asker.origin.value}")
        if function.effect and turn.tainted:
            raise Declined("the words of strangers are in this turn, and it has an effect")
        return function, rule

    def _in_time(self, name: str, rule: ToolRule, asker: Asker) -> None:
        """Count a call. Raises `Declined` when it comes too early."""
        viewer = (asker.source, asker.author_id)
        if early := self._rates.refused(name, viewer, self._clock(), rule.per_minute, rule.per_viewer_hour):
            raise Declined(early)

    def _needs_person(self, function: Function, rule: ToolRule, turn: TurnState) -> str:
        """Return why a person must confirm a call; empty when none must."""
        if rule.confirm:
            return "the settings want it"
        if function.effect and turn.decided:
            return "a model without calls of its own decided it"
        if not function.effect or seems_to_ask(turn.asker.words, function.name, self._words(function)):
            return ""
        return "nobody's own words ask for it"

    async def _moderated(self, text: str) -> None:
        """Raise `Declined` for words that the host would not say."""
        for at in range(0, len(text), PIECE):
            piece = text[max(0, at - OVERLAP) : at + PIECE]
            verdict = await called(self._worker, partial(self._judge.check, piece, Context(Direction.OUT, strict=True)))
            if not verdict.allowed:
                raise Declined(f"moderation does not let its words pass ({', '.join(verdict.categories[:3])})")

    async def _done(self, function: Function, rule: ToolRule, arguments: Any, shown: str, asker: Asker) -> Result:
        """Run it; return what came of it."""
        name = function.name
        outcome, text, detail = Outcome.FAILED, "", ""
        try:
            async with asyncio.timeout(rule.deadline_s):
                said = await function.do(arguments, asker)
            text = visible(_LINK.sub("(a link)", str(said)[: 4 * rule.max_chars]), rule.max_chars)
            await self._moderated(text)
            outcome = Outcome.DONE
        except Declined as no:
            text, detail = "The result is not fit for the show and was left out.", f"the result: {no}"
        except TimeoutError:
            detail = f"it took longer than {rule.deadline_s:g} s"
        except HaishinError as error:
            detail = visible(str(error), MAX_SHOWN)
        except asyncio.CancelledError:
            self._note(name, asker, shown, Outcome.CANCELLED, "the turn was cut")
            raise
        except Exception as error:  # noqa: BLE001 - whatever a tool raises, the show goes on
            logger.opt(exception=error).error("the tool {} broke", name)
            detail = f"it broke: {type(error).__name__}"
        self._note(name, asker, shown, outcome, detail)
        return Result(name, outcome, text or (f"It failed: {detail}" if detail else "done"), detail)

    # --- a person -----------------------------------------------------------------------------------

    def _asked_for(self, name: str, shown: str, asker: Asker, why: str, go: Callable[[], Any]) -> Result:
        until = self._clock() + self.settings.confirm_s
        if not self.confirmations.add(name, shown[:MAX_SHOWN], asker, why, until, go):
            self._note(name, asker, shown, Outcome.REFUSED, "too many calls wait for a person, or the same one does")
            return Result(name, Outcome.REFUSED, "Not done: a person was asked for it already.", "it waits already")
        self._note(name, asker, shown, Outcome.WAITING, why)
        return Result(name, Outcome.WAITING, NOT_DONE, why)

    def confirm(self, number: int, *, yes: bool) -> str:
        """Answer a call that waits, for a person; return in words what happens. Empty: it does not wait any more."""
        one = self.confirmations.take(number)
        if one is None or one.until <= self._clock():
            return ""
        if not yes:
            self._note(one.tool, one.asker, one.arguments, Outcome.DECLINED, "by the operator")
            return "it is not done"
        self._confirmed.append(one)
        self.changed.notify()
        return "it is carried out"

    def retracted(self, retraction: Retraction) -> None:
        """Withdraw the calls that wait and were asked for by what is taken back."""
        for one in self.confirmations.withdrawn(retraction):
            self._note(one.tool, one.asker, one.arguments, Outcome.WITHDRAWN, "what asked for it was taken back")

    async def run(self) -> None:
        """Run what a person confirmed, and let expire what nobody does; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            while True:
                now = self._clock()
                for one in self.confirmations.expired(now):
                    self._note(one.tool, one.asker, one.arguments, Outcome.EXPIRED, "nobody confirmed it in time")
                while self._confirmed:
                    group.create_task(_await(self._confirmed.popleft().go))
                end = self.confirmations.next_end()
                await self.changed.wait(None if end is None else max(0.01, end - now))

    # --- the record ---------------------------------------------------------------------------------

    def _refused(self, call: ToolCall, asker: Asker, why: str) -> Result:
        self._note(call.name, asker, visible(call.arguments, MAX_SHOWN), Outcome.REFUSED, why)
        return Result(visible(call.name, 64), Outcome.REFUSED, f"Not done: {why}.", why)

    def _note(self, tool: str, asker: Asker, shown: str, outcome: Outcome, detail: str) -> None:
        """Record what became of a call. Words of the audience are for the panel, not for the log."""
        known = tool if self.rule(tool) is not None else "unknown"
        logger.info("tool {} for a {}: {}{}", known, asker.origin, outcome, f": {detail}" if detail else "")
        who = visible(asker.name, 40)
        name = visible(tool, 64)
        self.records.append(CallRecord(self._clock(), name, asker.origin, who, shown[:MAX_SHOWN], outcome, detail))
        self._counted(known, outcome)
        self.changed.notify()


async def _await(go: Callable[[], Any]) -> None:
    await go()
