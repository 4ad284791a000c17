"""Map the events of the open platform to messages, retractions and notices, without I/O and without raising.

A payment is never lost: fields that cannot be read are noted in its evidence, for a person. Any other
broken event is counted and dropped. Field names are those of the platform's documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from bot.sources import rates
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
from bot.sources.source import Notice, NoticeKind, SourceEvent
from bot.types import Author, Fragment, Kind, Message, Reply, Retraction

PREFIX = "LIVE_OPEN_PLATFORM_"
#: The platform sends this when the session is over; a new one must be started.
INTERACTION_END = PREFIX + "INTERACTION_END"
_MAX_DELETED = 100


def map_open(context: RoomContext, event: Mapping[str, Any]) -> list[SourceEvent]:
    """Return what an event means: messages, retractions, a notice, or nothing. Never raises."""
    kind = event.get("cmd")
    if not isinstance(kind, str):
        context.count_fault("an event without a command", "")
        return []
    reader = _READERS.get(kind)
    if reader is None:
        if kind not in _SILENT:
            context.count_fault("unknown event", kind[:60])
        return []
    return reader(context, Fields(event.get("data")), kind, event)


def _who(event: Fields, streamer: str = "") -> Author:
    """Read the viewer. The platform no longer sends the uid; the open id takes its place."""
    user, name = event.ident("open_id"), event.optional_text("uname")
    if not name:
        event.note_fault("uname", event.get("uname"))
    return author(
        user,
        name,
        guard=event.number("guard_level"),
        medal=event.optional_text("fans_medal_name") if event.is_true("fans_medal_wearing_status") else "",
        level=event.number("fans_medal_level"),
        admin=event.get("is_admin") == 1,
        streamer=streamer,
    )


def _id(event: Fields, raw: Mapping[str, Any], prefix: str) -> str:
    """Return the platform's id of an event; without one, a digest of the event."""
    return f"{prefix}{number_of(event.get('msg_id')) or f'~{digest(raw)}'}"


def _danmaku(context: RoomContext, event: Fields, kind: str, raw: Mapping[str, Any]) -> list[SourceEvent]:
    who, text = _who(event, context.streamer), event.text("msg")
    if event.faults:
        return context.drop(kind, event)
    if not text.strip():
        return []
    if not who.id or who.id == UNKNOWN:
        return context.drop(kind, event)
    if context.own_name and who.name == context.own_name:  # names are unique there
        return []
    fragments = (Fragment("emote", text),) if event.get("dm_type") == 1 else ()
    reply, addressed = None, False
    if (to := event.optional_text("reply_open_id", MAX_ID)) or event.optional_text("reply_uname"):
        reply = Reply("", to, event.optional_text("reply_uname"), "")
        addressed = bool(context.own_name) and reply.name == context.own_name
    name = _id(event, raw, "")
    return [Message(name, context.source, who, text, fragments=fragments, reply=reply, addressed=addressed)]


def _gift(context: RoomContext, event: Fields, kind: str, raw: Mapping[str, Any]) -> list[SourceEvent]:
    """Read a gift. A free one is not a payment. A blind box costs its ``r_price``, not the worth of what was in it."""
    if event.get("paid") is False:
        return []
    if not event.is_true("paid"):
        event.note_fault("paid", event.get("paid"))
    who = _who(event)
    count = event.count("gift_num", MAX_GIFTS)
    blind = Fields(event.get("blind_gift") or {}).is_true("status")
    each = event.count("r_price" if blind else "price", MAX_GOLD, least=0)
    gold = None if each is None or count is None else each * count
    combo = Fields(event.get("combo_info") or {}).optional_text("combo_id") if event.is_true("combo_gift") else ""
    return context.payment(
        Kind.GIFT,
        event,
        id=_id(event, raw, "gift:"),
        event_type=kind,
        who=who,
        amount=None if gold is None else rates.gold(gold, context.rates),
        units=batteries(gold),
        item=event.text("gift_name", MAX_NAME),
        count=count or 1,
        combo=combo,
    )


def _super_chat(context: RoomContext, event: Fields, kind: str, raw: Mapping[str, Any]) -> list[SourceEvent]:
    who, text = _who(event), event.text("message")
    yuan = event.count("rmb", MAX_YUAN)
    number = number_of(event.get("message_id"))
    if not number:
        event.note_fault("message_id", event.get("message_id"))
    return context.payment(
        Kind.SUPER_CHAT,
        event,
        id=f"sc:{number}" if number else _id(event, raw, "sc:"),
        event_type=kind,
        who=who,
        amount=None if yuan is None else rates.yuan(yuan),
        text=text,
    )


def _super_chat_gone(context: RoomContext, event: Fields, kind: str, _raw: Mapping[str, Any]) -> list[SourceEvent]:
    numbers = event.get("message_ids")
    found = [n for n in numbers[:_MAX_DELETED] if _whole(n)] if isinstance(numbers, list) else []
    if not found:
        event.note_fault("message_ids", numbers)
        return context.drop(kind, event)
    return [Retraction(context.source, id=f"sc:{n}", reason="the super chat was withdrawn") for n in found]


def _whole(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and str(value)[:MAX_ID].isdigit()


def _guard(context: RoomContext, event: Fields, kind: str, raw: Mapping[str, Any]) -> list[SourceEvent]:
    """Read that somebody becomes a guard (上舰). ``price`` is the whole price in gold seeds."""
    person = event.part("user_info")
    user, name = person.ident("open_id"), person.optional_text("uname")
    level = event.count("guard_level", 3)
    who = author(user, name, guard=level or 0)
    count = event.count("guard_num", MAX_MONTHS)
    months = (count or 0) if event.optional_text("guard_unit") in ("月", "") else 0
    gold = event.count("price", MAX_GOLD)
    amount = None
    if gold is not None:
        amount = rates.gold(gold, context.rates)
    elif level and months:
        amount = rates.guard(level, months, context.rates)
    return context.payment(
        Kind.GUARD,
        event,
        id=_id(event, raw, "guard:"),
        event_type=kind,
        who=who,
        amount=amount,
        item=GUARDS.get(level or 0, ""),
        months=months,
        tier=str(level or ""),
    )


def _like(context: RoomContext, event: Fields, kind: str, _raw: Mapping[str, Any]) -> list[SourceEvent]:
    who, count = _who(event), event.number("like_count")
    if event.faults:
        return context.drop(kind, event)
    return [Notice(context.source, NoticeKind.ROOM, f"{who.name} likes the stream", {"what": "like", "count": count})]


def _enter(context: RoomContext, event: Fields, kind: str, _raw: Mapping[str, Any]) -> list[SourceEvent]:
    who = _who(event)
    if event.faults:
        return context.drop(kind, event)
    return [Notice(context.source, NoticeKind.ROOM, f"{who.name} came in", {"what": "enter", "user": who.name})]


def _begins(context: RoomContext, event: Fields, _kind: str, _raw: Mapping[str, Any]) -> list[SourceEvent]:
    news: list[SourceEvent] = [Notice(context.source, NoticeKind.ONLINE, "the stream is live", {})]
    if title := event.optional_text("title"):
        data = {"title": title, "category": event.optional_text("area_name")}
        news.append(Notice(context.source, NoticeKind.TITLE, title, data))
    return news


def _ends(context: RoomContext, _event: Fields, _kind: str, _raw: Mapping[str, Any]) -> list[SourceEvent]:
    return [Notice(context.source, NoticeKind.OFFLINE, "the stream is over", {})]


_Reader: TypeAlias = Callable[[RoomContext, Fields, str, Mapping[str, Any]], list[SourceEvent]]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        PREFIX + "DM": _danmaku,
        PREFIX + "SEND_GIFT": _gift,
        PREFIX + "SUPER_CHAT": _super_chat,
        PREFIX + "SUPER_CHAT_DEL": _super_chat_gone,
        PREFIX + "GUARD": _guard,
        PREFIX + "LIKE": _like,
        PREFIX + "LIVE_ROOM_ENTER": _enter,
        PREFIX + "LIVE_START": _begins,
        PREFIX + "LIVE_END": _ends,
    }
)
#: Known events without a reader: the end of the session is read by the source; the other is danmaku of another room.
_SILENT = frozenset({INTERACTION_END, PREFIX + "DM_MIRROR"})
