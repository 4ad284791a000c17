"""The way in: every message of every source passes here, in this order.

    known? ─▶ too many? ─▶ name made safe ─▶ payment recorded ─▶ command? ─▶ judged ─▶ (second opinion) ─▶ inbox

What becomes of it is told to the observer whichever way it goes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import Literal, Protocol

from bot.inbox.inbox import Inbox, Offer
from bot.inbox.observer import MessageObserver
from bot.intake.addressing import NameMatcher, speaks_to_another
from bot.intake.context import ModerationContexts
from bot.intake.dedup import Deduplicator
from bot.intake.ignored import IgnoreRules
from bot.intake.names import Judge, SafeNames
from bot.intake.review_queue import ReviewQueue, SecondOpinion, Waiting
from bot.intake.settings import IntakeSettings
from bot.intake.shedding import LoadShedder
from bot.store.payments import Recorded
from bot.types import PAID, Kind, Message, MessageOutcome, Retraction
from moderation import Action, Verdict
from moderation.corrections.allowances import ALLOWED

#: Kinds that are events rather than words of the chat: answered with a line whatever ``answer`` says.
EVENTS = frozenset({*PAID, Kind.RAID, Kind.FOLLOW})
#: Payments of this run that are known to be in the inbox or beyond it.
MAX_ADMITTED = 100_000

Answer = Literal["all", "addressed", "none"]


class Ledger(Protocol):
    """The record as the way in sees it."""

    async def record(self, message: Message) -> Recorded:
        """Write a payment down unless it is known; return how it stands. Raises `TransientError`."""
        ...

    def line(self, message: Message, action: str) -> None:
        """Record a line of chat. Never waits."""
        ...


class Intake:
    """Takes messages in. ``names`` are what the host is called, ``answer`` which chat lines may be answered."""

    def __init__(
        self,
        inbox: Inbox,
        ledger: Ledger,
        judge: Judge,
        *,
        names: tuple[str, ...],
        answer: Answer = "all",
        settings: IntakeSettings | None = None,
        arrivals: Deduplicator | None = None,
        contexts: ModerationContexts | None = None,
        second: SecondOpinion | None = None,
        observer: MessageObserver | None = None,
    ) -> None:
        self.answer = answer
        self.arrivals = arrivals or Deduplicator()
        self.contexts = contexts or ModerationContexts()
        self.judge = judge
        self.names = NameMatcher(names)
        self.shedder = LoadShedder()
        self.update(settings or IntakeSettings())
        self._inbox = inbox
        self._ledger = ledger
        self._observer = observer or MessageObserver()
        self._safe_names = SafeNames(judge, self._observer.name_judged)
        self._reviews = ReviewQueue(second, self._reviewed)
        self._admitted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def update(self, settings: IntakeSettings) -> None:
        """Take over settings."""
        self.settings = settings
        self._ignored = IgnoreRules(settings)
        self.shedder.share = settings.judge_share

    async def offer(self, message: Message) -> Offer:
        """Take one message; return what became of it as far as that is known now.

        When this returns, a payment is on the disk and in the inbox. Raises `TransientError` when it could not be
        written; then, and after a cancellation, the same payment may be offered again.
        """
        now = asyncio.get_running_loop().time()
        if not message.paid and (why := self.arrivals.is_duplicate(message, now)):
            return Offer(MessageOutcome.DROPPED, why)
        if why := self._too_many(message, now):
            return self._drop(message, why)
        if message.paid and self.arrivals.taken_back(message, now):
            message = message.without_words()  # words that were deleted are not written down
        written = message
        with self.shedder.reading():
            message = replace(message, author=self._safe_names.make_safe(message.author), at=now)
        if not message.paid:
            return self._judge(message, written, now)
        # One that waits in the ledger and never reached the inbox goes on: the write outlived the patience of the feed.
        recorded = await self._ledger.record(message)
        key = (message.source, message.id)
        if recorded not in (Recorded.NEW, Recorded.WAITING) or key in self._admitted:
            return Offer(MessageOutcome.DROPPED, "this event was recorded before")
        offer = self._judge(message, written, now)
        self._mark_admitted(key)
        return offer

    def _judge(self, message: Message, written: Message, now: float) -> Offer:
        if done := self.contexts.command(written, now):
            return self._drop(message, done)
        with self.shedder.reading():
            context = self.contexts.observe(written, now)  # of the name as it was written: a permit names that one
            verdict = self.judge.check(message.text, context)
        # A payment is not kept waiting, nor a line that a person decided about.
        if not message.paid and ALLOWED not in verdict.rules and self._reviews.add(message, context, verdict, now):
            return Offer(MessageOutcome.HELD, "moderation takes a closer look at it")
        return self._admit(message, verdict)

    def _too_many(self, message: Message, now: float) -> str:
        """Return why a line is not read, when more come than can be."""
        if not self.shedder.pressed(now):
            return ""
        addressed = message.addressed or self.names.matches(message.text)
        aside = not addressed and (
            speaks_to_another(message, self.names) or bool(self._ignored.reason(message, self.names))
        )
        return self.shedder.refusal(message, now, addressed=addressed, aside=aside)

    def _mark_admitted(self, key: tuple[str, str]) -> None:
        self._admitted[key] = None
        if len(self._admitted) > MAX_ADMITTED:
            self._admitted.popitem(last=False)

    def take_up(self, message: Message) -> Offer:
        """Take a payment of an earlier run: it is in the ledger, and is judged again before it is answered."""
        self._mark_admitted((message.source, message.id))
        context = self.contexts.observe(message, asyncio.get_running_loop().time())
        message = replace(message, author=self._safe_names.make_safe(message.author))
        verdict = self.judge.check(message.text, context)
        offer = self._inbox.offer(*_as_allowed(message, verdict))
        self._observer.judged(message, verdict, offer)
        return offer

    def release(self, message: Message) -> Offer:
        """Take in a line that a person allowed, as it was written. It is as young as that word."""
        message = replace(message, at=asyncio.get_running_loop().time())
        return self._decide(message, Verdict(Action.ALLOW, (ALLOWED,), 0.0, message.text))

    def retract(self, retraction: Retraction) -> None:
        """Record a deletion: what it deletes may be on its way in here."""
        self.arrivals.take_back(retraction, asyncio.get_running_loop().time())
        self._reviews.retract(retraction)

    def rules_changed(self) -> None:
        """Judge every name anew, and ask for the policies: moderation has other rules now."""
        self._safe_names.clear()
        self.contexts.rules_changed()

    async def run(self) -> None:
        """Ask for second opinions; runs as long as the show. While it does not run, the rules alone decide."""
        await self._reviews.run()

    def _reviewed(self, waiting: Waiting, verdict: Verdict) -> None:
        if waiting.retracted:
            self._drop(waiting.message, waiting.retracted)
        else:
            self._admit(waiting.message, verdict)

    # --- into the inbox -----------------------------------------------------------------------------

    def _admit(self, message: Message, verdict: Verdict) -> Offer:
        if self.arrivals.taken_back(message, asyncio.get_running_loop().time()):
            return self._drop(message, "deleted by its platform before it was taken in")
        if not message.addressed and (message.kind is Kind.HOST or self.names.matches(message.text)):
            message = replace(message, addressed=True)
        elif not message.addressed and message.kind is Kind.CHAT and speaks_to_another(message, self.names):
            message = replace(message, aside=True)
        written, found = message, verdict
        if message.paid:
            message, verdict = _as_allowed(message, verdict)
        offer = self._decide(message, verdict)
        self._ledger.line(message, verdict.action.value)
        self._observer.offered(message, verdict, offer)
        self._observer.judged(written, found, offer)
        return offer

    def _decide(self, message: Message, verdict: Verdict) -> Offer:
        if message.kind is Kind.CHAT and verdict.allowed:
            if why := self._ignored.reason(message, self.names):
                return self._drop(message, why)
            if self.answer == "none":
                return self._drop(message, "the host answers no chat now")
            if self.answer == "addressed" and not message.addressed:
                return self._drop(message, "not addressed to the host")
        return self._inbox.offer(message, verdict, addressed=message.addressed)

    def _drop(self, message: Message, reason: str) -> Offer:
        self._observer.settled(message, MessageOutcome.DROPPED, reason)
        return Offer(MessageOutcome.DROPPED, reason)


def _as_allowed(message: Message, verdict: Verdict) -> tuple[Message, Verdict]:
    """Thank for the gift and do not take up its words, when they are not allowed."""
    if verdict.allowed:
        return message, verdict
    return replace(message, text=""), replace(verdict, action=Action.ALLOW, text="")
