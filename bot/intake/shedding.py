"""Sheds load: when chat comes faster than it can be judged, lines are left out before they cost anything.

Reading chat may take a share of each second. What is left of it is a budget, and the emptier it is, the likelier a line
is left out (random early detection): first lines to other viewers, then ordinary ones, last those that speak to the
host. Whoever has had lines read just now waits for the others. Payments, events of the platforms, the host and the
moderators always pass; they only cost.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from bot.inbox.entries import viewer_of
from bot.runtime.ratelimit import RateLimiter, TokenBucket
from bot.types import Kind, Message, Role

#: The budget holds what may be spent in so many seconds of the share.
WINDOW_S: Final = 2.0
#: Parts of the budget: at the upper end of its band a kind of line passes, at the lower end none of it does.
BAND: Final = 0.25
ASIDE, ORDINARY, ADDRESSED = 0.5, 0.25, 0.0
#: Under pressure a viewer has so many lines read at once, and so many a second.
BURST, REFILL_PER_S = 2.0, 0.2
#: Viewers who are remembered for that.
MAX_VIEWERS: Final = 10_000
#: Kinds that are left out; a bought army of followers is a flood as well.
SHEDDABLE: Final = frozenset({Kind.CHAT, Kind.FOLLOW})

TOO_MUCH = "too much chat to read: this viewer had others read just now"
TOO_MANY = "too much chat to read: left out by lot"


class LoadShedder:
    """Decides which lines are read. ``share`` is the part of a second that reading may take, 0..1, in each second."""

    def __init__(self, share: float = 0.5, rng: random.Random | None = None) -> None:
        self.share = share
        #: How many lines were left out since the start, by the reason.
        self.thinned: Counter[str] = Counter()
        #: The part of the queue in front of moderation that is full, 0..1, where there is one.
        self.filled: Callable[[], float] = lambda: 0.0
        self._rng = rng or random.Random()  # noqa: S311 - fairness, not a secret
        self._budget = TokenBucket(share * WINDOW_S, 0.0)
        self._viewers = RateLimiter(MAX_VIEWERS)

    @property
    def left(self) -> float:
        """What is left of the budget or of the queue, whichever is less: 1 at rest, below 0 in debt."""
        return min(self._budget.level / (self.share * WINDOW_S), 1.0 - self.filled())

    def pressed(self, now: float) -> bool:
        """Return whether lines may have to be left out at ``now`` seconds of the loop's clock."""
        self._budget.refill(now, burst=self.share * WINDOW_S, rate_per_s=self.share)
        return self.left < ASIDE + BAND

    def refusal(self, message: Message, now: float, *, addressed: bool, aside: bool = False) -> str:
        """Return why a line is left out, in words; empty when it is to be read.

        ``addressed`` says that it speaks to the host, ``aside`` that it is for somebody else.
        """
        if message.kind not in SHEDDABLE or Role.MODERATOR in message.author.roles or not self.pressed(now):
            return ""
        floor = ADDRESSED if addressed else ASIDE if aside else ORDINARY
        reason = ""
        if self._rng.random() * BAND >= self.left - floor:
            reason = TOO_MANY
        elif self.left < floor + BAND and not self._viewers.admit(viewer_of(message), now, BURST, REFILL_PER_S):
            reason = TOO_MUCH  # a viewer's part is used up by what is read alone
        if reason:
            self.thinned[reason] += 1
        return reason

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count the time that the block takes as spent on reading."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield
        finally:
            self.spend(clock() - began)

    def spend(self, seconds: float) -> None:
        """Take what reading took out of the budget; the debt is never larger than the budget."""
        self._budget.level = max(self._budget.level - seconds, -self.share * WINDOW_S)
