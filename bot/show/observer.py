"""Who is told what the show does: one protocol for the record, the control room, the chat replies and the tests."""

from __future__ import annotations

from loguru import logger

from bot.inbox.entries import Offer
from bot.inbox.observer import MessageObserver
from bot.show.breaker import BlockedClause
from bot.show.turn import FinishedTurn, LiveTurn
from bot.sources.source import Notice
from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict


class Observer(MessageObserver):
    """Is told of messages and turns. Every method returns at once and does nothing unless it is overridden."""

    def clause_judged(self, verdict: Verdict) -> None:
        """Take note of the verdict on a clause of the host."""

    def clause_blocked(self, blocked: BlockedClause) -> None:
        """Take note of a clause that is not said."""

    def words_heard(self, turn: str, heard: str) -> None:
        """Take note of what the audience has heard so far of the turn on air, now and then while it goes on."""

    def turn_made(self, turn: LiveTurn) -> None:
        """Take note that all words and sounds of the turn on air are made; what is left is to be heard."""

    def turn_over(self, turn: FinishedTurn) -> None:
        """Take note of a finished turn."""

    def provider_failed(self, what: str, error: BaseException | None) -> None:
        """Take note of a model or a voice that failed in the middle of a turn; ``what`` begins with its kind."""


class Observers(Observer):
    """Tells several observers, in the order in which they were added. One that fails is logged and holds up nobody."""

    def __init__(self, *observers: MessageObserver) -> None:
        self._observers = list(observers)

    def add(self, *observers: MessageObserver) -> None:
        """Tell these from now on."""
        self._observers += observers

    def received(self, source: str, kind: str) -> None:
        """Pass it on."""
        self._tell("received", source, kind)

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Pass it on."""
        self._tell("offered", message, verdict, offer)

    def judged(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Pass it on."""
        self._tell("judged", message, verdict, offer)

    def name_judged(self, name: str, verdict: Verdict) -> None:
        """Pass it on."""
        self._tell("name_judged", name, verdict)

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Pass it on."""
        self._tell("settled", message, outcome, reason)

    def retracted(self, retraction: Retraction) -> None:
        """Pass it on."""
        self._tell("retracted", retraction)

    def noticed(self, notice: Notice) -> None:
        """Pass it on."""
        self._tell("noticed", notice)

    def clause_judged(self, verdict: Verdict) -> None:
        """Pass it on."""
        self._tell("clause_judged", verdict)

    def clause_blocked(self, blocked: BlockedClause) -> None:
        """Pass it on."""
        self._tell("clause_blocked", blocked)

    def words_heard(self, turn: str, heard: str) -> None:
        """Pass it on."""
        self._tell("words_heard", turn, heard)

    def turn_made(self, turn: LiveTurn) -> None:
        """Pass it on."""
        self._tell("turn_made", turn)

    def turn_over(self, turn: FinishedTurn) -> None:
        """Pass it on."""
        self._tell("turn_over", turn)

    def provider_failed(self, what: str, error: BaseException | None) -> None:
        """Pass it on."""
        self._tell("provider_failed", what, error)

    def _tell(self, method: str, *values: object) -> None:
        for observer in self._observers:
            tell = getattr(observer, method, None)
            if tell is None:
                continue  # it observes messages alone
            try:
                tell(*values)
            except Exception as error:  # noqa: BLE001 - the record must be written whatever the control room does
                logger.opt(exception=error).error("{} failed on {}", type(observer).__name__, method)
