"""What an observer of the way in is told: one class instead of callbacks in many places."""

from __future__ import annotations

from bot.inbox.entries import Offer
from bot.sources.source import Notice
from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict


class MessageObserver:
    """Is told what happens to messages. Each method returns at once and does nothing; subclasses override some."""

    def received(self, source: str, kind: str) -> None:
        """Count an event of a platform, by its kind."""

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of a new message, the verdict that counts, and what became of the message so far."""

    def judged(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of a message with its words as they were written, and of what moderation found in them.

        `offered` gets the message as it may be used: a payment may have lost its words there.
        """

    def name_judged(self, name: str, verdict: Verdict) -> None:
        """Take note of the verdict on a viewer's name."""

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Take note of what became of a message; ``reason`` is in words for people.

        This is called once for each message that was offered. A held message may be settled again when a person
        decides.
        """

    def retracted(self, retraction: Retraction) -> None:
        """Take note that a platform deleted messages."""

    def noticed(self, notice: Notice) -> None:
        """Take note of an event of a platform that is not a message."""
