"""Read ``channel.chat.notification``: subscriptions, gifts, raids and announcements in the chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from bot.sources import rates
from bot.sources.payload import MAX_NAME, MAX_TEXT, Fields
from bot.sources.source import SourceEvent
from bot.sources.twitch import chat, duplicates, monetization
from bot.sources.twitch.channel import MAX_GIFTS, MAX_MONTHS, MAX_VIEWERS, SOURCE, ChannelContext
from bot.types import GIFT_SUB, Author, Fragment, Kind, Message, Money

#: Subscriptions are given for 1, 3, 6 or 12 months; a longer time is a broken field.
_MAX_GIVEN_MONTHS = 36
_CODE = 3

_Reader: TypeAlias = Callable[[ChannelContext, Fields, "_Notice"], list[SourceEvent]]


class _Notice:
    """What all notices have in common: id, author and the author's words."""

    __slots__ = ("id", "kind", "text", "who")

    def __init__(self, context: ChannelContext, event: Fields, kind: str, delivery: str) -> None:
        self.kind = kind
        self.id = event.ident("message_id") or f"notice:{delivery}"
        self.who: Author = chat.payer(event, "chatter_user", "chatter_is_anonymous")
        self.text = monetization.words(event)[0] or ""
        context.duplicates.remember(chat.key(self.who), self.text, self.id)


def notification(context: ChannelContext, event: Fields, kind: str, delivery: str) -> list[SourceEvent]:
    """Read a notice. One of another channel in a shared chat is left out: its payments belong to that channel."""
    what = event.get("notice_type")
    known = what if isinstance(what, str) else ""
    if known.startswith("shared_chat_") or context.is_from_elsewhere(event) or known in _SILENT:
        return []
    if known not in _READERS:
        # A payment under a new name still has the part of a known one.
        part = next((name for name in _PAID if isinstance(event.get(name), dict)), "")
        if not part:
            context.count_fault(kind, f"unknown notice {known[:40]!r}")
            return []
        event.note_fault("notice_type", what)
        known = part
    return _READERS[known](context, event, _Notice(context, event, kind, delivery))


def _fragments(event: Fields) -> tuple[Fragment, ...]:
    message = event.get("message")
    return chat.fragments(message.get("fragments")) if isinstance(message, dict) else ()


def _tier(part: Fields) -> str:
    """Read a tier; "Prime" where Twitch itself pays for the viewer."""
    level = monetization.tier(part, "sub_tier")
    return "Prime" if part.is_true("is_prime") else level


def _sub_message(
    context: ChannelContext,
    event: Fields,
    notice: _Notice,
    *,
    level: str,
    amount: Money | None,
    months: int,
    pair: str,
    item: str = "",
    id: str = "",  # noqa: A002 - the messages' word
) -> list[SourceEvent]:
    pieces = _fragments(event)
    return context.payment(
        Kind.SUB,
        event,
        id=id or notice.id,
        event_type=notice.kind,
        who=notice.who,
        amount=amount,
        text=notice.text,
        item=item,
        months=months,
        tier=level,
        pair=pair,
        fragments=pieces,
        addressed=context.is_addressed(pieces),
    )


def _sub(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    level = _tier(event.part("sub"))
    pair = duplicates.sub(chat.key(notice.who))
    return _sub_message(
        context, event, notice, level=level, amount=monetization.worth(context, level, 1), months=1, pair=pair
    )


def _resub(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    """Read a subscription that goes on. A gifted one cost its owner nothing, so it has no amount.

    Its id is made of its month: whoever shares it twice has paid for it once.
    """
    part = event.part("resub")
    level = _tier(part)
    months = part.count("cumulative_months", MAX_MONTHS)
    amount = None if part.is_true("is_gift") else monetization.worth(context, level, 1)
    pair = duplicates.resub(chat.key(notice.who), months)
    context.duplicates.remember(chat.key(notice.who), notice.text, pair or notice.id)
    return _sub_message(context, event, notice, level=level, amount=amount, months=months or 0, pair=pair, id=pair)


def _gift_paid_upgrade(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    """Read that a viewer now pays for a gifted subscription. The notice has no tier: tier 1 is counted."""
    pair = duplicates.sub(chat.key(notice.who))
    return _sub_message(
        context, event, notice, level="", amount=rates.sub("1000", 1, context.rates), months=0, pair=pair
    )


def _prime_paid_upgrade(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    level = _tier(event.part("prime_paid_upgrade"))
    pair = duplicates.sub(chat.key(notice.who))
    return _sub_message(
        context, event, notice, level=level, amount=monetization.worth(context, level, 1), months=0, pair=pair
    )


def _pay_it_forward(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    """Read that a viewer passes a gift on. The notice of the gift itself has the amount, this one has none."""
    return _sub_message(context, event, notice, level="", amount=None, months=0, pair="", item=GIFT_SUB)


def _gift_message(
    context: ChannelContext,
    event: Fields,
    notice: _Notice,
    *,
    level: str,
    total: int | None,
    months: int = 1,
    combo: str = "",
) -> list[SourceEvent]:
    return context.payment(
        Kind.SUB,
        event,
        id=notice.id,
        event_type=notice.kind,
        who=notice.who,
        amount=monetization.worth(context, level, total and total * months),
        text=notice.text,
        item=GIFT_SUB,
        count=total or 1,
        months=months,
        tier=level,
        combo=combo,
        pair=duplicates.gift(chat.key(notice.who), level, total),
    )


def _sub_gift(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    """Read a subscription for one viewer. One that belongs to a community gift is left out: that has its own notice."""
    part = event.part("sub_gift")
    bomb = part.get("community_gift_id")
    if (isinstance(bomb, str) and bomb) or (isinstance(bomb, int) and not isinstance(bomb, bool)):
        return []
    level = monetization.tier(part, "sub_tier")
    months = part.count("duration_months", _MAX_GIVEN_MONTHS)
    return _gift_message(context, event, notice, level=level, total=1, months=months or 1)


def _community_sub_gift(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    part = event.part("community_sub_gift")
    total = part.count("total", MAX_GIFTS)
    return _gift_message(
        context, event, notice, level=monetization.tier(part, "sub_tier"), total=total, combo=part.ident("id")
    )


def _charity(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    """Read a donation to a charity. ``decimal_place`` says how many digits of ``value`` follow the point."""
    part = event.part("charity_donation")
    item, given = part.text("charity_name", MAX_NAME), part.part("amount")
    value = given.count("value", rates.MAX_MINOR)
    places = given.count("decimal_place", 6, least=0)
    currency = given.text("currency", MAX_NAME).upper()
    if not (len(currency) == _CODE and currency.isascii() and currency.isalpha()):
        given.note_fault("currency", given.get("currency"))
        currency = ""
    amount = None
    if value is not None and places is not None and currency:
        amount = rates.convert_minor(value, places, currency)
    pieces = _fragments(event)
    return context.payment(
        Kind.GIFT,
        event,
        id=notice.id,
        event_type=notice.kind,
        who=notice.who,
        amount=amount,
        text=notice.text,
        item=item,
        fragments=pieces,
        addressed=context.is_addressed(pieces),
    )


def _raid(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    viewers = event.part("raid").count("viewer_count", MAX_VIEWERS, least=0)
    return monetization.raided(context, event, notice.kind, notice.id, who=notice.who, viewers=viewers)


def _chat_line(context: ChannelContext, event: Fields, notice: _Notice) -> list[SourceEvent]:
    """Read a notice as the chat line that it carries: an announcement, or words beside a watch streak."""
    if notice.who.id == context.bot_id or not (notice.text or event.faults):
        return []
    if event.faults:
        return context.drop(notice.kind, event)
    pieces = _fragments(event)
    addressed = context.is_addressed(pieces)
    return [Message(notice.id, SOURCE, notice.who, notice.text[:MAX_TEXT], fragments=pieces, addressed=addressed)]


_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "sub": _sub,
        "resub": _resub,
        "sub_gift": _sub_gift,
        "community_sub_gift": _community_sub_gift,
        "gift_paid_upgrade": _gift_paid_upgrade,
        "prime_paid_upgrade": _prime_paid_upgrade,
        "pay_it_forward": _pay_it_forward,
        "charity_donation": _charity,
        "raid": _raid,
        "announcement": _chat_line,
        "watch_streak": _chat_line,
        "modiversary": _chat_line,
    }
)
_PAID = tuple(name for name, reader in _READERS.items() if reader not in (_raid, _chat_line))
#: Known notices without a reader: a badge for bits, which have their own event, and a raid that was called off.
_SILENT = frozenset({"bits_badge_tier", "unraid"})
