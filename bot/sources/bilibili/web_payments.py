"""Read payments from the events of a room: gifts in both formats, super chats, guards.

The id of a payment names one line of it: a transaction may hold several gifts. Both formats of an event give the same
id. Without the platform's number it is a digest of the event, and a pair joins the formats (`bot.types.Evidence.pair`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bot.sources import rates
from bot.sources.bilibili.protobuf import BrokenError, decode
from bot.sources.bilibili.protobuf import Fields as Pb
from bot.sources.bilibili.room import (
    GUARDS,
    MAX_GIFTS,
    MAX_GOLD,
    MAX_MONTHS,
    MAX_YUAN,
    UNKNOWN,
    RoomContext,
    author,
    batteries,
    digest,
    number_of,
)
from bot.sources.payload import MAX_ID, MAX_NAME, Fields
from bot.sources.source import SourceEvent
from bot.text.sanitize import fit
from bot.types import Author, Kind, Money, Retraction

_MAX_DELETED, _MAX_GIFTS_IN_ONE = 100, 100


def _who(data: Fields, uid: str = "uid", name: str = "uname", *, guard: int = 0) -> Author:
    called = data.optional_text(name)
    if not called:
        data.note_fault(name, data.get(name))
    return author(_uid(data, uid), called, guard=guard)


def _uid(data: Fields, key: str = "uid") -> str:
    """Read the number of a viewer; empty for a masked one, whose number is 0."""
    user = data.count(key, 10**18, least=0)
    return str(user) if user else ""


def _pair(what: str, who: Author, *parts: object) -> str:
    """Return what the events of one payment agree in; empty when a part of it could not be read."""
    if who.id == UNKNOWN or any(part in (None, "") for part in parts):
        return ""
    return ":".join((what, who.id, *map(str, parts)))


def gift(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read a gift. A silver one is free. ``total_coin`` is what was paid; for a blind box, the price of the box."""
    data = Fields(event.get("data"))
    coin = data.get("coin_type")
    if coin == "silver":
        return []
    if coin != "gold":
        data.note_fault("coin_type", coin)
    return [
        _gift(
            context,
            data,
            kind,
            Counter(),
            event,
            transaction=number_of(data.get("tid")),
            who=_who(data, guard=data.number("guard_level")),
            item=data.text("giftName", MAX_NAME),
            combo=data.optional_text("batch_combo_id"),
        )
    ]


def _gift(
    context: RoomContext,
    data: Fields,
    kind: str,
    lines: Counter[str],
    event: Mapping[str, Any],
    *,
    transaction: str,
    who: Author,
    item: str,
    combo: str,
) -> SourceEvent:
    """Return the message of one line. ``lines`` counts those of the event that are alike, so that each is its own."""
    count = data.count("num", MAX_GIFTS)
    gold = data.count("total_coin", MAX_GOLD, least=0)
    name = f"gift:{transaction or f'~{digest(event)}'}:{digest([item, count, gold])}"
    lines[name] += 1
    (message,) = context.payment(
        Kind.GIFT,
        data,
        id=name if lines[name] == 1 else f"{name}:{lines[name]}",
        event_type=kind,
        who=who,
        amount=None if gold is None else rates.gold(gold, context.rates),
        units=batteries(gold),
        item=item,
        count=count or 1,
        combo=combo,
        pair="" if transaction else _pair("gift", who, item, count, gold),
    )
    return message


def gift_v2(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read gifts from protocol buffers.

    1 uid, 2 name, 5 guard level, 10 gifts: 2 name, 3 count, 5 price, 7 what was paid, 8 coin, 9 transaction,
    12 combo. The numbers are those on which readers of captured packets agree.
    """
    data = Fields(event.get("data"))
    if not data.has("pb") and isinstance(data.get("data"), Mapping):  # some packets hold it one level deeper
        data = Fields(data.get("data"))
    lines: Counter[str] = Counter()
    try:
        pb = Pb(decode(data.get("pb")))
        gifts = pb.parts(10)
    except BrokenError as error:
        data.note_fault("pb", str(error))
        gifts = []
    else:
        if not gifts:
            data.note_fault("pb", "without a gift")
    if data.faults:
        return [_gift(context, data, kind, lines, event, transaction="", who=author("", ""), item="", combo="")]
    uid = pb.number(1)
    who = author(str(uid) if uid > 0 else "", pb.text(2), guard=pb.number(5))
    found: list[SourceEvent] = []
    for one in gifts[:_MAX_GIFTS_IN_ONE]:
        if (coin := one.text(8)) == "silver":
            continue
        read = Fields({"num": one.number(3), "total_coin": one.number(7), "gift_name": one.text(2)})
        if coin != "gold":
            read.note_fault("coin_type", coin)
        transaction = number_of(one.text(9) or one.number(9))
        item, combo = read.text("gift_name", MAX_NAME), fit(one.text(12), MAX_ID)
        found.append(_gift(context, read, kind, lines, event, transaction=transaction, who=who, item=item, combo=combo))
    return found


def super_chat(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read a super chat. The event with a Japanese translation has the same id."""
    data = Fields(event.get("data"))
    person = data.part("user_info")
    uid = _uid(data)
    name = person.text("uname", MAX_NAME)
    who = author(uid, name, guard=person.number("guard_level"), admin=person.get("manager") == 1)
    yuan, text = data.count("price", MAX_YUAN), data.text("message")
    number = number_of(data.get("id"))
    if not number:
        data.note_fault("id", data.get("id"))
    return context.payment(
        Kind.SUPER_CHAT,
        data,
        id=f"sc:{number}" if number else f"sc:~{digest(event)}",
        event_type=kind,
        who=who,
        amount=None if yuan is None else rates.yuan(yuan),
        text=text,
        pair="" if number else _pair("sc", who, yuan, digest(text)),
    )


def super_chat_gone(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read that super chats were withdrawn."""
    data = Fields(event.get("data"))
    ids = data.get("ids")
    found = [str(n) for n in ids[:_MAX_DELETED] if isinstance(n, int | str)] if isinstance(ids, list) else []
    found = [n for n in found if n.isdigit() and len(n) <= MAX_ID]
    if not found:
        data.note_fault("ids", ids)
        return context.drop(kind, data)
    return [Retraction(context.source, id=f"sc:{n}", reason="the super chat was withdrawn") for n in found]


def _guarded(
    context: RoomContext,
    data: Fields,
    kind: str,
    *,
    id: str,  # noqa: A002 - the messages' word
    who: Author,
    level: int | None,
    count: int | None,
    unit: str,
    gold: int | None,
) -> list[SourceEvent]:
    """Return the message of a guard. Several events report one purchase; they share a pair."""
    months = (count or 0) if unit in ("月", "") else 0
    amount: Money | None = None
    if gold is not None:
        amount = rates.gold(gold, context.rates)
    elif level and months:
        amount = rates.guard(level, months, context.rates)
    return context.payment(
        Kind.GUARD,
        data,
        id=id,
        event_type=kind,
        who=who,
        amount=amount,
        item=GUARDS.get(level or 0, ""),
        months=months,
        tier=str(level or ""),
        pair=_pair("guard", who, level, count),
    )


def guard(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read that somebody becomes a guard (上舰). ``price`` is the list price of one month, in gold seeds."""
    data = Fields(event.get("data"))
    level, count = data.count("guard_level", 3), data.count("num", MAX_MONTHS)
    each = data.count("price", MAX_GOLD)
    who = _who(data, name="username", guard=level or 0)
    began = data.number("start_time")
    return _guarded(
        context,
        data,
        kind,
        id=f"guard:{who.id}:{began}:{level}" if began else f"guard:~{digest(event)}",
        who=who,
        level=level,
        count=count,
        unit="",
        gold=each * count if each and count else None,
    )


def toast(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read the second event of a purchase, with the price that was paid (``price``, gold seeds) and its number."""
    data = Fields(event.get("data"))
    level, count = data.count("guard_level", 3), data.count("num", MAX_MONTHS)
    flow = number_of(data.get("payflow_id"))
    return _guarded(
        context,
        data,
        kind,
        id=f"guard:{flow}" if flow else f"guard:~{digest(event)}",
        who=_who(data, name="username", guard=level or 0),
        level=level,
        count=count,
        unit=data.optional_text("unit"),
        gold=data.count("price", MAX_GOLD),
    )


def toast_v2(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read the newer shape of the second event; it has the same number."""
    data = Fields(event.get("data"))
    sender, ship, pay = data.part("sender_uinfo"), data.part("guard_info"), data.part("pay_info")
    level, count = ship.count("guard_level", 3), pay.count("num", MAX_MONTHS)
    who = author(_uid(sender), sender.part("base").optional_text("name"), guard=level or 0)
    flow = number_of(pay.get("payflow_id"))
    return _guarded(
        context,
        data,
        kind,
        id=f"guard:{flow}" if flow else f"guard:~{digest(event)}",
        who=who,
        level=level,
        count=count,
        unit=pay.optional_text("unit"),
        gold=pay.count("price", MAX_GOLD),
    )
