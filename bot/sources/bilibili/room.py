"""The room as every reader of its events sees it, and how viewers and ids are made of the events."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from bot.sources.context import EventContext
from bot.sources.payload import MAX_ID, MAX_NAME
from bot.text.sanitize import fit
from bot.types import Author, Money, Role

#: Bounds far above anything that was ever given at once, so that a broken field does not become a fortune.
MAX_GOLD, MAX_GIFTS, MAX_MONTHS, MAX_YUAN = 10**9, 100_000, 120, 1_000_000
#: Gold seeds of one battery, the unit that viewers see.
GOLD_PER_BATTERY = 100
#: Id and name of a viewer that cannot be read.
UNKNOWN = "unknown"
#: Guards of the ship by level.
GUARDS = {1: "总督", 2: "提督", 3: "舰长"}


@dataclass(slots=True)
class RoomContext(EventContext):
    """The room, and the account that writes in it: ``own`` is its id, ``own_name`` its name. Its lines are left out.

    ``streamer`` is the id of the viewer whose room it is.
    """

    own: str = ""
    own_name: str = ""
    streamer: str = ""


def number_of(value: object) -> str:
    """Return the number of a viewer, of a payment or of a transaction; empty when there is none, for which 0 stands.

    The platform sends the same number as a text in one event and as a number in another.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value) if 0 < value < 10**MAX_ID else ""
    else:
        text = value.strip() if isinstance(value, str) else ""
    if not text.strip("0"):
        return ""
    return fit(text, MAX_ID) if len(text) <= MAX_ID else digest(text)


def digest(event: Any) -> str:
    """Return an id for an event that came without one: equal events get equal ids."""
    try:
        canonical = json.dumps(event, sort_keys=True, ensure_ascii=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        canonical = repr(type(event))
    return hashlib.blake2b(canonical.encode(), digest_size=10).hexdigest()


def author(
    user: str, name: str, *, guard: int = 0, medal: str = "", level: int = 0, admin: bool = False, streamer: str = ""
) -> Author:
    """Return a viewer. Without an id, as for masked names, the name takes its place.

    ``streamer`` is the id of whose room it is: the platform marks the moderators alone.
    """
    roles: set[Role] = set()
    badges: list[str] = []
    if streamer and user == streamer:
        roles |= {Role.BROADCASTER, Role.MODERATOR}
    if admin:
        roles.add(Role.MODERATOR)
    if guard in GUARDS:
        roles.add(Role.SUBSCRIBER)
        badges.append(f"guard/{guard}")
    if medal:
        badges.append(f"medal/{fit(medal, 20)}/{level}")
    name = fit(name.strip(), MAX_NAME)
    return Author(user or (f"name:{name}" if name else UNKNOWN), name or UNKNOWN, frozenset(roles), tuple(badges))


def batteries(gold: int | None) -> Money | None:
    """Return gold seeds as the batteries that viewers see; None when they are not a whole number of batteries."""
    return Money(gold // GOLD_PER_BATTERY, "BATTERY") if gold and gold % GOLD_PER_BATTERY == 0 else None
