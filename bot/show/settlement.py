"""What becomes of the messages of a turn: answered, put back, or dropped with the reason."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from loguru import logger

from bot.inbox.inbox import Inbox
from bot.inbox.observer import MessageObserver
from bot.show.floor import Cut
from bot.show.turn import LiveTurn
from bot.store.payments import MAX_ATTEMPTS
from bot.store.tables import TurnState
from bot.types import CutKind, Message, MessageOutcome, TurnOutcome

#: Messages whose unheard turns are counted.
MAX_COUNTED = 1000
#: Cuts that are no failure of the message: they do not count as an attempt.
_NO_ATTEMPT = frozenset({CutKind.RETRACTED, CutKind.STOPPED, CutKind.BARGED_IN, CutKind.GAVE_WAY})
#: Cuts after which a line of the chat of whose answer nothing was heard waits again.
_AGAIN = frozenset({CutKind.NO_STAGE, CutKind.BARGED_IN, CutKind.GAVE_WAY})
_UNCONFIRMED = "said; no page confirmed that it was heard"


class Result(NamedTuple):
    """What became of a turn, and why in words."""

    outcome: TurnOutcome
    detail: str


class Settlement:
    """Gives every message of a turn its outcome, once."""

    def __init__(self, inbox: Inbox, observer: MessageObserver) -> None:
        self._inbox = inbox
        self._observer = observer
        #: Unheard turns by source and id; the oldest is forgotten first.
        self._attempts: OrderedDict[tuple[str, str], int] = OrderedDict()

    def settle(self, air: LiveTurn, heard: str, cut: Cut | None, *, sounded: bool) -> Result:
        """Decide what became of the messages of a turn; return what became of the turn.

        ``heard`` are the words that a page confirmed, ``sounded`` says whether sound was sent. What was said and no
        page confirmed answers a line of chat, but thanks nobody for a payment.
        """
        messages = air.plan.messages
        if air.plan.choice is None:
            if heard or (sounded and cut is None):
                return Result(TurnOutcome.SAID, "")
            return Result(TurnOutcome.CUT, cut.reason) if cut else Result(TurnOutcome.UNHEARD, "")
        if heard:
            return self._answered(messages, _how_answered(air, cut))
        unconfirmed = cut is None and sounded
        if unconfirmed:
            said, messages = [m for m in messages if not m.paid], tuple(m for m in messages if m.paid)
            result = self._answered(said, _UNCONFIRMED)
            if not messages:
                return result
        reason = cut.reason if cut else _UNCONFIRMED if unconfirmed else _why_unsaid(air)
        kind = cut.kind if cut else CutKind.FAILED
        left = tuple(m for m in air.remaining() if m.paid or not unconfirmed)
        if len(left) < len(messages):
            kept = {(m.source, m.id) for m in left}
            gone = [m for m in messages if (m.source, m.id) not in kept]
            self.end(gone, MessageOutcome.DROPPED, f"what it answers was taken back: {air.taken_back[-1].reason}")
        if not left:
            return Result(TurnOutcome.DROPPED, reason)
        attempts = self._count(left[0], kind)
        again = left[0].paid or kind in _AGAIN
        if again and attempts < MAX_ATTEMPTS:
            self._inbox.put_back(replace(air.plan.choice, messages=left))
            return Result(TurnOutcome.PUT_BACK, reason)
        if again:
            logger.error("a payment could not be thanked for after {} attempts: see the ledger", MAX_ATTEMPTS)
        self.end(left, MessageOutcome.DROPPED, reason)
        return Result(TurnOutcome.DROPPED, reason)

    def end(self, messages: Iterable[Message], outcome: MessageOutcome, reason: str) -> None:
        """Settle messages with one outcome."""
        for message in messages:
            self._attempts.pop((message.source, message.id), None)
            self._observer.settled(message, outcome, reason)

    def _answered(self, messages: Iterable[Message], how: str) -> Result:
        self.end(messages, MessageOutcome.ANSWERED, how)
        return Result(TurnOutcome.ANSWERED, how)

    def _count(self, message: Message, kind: CutKind) -> int:
        """Count an unheard turn of a message; return how many there were."""
        key = (message.source, message.id)
        count = self._attempts.pop(key, 0) + (kind not in _NO_ATTEMPT)
        self._attempts[key] = count
        if len(self._attempts) > MAX_COUNTED:
            self._attempts.popitem(last=False)
        return count


def _how_answered(air: LiveTurn, cut: Cut | None) -> str:
    if cut is not None:
        return f"answered in part: {cut.reason}"
    return f"answered with a prepared line; blocked: {air.blocked.because}" if air.blocked else "answered"


def _why_unsaid(air: LiveTurn) -> str:
    return f"moderation let nothing be said: {air.blocked.because}" if air.blocked else "nothing could be said"


def state_of(*, complete: bool, cut: Cut | None, heard: str, silent: bool) -> TurnState:
    """Return how a turn ended, for the record."""
    if complete:
        return TurnState.COMPLETED
    if heard or cut:
        return TurnState.INTERRUPTED
    return TurnState.FAILED if silent else TurnState.EXPIRED
