"""Where an utterance begins: some frames in a row that surely hold a voice, and what may have been one before."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Final

from bot.hearing.speech import FRAME, RATE, AudioFrame

#: Frames with a voice in a row that begin an utterance (96 ms), and those kept from before it (300 ms).
ONSET: Final = 3
PRE_ROLL: Final = ONSET + 9
#: How much less sure the voice detection may be of a first frame that may begin an utterance. Of 35 sentences the first
#: such frame ended 38 ms after the first sound (p95 61), the onset's last after 108 (p95 217); four kinds of noise had
#: none in two minutes each.
LIKELY: Final = 0.2
_ONSET_S: Final = ONSET * FRAME / RATE


class Began(Enum):
    """What a frame is the beginning of."""

    NOTHING = auto()
    PERHAPS = auto()
    SPEECH = auto()


class Onset:
    """Watches frames for the beginning of speech."""

    def __init__(self) -> None:
        #: The latest frames, the newest last.
        self.frames: deque[AudioFrame] = deque(maxlen=PRE_ROLL)
        self._voiced = 0
        self._likely_at: float | None = None  # when the frames that may be a voice began; None while none is

    def take(self, frame: AudioFrame, likely: float, surely: float) -> Began:
        """Take a frame that holds a voice with a probability ``likely``; from ``surely`` on it does."""
        self.frames.append(frame)
        self._voiced = self._voiced + 1 if likely >= surely else 0
        first = self._likely_at is None
        if likely < surely - LIKELY:
            self._likely_at = None
        elif self._likely_at is None:
            self._likely_at = frame.at - FRAME / RATE
        if self._voiced >= ONSET:
            return Began.SPEECH
        return Began.PERHAPS if first and self._likely_at is not None else Began.NOTHING

    def began_at(self) -> float:
        """Return when the speech began whose onset has just been taken, on the clock of the frames.

        A soft beginning counts for as long again as the onset; a breath before it may be longer.
        """
        at = self.frames[-1].at
        return max(at - 2 * _ONSET_S, min(at - _ONSET_S, self._likely_at or at))

    def clear(self) -> None:
        """Forget all frames."""
        self.frames.clear()
        self._voiced, self._likely_at = 0, None
