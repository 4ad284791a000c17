"""Which sound was meant for the host: the switch, the button to talk, and sound that was on its way at the time."""

from __future__ import annotations

from enum import Enum, auto

from bot.hearing.ears import Ears
from bot.hearing.speech import FRAME, RATE, AudioFrame


class Turned(Enum):
    """What became of the switch."""

    NOT = auto()
    CLOSED = auto()  # at least for a moment: everything is to be forgotten
    RELEASED = auto()  # the button to talk was let go: the utterance ends
    OPENED = auto()


class Gate:
    """Follows the `Ears` with times of the loop's clock. What is captured while they are closed never passes."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._generation, self._open = ears.generation, ears.listening
        #: Sound captured before this time was not meant for us; of a released button, sound up to it still is.
        self._deaf_until, self._released_at = 0.0, -1.0

    def open_from(self, now: float) -> None:
        """Take no sound that was captured before."""
        self._deaf_until = now

    def heed(self, now: float) -> Turned:
        """Take note of the switch as it stands; return what became of it since the last time."""
        ears, was_open = self._ears, self._open
        closed, self._generation = ears.generation != self._generation, ears.generation
        self._open = ears.listening
        if closed or (self._open and not was_open):
            self._deaf_until, self._released_at = now, -1.0
            return Turned.CLOSED if closed else Turned.OPENED
        if was_open and not self._open:
            self._released_at = now
            return Turned.RELEASED
        return Turned.NOT

    def passes(self, frame: AudioFrame) -> bool:
        """Return whether a frame may be heard."""
        return frame.at - FRAME / RATE >= self._deaf_until and (self._open or frame.at <= self._released_at)
