"""What became of each viewer's last line: remembered for them alone, without its words.

What moderation stopped, thinned out or took back is told in one plain sentence, which stands for other things too: it
must not be of use to somebody who looks for a way round.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.inbox import reasons
from bot.inbox.entries import Offer, viewer_of
from bot.intake.commands import COMMAND
from bot.intake.ignored import EMPTY, FOR_A_BOT
from bot.intake.intake import NO_CHAT, NOT_ADDRESSED, UNREAD
from bot.intake.shedding import TOO_MANY, TOO_MUCH
from bot.show.commands.words import Say
from bot.show.observer import Observer
from bot.types import Kind, Message, MessageOutcome, Retraction, Viewer
from moderation import Verdict

#: Viewers who are remembered; the one who wrote longest ago is forgotten first.
MAX_VIEWERS = 5000

#: What is told for a reason, or for one that begins so. What is not among these is told as `Say.NOT_TAKEN`.
_TOLD: tuple[tuple[str, Say], ...] = (
    (reasons.TOO_FAST, Say.TOO_FAST),
    (reasons.TOO_OLD, Say.LATE),
    (reasons.NEWER, Say.NEWER),
    (TOO_MUCH, Say.CROWD),
    (TOO_MANY, Say.CROWD),
    (UNREAD, Say.CROWD),
    (NO_CHAT, Say.NO_CHAT),
    (NOT_ADDRESSED, Say.NOT_ADDRESSED),
    (FOR_A_BOT, Say.FOR_A_BOT),
    (EMPTY, Say.EMPTY),
    ("read by the segment", Say.READ),
    ("no page could be heard", Say.UNHEARD),
    ("said; no page confirmed", Say.UNHEARD),
    ("skipped by", Say.PASSED_OVER),
    ("dropped by the operator", Say.PASSED_OVER),
    ("stopped by", Say.PASSED_OVER),
    ("the turn took too long", Say.MISHAP),
    ("an internal error", Say.MISHAP),
    ("nothing could be said", Say.MISHAP),
    ("it has no words", Say.EMPTY),
)
_OUTCOMES = {
    MessageOutcome.ANSWERED: Say.ANSWERED,
    MessageOutcome.FOLDED: Say.SAME,
    MessageOutcome.EXPIRED: Say.LATE,
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a line so far. ``at`` is when it arrived, by the loop's clock."""

    id: str
    at: float
    outcome: MessageOutcome
    reason: str = ""


class Fates(Observer):
    """Remembers the last line of each viewer; commands are none."""

    def __init__(self) -> None:
        self._of: OrderedDict[Viewer, Fate] = OrderedDict()
        self._whose: dict[tuple[str, str], Viewer] = {}  # by source and id of the line

    def of(self, viewer: Viewer) -> Fate | None:
        """Return what became of a viewer's last line; None when none is known."""
        return self._of.get(viewer)

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of a line that waits now."""
        del verdict
        if offer.outcome is MessageOutcome.QUEUED:
            self._put(message, offer.outcome, "")

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Take note of what became of a line."""
        if not reason.startswith(COMMAND):
            self._put(message, outcome, reason)

    def _put(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        if message.kind in (Kind.HOST, Kind.TIMER):
            return
        viewer = viewer_of(message)
        last = self._of.get(viewer)
        # A line that was not read has no time yet: it came just now.
        if last is not None and last.id != message.id and 0 < message.at < last.at:
            return
        self.forget(viewer)
        self._of[viewer] = Fate(message.id, message.at or (last.at if last else 0.0), outcome, reason)
        self._whose[viewer[0], message.id] = viewer
        if len(self._of) > MAX_VIEWERS:
            self.forget(next(iter(self._of)))

    def retracted(self, retraction: Retraction) -> None:
        """Forget the reason of what a platform took back."""
        for viewer in self._concerned(retraction):
            fate = self._of.get(viewer)
            if fate is not None and retraction.covers(viewer[0], fate.id, viewer[1]):
                self._of[viewer] = Fate(fate.id, fate.at, MessageOutcome.DROPPED, retraction.reason)

    def _concerned(self, retraction: Retraction) -> list[Viewer]:
        """Return the viewers whose last line may be meant: one for a line or a viewer of a source, else all."""
        if not retraction.source or not (retraction.id or retraction.author):
            return list(self._of)
        if retraction.id:
            whose = self._whose.get((retraction.source, retraction.id))
            return [whose] if whose else []
        return [(retraction.source, retraction.author)]

    def forget(self, viewer: Viewer) -> None:
        """Forget a viewer."""
        if (fate := self._of.pop(viewer, None)) is not None:
            self._whose.pop((viewer[0], fate.id), None)


def told(outcome: MessageOutcome, reason: str) -> Say:
    """Return what a viewer is told of a line that waits no longer."""
    if outcome in _OUTCOMES:
        return _OUTCOMES[outcome]
    if outcome is MessageOutcome.DROPPED:
        if reason.endswith(reasons.THEIRS_WAIT):
            return Say.TOO_FAST
        if reason.endswith(reasons.ALL_WAIT):
            return Say.FULL
        for beginning, say in _TOLD:
            if reason.startswith(beginning):
                return say
    return Say.NOT_TAKEN
