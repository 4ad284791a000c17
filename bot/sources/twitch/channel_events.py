"""Read the events that become notices: stream, title, hype trains, AutoMod, subscriptions that end."""

from __future__ import annotations

from typing import Any

from bot.sources.payload import MAX_NAME, MAX_TEXT, Fields
from bot.sources.source import Notice, NoticeKind, SourceEvent
from bot.sources.twitch.channel import SOURCE, ChannelContext

#: How many contributors of a hype train, and places in a held message, are passed on.
_MAX_TOP, _MAX_PLACES = 5, 50
#: The platform has five; a poll with more of them is read so far.
_MAX_CHOICES = 10


def _list(value: object, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []


def _name(event: Fields, prefix: str = "user") -> str:
    return event.optional_text(f"{prefix}_name") or event.optional_text(f"{prefix}_login") or "somebody"


def online(_context: ChannelContext, event: Fields, _kind: str, _delivery: str) -> list[SourceEvent]:
    """Read that the stream has begun."""
    data = {
        "id": event.optional_text("id"),
        "type": event.optional_text("type"),
        "started_at": event.optional_text("started_at"),
    }
    return [Notice(SOURCE, NoticeKind.ONLINE, "the stream is live", data)]


def offline(_context: ChannelContext, event: Fields, _kind: str, _delivery: str) -> list[SourceEvent]:
    """Read that the stream has ended."""
    return [Notice(SOURCE, NoticeKind.OFFLINE, "the stream is over", {"id": event.optional_text("id")})]


def update(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read a new title, category or language."""
    title, category = event.text("title"), event.optional_text("category_name")
    if event.faults:
        return context.drop(kind, event)
    data = {
        "title": title,
        "category": category,
        "category_id": event.optional_text("category_id"),
        "language": event.optional_text("language"),
    }
    return [Notice(SOURCE, NoticeKind.TITLE, f"{title} ({category})" if category else title, data)]


def hype_train(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read the state of a hype train: ``phase`` is begin, progress or end; ``goal`` is 0 at the end."""
    phase = kind.rpartition(".")[2]
    level = event.count("level", 10_000)
    if event.faults:
        return context.drop(kind, event)
    total, progress, goal = event.number("total"), event.number("progress"), event.number("goal")
    top = [
        {"user": _name(Fields(one)), "type": Fields(one).optional_text("type"), "total": Fields(one).number("total")}
        for one in _list(event.get("top_contributions"), _MAX_TOP)
    ]
    data = {
        "id": event.optional_text("id"),
        "phase": phase,
        "level": level,
        "total": total,
        "progress": progress,
        "goal": goal,
        "type": event.optional_text("type") or "regular",
        "shared": event.is_true("is_shared_train"),
        "expires_at": event.optional_text("expires_at"),
        "top": top,
    }
    if phase == "end":
        return [Notice(SOURCE, NoticeKind.HYPE_TRAIN, f"the hype train ended on level {level}", data)]
    return [Notice(SOURCE, NoticeKind.HYPE_TRAIN, f"hype train on level {level}: {progress} of {goal}", data)]


def poll(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read how a poll stands: ``phase`` is progress or end, ``votes`` are those of the ``choices``."""
    phase = kind.rpartition(".")[2]
    title, poll_id = event.text("title"), event.ident("id")
    if event.faults:
        return context.drop(kind, event)
    choices = [Fields(one) for one in _list(event.get("choices"), _MAX_CHOICES)]
    data = {
        "id": poll_id,
        "phase": phase,
        "title": title,
        "choices": [one.optional_text("title") for one in choices],
        "votes": [max(0, one.number("votes")) for one in choices],
    }
    return [Notice(SOURCE, NoticeKind.POLL, f"poll ({phase}): {title}", data)]


def automod_hold(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read a message that waits for a moderator."""
    return _held(context, event, kind, what=NoticeKind.AUTOMOD_HOLD, status="held")


def automod_update(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read what became of a message that waited: "approved", "denied" or "expired"."""
    return _held(context, event, kind, what=NoticeKind.AUTOMOD_UPDATE, status=event.text("status", MAX_NAME).lower())


def _held(context: ChannelContext, event: Fields, kind: str, *, what: NoticeKind, status: str) -> list[SourceEvent]:
    """Read a held message of version 1 (category at the top) or 2 (in a part, or as a blocked term)."""
    message_id, user_id, user = event.ident("message_id"), event.ident("user_id"), _name(event)
    text = event.part("message").text("text", MAX_TEXT)
    if event.faults:
        return context.drop(kind, event)
    rule, term = Fields(event.get("automod") or {}), Fields(event.get("blocked_term") or {})
    category = rule.optional_text("category") or event.optional_text("category") or event.optional_text("reason")
    terms = [Fields(one).get("boundary") for one in _list(term.get("terms_found"), _MAX_PLACES)]
    places = [Fields(one) for one in _list(rule.get("boundaries"), _MAX_PLACES) or terms]
    data = {
        "message_id": message_id,
        "user_id": user_id,
        "user": user,
        "text": text,
        "category": category,
        "level": rule.number("level") or event.number("level"),
        "status": status,
        "places": [(place.number("start_pos"), place.number("end_pos")) for place in places],
        "moderator": event.optional_text("moderator_user_name"),
    }
    words = f"AutoMod holds a message of {user}" if status == "held" else f"the held message of {user}: {status}"
    return [Notice(SOURCE, what, f"{words} ({category})" if category else words, data)]


def subscription_end(context: ChannelContext, event: Fields, kind: str, _delivery: str) -> list[SourceEvent]:
    """Read that a subscription has ended."""
    user_id, user = event.ident("user_id"), _name(event)
    if event.faults:
        return context.drop(kind, event)
    data = {"user_id": user_id, "user": user, "tier": event.optional_text("tier"), "is_gift": event.is_true("is_gift")}
    return [Notice(SOURCE, NoticeKind.SUBSCRIPTION_END, f"the subscription of {user} has ended", data)]
