"""What wants the floor that the host has: which rows of the floor's table wait, and when a clause ends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from bot.inbox.entries import Choice, Group
from bot.show.floor_settings import FloorEvent, FloorRule, FloorSettings
from bot.show.turn import LiveTurn
from bot.stage.clip import ClausePlayback
from bot.types import Message

#: The rows of the classes of the inbox; payments have two.
ROWS: Mapping[Group, FloorEvent] = {
    "addressed": FloorEvent.ADDRESSED,
    "ordinary": FloorEvent.CHAT,
    "event": FloorEvent.ALERT,
}
#: The end of a clause is taken so much before a page tells it, in seconds: the next one begins without a gap.
END_S = 0.08
_ORDER = list(FloorEvent)


def paid_event(message: Message, settings: FloorSettings) -> FloorEvent:
    """Return the row of a payment."""
    units = message.evidence.units if message.evidence else None
    large = settings.is_large(message.amount) or settings.is_large(units)
    return FloorEvent.PAID_LARGE if large else FloorEvent.PAID


def choice_event(choice: Choice, settings: FloorSettings) -> FloorEvent:
    """Return the row of what was chosen."""
    if choice.group != "paid":
        return ROWS[choice.group]
    return min((paid_event(m, settings) for m in choice.messages), key=_ORDER.index)


def rival_rule(air: LiveTurn, waiting: Iterable[FloorEvent], settings: FloorSettings, *, took: bool) -> FloorRule:
    """Return what the strongest of the waiting kinds does to the turn on air: cut, next clause, or wait.

    Nothing takes the floor from its own kind, or from what is said to its end. A turn that ``took`` the floor loses
    it to a row above its own alone, so that two never take it from each other for ever.
    """
    found = FloorRule.WAIT
    if air.plan.finishes:
        return found
    for event in waiting:
        if event is air.event or (took and _ORDER.index(event) > _ORDER.index(air.event)):
            continue
        rule = settings.table.rule(event, air.state)
        if rule is FloorRule.CUT:
            return rule
        if rule is FloorRule.NEXT_CLAUSE:
            found = rule
    return found


def sounding(clips: Sequence[ClausePlayback]) -> ClausePlayback | None:
    """Return the clause that is being heard."""
    return next((c for c in clips if not c.finished and c.first_sent_at is not None), None)


def left_s(clip: ClausePlayback) -> float:
    """Return the seconds until a clause was heard to its end; infinite while its sound is still made."""
    if clip.finished:
        return 0.0
    return max(0.0, clip.duration_ms - clip.position_ms) / 1000 if clip.complete else math.inf
