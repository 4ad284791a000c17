"""What becomes of the messages of a turn: answered, put back, or dropped with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from loguru import logger

from bot.inbox.inbox import Inbox
from bot.show.floor import Cut
from bot.show.turn import Ledger, LiveTurn
from bot.types import Message

#: A paid event whose thanks could not be heard this often waits for a person.
MAX_ATTEMPTS = 3


class Settlement:
    """Gives every message of a turn its outcome, once."""

    def __init__(self, inbox: Inbox, ledger: Ledger, on_outcome: Callable[[Message, str, str], None]) -> None:
        self._inbox, self._ledger, self._on_outcome = inbox, ledger, on_outcome
        self._attempts: dict[str, int] = {}

    def settle(self, air: LiveTurn, heard: str, cut: Cut | None, *, sounded: bool) -> str:
        """Decide what became of the messages of a turn; return it in one word."""
        choice = air.job.choice
        if heard and choice is None:
            return "said"
        if heard:
            return self.all(air.job.messages, "answered", _answered(air, cut))
        if choice is None:
            return "said" if sounded and cut is None else (cut.kind if cut else "unheard")
        if cut is None and sounded:
            return self.all(air.job.messages, "answered", "said; no page confirmed that it was heard")
        kind, reason = (cut.kind, cut.reason) if cut else ("failed", _unsaid(air))
        left = air.remaining()
        if len(left) < len(air.job.messages):
            kept = {(m.source, m.id) for m in left}
            gone = [m for m in air.job.messages if (m.source, m.id) not in kept]
            self.all(gone, "dropped", f"what it answers was taken back: {air.taken_back[-1].reason}")
        if not left:
            return "dropped"
        key = left[0].id
        self._attempts[key] = self._attempts.get(key, 0) + (kind not in ("retracted", "stopped"))
        again = left[0].paid or kind == "no_stage"
        if again and self._attempts[key] < MAX_ATTEMPTS:
            self._inbox.put_back(replace(choice, messages=left))
            return f"put back: {reason}"
        if again:
            logger.error("a paid event could not be thanked for after {} attempts: see the ledger", MAX_ATTEMPTS)
        return self.all(left, "dropped", reason)

    def all(self, messages: Iterable[Message], outcome: str, reason: str) -> str:
        """Return messages one outcome; return it back."""
        for message in messages:
            self._attempts.pop(message.id, None)
            self._ledger.outcome(message, outcome, reason)
            self._on_outcome(message, outcome, reason)
        return outcome


def _answered(air: LiveTurn, cut: Cut | None) -> str:
    if cut is not None:
        return f"answered in part: {cut.reason}"
    return f"answered with a prepared line; blocked: {air.blocked.because}" if air.blocked else "answered"


def _unsaid(air: LiveTurn) -> str:
    return f"moderation let nothing be said: {air.blocked.because}" if air.blocked else "nothing could be said"
