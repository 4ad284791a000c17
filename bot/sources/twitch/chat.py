"""Read the parts of a chat line: author, badges, fragments, reply."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from bot.sources.payload import MAX_ID, MAX_NAME, MAX_TEXT, Fields
from bot.text.sanitize import fit
from bot.types import Author, Fragment, Reply, Role

#: The author of an anonymous gift. Its id takes the place of an account's id in pairs.
ANONYMOUS = Author("anonymous", "anonymous")
#: Id and name of an author that cannot be read.
UNKNOWN = "unknown"
#: The accounts in whose name Twitch itself shows anonymous cheers and gifts.
_ANONYMOUS_IDS = frozenset({"407665396", "274598607"})

_ROLES: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {
        "broadcaster": (Role.BROADCASTER, Role.MODERATOR),
        "lead_moderator": (Role.MODERATOR,),
        "moderator": (Role.MODERATOR,),
        "vip": (Role.VIP,),
        "subscriber": (Role.SUBSCRIBER,),
        "founder": (Role.SUBSCRIBER,),
        "bot-badge": (Role.BOT,),
    }
)
#: Twitch shows three badges and sends a few more; a message has 500 characters, and so at most 500 fragments.
_MAX_BADGES, _MAX_FRAGMENTS = 20, 500
_KINDS: Mapping[object, Literal["text", "emote", "mention", "cheer"]] = MappingProxyType(
    {"emote": "emote", "mention": "mention", "cheermote": "cheer"}
)
_NO_ROLES: frozenset[Role] = frozenset()


def author(event: Fields, prefix: str) -> Author:
    """Read the author whose fields begin with ``prefix`` ("chatter_user"). An unreadable one is noted."""
    user = event.ident(f"{prefix}_id")
    if user in _ANONYMOUS_IDS:
        return ANONYMOUS
    name = event.optional_text(f"{prefix}_name").strip() or event.optional_text(f"{prefix}_login").strip()
    if not name:
        event.note_fault(f"{prefix}_name", event.get(f"{prefix}_name"))
    roles, badges = _badges(event.get("badges"))
    return Author(user or UNKNOWN, name or UNKNOWN, roles, badges)


def payer(event: Fields, prefix: str, anonymous: str) -> Author:
    """Read the payer; `ANONYMOUS` when the field named by ``anonymous`` says so."""
    return ANONYMOUS if event.is_true(anonymous) else author(event, prefix)


def key(who: Author) -> str:
    """Return the author's part of a pair; empty when the author could not be read."""
    return "" if who.id == UNKNOWN else who.id


def _badges(value: object) -> tuple[frozenset[Role], tuple[str, ...]]:
    """Read the badges beside a name; broken ones are skipped, since they are decoration."""
    if not isinstance(value, list) or not value:
        return _NO_ROLES, ()
    roles: set[Role] = set()
    badges: list[str] = []
    for badge in value[:_MAX_BADGES]:
        if isinstance(badge, dict):
            kind, version = badge.get("set_id"), badge.get("id")
            if isinstance(kind, str) and isinstance(version, str):
                badges.append(fit(f"{kind[:MAX_ID]}/{version[:MAX_ID]}", MAX_NAME))
                roles.update(_ROLES.get(kind, ()))
    return frozenset(roles), tuple(badges)


def fragments(value: object) -> tuple[Fragment, ...]:
    """Read the pieces of a message; broken ones are skipped, since the message has its whole text too."""
    if not isinstance(value, list):
        return ()
    pieces: list[Fragment] = []
    room = MAX_TEXT
    for piece in value[:_MAX_FRAGMENTS]:
        if not isinstance(piece, dict):
            continue
        text = piece.get("text")
        if not isinstance(text, str) or not text or room <= 0:
            continue
        text = fit(text, room)
        room -= len(text)
        of = piece.get("type")
        kind = _KINDS.get(of, "text") if isinstance(of, str) else "text"
        pieces.append(Fragment(kind, text, _id_of(piece, kind)))
    return tuple(pieces)


def _id_of(piece: Mapping[str, Any], kind: str) -> str:
    """Return the id of an emote or of a mentioned viewer."""
    if kind == "emote":
        part, name = piece.get("emote"), "id"
    elif kind == "mention":
        part, name = piece.get("mention"), "user_id"
    else:
        return ""
    found = part.get(name) if isinstance(part, dict) else None
    return fit(found, MAX_ID) if isinstance(found, str) else ""


def reply(value: object) -> Reply | None:
    """Read the message that is answered; None when there is none, or it cannot be read."""
    if not isinstance(value, dict):
        return None
    parent, who = value.get("parent_message_id"), value.get("parent_user_id")
    if not isinstance(parent, str) or not isinstance(who, str):
        return None
    quoted = Fields(value)
    name = quoted.optional_text("parent_user_name") or quoted.optional_text("parent_user_login")
    body = quoted.optional_text("parent_message_body", MAX_TEXT)
    return Reply(fit(parent, MAX_ID), fit(who, MAX_ID), name, body)


def addresses(bot_id: str, pieces: tuple[Fragment, ...], answered: Reply | None) -> bool:
    """Return whether the platform says that a line speaks to the host."""
    if answered is not None and answered.author_id == bot_id:
        return True
    return any(piece.kind == "mention" and piece.id == bot_id for piece in pieces)
