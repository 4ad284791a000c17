"""Escalation: the step that a viewer's offences lead to is taken on the platform, or proposed to a person.

`moderation.escalation` decides which step it is. In the mode ``warn`` the step waits in the control room.
In the mode ``act`` it is taken, and comes to the control room only when that fails. An error here never
reaches the message that caused the step.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from loguru import logger

from bot.errors import HaishinError, Refused
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction
from bot.types import Kind, Message, Retraction, Role
from moderation import Mode, Policy, Step, Verdict
from moderation.escalation import Ladder

#: So many proposals wait for a person at most, and so many steps wait to be taken. The oldest proposal leaves first.
MAX_PROPOSALS, MAX_ORDERS = 50, 100
#: A proposal that nobody takes is dropped after so many seconds.
KEEP_S = 3600.0
#: A platform has so many seconds to carry out a step.
ACT_S = 15.0
#: No step is ever taken against viewers with one of these roles.
_SPARED = frozenset({Role.MODERATOR, Role.VIP})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step that a person may take. ``audit`` is the id of the verdict on the last offence.

    ``at`` is a moment in seconds; ``problem`` says in words why the step could not be taken, empty for no attempt.
    """

    id: str
    source: str
    message: Message
    step: Step
    offences: int
    audit: str
    at: float
    problem: str = ""


class Escalator:
    """Takes steps against offences. ``policy_of`` returns the policy of a source.

    ``changed`` is called whenever the proposals change.
    """

    def __init__(
        self,
        sources: SourceRegistry,
        policy_of: Callable[[str], Policy],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._sources = sources
        self._policy_of = policy_of
        self._changed = changed
        self._ladder = Ladder(policy_of)
        self._ids = itertools.count(1)
        #: By source and viewer: a later step replaces an earlier one.
        self._proposals: OrderedDict[tuple[str, str], Proposal] = OrderedDict()
        self._orders: asyncio.Queue[Proposal] = asyncio.Queue(MAX_ORDERS)

    def offence(self, message: Message, verdict: Verdict, audit: str, now: float) -> Step | None:
        """Record what moderation found in a message; return the step that it leads to, or None.

        The step ``hold`` needs no order: the message is held already.
        """
        source, author = message.source, message.author
        if message.kind is Kind.HOST or author.roles & _SPARED or not author.id:
            return None
        step = self._ladder.record_offence(source, author.id, verdict, now, audit)
        if step is None or step.action == "hold" or source not in self._sources.sources:
            return step
        offences = self._ladder.count(source, author.id, now)
        proposal = Proposal(f"s{next(self._ids)}", source, message, step, offences, audit, now)
        if self._policy_of(source).escalation.mode is not Mode.ACT:
            self._propose(proposal)
        elif self._orders.full():
            self._propose(replace(proposal, problem="too many steps wait to be taken already"))
        else:
            self._orders.put_nowait(proposal)
        return step

    def forgive(self, source: str, viewer: str, audit: str) -> None:
        """Forget an offence that was a mistake, by the id of its verdict, and the step that it led to."""
        self._ladder.take_back(source, viewer, audit)
        proposal = self._proposals.get((source, viewer))
        if proposal is not None and proposal.audit == audit:
            self._drop(proposal)

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer: their offences, and the step that is proposed because of them."""
        self._ladder.forget(source, viewer)
        if proposal := self._proposals.get((source, viewer)):
            self._drop(proposal)

    def retract(self, retraction: Retraction) -> None:
        """Follow a retraction of a platform.

        A deleted message loses its words in a proposal. The proposal is dropped when its step was the deletion itself,
        when the viewer was silenced on the platform, or when the whole chat was cleared.
        """
        for key, proposal in list(self._proposals.items()):
            m = proposal.message
            if not retraction.covers(m.source, m.id, m.author.id):
                continue
            if retraction.id and proposal.step.action != "delete":
                self._proposals[key] = replace(proposal, message=replace(m, text=""))
            else:
                self._drop(proposal)

    def proposals(self, now: float) -> list[Proposal]:
        """Return the proposals that wait for a person, the newest first."""
        for proposal in [p for p in self._proposals.values() if now - p.at > KEEP_S]:
            self._drop(proposal)
        return list(reversed(self._proposals.values()))

    async def take(self, id: str) -> str:  # noqa: A002 - what it is
        """Take a proposed step; return in words what was done.

        Raise `LookupError` when the step is not proposed any more, `HaishinError` when it could not be taken.
        """
        proposal = self._find(id)
        done = await self._act(proposal)
        self._drop(proposal)
        return done

    def dismiss(self, id: str) -> None:  # noqa: A002 - as above
        """Drop a proposed step; the offences stay recorded. Raise `LookupError` when it is not proposed any more."""
        self._drop(self._find(id))

    async def run(self) -> None:
        """Take the ordered steps, one after another, until cancelled."""
        while True:
            proposal = await self._orders.get()
            try:
                done = await self._act(proposal)
            except HaishinError as error:
                logger.warning("a step of escalation could not be taken: {}", error)
                self._propose(replace(proposal, problem=f"{error}. {error.remedy}".strip()))
            else:
                logger.info("escalation on {}: {} ({} offences)", proposal.source, done, proposal.offences)

    async def _act(self, proposal: Proposal) -> str:
        """Take a step on its platform; return in words what was done. Raise `HaishinError` for every failure."""
        m, step = proposal.message, proposal.step
        reason = f"chat rules, offence {proposal.offences}"
        order = ChannelAction(ActionKind(step.action), m.author.id, m.id, reason, step.seconds)
        try:
            async with asyncio.timeout(ACT_S):
                return await self._sources.act(proposal.source, order)
        except TimeoutError:
            raise Refused(f"{proposal.source} did not answer within {ACT_S:g} s", remedy="Try again.") from None
        except HaishinError:
            raise
        except Exception as error:
            logger.opt(exception=error).error("a step of escalation failed on {}", proposal.source)
            raise Refused(
                f"{proposal.source} failed ({type(error).__name__})", remedy="The log has the error."
            ) from error

    def _propose(self, proposal: Proposal) -> None:
        key = (proposal.source, proposal.message.author.id)
        self._proposals.pop(key, None)
        self._proposals[key] = proposal
        while len(self._proposals) > MAX_PROPOSALS:
            self._proposals.popitem(last=False)
        self._changed()

    def _drop(self, proposal: Proposal) -> None:
        key = (proposal.source, proposal.message.author.id)
        if self._proposals.get(key) == proposal:
            del self._proposals[key]
            self._changed()

    def _find(self, id: str) -> Proposal:  # noqa: A002 - as above
        for proposal in self._proposals.values():
            if proposal.id == id:
                return proposal
        raise LookupError("this step is not proposed any more")
