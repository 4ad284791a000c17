"""The events of a room as a browser gets them become messages, retractions and notices: pure, for whatever arrives.

Nothing of this is documented by the platform: field names are those that browsers are sent. A payment
is never lost: what cannot be read of it stands in its evidence. Anything else that is broken is
counted and dropped. Money is in ``web_money``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from bot.sources.bilibili import web_payments
from bot.sources.bilibili.protobuf import BrokenError, decode
from bot.sources.bilibili.protobuf import Fields as Pb
from bot.sources.bilibili.room import RoomContext, author, digest
from bot.sources.payload import MAX_ID, MAX_TEXT, MAX_URL, Fields
from bot.sources.source import Notice, NoticeKind, SourceEvent
from bot.text.sanitize import fit
from bot.types import Author, Fragment, Kind, Message, Reply, Retraction

#: ``msg_type`` of INTERACT_WORD: comes in; follows (follows again, follows each other); shares.
_ENTERS, _FOLLOWS = 1, (2, 4, 5)
#: More than ever were in a room, so that a broken number opens no segment.
MAX_WATCHING = 100_000_000


def map_web(context: RoomContext, event: Mapping[str, Any]) -> list[SourceEvent]:
    """Return what an event means: messages, retractions, a notice, or nothing. Never raises."""
    kind = event.get("cmd")
    if not isinstance(kind, str):
        context.count_fault("an event without a command", "")
        return []
    kind = kind.partition(":")[0]  # DANMU_MSG:4:0:2:2:2:0
    reader = _READERS.get(kind)
    if reader is None:
        if not _decoration(kind):
            context.count_fault("unknown event", kind[:60])
        return []
    return reader(context, event, kind)


# --- danmaku --------------------------------------------------------------------------------------


def _at(value: object, *path: int) -> Any:
    """Return a value from nested lists; None where there is nothing."""
    for index in path:
        if not isinstance(value, list) or index >= len(value):
            return None
        value = value[index]
    return value


def _danmaku(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read a line of chat. It is a list: 0 details, 1 text, 2 viewer, 3 medal, 7 guard level."""
    info = event.get("info")
    text, uid, name = _at(info, 1), _at(info, 2, 0), _at(info, 2, 1)
    if not (isinstance(text, str) and isinstance(name, str) and isinstance(uid, int) and not isinstance(uid, bool)):
        context.count_fault(kind, "a danmaku without text or viewer")
        return []
    guard, medal, level = _at(info, 7), _at(info, 3, 1), _at(info, 3, 0)
    who = author(
        str(uid) if uid > 0 else "",
        name,
        guard=guard if isinstance(guard, int) else 0,
        medal=medal if isinstance(medal, str) else "",
        level=level if isinstance(level, int) and 0 <= level < 1000 else 0,
        admin=_at(info, 2, 2) == 1,
        streamer=context.streamer,
    )
    if context.own and who.id == context.own:
        return []
    text = fit(text, MAX_TEXT)
    if not text.strip():
        return []
    extra = _extra(_at(info, 0, 15))
    found = extra.optional_text("id_str", MAX_ID)
    # Without an id: the time in ms, the random number that the sender drew, the viewer and the text identify it.
    ident = found or f"~{digest([_at(info, 0, 4), _at(info, 0, 5), uid, name, text])}"
    reply, addressed = _reply(extra, context.own)
    pieces = _fragments(text, extra, _at(info, 0, 12), _at(info, 0, 13))
    return [Message(ident, context.source, who, text, Kind.CHAT, fragments=pieces, reply=reply, addressed=addressed)]


def _extra(value: object) -> Fields:
    """Read the details of a danmaku, a JSON text within it; no fields when it cannot be read."""
    text = value.get("extra") if isinstance(value, dict) else None
    if isinstance(text, str) and len(text) <= 1 << 16:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return Fields(found)
    return Fields({})


def _reply(extra: Fields, own: str) -> tuple[Reply | None, bool]:
    to = extra.get("reply_mid")
    if not isinstance(to, int) or isinstance(to, bool) or to <= 0:
        return None, False
    return Reply("", str(to)[:MAX_ID], extra.optional_text("reply_uname"), ""), bool(own) and str(to) == own


def _fragments(text: str, extra: Fields, sort: object, emoticon: object) -> tuple[Fragment, ...]:
    """Split a line at its emotes; a big emote is the whole line."""
    if sort == 1:
        return (_emote(text, emoticon),)
    emotes = extra.get("emots")
    if not isinstance(emotes, dict) or not emotes:
        return ()
    known = [name for name in list(emotes)[:50] if isinstance(name, str) and 0 < len(name) < 50]
    pieces: list[Fragment] = []
    plain = 0
    at = 0
    while at < len(text):
        hit = next((name for name in known if text.startswith(name, at)), "")
        if not hit:
            at += 1
            continue
        if at > plain:
            pieces.append(Fragment("text", text[plain:at]))
        pieces.append(_emote(hit, emotes[hit]))
        at += len(hit)
        plain = at
    if plain and plain < len(text):
        pieces.append(Fragment("text", text[plain:]))
    return tuple(pieces)


def _emote(text: str, of: object) -> Fragment:
    known = of if isinstance(of, dict) else {}
    name, url = known.get("emoticon_unique"), known.get("url")
    return Fragment(
        "emote",
        text,
        fit(name, MAX_ID) if isinstance(name, str) else "",
        url if isinstance(url, str) and len(url) <= MAX_URL else "",
    )


# --- viewers --------------------------------------------------------------------------------------


def _interaction(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    data = Fields(event.get("data"))
    sort, uid, name = data.count("msg_type", 100), data.count("uid", 10**18, least=0), data.text("uname")
    if data.faults:
        return context.drop(kind, data)
    return _interacted(context, sort or 0, author(str(uid) if uid else "", name), data.number("timestamp"))


def _interaction_v2(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read the same from protocol buffers: 1 uid, 2 name, 5 kind, 7 time."""
    try:
        pb = Pb(decode(Fields(event.get("data")).get("pb")))
    except BrokenError as error:
        context.count_fault(kind, str(error))
        return []
    uid = pb.number(1)
    return _interacted(context, pb.number(5), author(str(uid) if uid > 0 else "", pb.text(2)), pb.number(7))


def _interacted(context: RoomContext, sort: int, who: Author, at: int) -> list[SourceEvent]:
    if sort in _FOLLOWS:
        return [Message(f"follow:{who.id}:{at}", context.source, who, "", Kind.FOLLOW)]
    if sort == _ENTERS:
        return [Notice(context.source, NoticeKind.ROOM, f"{who.name} came in", {"what": "enter", "user": who.name})]
    return []


def _likes(context: RoomContext, event: Mapping[str, Any], _kind: str) -> list[SourceEvent]:
    data = Fields(event.get("data"))
    if name := data.optional_text("uname"):
        return [Notice(context.source, NoticeKind.ROOM, f"{name} likes the stream", {"what": "like", "count": 1})]
    return [
        Notice(context.source, NoticeKind.ROOM, "likes", {"what": "likes", "count": data.number("click_count")}),
    ]


# --- the room -------------------------------------------------------------------------------------


def _live(context: RoomContext, _event: Mapping[str, Any], _kind: str) -> list[SourceEvent]:
    return [Notice(context.source, NoticeKind.ONLINE, "the stream is live", {})]


def _preparing(context: RoomContext, _event: Mapping[str, Any], _kind: str) -> list[SourceEvent]:
    return [Notice(context.source, NoticeKind.OFFLINE, "the stream is over", {})]


def _watching(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read how many are in the room. ``count`` beside it are those who gave something or wrote, up to a bound.

    WATCHED_CHANGE is none of it: it counts all who ever looked in.
    """
    data = Fields(event.get("data"))
    if not data.has("online_count"):
        return []
    watching = data.count("online_count", MAX_WATCHING, least=0)
    if data.faults or watching is None:
        return context.drop(kind, data)
    return [Notice(context.source, NoticeKind.VIEWERS, f"{watching} watch", {"count": watching})]


def _room(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    data = Fields(event.get("data"))
    title = data.text("title", 200)
    if data.faults:
        return context.drop(kind, data)
    return [
        Notice(context.source, NoticeKind.TITLE, title, {"title": title, "category": data.optional_text("area_name")})
    ]


def _block(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read that a viewer was silenced: all their messages are taken back."""
    inner = event.get("data")
    data = Fields(inner if isinstance(inner, Mapping) else event)
    user = data.ident("uid") if data.has("uid") else Fields(event).ident("uid")
    if not user or user == "0":
        return context.drop(kind, data)
    return [Retraction(context.source, author=user, reason="silenced by a moderator")]


def _recall(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    data = Fields(event.get("data"))
    found = data.ident("target_id")
    if data.faults:
        return context.drop(kind, data)
    return [Retraction(context.source, id=found, reason="recalled")]


def _warned(context: RoomContext, event: Mapping[str, Any], kind: str) -> list[SourceEvent]:
    """Read a warning or a cut-off by the platform's own supervisors. It is never dropped."""
    inner = Fields(event.get("data") or {})
    texts = (Fields(event).optional_text("msg", 300), inner.optional_text("msg", 300))
    words = next(filter(None, texts), "") or inner.optional_text("cut_off_msg", 300)
    what = NoticeKind.WARNING if kind == "WARNING" else NoticeKind.CUT_OFF
    news: list[SourceEvent] = [Notice(context.source, what, words or "the platform gave no reason", {})]
    if what is NoticeKind.CUT_OFF:
        news.append(Notice(context.source, NoticeKind.OFFLINE, "the stream was cut off", {}))
    return news


def _decoration(kind: str) -> bool:
    """Return whether an event without a reader only decorates the page."""
    return kind in _SILENT or kind.startswith(_SILENT_STARTS)


_Reader: TypeAlias = Callable[[RoomContext, Mapping[str, Any], str], list[SourceEvent]]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "DANMU_MSG": _danmaku,
        "SEND_GIFT": web_payments.gift,
        "SEND_GIFT_V2": web_payments.gift_v2,
        "SUPER_CHAT_MESSAGE": web_payments.super_chat,
        "SUPER_CHAT_MESSAGE_JPN": web_payments.super_chat,
        "SUPER_CHAT_MESSAGE_DELETE": web_payments.super_chat_gone,
        "GUARD_BUY": web_payments.guard,
        "USER_TOAST_MSG": web_payments.toast,
        "USER_TOAST_MSG_V2": web_payments.toast_v2,
        "INTERACT_WORD": _interaction,
        "INTERACT_WORD_V2": _interaction_v2,
        "LIKE_INFO_V3_CLICK": _likes,
        "LIKE_INFO_V3_UPDATE": _likes,
        "LIVE": _live,
        "PREPARING": _preparing,
        "ONLINE_RANK_COUNT": _watching,
        "ROOM_CHANGE": _room,
        "ROOM_BLOCK_MSG": _block,
        "RECALL_DANMU_MSG": _recall,
        "WARNING": _warned,
        "CUT_OFF": _warned,
        "CUT_OFF_V2": _warned,
    }
)
#: Summaries of combos (each gift has its own event), rankings, effects, notices of other rooms, shops, draws.
_SILENT = frozenset(
    {
        "COMBO_SEND", "BATCH_COMBO_SEND", "WATCHED_CHANGE", "NOTICE_MSG", "STOP_LIVE_ROOM_LIST", "ENTRY_EFFECT",
        "ENTRY_EFFECT_MUST_RECEIVE", "DANMU_AGGREGATION", "DM_INTERACTION", "DANMU_MSG_MIRROR", "LOG_IN_NOTICE",
        "GUARD_HONOR_THOUSAND", "SUPER_CHAT_ENTRANCE", "ROOM_REAL_TIME_MESSAGE_UPDATE", "SYS_MSG", "WELCOME",
        "WELCOME_GUARD", "TRADING_SCORE", "ROOM_ADMINS", "ROOM_ADMIN_REVOKE", "room_admin_entrance", "PLAY_TAG",
        "ROOM_SILENT_ON", "ROOM_SILENT_OFF", "CHANGE_ROOM_INFO", "ROOM_SKIN_MSG", "COMMON_NOTICE_DANMAKU",
        "FULL_SCREEN_SPECIAL_EFFECT", "OTHER_SLICE_LOADING_RESULT", "WEALTH_NOTIFY", "SPECIAL_GIFT",
        "ROOM_CONTENT_AUDIT_REPORT", "GIFT_STAR_PROCESS", "LIKE_GUIDE_USER", "HOT_ROOM_NOTIFY",
        "MESSAGEBOX_USER_GAIN_MEDAL", "MESSAGEBOX_USER_MEDAL_CHANGE", "USER_TOAST_V2", "GOTO_BUY_FLOW", "HOT_BUY_NUM",
        "PLAYURL_RELOAD",
    }
)  # fmt: skip
_SILENT_STARTS = (
    "ONLINE_RANK", "HOT_RANK", "POPULAR", "AREA_RANK", "WIDGET_", "ANCHOR_", "ACTIVITY_", "PK_", "VOICE_JOIN",
    "VIDEO_CONNECTION", "LIVE_INTERACTIVE", "LIVE_OPEN_PLATFORM", "RANK_", "REVENUE_RANK", "SHOPPING_", "UNIVERSAL_",
    "PLAY_TOGETHER", "FANS_CLUB", "POPULARITY_", "LIVE_PANEL", "GIFT_PANEL", "ROOM_RANK",
)  # fmt: skip
