"""Counts the replies that moderation stopped, by the viewer who provoked them, and says when chat is answered no more.

One blocked reply is an accident. Several to one viewer mean that this viewer leads the host where it must not go: that
viewer is left alone. Blocked replies to several viewers mean that something larger is wrong: no chat is answered until
a person has looked. What is prepared goes on in any case: thanks, greetings, what the operator says.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.review.second_opinion import UNANSWERED
from bot.types import TurnKind, Viewer
from moderation import Verdict

#: Blocks remembered for the control room, and turns that count.
KEPT, MAX_COUNTED = 20, 1000


@dataclass(frozen=True, slots=True)
class BlockedClause:
    """One clause that was not said.

    ``at`` is monotonic seconds; ``kind`` is what the turn was for; ``prepared`` tells
    that it was a prepared line, behind which there is only silence. ``viewer`` is whom the turn answers. ``text`` is
    for the control room alone: it is never logged, sent to a page of the audience, or remembered as said.
    """

    at: float
    turn: str
    kind: TurnKind
    verdict: Verdict = field(repr=False)
    text: str = field(repr=False)
    prepared: bool = False
    viewer: Viewer | None = None

    @property
    def fingerprint(self) -> str:
        """Tell the text from others without telling the text: 8 hexadecimal digits."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @property
    def because(self) -> str:
        """Return the names of the rules, for people: "lexicon:threat, judge:openai"."""
        return ", ".join(self.verdict.rules) or self.verdict.action.value


class BlockBreaker:
    """Decides who is not answered after ``after`` blocked replies within ``within_s`` seconds; ``after`` 0: nobody.

    A viewer to whom so many replies were blocked is not answered until these are older than that. When replies to so
    many viewers were blocked, no chat is answered until `rearm`; the turns that answer nobody count as one viewer each.
    When even what is prepared is blocked after that, nothing can be said at all: ``silent``.
    Clauses of one turn count once. What the operator ordered to be said does not count, nor what the streamer led to,
    nor what was only left unsaid because no judge could be asked: none of it tells that a viewer leads the host astray.
    """

    def __init__(self, clock: Callable[[], float], *, after: int = 3, within_s: float = 300.0) -> None:
        self.after, self.within_s = after, within_s
        #: Why no chat is answered, for people; empty: it is.
        self.reason = ""
        #: Whether a prepared turn was blocked while no chat is answered: whoever is thanked now is not thanked.
        self.silent = False
        #: The last blocks of any kind, oldest first.
        self.recent: deque[BlockedClause] = deque(maxlen=KEPT)
        #: Clauses blocked, turns that ended in silence because the prepared line was blocked too, and pauses.
        self.blocks = self.silences = self.pauses = 0
        self._clock = clock
        self._counted: deque[_Counted] = deque(maxlen=MAX_COUNTED)

    @property
    def paused(self) -> bool:
        """Whether no chat may be answered until `rearm`."""
        return bool(self.reason)

    def shuns(self, viewer: Viewer) -> bool:
        """Return whether a viewer is not answered: too many replies to them were blocked."""
        self._forget()
        return 0 < self.after <= sum(counted.viewer == viewer for counted in self._counted)

    def shunned(self) -> list[Viewer]:
        """Return the viewers who are not answered now."""
        return [viewer for viewer in dict.fromkeys(c.viewer for c in self._counted) if viewer and self.shuns(viewer)]

    def note(self, blocked: BlockedClause) -> bool:
        """Record a block; True when it is the one that pauses the chat."""
        self.blocks += 1
        self.silences += blocked.prepared
        self.recent.append(blocked)
        if (
            blocked.kind in (TurnKind.SAY, TurnKind.STREAMER)
            or not _tells(blocked.verdict)
            or any(counted.turn == blocked.turn for counted in self._counted)
        ):
            return False
        self.silent = self.paused and blocked.kind is not TurnKind.ANSWER
        self._counted.append(_Counted(self._clock(), blocked.turn, blocked.viewer))
        self._forget()
        viewers = {counted.viewer or counted.turn for counted in self._counted}
        if self.paused or not self.after or len(viewers) < self.after:
            return False
        self.pauses += 1
        self.reason = (
            f"{len(viewers)} replies to different viewers were blocked within {_span(self.within_s)}: "
            f"{self._worst()}; look at them, then arm again"
        )
        return True

    def rearm(self) -> None:
        """Count from nothing again: a person has looked. What was blocked stays to be looked at."""
        self.reason, self.silent = "", False
        self._counted.clear()

    def _forget(self) -> None:
        while self._counted and self._counted[0].at <= self._clock() - self.within_s:
            self._counted.popleft()

    def _worst(self) -> str:
        turns = {counted.turn for counted in self._counted}
        rules = [rule for b in self.recent if b.turn in turns for rule in b.verdict.rules]
        return ", ".join(list(dict.fromkeys(rules))[:4])


@dataclass(frozen=True, slots=True)
class _Counted:
    at: float
    turn: str
    viewer: Viewer | None


def _tells(verdict: Verdict) -> bool:
    """Whether a verdict is about the text, and not about a judge that did not answer."""
    return any(r.rule != UNANSWERED and r.action.severity > 1 for r in verdict.reasons) or not verdict.reasons


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
