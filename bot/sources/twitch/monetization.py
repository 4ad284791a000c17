"""Read the events of the account: bits, subscriptions, gifts, redemptions, raids, followers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.sources import rates
from bot.sources.payload import MAX_NAME, MAX_TEXT, Fields
from bot.sources.source import SourceEvent
from bot.sources.twitch import chat, duplicates
from bot.sources.twitch.channel import (
    MAX_BITS,
    MAX_GIFTS,
    MAX_MONTHS,
    MAX_POINTS,
    MAX_VIEWERS,
    SOURCE,
    ChannelContext,
)
from bot.text.sanitize import fit
from bot.types import GIFT_SUB, Author, Evidence, Kind, Message, Money

_TIERS = frozenset({"1000", "2000", "3000"})
#: Names of Twitch's own rewards; a new one is named by its type.
_AUTOMATIC: Mapping[str, str] = MappingProxyType(
    {
        "single_message_bypass_sub_mode": "message in sub-only mode",
        "send_highlighted_message": "highlighted message",
        "random_sub_emote_unlock": "random emote",
        "chosen_sub_emote_unlock": "emote",
        "chosen_modified_sub_emote_unlock": "modified emote",
    }
)
#: Rewards that version 1 of the event sold for bits; version 2 leaves them to ``channel.bits.use``.
_POWER_UPS = frozenset({"message_effect", "gigantify_an_emote", "celebration"})


def tier(event: Fields, key: str) -> str:
    """Read a tier: "1000", "2000" or "3000"; empty when it is anything else."""
    found = event.ident(key)
    if found and found not in _TIERS:
        event.note_fault(key, found)
        return ""
    return found


def worth(context: ChannelContext, level: str, n: int | None) -> Money | None:
    """Return what ``n`` subscriptions of a tier are worth; None when the tier or ``n`` is not known."""
    return rates.sub(level, n, context.rates) if level and n else None


def words(event: Fields, key: str = "message") -> tuple[str | None, Fields]:
    """Read the text of a part: empty when the part is null, None when it is broken. Return the part too."""
    if event.get(key) is None and event.has(key):
        return "", Fields({})
    body = event.part(key)
    text = body.text("text")
    return (text if isinstance(body.get("text"), str) else None), body


def bits_use(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read bits that were used: a cheer, or a power-up of any sort."""
    n = event.count("bits", MAX_BITS)
    what = event.text("type", MAX_NAME)
    nobody = all(event.has(f"user_{x}") and event.get(f"user_{x}") is None for x in ("id", "login", "name"))
    who = chat.ANONYMOUS if nobody else chat.author(event, "user")
    text, body = words(event)
    pieces = chat.fragments(body.get("fragments"))
    item = ""
    if what != "cheer":
        power_up = Fields(event.get("power_up") or {})
        item = (power_up.optional_text("type") or what).replace("_", " ")
    context.duplicates.remember(chat.key(who), text or "", f"bits:{delivery}")
    return context.payment(
        Kind.CHEER,
        event,
        id=f"bits:{delivery}",
        event_type=kind,
        who=who,
        amount=context.bits_worth(n),
        text=text or "",
        units=None if n is None else Money(n, "BITS"),
        item=item,
        pair=duplicates.bits(chat.key(who), n, text),
        fragments=pieces,
        addressed=context.is_addressed(pieces),
    )


def cheer(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a cheer from the event of the account."""
    n = event.count("bits", MAX_BITS)
    who = chat.payer(event, "user", "is_anonymous")
    text = event.text("message")
    pair = duplicates.bits(chat.key(who), n, text if isinstance(event.get("message"), str) else None)
    context.duplicates.remember(chat.key(who), text, f"cheer:{delivery}")
    units = None if n is None else Money(n, "BITS")
    return context.payment(
        Kind.CHEER,
        event,
        id=f"cheer:{delivery}",
        event_type=kind,
        who=who,
        amount=context.bits_worth(n),
        text=text,
        units=units,
        pair=pair,
    )


def subscribe(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a new subscription. A gifted one is left out: the event of the gift has the payment."""
    if event.flag("is_gift"):
        return []
    who = chat.author(event, "user")
    level = tier(event, "tier")
    pair = duplicates.sub(chat.key(who))
    return context.payment(
        Kind.SUB,
        event,
        id=f"sub:{delivery}",
        event_type=kind,
        who=who,
        amount=worth(context, level, 1),
        tier=level,
        pair=pair,
    )


def subscription_message(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a subscription that goes on, with its owner's words."""
    who = chat.author(event, "user")
    level = tier(event, "tier")
    months = event.count("cumulative_months", MAX_MONTHS)
    text, _ = words(event)
    pair = duplicates.resub(chat.key(who), months)
    name = pair or f"resub:{delivery}"
    context.duplicates.remember(chat.key(who), text or "", name)
    return context.payment(
        Kind.SUB,
        event,
        id=name,
        event_type=kind,
        who=who,
        amount=worth(context, level, 1),
        text=text or "",
        months=months or 0,
        tier=level,
        pair=pair,
    )


def subscription_gift(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read subscriptions that a viewer gives to others; one event for the whole gift."""
    who = chat.payer(event, "user", "is_anonymous")
    level = tier(event, "tier")
    total = event.count("total", MAX_GIFTS)
    return context.payment(
        Kind.SUB,
        event,
        id=f"gift:{delivery}",
        event_type=kind,
        who=who,
        amount=worth(context, level, total),
        item=GIFT_SUB,
        count=total or 1,
        tier=level,
        pair=duplicates.gift(chat.key(who), level, total),
    )


def redemption(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a redemption of one of the streamer's own rewards."""
    who = chat.author(event, "user")
    reward = event.part("reward")
    title, cost = reward.text("title", MAX_NAME), reward.count("cost", MAX_POINTS, least=0)
    text = event.text("user_input")
    return _redeemed(context, event, kind, delivery, who=who, title=title, cost=cost, text=text)


def automatic_redemption(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a redemption of one of Twitch's own rewards, of version 1 or 2."""
    who = chat.author(event, "user")
    reward = event.part("reward")
    what = reward.text("type", MAX_NAME)
    cost = reward.count("channel_points" if reward.has("channel_points") else "cost", MAX_POINTS, least=0)
    typed = event.optional_text("user_input", MAX_TEXT)
    text = typed or words(event)[0] or ""
    if what in _POWER_UPS:
        context.duplicates.remember(chat.key(who), text, f"bits:{delivery}")
        return context.payment(
            Kind.CHEER,
            event,
            id=f"bits:{delivery}",
            event_type=kind,
            who=who,
            amount=context.bits_worth(cost),
            text=text,
            units=None if cost is None else Money(cost, "BITS"),
            item=what.replace("_", " "),
            pair=duplicates.bits(chat.key(who), cost, text),
        )
    title = _AUTOMATIC.get(what) or what.replace("_", " ")
    return _redeemed(context, event, kind, delivery, who=who, title=title, cost=cost, text=text)


def _redeemed(
    context: ChannelContext,
    event: Fields,
    kind: str,
    delivery: str,
    *,
    who: Author,
    title: str,
    cost: int | None,
    text: str,
) -> list[SourceEvent]:
    found = event.ident("id")
    name = f"redemption:{found or delivery}"
    context.duplicates.remember(chat.key(who), text, name)
    units = None if cost is None else Money(cost, "POINTS")
    return context.payment(
        Kind.REDEMPTION,
        event,
        id=name,
        event_type=kind,
        who=who,
        amount=None,
        text=text,
        units=units,
        item=fit(title, MAX_NAME),
    )


def raid(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a raid on this channel; a raid that this channel starts is left out."""
    if event.get("from_broadcaster_user_id") == context.channel_id:
        return []
    who = chat.author(event, "from_broadcaster_user")
    return raided(
        context, event, kind, f"raid:{delivery}", who=who, viewers=event.count("viewers", MAX_VIEWERS, least=0)
    )


def raided(
    context: ChannelContext,
    event: Fields,
    kind: str,
    id: str,  # noqa: A002 - the messages' word
    *,
    who: Author,
    viewers: int | None,
) -> list[SourceEvent]:
    """Return the message of a raid; nothing when a part of it is broken."""
    if event.faults:
        return context.drop(kind, event)
    units = Money(viewers, "VIEWERS") if viewers else None
    evidence = Evidence(kind, units, pair=duplicates.raid(chat.key(who)))
    return [Message(id, SOURCE, who, "", Kind.RAID, evidence=evidence)]


def follow(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a new follower; nothing when followers are not to be greeted."""
    if not context.settings.follows:
        return []
    who = chat.author(event, "user")
    if event.faults:
        return context.drop(kind, event)
    return [Message(f"follow:{delivery}", SOURCE, who, "", Kind.FOLLOW, evidence=Evidence(kind))]
