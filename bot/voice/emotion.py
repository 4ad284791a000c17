"""The feeling in a voice over the clauses of a turn: it begins, wears off, and never stops from one clause to the next.

The face may change at once; a voice that does so sounds cut together. So a clause without a feeling still has half of
the one before it, a feeling that goes on loses a little each time, and one that takes the place of another begins
weaker.
"""

from __future__ import annotations

from typing import Final

from bot.types import Emotion, Tone

#: What is left of a feeling in the next clause: when it goes on, and when it ends.
HELD: Final = 0.85
ENDED: Final = 0.5
#: One that goes on gets no weaker than this; one that ends is over below that.
LEAST_HELD: Final = 0.55
LEAST: Final = 0.2
#: How strong a feeling begins that takes the place of another one.
CHANGED: Final = 0.75


class Fading:
    """Follows the feelings of one turn."""

    def __init__(self) -> None:
        self._tone = Tone()

    def next(self, emotion: Emotion) -> Tone:
        """Return how the next clause sounds, whose feeling is ``emotion``."""
        before = self._tone
        if emotion is Emotion.NEUTRAL:
            left = before.strength * ENDED
            over = before.emotion is Emotion.NEUTRAL or left < LEAST
            self._tone = Tone() if over else Tone(before.emotion, left)
        elif emotion is before.emotion:
            # One that had nearly ended and comes back is strong again.
            left = max(LEAST_HELD, before.strength * HELD)
            self._tone = Tone(emotion, left if before.strength >= LEAST_HELD else 1.0)
        else:
            self._tone = Tone(emotion, 1.0 if before.emotion is Emotion.NEUTRAL else CHANGED)
        return self._tone
