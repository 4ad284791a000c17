"""Map the events of Twitch to messages, retractions and notices, without I/O and without raising.

Each type of EventSub has one reader in ``_READERS``. A payment is never lost: fields that cannot be read are noted in
its evidence, for a person. Any other broken event is counted and dropped.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from bot.sources.payload import MAX_NAME, Fields
from bot.sources.settings import Rates, Twitch
from bot.sources.source import SourceEvent
from bot.sources.twitch import channel_events, chat, duplicates, monetization
from bot.sources.twitch.channel import MAX_BITS, SOURCE, ChannelContext
from bot.sources.twitch.chat_notifications import notification
from bot.types import Author, Fragment, Kind, Message, Money, Reply, Retraction

_REDEMPTION = "channel.channel_points_custom_reward_redemption.add"
_AUTOMATIC = "channel.channel_points_automatic_reward_redemption.add"
_BITS = "channel.bits.use"
#: Types of chat lines that have an event of their own as well, which says more.
_TOLD_BY: Mapping[object, str] = MappingProxyType(
    {
        "channel_points_highlighted": _AUTOMATIC,
        "channel_points_sub_only": _AUTOMATIC,
        "power_ups_message_effect": _BITS,
        "power_ups_gigantified_emote": _BITS,
    }
)


class Mapper:
    """Read the events of one channel. ``count_fault(kind, detail)`` is called for each that cannot be read."""

    def __init__(
        self,
        *,
        rates: Rates,
        channel_id: str,
        bot_id: str,
        settings: Twitch,
        count_fault: Callable[[str, str], None],
    ) -> None:
        self._context = ChannelContext(SOURCE, rates, count_fault, channel_id, bot_id, settings)

    @property
    def subscribed(self) -> frozenset[str]:
        """Return the types of events that are really received.

        A line of chat that belongs to a redemption or a power-up is left out when the event of the payment is
        received too. With no types, which is the default, it is chat.
        """
        return self._context.subscribed

    @subscribed.setter
    def subscribed(self, kinds: frozenset[str]) -> None:
        self._context.subscribed = kinds

    def map(self, kind: str, event: Mapping[str, Any], message_id: str) -> list[SourceEvent]:
        """Return what an event means: one message, retractions, a notice, or nothing. Never raises.

        ``kind`` is the type of the subscription, ``event`` the delivery's ``payload.event`` and
        ``message_id`` its ``metadata.message_id``, the id of events that have none of their own.
        """
        reader = _READERS.get(kind)
        if reader is None:
            self._context.count_fault(kind, "unknown type of event")
            return []
        return reader(self._context, Fields(event), kind, message_id or _digest(event))


def _digest(event: object) -> str:
    """Return an id for an event without one: equal events get equal ids."""
    return hashlib.blake2b(repr(event).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _message(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a line of the chat, or a cheer in it. The host's own lines are left out."""
    here = not context.is_from_elsewhere(event)
    if not (here or context.settings.shared_chat):
        return []
    who = chat.author(event, "chatter_user")
    found = event.ident("message_id")
    body = event.part("message")
    text = body.text("text")
    pieces = chat.fragments(body.get("fragments"))
    quoted = event.get("reply")
    answered = None if quoted is None else chat.reply(quoted)
    # If the field is missing, a cheermote, which only Twitch can mark, shows that bits were paid.
    cheered = event.get("cheer") is not None or (
        not event.has("cheer") and any(piece.kind == "cheer" for piece in pieces)
    )
    if cheered and here:
        readable = text if isinstance(body.get("text"), str) else None
        return _cheer(context, event, kind, found or f"cheer:{delivery}", who, readable, pieces, answered)
    if who.id == context.bot_id:
        return []
    if event.faults:
        return context.drop(kind, event)
    reward = event.get("channel_points_custom_reward_id")
    sort = event.get("message_type")
    twin = _REDEMPTION if reward else _TOLD_BY.get(sort) if isinstance(sort, str) else None
    if twin and here:
        context.duplicates.remember(who.id, text, found)
        if twin in context.subscribed:
            return []
    addressed = context.is_addressed(pieces, answered)
    return [Message(found, SOURCE, who, text, Kind.CHAT, None, 0.0, pieces, answered, None, addressed)]


def _cheer(
    context: ChannelContext,
    event: Fields,
    kind: str,
    name: str,
    who: Author,
    text: str | None,
    pieces: tuple[Fragment, ...],
    answered: Reply | None,
) -> list[SourceEvent]:
    n = event.part("cheer").count("bits", MAX_BITS)
    context.duplicates.remember(chat.key(who), text or "", name)
    return context.payment(
        Kind.CHEER,
        event,
        id=name,
        event_type=kind,
        who=who,
        amount=context.bits_worth(n),
        text=text or "",
        units=None if n is None else Money(n, "BITS"),
        pair=duplicates.bits(chat.key(who), n, text),
        fragments=pieces,
        reply=answered,
        addressed=context.is_addressed(pieces, answered),
    )


def _delete(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read that one message was deleted; messages that repeat its words are taken back too."""
    found = event.ident("message_id")
    if event.faults:
        return context.drop(kind, event)
    reason = "deleted by a moderator"
    return [Retraction(SOURCE, id=name, reason=reason) for name in (found, *context.duplicates.other_ids(found))]


def _clear(_context: ChannelContext, _event: Fields, _kind: str, _delivery: str) -> list[SourceEvent]:
    return [Retraction(SOURCE, reason="the chat was cleared")]


def _clear_user(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    author = event.ident("target_user_id")
    if event.faults:
        return context.drop(kind, event)
    return [Retraction(SOURCE, author=author, reason="all messages removed by a moderator")]


def _ban(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read a ban or a timeout, with the moderator's name and words."""
    author = event.ident("user_id")
    if event.faults:
        return context.drop(kind, event)
    lasts = (
        None
        if event.is_true("is_permanent")
        else _seconds(event.optional_text("banned_at"), event.optional_text("ends_at"))
    )
    reason = "banned" if lasts is None else f"timed out for {lasts} s"
    if moderator := event.optional_text("moderator_user_name"):
        reason += f" by {moderator}"
    if words := event.optional_text("reason", MAX_NAME).strip():
        reason += f": {words}"
    return [Retraction(SOURCE, author=author, reason=reason)]


def _seconds(start: str, end: str) -> int | None:
    """Return the seconds between two times of RFC 3339; None when one cannot be read."""
    try:
        return max(0, round((dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return None


def _nothing(_context: ChannelContext, _event: Fields, _kind: str, _delivery: str) -> list[SourceEvent]:
    return []


_Reader: TypeAlias = Callable[[ChannelContext, Fields, str, str], list[SourceEvent]]

_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "channel.chat.message": _message,
        "channel.chat.notification": notification,
        "channel.chat.message_delete": _delete,
        "channel.chat.clear": _clear,
        "channel.chat.clear_user_messages": _clear_user,
        "channel.bits.use": monetization.bits_use,
        "channel.cheer": monetization.cheer,
        "channel.subscribe": monetization.subscribe,
        "channel.subscription.message": monetization.subscription_message,
        "channel.subscription.gift": monetization.subscription_gift,
        "channel.subscription.end": channel_events.subscription_end,
        "channel.raid": monetization.raid,
        "channel.follow": monetization.follow,
        _REDEMPTION: monetization.redemption,
        _AUTOMATIC: monetization.automatic_redemption,
        "channel.hype_train.begin": channel_events.hype_train,
        "channel.hype_train.progress": channel_events.hype_train,
        "channel.hype_train.end": channel_events.hype_train,
        "channel.poll.progress": channel_events.poll,
        "channel.poll.end": channel_events.poll,
        "automod.message.hold": channel_events.automod_hold,
        "automod.message.update": channel_events.automod_update,
        "channel.ban": _ban,
        "channel.unban": _nothing,
        "stream.online": channel_events.online,
        "stream.offline": channel_events.offline,
        "channel.update": channel_events.update,
    }
)
