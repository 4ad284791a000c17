"""Decides whether the streamer interrupts the host, or only coughs, laughs or agrees.

The length of a sound cannot tell "stop" (0.44 s) from "mm-hm" (0.36 to 0.52 s): what is short counts by its words, and
what goes on for longer than a murmur is an interruption. Measured with synthetic voices, see docs/floor.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.show.cohost.words import is_murmur, is_order, length

#: A sound that ended waits so long for its words before the host is loud again, in seconds.
WORDS_S: Final = 0.16
#: Silence within speech that is no end of it yet, in seconds: four frames of voice detection.
GAP_S: Final = 0.13
#: From so many words on, what was said interrupts, however short it was.
WORDS: Final = 3
#: What sounds like a murmur so far may go on for so much longer than other speech.
MURMUR: Final = 2.0
#: Moments of the clock that are so near to each other are one, in seconds.
_TICK: Final = 0.001


class Decision(StrEnum):
    """What becomes of the host's turn."""

    OPEN = "open"
    CUT = "cut"
    RESUME = "resume"


@dataclass(slots=True)
class BargeIn:
    """One sound of the streamer over the host. Times are seconds of the loop's clock."""

    number: int
    began_at: float
    text: str = ""
    #: Since when no voice is heard; None while it is.
    silent_at: float | None = None

    def voiced(self, now: float, *, heard: bool) -> None:
        """Take note whether a voice is heard just now."""
        if heard:
            self.silent_at = None
        elif self.silent_at is None:
            self.silent_at = now

    def decide(self, now: float, decide_s: float, *, over: bool = False) -> Decision:
        """Return what the host does; ``over`` says that nothing more of it comes."""
        if self.text and is_order(self.text):
            return Decision.CUT
        murmur = not self.text or is_murmur(self.text)
        if not murmur and length(self.text) >= WORDS:
            return Decision.CUT
        if over:
            return Decision.RESUME
        lasted = (now if self.silent_at is None else self.silent_at) - self.began_at
        if lasted + _TICK >= decide_s * (MURMUR if self.text and murmur else 1.0):
            return Decision.CUT
        if self.silent_at is None:
            return Decision.OPEN
        known = bool(self.text) and now - self.silent_at >= GAP_S - _TICK
        return Decision.RESUME if known or now - self.silent_at >= WORDS_S - _TICK else Decision.OPEN

    def due_in(self, now: float, decide_s: float) -> float:
        """Return the seconds after which a decision may be another one."""
        if self.silent_at is None:
            return max(_TICK, self.began_at + decide_s * (MURMUR if self.text else 1.0) - now)
        return max(_TICK, self.silent_at + (GAP_S if self.text else WORDS_S) - now)
