"""The way in: every message of every source passes here, in this order.

    known? ─▶ too many? ─▶ name made safe ─▶ payment recorded ─▶ command? ─▶ judged ─▶ (second opinion) ─▶ inbox

What becomes of it is told to the observer whichever way it goes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol

from bot.inbox.inbox import Inbox, Offer
from bot.inbox.observer import MessageObserver
from bot.intake.addressing import NameMatcher, speaks_to_another
from bot.intake.commands import Commands
from bot.intake.context import ModerationContexts
from bot.intake.dedup import Deduplicator
from bot.intake.ignored import IgnoreRules
from bot.intake.names import Judge, SafeNames
from bot.intake.review_queue import ReviewQueue, SecondOpinion, Waiting
from bot.intake.settings import IntakeSettings
from bot.intake.shedding import LoadShedder
from bot.store.payments import Recorded
from bot.types import PAID, Kind, Message, MessageOutcome, Retraction
from moderation import Action, Context, Verdict
from moderation.corrections.allowances import ALLOWED
from moderation.worker import MOST_WAITING, Worker, called

#: Kinds that are events rather than words of the chat: answered with a line whatever ``answer`` says.
EVENTS = frozenset({*PAID, Kind.RAID, Kind.FOLLOW})
#: Why a line is not answered by the show's setting.
NO_CHAT, NOT_ADDRESSED = "the host answers no chat now", "not addressed to the host"
#: Why a line was not even judged.
UNREAD = "too many lines wait for moderation"
#: Lines before moderation at which none is taken any more but of those who always pass: for them there is room beyond.
ROOM = 0.8 * MOST_WAITING
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


@dataclass(slots=True, eq=False)
class _Unjudged:
    """A line that waits for moderation. ``retracted`` says why it was taken back meanwhile."""

    message: Message
    done: asyncio.Future[Offer] | None
    retracted: str = ""

    def tell(self, offer: Offer) -> None:
        """Tell whoever waits what became of it."""
        if self.done is not None and not self.done.done():
            self.done.set_result(offer)


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
        worker: Worker | None = None,
    ) -> None:
        self.answer = answer
        self.arrivals = arrivals or Deduplicator()
        self.contexts = contexts or ModerationContexts()
        self.judge = judge
        #: Is shown each line of the chat that moderation allows; returns why it is read and not answered, or nothing.
        self.reader: Callable[[Message], str] | None = None
        self.names = NameMatcher(names)
        self.shedder = LoadShedder()
        #: Who carries out lines that are commands for the host; None: nobody.
        self.commands: Commands | None = None
        self.update(settings or IntakeSettings())
        self._inbox = inbox
        self._ledger = ledger
        self._worker = worker
        if worker is not None:
            worker.worked = self.shedder.spend
            self.shedder.filled = lambda: worker.waiting / ROOM
        self._unjudged: set[_Unjudged] = set()
        self._observer = observer or MessageObserver()
        self._safe_names = SafeNames(judge, self._observer.name_judged, lambda: self.names.names)
        self._reviews = ReviewQueue(second, self._reviewed)
        self._admitted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def update(self, settings: IntakeSettings) -> None:
        """Take over settings."""
        self.settings = settings
        self._ignored = IgnoreRules(settings)
        self.shedder.share = settings.judge_share

    @property
    def unjudged(self) -> int:
        """How many lines wait for their verdict."""
        return len(self._unjudged)

    def take(self, message: Message) -> None:
        """Take in what is no payment. This returns at once: lines wait for moderation in the order of their coming."""
        self._receive(message, None)

    async def offer(self, message: Message) -> Offer:
        """Take one message; return what became of it as far as that is known now.

        When this returns, a payment is on the disk and in the inbox. Raises `TransientError` when it could not be
        written; then, and after a cancellation, the same payment may be offered again.
        """
        if not message.paid:
            done: asyncio.Future[Offer] = asyncio.get_running_loop().create_future()
            self._receive(message, done)
            return await done
        now = asyncio.get_running_loop().time()
        if self.arrivals.taken_back(message, now):
            message = message.without_words()  # words that were deleted are not written down
        written = message
        with self.shedder.reading():
            message = replace(message, author=self._safe_names.make_safe(message.author), at=now)
        # One that waits in the ledger and never reached the inbox goes on: the write outlived the patience of the feed.
        recorded = await self._ledger.record(message)
        key = (message.source, message.id)
        if recorded in (Recorded.NEW, Recorded.WAITING) and key not in self._admitted:
            context = self.contexts.observe(written, now)
            verdict = await self.judge_first(message.text, context)
            if key not in self._admitted:  # the same may have been offered again meanwhile
                offer = self._admit(message, verdict)
                self._mark_admitted(key)
                return offer
        return Offer(MessageOutcome.DROPPED, "this event was recorded before")

    async def judge_first(self, text: str, context: Context) -> Verdict:
        """Judge a text before all lines that wait."""
        return await called(self._worker if text else None, partial(self.judge.check, text, context))

    def _receive(self, message: Message, done: asyncio.Future[Offer] | None) -> None:
        """Take in what is no payment; ``done`` gets what became of it."""
        now = asyncio.get_running_loop().time()
        line = _Unjudged(message, done)
        if why := self.arrivals.is_duplicate(message, now):
            line.tell(Offer(MessageOutcome.DROPPED, why))
            return
        if why := self._too_many(message, now):
            line.tell(self._drop(message, why))
            return
        with self.shedder.reading():
            line.message = replace(message, author=self._safe_names.make_safe(message.author), at=now)
        if order := self.contexts.command(message, now):
            line.tell(self._drop(line.message, order))
            return
        context = self.contexts.observe(message, now)  # of the name as it was written: a permit names that one
        if self._worker is None or not message.text:
            with self.shedder.reading():
                verdict = self.judge.check(message.text, context)
            self._judged(line, context, verdict)
            return
        self._unjudged.add(line)
        if not self._worker.submit(message.text, context, partial(self._judged, line, context)):
            self._unjudged.discard(line)
            line.tell(self._drop(line.message, UNREAD))

    def _judged(self, line: _Unjudged, context: Context, verdict: Verdict) -> None:
        self._unjudged.discard(line)
        message = line.message
        try:
            if line.retracted:
                line.tell(self._drop(message, line.retracted))
            # A line that a person decided about is not kept waiting.
            elif ALLOWED not in verdict.rules and self._reviews.add(message, context, verdict, message.at):
                line.tell(Offer(MessageOutcome.HELD, "moderation takes a closer look at it"))
            else:
                line.tell(self._admit(message, verdict))
        except Exception as error:
            if line.done is None or line.done.done():
                raise
            line.done.set_exception(error)

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

    async def take_up(self, message: Message) -> Offer:
        """Take a payment of an earlier run: it is in the ledger, and is judged again before it is answered."""
        self._mark_admitted((message.source, message.id))
        context = self.contexts.observe(message, asyncio.get_running_loop().time())
        message = replace(message, author=self._safe_names.make_safe(message.author))
        verdict = await self.judge_first(message.text, context)
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
        for line in self._unjudged:
            m = line.message
            if retraction.covers(m.source, m.id, m.author.id):
                line.retracted = retraction.reason

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
            if done := self._commanded(message):
                return self._drop(message, done)
            if why := self._ignored.reason(message, self.names):
                return self._drop(message, why)
            if self.reader is not None and (why := self.reader(_as_judged(message, verdict))):
                return self._drop(message, why)
            if self.answer == "none":
                return self._drop(message, NO_CHAT)
            if self.answer == "addressed" and not message.addressed:
                return self._drop(message, NOT_ADDRESSED)
        return self._inbox.offer(message, verdict, addressed=message.addressed)

    def _commanded(self, message: Message) -> str:
        """Return what a line did as a command for the host; empty when it is none. Bots command nothing."""
        command = self.commands.read(message, self.names) if self.commands else None
        if self.commands is None or command is None or self._ignored.by_a_bot(message):
            return ""
        return self.commands.take(message, command)

    def _drop(self, message: Message, reason: str) -> Offer:
        self._observer.settled(message, MessageOutcome.DROPPED, reason)
        return Offer(MessageOutcome.DROPPED, reason)


def _as_judged(message: Message, verdict: Verdict) -> Message:
    """Return a message with the words that are allowed."""
    return message if verdict.text == message.text else replace(message, text=verdict.text)


def _as_allowed(message: Message, verdict: Verdict) -> tuple[Message, Verdict]:
    """Thank for the gift and do not take up its words, when they are not allowed."""
    if verdict.allowed:
        return message, verdict
    return replace(message, text=""), replace(verdict, action=Action.ALLOW, text="")
