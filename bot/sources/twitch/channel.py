"""The Twitch channel as every reader of its events sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sources import rates
from bot.sources.context import EventContext
from bot.sources.payload import Fields
from bot.sources.settings import Twitch
from bot.sources.twitch import chat
from bot.sources.twitch.duplicates import DuplicateWords
from bot.types import Fragment, Money, Reply

SOURCE = "twitch"
#: Bounds far above anything that was ever given at once, so that a broken field does not become a fortune.
MAX_BITS, MAX_GIFTS, MAX_MONTHS, MAX_VIEWERS, MAX_POINTS = 10_000_000, 10_000, 1200, 10_000_000, 1_000_000_000


@dataclass(slots=True)
class ChannelContext(EventContext):
    """The channel and the account that listens to it.

    ``subscribed`` are the types of events that are really received: what one of them tells in full is
    not taken a second time from the chat.
    """

    channel_id: str
    bot_id: str
    settings: Twitch
    subscribed: frozenset[str] = frozenset()
    duplicates: DuplicateWords = field(default_factory=DuplicateWords)

    def is_from_elsewhere(self, event: Fields) -> bool:
        """Return whether an event comes from another channel of a shared chat."""
        origin = event.get("source_broadcaster_user_id")
        return isinstance(origin, str) and origin not in ("", self.channel_id)

    def is_addressed(self, fragments: tuple[Fragment, ...], reply: Reply | None = None) -> bool:
        """Return whether the platform says that a message speaks to the host."""
        return chat.addresses(self.bot_id, fragments, reply)

    def bits_worth(self, n: int | None) -> Money | None:
        """Return what bits are worth; None when their number is not known."""
        return None if n is None else rates.bits(n, self.rates)
