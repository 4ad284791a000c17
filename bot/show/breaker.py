"""Counts the replies that moderation stopped, and says when the show must pause until a person has looked.

One blocked reply is an accident. Several within minutes mean that somebody leads the host where it must
not go, and every further reply is another chance for it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.review.second_opinion import UNANSWERED
from bot.types import TurnKind
from moderation import Verdict

#: Blocks remembered for the control room.
KEPT = 20


@dataclass(frozen=True, slots=True)
class BlockedClause:
    """One clause that was not said.

    ``at`` is monotonic seconds; ``kind`` is what the turn was for; ``prepared`` tells
    that it was a prepared line, behind which there is only silence. ``text`` is for the control room
    alone: it is never logged, sent to a page of the audience, or remembered as said.
    """

    at: float
    turn: str
    kind: TurnKind
    verdict: Verdict = field(repr=False)
    text: str = field(repr=False)
    prepared: bool = False

    @property
    def fingerprint(self) -> str:
        """Tell the text from others without telling the text: 8 hexadecimal digits."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @property
    def because(self) -> str:
        """Return the names of the rules, for people: "lexicon:threat, judge:openai"."""
        return ", ".join(self.verdict.rules) or self.verdict.action.value


class BlockBreaker:
    """Pauses the show when ``after`` replies were blocked within ``within_s`` seconds; ``after`` 0: never.

    Clauses of one turn count once. What the operator ordered to be said does not count, nor what was only
    left unsaid because no judge could be asked: neither tells that the host is being led astray.
    """

    def __init__(self, clock: Callable[[], float], *, after: int = 3, within_s: float = 300.0) -> None:
        self.after, self.within_s = after, within_s
        #: Why the show is paused, for people; empty: it is not.
        self.reason = ""
        #: The last blocks of any kind, oldest first.
        self.recent: deque[BlockedClause] = deque(maxlen=KEPT)
        #: Clauses blocked, turns that ended in silence because the prepared line was blocked too, and pauses.
        self.blocks = self.silences = self.pauses = 0
        self._clock = clock
        self._counted: deque[tuple[float, str]] = deque(maxlen=100)

    @property
    def paused(self) -> bool:
        """Whether the show must stay silent until `rearm`."""
        return bool(self.reason)

    def note(self, blocked: BlockedClause) -> bool:
        """Record a block; True when it is the one that pauses the show."""
        self.blocks += 1
        self.silences += blocked.prepared
        self.recent.append(blocked)
        if (
            blocked.kind is TurnKind.SAY
            or not _tells(blocked.verdict)
            or any(t == blocked.turn for _, t in self._counted)
        ):
            return False
        now = self._clock()
        self._counted.append((now, blocked.turn))
        while self._counted and self._counted[0][0] <= now - self.within_s:
            self._counted.popleft()
        if self.paused or not self.after or len(self._counted) < self.after:
            return False
        self.pauses += 1
        self.reason = (
            f"{len(self._counted)} replies were blocked within {_span(self.within_s)}: "
            f"{self._worst()}; look at them, then arm again"
        )
        return True

    def rearm(self) -> None:
        """Count from nothing again: a person has looked. What was blocked stays to be looked at."""
        self.reason = ""
        self._counted.clear()

    def _worst(self) -> str:
        turns = {turn for _, turn in self._counted}
        rules = [rule for b in self.recent if b.turn in turns for rule in b.verdict.rules]
        return ", ".join(list(dict.fromkeys(rules))[:4])


def _tells(verdict: Verdict) -> bool:
    """Whether a verdict is about the text, and not about a judge that did not answer."""
    return any(r.rule != UNANSWERED and r.action.severity > 1 for r in verdict.reasons) or not verdict.reasons


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
