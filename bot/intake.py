"""The way in: every message of every source passes here, in this order.

Its author's name is made safe, its text is judged, a paid event is written down, and then it is
offered to the inbox. What becomes of it is recorded whichever way it goes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

from loguru import logger

from bot.arrivals import Arrivals
from bot.inbox import Inbox, Offer
from bot.types import PAID, Author, Kind, Message, Role
from moderation import Action, Context, Direction, Verdict, clean_name

#: Kinds that are events rather than words of the chat: answered with a line whatever ``answer`` says.
EVENTS = frozenset({*PAID, Kind.RAID, Kind.FOLLOW})
_EXEMPT = frozenset({Role.MODERATOR})
#: Names whose verdict is remembered; of a few hundred bytes each at most.
MAX_NAMES = 10_000

Answer = Literal["all", "addressed", "none"]


class Record(Protocol):
    """The ledger as the way in sees it."""

    async def paid(self, message: Message) -> bool:
        """Write a paid event down; False when it is there already."""
        ...

    def line(self, message: Message, action: str) -> None:
        """Note a line of chat."""
        ...

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """Note what became of a message."""
        ...


class Judge(Protocol):
    """Moderation."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        ...


class Intake:
    """Takes messages in. ``on_offer`` sees each message that is new, with its verdict and what became of it."""

    def __init__(
        self,
        inbox: Inbox,
        ledger: Record,
        judge: Judge,
        *,
        names: tuple[str, ...],
        answer: Answer = "all",
        arrivals: Arrivals | None = None,
        on_offer: Callable[[Message, Verdict, Offer], None] = lambda _m, _v, _o: None,
    ) -> None:
        self.answer = answer
        self.arrivals = arrivals or Arrivals()
        self._inbox = inbox
        self._ledger = ledger
        self._judge = judge
        self._names = tuple(n.casefold() for n in names if n)
        self._on_offer = on_offer
        self._safe_names: OrderedDict[str, str] = OrderedDict()

    async def offer(self, message: Message) -> Offer:
        """Take one message; say what became of it as far as that is known now.

        When this returns, a paid one is on the disk. Raises `Transient` when it could not be written there.
        """
        now = asyncio.get_running_loop().time()
        if not message.paid and (why := self.arrivals.again(message, now)):
            return Offer("dropped", why)
        message = replace(message, author=self._safe(message.author), at=now)
        if message.paid and not await self._ledger.paid(message):
            return Offer("dropped", "this event was recorded before")
        verdict = self._judge.check(
            message.text, Context(Direction.IN, exempt=bool(message.author.roles & _EXEMPT) or not message.text)
        )
        if message.paid:
            message, verdict = _without_words(message, verdict)
        if not message.addressed and self._addressed(message):
            message = replace(message, addressed=True)
        if self.arrivals.taken_back(message, now):
            self._ledger.outcome(message, "dropped", "deleted by its platform before it was taken in")
            return Offer("dropped", "deleted by its platform before it was taken in")
        offer = self._decide(message, verdict)
        self._ledger.line(message, verdict.action.value)
        self._on_offer(message, verdict, offer)
        return offer

    def take_up(self, message: Message) -> Offer:
        """Take a paid event of an earlier run: it is in the ledger, and is judged again before it is answered."""
        message = replace(message, author=self._safe(message.author))
        return self._inbox.offer(*_without_words(message, self._judge.check(message.text, Context(Direction.IN))))

    def _decide(self, message: Message, verdict: Verdict) -> Offer:
        if message.kind is Kind.CHAT and verdict.allowed:
            if self.answer == "none":
                return self._aside(message, "the host answers no chat now")
            if self.answer == "addressed" and not message.addressed:
                return self._aside(message, "not addressed to the host")
        return self._inbox.offer(message, verdict, addressed=message.addressed)

    def _aside(self, message: Message, reason: str) -> Offer:
        self._ledger.outcome(message, "dropped", reason)
        return Offer("dropped", reason)

    def _addressed(self, message: Message) -> bool:
        if message.addressed or message.kind is Kind.HOST:
            return True
        text = message.text.casefold()
        return any(name in text for name in self._names)

    def rules_changed(self) -> None:
        """Judge every name anew: moderation has other rules now."""
        self._safe_names.clear()

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
        verdict = self._judge.check(name, Context(Direction.OUT))
        if verdict.allowed:
            return name
        logger.debug("a viewer's name was replaced: {}", ", ".join(verdict.rules))
        return "someone"


def _without_words(message: Message, verdict: Verdict) -> tuple[Message, Verdict]:
    """Thank for the gift and do not take up its words, when they are not allowed."""
    if verdict.allowed:
        return message, verdict
    return replace(message, text=""), replace(verdict, action=Action.ALLOW, text="")
