"""Joins the judges to the show: what they are asked about, and what their answer makes of a verdict.

Moderation by rules is quick and always there. Where it is unsure, a judge is asked: about the host's clauses
while their sound is made, about viewers' lines before they reach the inbox. A judge can only make a verdict stricter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from typing import Any, Final, cast

from bot.errors import ConfigError
from bot.mind.failover import LlmChain
from bot.review.llm_judge import Config as LlmConfig
from bot.review.llm_judge import LlmJudge
from bot.review.panel import Panel
from bot.review.settings import JudgeSettings
from bot.runtime.failover import Clock, Link, LinkConfig, OnFailure, open_links
from bot.runtime.providers import available, load
from bot.types import Llm
from moderation import Action, Category, Context, Direction, Policy, Reason, Verdict
from moderation.judging.judge import MAX_JUDGED, Judge, Opinion

PACKAGE: Final = "moderation.judges"
#: The provider that is no file of the package: the model that the host thinks with.
HOST: Final = "llm"
#: Longest time for the judges to be opened, in seconds.
OPEN_S: Final = 20.0
#: The rule of a clause that is left unsaid because it is uncertain and no judge answered.
UNANSWERED: Final = "judge:unanswered"


class SecondOpinion:
    """What the judges make of a verdict.

    ``settings`` may be replaced on air; ``policy`` returns the policy in force.
    """

    def __init__(self, panel: Panel, settings: JudgeSettings, policy: Callable[[], Policy]) -> None:
        self.panel = panel
        self.settings = settings
        self._policy = policy

    def wanted(self, verdict: Verdict, context: Context) -> bool:
        """Return whether a judge is to be asked: only about a text that the rules let pass."""
        if not verdict.allowed or self.panel.empty:
            return False
        out = context.direction is Direction.OUT
        whom = self.settings.outbound if out else self.settings.inbound
        return whom == "all" or (whom == "uncertain" and self._uncertain(verdict))

    async def of(self, verdict: Verdict, text: str, context: Context, *, waited_s: float = 0.0) -> Verdict:
        """Return the verdict that counts. Never raises, and takes no longer than the settings allow.

        ``waited_s`` is how long the text has waited already, in seconds. Outbound, an uncertain clause is blocked when
        no judge answers in time, and a clean one passes. Inbound, the rules' verdict stands, with a rule that says
        that no judge answered.
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
            return replace(verdict, doubt=False) if verdict.doubt else verdict
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
        return next((name for name in opinion.categories if _is_minded(policy, name)), "")


def _is_minded(policy: Policy, name: str) -> bool:
    """Return whether the streamer's policy stops this category at all."""
    if name == Category.POLITICS and not policy.politics:
        return False
    return str(policy.categories.get(cast("Category", name), "")) != "off"


def _with(verdict: Verdict, rule: str, category: str, size: int, action: Action) -> Verdict:
    reason = Reason(rule, category, 0, size, action)
    worse = max(verdict.action, action, key=lambda a: a.severity)
    rules, reasons = (*verdict.rules, rule), (*verdict.reasons, reason)
    doubt = verdict.doubt and action is Action.ALLOW
    return replace(verdict, action=worse, rules=rules, reasons=reasons, doubt=doubt)


@asynccontextmanager
async def open_judges(
    entries: Sequence[Mapping[str, Any]], host: Llm, clock: Clock, on_failure: OnFailure
) -> AsyncIterator[Panel]:
    """Open the judges of a configuration side by side; ``llm`` is the model that the ``host`` thinks with.

    A question to the host's model as a judge leaves no trace on the host's own links: a judge that is too slow must
    not take the model away from the show. See `open_links` for a judge that cannot be opened.
    """
    model = host.aside() if isinstance(host, LlmChain) else host

    def read(entry: Mapping[str, Any]) -> tuple[LinkConfig, AbstractAsyncContextManager[Any]]:
        return LinkConfig.model_validate({}), _opening(entry, model)

    def failed(name: str, error: Exception) -> None:
        on_failure(f"judge {name}", error)

    async with open_links(read, entries, failed, clock, within_s=OPEN_S) as links:
        yield Panel(cast("list[Link[Judge]]", links), clock, on_failure=on_failure)


def _opening(entry: Mapping[str, Any], model: Llm) -> AbstractAsyncContextManager[Any]:
    """Return what opens the judge of an entry. Raise `ConfigError`, or pydantic's ValidationError for its options."""
    provider = entry.get("provider")
    options = {key: value for key, value in entry.items() if key != "provider"}
    if provider == HOST:
        return nullcontext(LlmJudge(model, LlmConfig.model_validate(options)))
    if not isinstance(provider, str) or not provider:
        raise ConfigError("a judge needs 'provider'", remedy="write for example: provider: openai")
    if provider not in (known := available(PACKAGE)):
        raise ConfigError(f"there is no judge {provider!r}", remedy=f"choose one of: {', '.join([*known, HOST])}")
    module = load(PACKAGE, provider)
    return cast("AbstractAsyncContextManager[Any]", module.connect(module.Config.model_validate(options)))
