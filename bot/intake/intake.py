"""The way in: every message of every source passes here, in this order.

Its author's name is made safe, a paid event is written down, its text is judged, an uncertain one a
second time by whoever takes longer, and then it is offered to the inbox. What becomes of it is recorded
whichever way it goes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from loguru import logger

from bot.inbox.inbox import Inbox, Offer
from bot.intake.context import ModerationContexts
from bot.intake.dedup import Deduplicator
from bot.types import PAID, Author, Kind, Message, Retraction
from moderation import Action, Context, Direction, Verdict, clean_name
from moderation.classifier.classifier import few_words
from moderation.corrections.allowances import ALLOWED

#: Kinds that are events rather than words of the chat: answered with a line whatever ``answer`` says.
EVENTS = frozenset({*PAID, Kind.RAID, Kind.FOLLOW})
#: What a name may be found to be: loud, not harmful.
MANNERS = frozenset({"style", "spam"})
#: Names whose verdict is remembered; of a few hundred bytes each at most.
MAX_NAMES = 10_000
#: Lines that wait for a second opinion, and how many are asked about at once; one more is judged by the rules alone.
MAX_WAITING, ASKED_AT_ONCE = 64, 8
#: Longest wait for a second opinion, in seconds; whoever gives it has a shorter deadline of its own.
SECOND_S = 5.0

Answer = Literal["all", "addressed", "none"]


class Record(Protocol):
    """The ledger as the way in sees it."""

    async def paid(self, message: Message) -> bool:
        """Write a paid event down; False when it is there already."""
        ...

    def line(self, message: Message, action: str) -> None:
        """Record a line of chat."""
        ...

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """Record what became of a message."""
        ...


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class Second(Protocol):
    """Whoever judges an uncertain text a second time, slower and better."""

    def wanted(self, verdict: Verdict, context: Context) -> bool:
        """Tell at once whether it is to be asked about a text."""
        ...

    async def of(self, verdict: Verdict, text: str, context: Context, *, waited_s: float = 0.0) -> Verdict:
        """Return the verdict that counts; never raises, and keeps a deadline of which ``waited_s`` is over."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A line about which a second opinion is asked."""

    message: Message
    context: Context
    verdict: Verdict
    since: float
    gone: str = ""  # why it was taken back meanwhile


class Intake:
    """Takes messages in.

    ``on_offer`` sees each message that is new as it goes on, with the verdict that counts and what became
    of it; ``on_judged`` sees it with the words as they were written and what moderation found in them: of
    a payment whose words may not be used, these two differ. ``on_name`` sees the verdict on a name.
    """

    def __init__(
        self,
        inbox: Inbox,
        ledger: Record,
        judge: Judge,
        *,
        names: tuple[str, ...],
        answer: Answer = "all",
        arrivals: Deduplicator | None = None,
        contexts: ModerationContexts | None = None,
        second: Second | None = None,
        on_offer: Callable[[Message, Verdict, Offer], None] = lambda _m, _v, _o: None,
    ) -> None:
        self.answer = answer
        self.arrivals = arrivals or Deduplicator()
        self.contexts = contexts or ModerationContexts()
        self.on_judged: Callable[[Message, Verdict, Offer], None] = lambda _m, _v, _o: None
        self.on_name: Callable[[str, Verdict], None] = lambda _n, _v: None
        self._inbox = inbox
        self._ledger = ledger
        self.judge = judge
        self._names = tuple(n.casefold() for n in names if n)
        self._on_offer = on_offer
        self._safe_names: OrderedDict[str, str] = OrderedDict()
        self._second = second
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(MAX_WAITING)
        self._asked: set[_Waiting] = set()
        self._asking = False

    async def offer(self, message: Message) -> Offer:
        """Take one message; say what became of it as far as that is known now.

        When this returns, a paid one is on the disk. Raises `TransientError` when it could not be written there.
        """
        now = asyncio.get_running_loop().time()
        if not message.paid and (why := self.arrivals.is_duplicate(message, now)):
            return Offer("dropped", why)
        said, message = message, replace(message, author=self._safe(message.author), at=now)
        if message.paid and not await self._ledger.paid(message):
            return Offer("dropped", "this event was recorded before")
        if done := self.contexts.command(said, now):
            return self._drop(message, done)
        context = self.contexts.observe(said, now)  # of the name as it was written: a permit names that one
        verdict = self.judge.check(message.text, context)
        if self._uncertain(message, verdict, context) and not self._waiting.full():
            waiting = _Waiting(message, context, verdict, now)
            self._asked.add(waiting)
            self._waiting.put_nowait(waiting)
            return Offer("held", "moderation takes a closer look at it")
        return self._admit(message, verdict)

    def take_up(self, message: Message) -> Offer:
        """Take a paid event of an earlier run: it is in the ledger, and is judged again before it is answered."""
        context = self.contexts.observe(message, asyncio.get_running_loop().time())
        message = replace(message, author=self._safe(message.author))
        verdict = self.judge.check(message.text, context)
        offer = self._inbox.offer(*_without_words(message, verdict))
        self.on_judged(message, verdict, offer)
        return offer

    def release(self, message: Message) -> Offer:
        """Take in a line that a person allowed, as it was written. It is as young as that word."""
        message = replace(message, at=asyncio.get_running_loop().time())
        return self._decide(message, Verdict(Action.ALLOW, (ALLOWED,), 0.0, message.text))

    def retract(self, retraction: Retraction) -> None:
        """Record a deletion: what it deletes may be on its way in here."""
        self.arrivals.take_back(retraction, asyncio.get_running_loop().time())
        for waiting in self._asked:
            m = waiting.message
            if retraction.covers(m.source, m.id, m.author.id):
                waiting.gone = retraction.reason

    def rules_changed(self) -> None:
        """Judge every name anew, and ask for the policies: moderation has other rules now."""
        self._safe_names.clear()
        self.contexts.rules_changed()

    # --- second opinions ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Ask for second opinions; runs as long as the show. While it does not run, the rules alone decide."""
        self._asking = True
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(ASKED_AT_ONCE if self._second else 0):
                    group.create_task(self._ask(self._second))
        finally:
            self._asking = False
            while not self._waiting.empty():
                self._go_on(waiting := self._waiting.get_nowait(), waiting.verdict)

    async def _ask(self, second: Second | None) -> None:
        while second is not None:
            waiting = await self._waiting.get()
            verdict, waited_s = waiting.verdict, asyncio.get_running_loop().time() - waiting.since
            try:
                async with asyncio.timeout(SECOND_S):
                    verdict = await second.of(verdict, waiting.message.text, waiting.context, waited_s=waited_s)
            except TimeoutError:
                logger.warning("a second opinion came too late: the rules decide")
            finally:
                self._go_on(waiting, verdict)

    def _uncertain(self, message: Message, verdict: Verdict, context: Context) -> bool:
        # A payment is not kept waiting, nor a line that a person decided about.
        if not self._asking or self._second is None or message.paid or ALLOWED in verdict.rules:
            return False
        return bool(message.text) and self._second.wanted(verdict, context)

    def _go_on(self, waiting: _Waiting, verdict: Verdict) -> None:
        self._asked.discard(waiting)
        if waiting.gone:
            self._drop(waiting.message, waiting.gone)
        else:
            self._admit(waiting.message, verdict)

    # --- into the inbox -----------------------------------------------------------------------------

    def _admit(self, message: Message, verdict: Verdict) -> Offer:
        if self.arrivals.taken_back(message, asyncio.get_running_loop().time()):
            return self._drop(message, "deleted by its platform before it was taken in")
        if not message.addressed and self._addressed(message):
            message = replace(message, addressed=True)
        written, found = message, verdict
        if message.paid:
            message, verdict = _without_words(message, verdict)
        offer = self._decide(message, verdict)
        self._ledger.line(message, verdict.action.value)
        self._on_offer(message, verdict, offer)
        self.on_judged(written, found, offer)
        return offer

    def _decide(self, message: Message, verdict: Verdict) -> Offer:
        if message.kind is Kind.CHAT and verdict.allowed:
            if self.answer == "none":
                return self._drop(message, "the host answers no chat now")
            if self.answer == "addressed" and not message.addressed:
                return self._drop(message, "not addressed to the host")
        return self._inbox.offer(message, verdict, addressed=message.addressed)

    def _drop(self, message: Message, reason: str) -> Offer:
        self._ledger.outcome(message, "dropped", reason)
        return Offer("dropped", reason)

    def _addressed(self, message: Message) -> bool:
        if message.addressed or message.kind is Kind.HOST:
            return True
        text = message.text.casefold()
        return any(name in text for name in self._names)

    # --- names -------------------------------------------------------------------------------------

    def _safe(self, author: Author) -> Author:
        """Make a name fit to be shown and said; one that may not be said becomes a neutral word."""
        name = self._safe_names.get(author.name)
        if name is None:
            name = self._safe_names[author.name] = self._judged(author.name)
            if len(self._safe_names) > MAX_NAMES:
                self._safe_names.popitem(last=False)
        return author if name == author.name else replace(author, name=name)

    def _judged(self, name: str) -> str:
        name = clean_name(name)
        # A name is read aloud and given to the model as well: it must be fit to be said, and no order either.
        # A trace that a sentence may have makes a name a neutral word: there is nothing around it to excuse it.
        # Of one or two English words the classifier holds nothing: it is not asked, for a flood has many names.
        quick = few_words(name)
        directions = (Direction.OUT, Direction.IN)
        judged = [self.judge.check(name, Context(direction, quick=quick)) for direction in directions]
        verdict = max(judged, key=lambda v: (v.action.severity, v.score))
        self.on_name(name, verdict)
        if ALLOWED in judged[0].rules:
            return name  # a person said so
        if verdict.allowed and not any(MANNERS.isdisjoint({r.category}) for v in judged for r in v.reasons):
            return name
        logger.debug("a viewer's name was replaced: {}", ", ".join(verdict.rules))
        return "someone"


def _without_words(message: Message, verdict: Verdict) -> tuple[Message, Verdict]:
    """Thank for the gift and do not take up its words, when they are not allowed."""
    if verdict.allowed:
        return message, verdict
    return replace(message, text=""), replace(verdict, action=Action.ALLOW, text="")
