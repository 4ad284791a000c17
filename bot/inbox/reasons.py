"""Why a message stands where it stands in the queue, and why it was taken: in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.inbox.entries import MAX_COUNTED, SHARED, Group
from moderation.verdict import Verdict

#: Why a message left the queue, or never entered it, where that can be said in fixed words.
TOO_FAST = "this viewer writes too fast"
TOO_OLD = "too old when it arrived"
NEWER = "this viewer has written something newer"
#: What the reasons end with when there is no room, for one viewer or for all.
THEIRS_WAIT, ALL_WAIT = "messages of this viewer wait already", "messages wait already"

_WHAT: Mapping[Group, str] = {
    "paid": "paid",
    "addressed": "speaks to the host",
    "event": "an event",
    "ordinary": "from the chat",
}
_ASIDE = "speaks to another viewer"
_CLASS: Mapping[Group, str] = {
    "addressed": "lines to the host",
    "event": "events",
    "ordinary": "other chat lines",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an entry. Times are in seconds.

    ``answered_s`` is how long ago its viewer was answered, None for never. ``due_in_s`` is for payments alone.
    ``before`` counts the viewers whose round comes earlier, ``rivals`` the viewers among whom the lot decides,
    the entry's own included. ``together`` counts the payments that get one thanks. ``aside``: it is for a viewer.
    """

    group: Group
    viewers: int = 1
    waited_s: float = 0.0
    answered_s: float | None = None
    due_in_s: float | None = None
    before: int = 0
    rivals: int = 1
    together: int = 1
    aside: bool = False


def waiting(facts: Facts) -> str:
    """Return why a waiting entry stands where it stands."""
    parts = _what(facts)
    if facts.due_in_s is None:
        parts.append(_answered(facts))
        if facts.before:
            parts.append(f"after {_viewers(facts.before)} whose turn comes first")
        elif facts.rivals > 1:
            parts.append(f"drawn by lot among {_viewers(facts.rivals)}")
    return ", ".join(parts)


def taken(facts: Facts, had: Mapping[Group, int], left: Mapping[Group, int]) -> str:
    """Return why an entry was taken.

    ``had`` is the number of turns that each class had last, ``left`` the number of entries that wait in it.
    """
    parts = [*_what(facts), f"waited {facts.waited_s:.0f} s"]
    if facts.due_in_s is not None:
        if facts.together > 1:
            parts.append(f"{facts.together} payments together")
        return ", ".join(parts)
    parts.append(_answered(facts))
    if facts.rivals > 1:
        parts.append(f"drawn by lot among {_viewers(facts.rivals)}")
    others = [
        f"{_CLASS[group]} had their {_turns(had[group])}"
        for group in SHARED
        if group != facts.group and left[group] and had[group]
    ]
    return ", ".join(parts) + (f"; {', '.join(others)}" if others else "")


def stopped(verdict: Verdict, *, held: bool) -> str:
    """Return why moderation keeps a message out; ``held`` when a person may still let it in."""
    what = "waits for a moderator" if held else "not allowed"
    return f"{what}: {', '.join(verdict.rules)}" if verdict.rules else what


def _what(facts: Facts) -> list[str]:
    parts = [_ASIDE if facts.aside else _WHAT[facts.group]]
    if facts.due_in_s is not None:
        left = facts.due_in_s
        parts.append(f"due in {left:.0f} s" if left >= 0 else f"overdue by {-left:.0f} s")
    elif facts.viewers > 1:
        more = "or more " if facts.viewers >= MAX_COUNTED else ""
        parts.append(f"asked by {facts.viewers} {more}viewers")
    return parts


def _answered(facts: Facts) -> str:
    ago = facts.answered_s
    if ago is None:
        return "not answered before"
    return f"last answered {ago:.0f} s ago" if ago < 120 else f"last answered {ago / 60:.0f} min ago"


def _viewers(count: int) -> str:
    return "1 viewer" if count == 1 else f"{count} viewers"


def _turns(count: int) -> str:
    return "turn" if count == 1 else f"{count} turns"
