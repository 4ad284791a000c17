"""What every reader of events is given: whose channel it is, and the values of bits and subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sources import rates
from bot.sources.payload import Fields
from bot.sources.settings import Rates, Twitch
from bot.sources.source import SourceEvent
from bot.sources.twitch import chat
from bot.sources.twitch.duplicates import DuplicateWords
from bot.types import Author, Evidence, Fragment, Kind, Message, Money, Reply

SOURCE = "twitch"
#: More than ever was given at once, so that a broken field is no fortune: bits, subscriptions, months, viewers, points.
MAX_BITS, MAX_GIFTS, MAX_MONTHS, MAX_VIEWERS, MAX_POINTS = 10_000_000, 10_000, 1200, 10_000_000, 1_000_000_000


@dataclass(slots=True)
class ChannelContext:
    """The channel, the account that listens, and where faults are counted.

    ``subscribed`` are the types of events that are really heard: what one of them tells in full is
    not taken a second time from the chat.
    """

    rates: Rates
    channel_id: str
    bot_id: str
    settings: Twitch
    count_fault: Callable[[str, str], None]
    subscribed: frozenset[str] = frozenset()
    duplicates: DuplicateWords = field(default_factory=DuplicateWords)

    def drop(self, kind: str, event: Fields) -> list[SourceEvent]:
        """Count an event that is not worth keeping without what is broken in it."""
        self.count_fault(kind, event.fault)
        return []

    def is_from_elsewhere(self, event: Fields) -> bool:
        """Return whether an event comes from another channel of a shared chat."""
        origin = event.get("source_broadcaster_user_id")
        return isinstance(origin, str) and origin not in ("", self.channel_id)

    def bits_worth(self, n: int | None) -> Money | None:
        """Return what bits are worth; None when it is not known how many."""
        return None if n is None else rates.bits(n, self.rates)


def paid(
    context: ChannelContext,
    kind: Kind,
    event: Fields,
    *,
    id: str,  # noqa: A002 - the messages' word
    event_type: str,
    who: Author,
    amount: Money | None,
    text: str = "",
    units: Money | None = None,
    item: str = "",
    count: int = 1,
    months: int = 0,
    tier: str = "",
    combo: str = "",
    pair: str = "",
    fragments: tuple[Fragment, ...] = (),
    reply: Reply | None = None,
) -> list[SourceEvent]:
    """Make the message of a payment: kept with a note whatever could not be read. ``of`` is the type of event."""
    if event.faults:
        context.count_fault(event_type, event.fault)
    evidence = Evidence(event_type, units, item, count, months, tier, combo, pair, event.fault)
    addressed = chat.addresses(context.bot_id, fragments, reply)
    return [Message(id, SOURCE, who, text, kind, amount, 0.0, fragments, reply, evidence, addressed)]
