"""When the quiet is too long: by the dial, by how long a first sound takes, and by what really was a sound."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Final

from bot.show.loop import Show
from bot.show.night.settings import NightSettings
from bot.show.turn import TurnPlan

#: The persona's own lines are said after so many seconds at the soonest: they are few, and soon known.
IDLE_S: Final = 60.0
#: The first sound of a piece takes a moment: it is begun so much earlier as the slowest of the last ones took, within
#: this part of the quiet.
LEAD_OF: Final = 8
LEAD_SHARE: Final = 0.25
#: It is begun so much earlier still, in seconds.
SPARE_S: Final = 0.1
#: As long as none was heard yet, the first sound is taken to need so many seconds.
FIRST_LEAD_S: Final = 1.0
#: The quiet after a turn begins so soon after its end, in seconds; a later one began with something else.
GRAIN_S: Final = 0.5


class Dial:
    """Says when the host speaks of its own accord, and by when a turn that something else began is to be heard.

    ``mute`` says that no voice can be relied on: until one can, what is shown ends the quiet as well as what is heard.
    """

    def __init__(
        self,
        show: Show,
        settings: NightSettings,
        *,
        patience: Callable[[], float],
        mute: Callable[[], bool],
    ) -> None:
        self.settings = settings
        #: Nothing is begun sooner, by the loop's clock: one of which nothing was heard is not followed at once.
        self.rests_until = 0.0
        self._show = show
        self._patience = patience
        self._mute = mute
        #: When the last turn was heard to sound, and when it was over.
        self._sound = (-math.inf, -math.inf)
        self._first_sounds: deque[float] = deque(maxlen=LEAD_OF)  # of what was said unasked, in seconds

    @property
    def pause_s(self) -> float:
        """After how much quiet the host speaks, in seconds; infinite when it does not."""
        return self.settings.pause_s * self._patience()

    @property
    def line_pause_s(self) -> float:
        """After how much quiet it says one of the persona's lines, in seconds."""
        return max(self.pause_s, IDLE_S)

    def took(self, seconds: float) -> None:
        """Take note of how long a piece took to its first sound."""
        self._first_sounds.append(seconds)

    def due_at(self, quiet_since: float, pause: float) -> float:
        """Return when a piece is begun after so many seconds of quiet."""
        return max(self._silent_since(quiet_since) + pause - self._lead_s, self.rests_until)

    def speak_by(self, plan: TurnPlan) -> float:
        """Return by when something of a turn is to be said, by the loop's clock, so that the quiet keeps to the dial.

        One that begins with words of its own, or answers the streamer, needs none. A quiet that is longer already is
        none of the dial's: of a break, of a vote, or while the streamer spoke.
        """
        if plan.lines or plan.answer is not None:
            return math.inf
        pause = self.line_pause_s if plan.brief is not None else self.pause_s
        by = self._silent_since(self._show.unheard_since) + pause - self._lead_s
        return by if by > _now() - FIRST_LEAD_S else math.inf

    def turn_over(self) -> None:
        """Take note that something was heard or shown, and until when it was a sound; called at its end."""
        before = self._sounded_until(self._show.unheard_since)
        self._sound = (max(before, self._show.performance.sound_at), _now())

    def _silent_since(self, quiet_since: float) -> float:
        """Return since when nothing was heard; words that were shown alone count as long as no voice can be had."""
        return quiet_since if self._mute() else self._sounded_until(quiet_since)

    def _sounded_until(self, quiet_since: float) -> float:
        """Return when the sound before a quiet ended: not with the turn, where the end of that was shown alone."""
        sounded_until, over_at = self._sound
        return min(quiet_since, sounded_until) if quiet_since - over_at < GRAIN_S else quiet_since

    @property
    def _lead_s(self) -> float:
        """How much earlier a piece is begun, so that its first sound comes before the quiet is too long."""
        return min(SPARE_S + max(self._first_sounds, default=FIRST_LEAD_S), self.settings.pause_s * LEAD_SHARE)


def _now() -> float:
    return asyncio.get_running_loop().time()
