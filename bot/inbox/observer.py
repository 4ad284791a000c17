"""Who is told what happens to messages on their way in: one protocol instead of callbacks in many places."""

from __future__ import annotations

from bot.inbox.entries import Offer
from bot.sources.source import Notice
from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict


class MessageObserver:
    """Is told of messages. Every method returns at once and does nothing; an observer overrides those it needs."""

    def received(self, source: str, kind: str) -> None:
        """Count an event of a platform, by its kind."""

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of a new message, with the verdict that counts and what became of it so far."""

    def judged(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of the words as they were written, and what moderation found in them.

        Of a payment whose words may not be used, these differ from what `offered` is told.
        """

    def name_judged(self, name: str, verdict: Verdict) -> None:
        """Take note of the verdict on a viewer's name."""

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Take note of what became of a message; ``reason`` is in words for people.

        Called once for each message that was offered; a held one may be settled again when a person decides.
        """

    def retracted(self, retraction: Retraction) -> None:
        """Take back what a platform deleted."""

    def noticed(self, notice: Notice) -> None:
        """Take note of news of a platform that is no message."""
