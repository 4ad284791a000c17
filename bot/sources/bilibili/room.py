"""What every reader of Bilibili's events is given: the room's rates, and how a payment or a viewer is written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sources.payload import MAX_NAME, Fields
from bot.sources.settings import Rates
from bot.sources.source import SourceEvent
from bot.text.sanitize import fit
from bot.types import Author, Evidence, Kind, Message, Money, Role

#: More than ever was given at once, so that a broken field is no fortune: gold seeds, gifts, months, yuan.
MAX_GOLD, MAX_GIFTS, MAX_MONTHS, MAX_YUAN = 10**9, 100_000, 120, 1_000_000
#: Gold seeds of one battery, the unit that viewers see.
GOLD_PER_BATTERY = 100
#: Who cannot be read.
UNKNOWN = "unknown"
#: Guards of the ship by level.
GUARDS = {1: "总督", 2: "提督", 3: "舰长"}


@dataclass(slots=True)
class RoomContext:
    """The room. ``own`` is the id of the account that writes, ``own_name`` its name: its lines never come back."""

    source: str
    rates: Rates
    count_fault: Callable[[str, str], None]
    own: str = ""
    own_name: str = ""

    def drop(self, kind: str, event: Fields) -> list[SourceEvent]:
        """Count an event that is not worth keeping without what is broken in it."""
        self.count_fault(kind, event.fault)
        return []

    def paid(
        self,
        kind: Kind,
        event: Fields,
        *,
        id: str,  # noqa: A002 - the messages' word
        event_type: str,
        who: Author,
        amount: Money | None,
        text: str = "",
        units: Money | None = None,
        item: str = "",
        count: int = 1,
        months: int = 0,
        tier: str = "",
        combo: str = "",
        pair: str = "",
    ) -> list[SourceEvent]:
        """Make the message of a payment: kept with a note whatever could not be read. ``of`` is the type of event."""
        if event.faults:
            self.count_fault(event_type, event.fault)
        evidence = Evidence(event_type, units, item, count, months, tier, combo, pair, event.fault)
        return [Message(id, self.source, who, text, kind, amount, evidence=evidence)]


def digest(event: Any) -> str:
    """Make an id of an event that came without one: the same for the same event."""
    try:
        canonical = json.dumps(event, sort_keys=True, ensure_ascii=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        canonical = repr(type(event))
    return hashlib.blake2b(canonical.encode(), digest_size=10).hexdigest()


def author(user: str, name: str, *, guard: int = 0, medal: str = "", level: int = 0, admin: bool = False) -> Author:
    """Make a viewer. Without an id, as for masked names, the name stands for it."""
    roles: set[Role] = set()
    badges: list[str] = []
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
    """Return gold seeds as the batteries that viewers see; None when they are no whole number of them."""
    return Money(gold // GOLD_PER_BATTERY, "BATTERY") if gold and gold % GOLD_PER_BATTERY == 0 else None
