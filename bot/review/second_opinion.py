"""Joins the judges to the show: who is asked about what, and what their word makes of a verdict.

Moderation by rules is quick and always there. Where it is unsure, a judge is asked: about the host's clauses
beside their synthesis, about viewers' lines before they are offered. A judge can only make a verdict stricter.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from pydantic import ValidationError

from bot.config import Link
from bot.errors import ConfigError, HaishinError
from bot.review.llm_judge import Config as LlmConfig
from bot.review.llm_judge import LlmJudge
from bot.review.settings import JudgeSettings
from bot.runtime.providers import available, load
from bot.types import Llm
from moderation import Action, Category, Context, Direction, Policy, Reason, Verdict
from moderation.judging.judge import MAX_JUDGED, Judge, Opinion
from moderation.judging.panel import JudgeSlot, Panel

PACKAGE = "moderation.judges"
#: Longest time for a judge to be opened, in seconds.
OPEN_S = 20.0
OnFailure = Callable[[str, Exception], None]


class SecondOpinion:
    """What the judges make of a verdict. ``settings`` may be exchanged on air; ``policy`` gives the one in force."""

    def __init__(self, panel: Panel, settings: JudgeSettings, policy: Callable[[], Policy]) -> None:
        self.panel, self.settings, self._policy = panel, settings, policy

    def wanted(self, verdict: Verdict, context: Context) -> bool:
        """Return whether anybody is to be asked: only about what would pass, and costs nothing to find out."""
        if not verdict.allowed or self.panel.empty:
            return False
        out = context.direction is Direction.OUT
        whom = self.settings.outbound if out else self.settings.inbound
        return whom == "all" or (whom == "uncertain" and self._uncertain(verdict))

    async def of(self, verdict: Verdict, text: str, context: Context, *, waited_s: float = 0.0) -> Verdict:
        """Return the verdict that counts. Never raises, and takes no longer than the settings allow.

        ``waited_s`` is what the text has waited already. Outbound, an uncertain clause is blocked when nobody
        answers in time, and a clean one passes. Inbound, the rules' verdict stands, and says that nobody answered.
        """
        if not self.wanted(verdict, context):
            return verdict
        out = context.direction is Direction.OUT
        deadline_s = max(0.0, (self.settings.outbound_s if out else self.settings.inbound_s) - waited_s)
        self.panel.per_minute = self.settings.per_minute
        asked = " ".join((*context.window, text)) if out else text
        answer = await self.panel.ask(asked[-max(MAX_JUDGED, len(text)) :], context.direction, deadline_s)
        if answer.opinion is None:
            if out and not self._uncertain(verdict):
                return verdict
            return _with(verdict, UNANSWERED, "error", len(text), Action.BLOCK if out else Action.ALLOW)
        category = self._unsafe(answer.opinion, context)
        if not category:
            return verdict
        stricter = _with(verdict, f"judge:{answer.name}", category, len(text), Action.BLOCK if out else Action.HOLD)
        return replace(stricter, score=max(verdict.score, round(answer.opinion.probability, 3)))

    def _uncertain(self, verdict: Verdict) -> bool:
        return verdict.score >= self.settings.uncertain_from

    def _unsafe(self, opinion: Opinion, context: Context) -> str:
        """Return the category for which a text must not pass; empty when it may."""
        if opinion.probability < self.settings.unsafe_from:
            return ""
        policy = self._policy()
        if context.direction is Direction.IN and context.platform:
            policy = policy.for_platform(context.platform)
        if not opinion.categories:
            return Category.HARASSMENT.value
        return next((name for name in opinion.categories if _minded(policy, name)), "")


def _minded(policy: Policy, name: str) -> bool:
    """Return whether a streamer minds a category at all."""
    if name == Category.POLITICS and not policy.politics:
        return False
    return str(policy.categories.get(cast("Category", name), "")) != "off"


def _with(verdict: Verdict, rule: str, category: str, size: int, action: Action) -> Verdict:
    reason = Reason(rule, category, 0, size, action)
    worse = max(verdict.action, action, key=lambda a: a.severity)
    return replace(verdict, action=worse, rules=(*verdict.rules, rule), reasons=(*verdict.reasons, reason))


@asynccontextmanager
async def open_judges(
    entries: Sequence[Link], host: Llm, clock: Callable[[], float], on_failure: OnFailure
) -> AsyncIterator[Panel]:
    """Open the judges of a configuration, in order; ``llm`` is the model that the ``host`` thinks with.

    One that cannot be opened is shown as down with the reason; the others go on without it.
    """
    seats: list[JudgeSlot] = []
    async with AsyncExitStack() as stack:
        for entry in entries:
            provider = str(entry.get("provider", "?"))
            same = sum(seat.name.partition("-")[0] == provider for seat in seats)
            name = f"{provider}-{same + 1}" if same else provider
            try:
                seats.append(JudgeSlot(name, await _open(stack, entry, host)))
            except Exception as error:  # noqa: BLE001 - whatever one judge raises, the others must go on
                seats.append(JudgeSlot(name, None, _reason(error), down=True))
                on_failure(f"judge {name}", error)
        yield Panel(seats, clock, on_failure=on_failure)


async def _open(stack: AsyncExitStack, entry: Link, host: Llm) -> Judge:
    provider = entry.get("provider")
    options: dict[str, Any] = {key: value for key, value in entry.items() if key != "provider"}
    if provider == "llm":
        return LlmJudge(host, LlmConfig.model_validate(options))
    if not isinstance(provider, str) or not provider:
        raise ConfigError("a judge needs 'provider'", remedy="write for example: provider: openai")
    if provider not in (known := available(PACKAGE)):
        raise ConfigError(f"there is no judge {provider!r}", remedy=f"choose one of: {', '.join([*known, 'llm'])}")
    module = load(PACKAGE, provider)
    async with asyncio.timeout(OPEN_S):
        return cast("Judge", await stack.enter_async_context(module.connect(module.Config.model_validate(options))))


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
    if isinstance(error, HaishinError):
        return f"{error} {error.remedy}".strip()
    return f"{type(error).__name__}: {error}"


#: The rule of a clause that is left unsaid because it is uncertain and no judge answered.
UNANSWERED = "judge:unanswered"
