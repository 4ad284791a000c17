"""Read payments from the events of a room: gifts in both formats, super chats, guards."""

from __future__ import annotations

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
    RoomContext,
    author,
    batteries,
    digest,
)
from bot.sources.payload import MAX_ID, MAX_NAME, Fields
from bot.sources.source import SourceEvent
from bot.text.sanitize import fit
from bot.types import Author, Kind, Money, Retraction

_MAX_DELETED, _MAX_GIFTS_IN_ONE = 100, 100


def _who(data: Fields, uid: str = "uid", name: str = "uname", *, guard: int = 0) -> Author:
    user = data.count(uid, 10**18, least=0)
    called = data.optional_text(name)
    if not called:
        data.note_fault(name, data.get(name))
    return author(str(user) if user else "", called, guard=guard)


def gift(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read a gift. A silver one is free. ``total_coin`` is what was paid; for a blind box, the price of the box."""
    data = Fields(event.get("data"))
    coin = data.get("coin_type")
    if coin == "silver":
        return []
    if coin != "gold":
        data.note_fault("coin_type", coin)
    who = _who(data, guard=data.number("guard_level"))
    count = data.count("num", MAX_GIFTS)
    gold = data.count("total_coin", MAX_GOLD, least=0)
    tid = data.get("tid")
    return _gift(
        context,
        data,
        kind,
        id=f"gift:{fit(str(tid), MAX_ID)}" if isinstance(tid, str | int) and tid else f"gift:~{digest(event)}",
        who=who,
        item=data.text("giftName", MAX_NAME),
        count=count,
        gold=gold,
        combo=data.optional_text("batch_combo_id"),
    )


def _gift(
    context: RoomContext,
    data: Fields,
    kind: str,
    *,
    id: str,  # noqa: A002 - the messages' word
    who: Author,
    item: str,
    count: int | None,
    gold: int | None,
    combo: str,
) -> list[SourceEvent]:
    return context.payment(
        Kind.GIFT,
        data,
        id=id,
        event_type=kind,
        who=who,
        amount=None if gold is None else rates.gold(gold, context.rates),
        units=batteries(gold),
        item=item,
        count=count or 1,
        combo=combo,
    )


def gift_v2(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read gifts from protocol buffers.

    1 uid, 2 name, 5 guard level, 10 gifts: 2 name, 3 count, 5 price, 7 what was paid, 8 coin, 9 transaction,
    12 combo. The numbers are those on which readers of captured packets agree.
    """
    data = Fields(event.get("data"))
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
        nobody = author("", "")
        return _gift(
            context, data, kind, id=f"gift:~{digest(event)}", who=nobody, item="", count=None, gold=None, combo=""
        )
    uid = pb.number(1)
    who = author(str(uid) if uid > 0 else "", pb.text(2), guard=pb.number(5))
    found: list[SourceEvent] = []
    for one in gifts[:_MAX_GIFTS_IN_ONE]:
        if one.text(8) == "silver":
            continue
        found += _gift_of(context, kind, event, who, one)
    return found


def _gift_of(context: RoomContext, kind: str, event: Mapping[str, Any], who: Author, one: Pb) -> list[SourceEvent]:
    read = Fields(
        {"num": one.number(3), "total_coin": one.number(7), "gift_name": one.text(2), "coin_type": one.text(8)}
    )
    if one.text(8) != "gold":
        read.note_fault("coin_type", one.text(8))
    tid = one.text(9)
    return _gift(
        context,
        read,
        kind,
        id=f"gift:{fit(tid, MAX_ID)}" if tid else f"gift:~{digest(event)}",
        who=who,
        item=read.text("gift_name", MAX_NAME),
        count=read.count("num", MAX_GIFTS),
        gold=read.count("total_coin", MAX_GOLD, least=0),
        combo=fit(one.text(12), MAX_ID),
    )


def super_chat(context: RoomContext, event: Mapping[str, Any], _kind: str) -> list[SourceEvent]:
    """Read a super chat. The event with a Japanese translation has the same id."""
    data = Fields(event.get("data"))
    person = data.part("user_info")
    uid = data.count("uid", 10**18, least=0)
    name = person.text("uname", MAX_NAME)
    who = author(str(uid) if uid else "", name, guard=person.number("guard_level"), admin=person.get("manager") == 1)
    yuan = data.count("price", MAX_YUAN)
    number = data.ident("id")
    return context.payment(
        Kind.SUPER_CHAT,
        data,
        id=f"sc:{number}" if number else f"sc:~{digest(event)}",
        event_type="SUPER_CHAT_MESSAGE",
        who=who,
        amount=None if yuan is None else rates.yuan(yuan),
        text=data.text("message"),
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
        pair=f"guard:{who.id}:{level}:{count}" if level and count else "",
    )


def guard(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read that somebody becomes a guard (上舰). ``price`` is the list price of one month, in gold seeds."""
    data = Fields(event.get("data"))
    level, count = data.count("guard_level", 3), data.count("num", MAX_MONTHS)
    each = data.count("price", MAX_GOLD)
    who = _who(data, name="username", guard=level or 0)
    return _guarded(
        context,
        data,
        kind,
        id=f"guard:{who.id}:{data.number('start_time')}:{level}",
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
    flow = data.optional_text("payflow_id", MAX_ID)
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
    uid = sender.count("uid", 10**18, least=0)
    who = author(str(uid) if uid else "", sender.part("base").optional_text("name"), guard=level or 0)
    flow = pay.optional_text("payflow_id", MAX_ID)
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
