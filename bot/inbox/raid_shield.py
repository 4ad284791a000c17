"""The shield: it recognises a hostile raid, and lets through few lines of new viewers while the raid lasts.

A raid is a jump in the rate of lines × new viewers × lines that are alike. Each alone is no sign: chat
repeats itself (28 % of 100 lines is normal), and a friendly raid brings many new viewers who write all
kinds of things. The shield never stops viewers who are known: those with a role, those who were answered,
and those who were here for a while before the raid. It has no clock: callers give the time, and a seed
repeats every decision.
"""

from __future__ import annotations

import math
import random
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from bot.inbox.fair_queue import lottery_ticket
from bot.inbox.settings import Limits
from bot.inbox.similarity import anchors
from bot.types import Viewer

#: Seconds over which the present rate of lines and the usual rate are averaged.
NOW_S, USUAL_S = 5.0, 300.0
#: A chat slower than this many lines a second counts as this fast: ten lines after a silence are no jump.
LEAST_RATE = 1.0
#: A jump is counted up to here.
MOST_JUMP = 10.0
#: A line is compared with so many lines before it; the shares of lines are averaged over about as many.
LOOK_BACK = 100
#: Seconds in which the weight of lines that were alike falls to about a third (1/e).
FADES_S = 60.0
#: This share of lines that are alike is normal.
NORMAL_ALIKE = 0.3
#: It is a raid when jump × share of lines alike beyond the normal × share of new viewers reaches `RAID`,
#: and there are at least `RAID_RATE` lines a second.
RAID, RAID_RATE = 1.5, 3.0
#: The guests of a raid that the platform announced may all write the same. For `GUESTS_S` seconds it takes
#: `GUESTS` times as much to count as hostile.
GUESTS, GUESTS_S = 4.0, 60.0
#: While the shield is up, one in n new viewers is heard; n is from `LEAST_THINNED` to `MOST_THINNED`.
LEAST_THINNED, MOST_THINNED = 2, 100_000
#: A viewer who is not heard draws a new lot after so many seconds.
LOTS_S = 60.0

State = Literal["off", "calm", "raised"]


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the shield for the control room. ``reason`` is in words; ``left_s`` is None without a set end.

    One in ``one_in`` new viewers is heard; ``thinned`` counts the lines that were stopped in this raid.
    """

    state: State
    reason: str
    one_in: int = 1
    thinned: int = 0
    left_s: float | None = None


class _Rate:
    """The rate of lines a second: an exponential average over about ``over`` seconds."""

    __slots__ = ("_at", "_over", "_value")

    def __init__(self, over: float) -> None:
        self._over, self._value, self._at = over, 0.0, 0.0

    def add(self, now: float) -> float:
        self._value = self.at(now) + 1.0 / self._over
        self._at = now
        return self._value

    def at(self, now: float) -> float:
        return self._value * math.exp(min(0.0, self._at - now) / self._over)


class RaidShield:
    """Decides whether the viewer of an unpaid chat line is heard now. Memory and work for a line are bounded."""

    def __init__(self, limits: Limits, rng: random.Random) -> None:
        self.limits = limits
        self._salt = rng.randbytes(16)
        self._fast, self._usual = _Rate(NOW_S), _Rate(USUAL_S)
        self._known_rate, self._new_rate = _Rate(NOW_S * 4), _Rate(NOW_S)
        self._alike, self._new = 0.0, 0.0  # shares: of the new viewers' lines, of all lines
        self._alike_at = 0.0
        self._seen: OrderedDict[Viewer, float] = OrderedDict()  # when each first wrote; the latest writer is last
        self._lines: dict[str, tuple[int, Viewer]] = {}  # by anchor: number and viewer of the latest line with it
        self._count = 0
        self._began, self._until, self._guests_until = 0.0, -math.inf, -math.inf
        self._one_in, self._thinned = 1, 0

    def raised(self, now: float) -> bool:
        """Return whether lines of new viewers are thinned out now."""
        mode = self.limits.shield
        return mode == "on" or (mode == "auto" and now <= self._until)

    def expect_guests(self, now: float) -> None:
        """Expect many new viewers: a platform announced a raid."""
        self._guests_until = now + GUESTS_S

    def admit(self, viewer: Viewer, key: str, now: float, *, known: bool) -> tuple[bool, str]:
        """Return whether a new viewer sent a chat line in a raid, and why it is stopped (empty when it passes).

        ``key`` is the line's folding key. ``known`` says that the viewer has a role or was answered before.
        Lines that moderation stops must be shown to the shield too: they are part of a raid.
        """
        up = self.raised(now)
        if not up:
            self._began = 0.0
        elif not self._began:  # by hand
            self._began, self._thinned = now, 0
        known = known or self._was_here(viewer, now, up=up)
        self._measure(viewer, key, now, known=known, up=up)
        if not up or known:
            return False, ""
        ours, theirs = max(self._known_rate.at(now), LEAST_RATE / 2), self._new_rate.at(now)
        self._one_in = min(max(LEAST_THINNED, math.ceil(theirs / ours)), MOST_THINNED)
        if lottery_ticket(viewer, self._salt, int(now // LOTS_S)) * self._one_in < 1.0:
            return True, ""
        self._thinned += 1
        return True, f"shield: many new viewers write at once, one in {self._one_in} is heard"

    def report(self, now: float) -> Report:
        """Return the state of the shield, with the reason in words."""
        mode = self.limits.shield
        if mode == "off":
            return Report("off", "the shield is switched off")
        if not self.raised(now):
            return Report("calm", "no sign of a hostile raid")
        heard = f"one in {self._one_in} new viewers is heard, everybody who was here before as always"
        if mode == "on":
            return Report("raised", f"raised by hand: {heard}", self._one_in, self._thinned)
        left = self._until - now
        reason = f"a raid of new viewers who write the same: {heard}; for {left:.0f} s more if it stays quiet"
        return Report("raised", reason, self._one_in, self._thinned, left)

    def _was_here(self, viewer: Viewer, now: float, *, up: bool) -> bool:
        """Return whether a viewer has been here long enough. A viewer who first comes in a raid is not remembered."""
        since = self._seen.get(viewer)
        if since is not None:
            self._seen.move_to_end(viewer)
            return since + self.limits.shield_known_s <= (self._began if up else now)
        if not up:
            self._seen[viewer] = now
            while len(self._seen) > self.limits.viewers:
                self._seen.popitem(last=False)
        return False

    def _measure(self, viewer: Viewer, key: str, now: float, *, known: bool, up: bool) -> None:
        """Count a line in all rates and shares, and raise the shield when they say that it is a raid."""
        (self._known_rate if known else self._new_rate).add(now)
        self._new += (float(not known) - self._new) / LOOK_BACK
        alike = self._is_alike(viewer, key)
        if not known:
            self._alike *= math.exp(min(0.0, self._alike_at - now) / FADES_S)
            self._alike += (float(alike) - self._alike) / LOOK_BACK
            self._alike_at = now
        rate = self._fast.add(now)
        usual = self._usual.at(now) if up else self._usual.add(now)
        if rate < RAID_RATE or self._alike < NORMAL_ALIKE:
            return
        jump = min(rate / max(usual, LEAST_RATE), MOST_JUMP)
        beyond = max(0.0, (self._alike - NORMAL_ALIKE) / (1.0 - NORMAL_ALIKE))
        if jump * beyond * self._new < RAID * (GUESTS if now < self._guests_until else 1.0):
            return
        if not up:
            self._began, self._thinned = now, 0
        self._until = now + self.limits.shield_s

    def _is_alike(self, viewer: Viewer, key: str) -> bool:
        """Return whether another viewer began or ended a line the same way just now."""
        self._count += 1
        alike = False
        for anchor in anchors(key):
            number, other = self._lines.get(anchor, (0, viewer))
            alike = alike or (other != viewer and number > self._count - LOOK_BACK)
            self._lines[anchor] = self._count, viewer
        if len(self._lines) > 8 * LOOK_BACK:
            self._lines = {a: line for a, line in self._lines.items() if line[0] > self._count - LOOK_BACK}
        return alike
