"""How long the host waits for a streamer who paused, learnt from the streamer's own pauses."""

from __future__ import annotations

from collections import deque
from typing import Final

#: Pauses that are remembered, and how many must be there before they count.
REMEMBERED, ENOUGH = 60, 8
#: Shorter ones are breaths between words, longer ones are the end of a thought: neither teaches anything.
SHORTEST_S: Final = 0.2
#: The wanted part of the pauses that shall not be taken for the end, and the room above it.
QUANTILE, ROOM = 0.9, 1.2
#: How far from the setting it may go.
LEAST, MOST = 0.5, 1.5


class Patience:
    """The silence in seconds after which a streamer has finished, whatever a judge says."""

    def __init__(self, setting_s: float, *, learns: bool) -> None:
        self._setting_s = setting_s
        self._learns = learns
        self._pauses: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def longest_s(self) -> float:
        """The most that it can become: a longer pause belongs to no utterance."""
        return self._setting_s * (MOST if self._learns else 1.0)

    @property
    def seconds(self) -> float:
        """The patience now.

        A high quantile of the pauses that proved to be none with room above it, mixed with the setting as long as there
        are few. A quantile, because one phone call in the middle of a sentence must not change anything.
        """
        if not self._learns or len(self._pauses) < ENOUGH:
            return self._setting_s
        ordered = sorted(self._pauses)
        learnt = ROOM * ordered[min(len(ordered) - 1, int(QUANTILE * len(ordered)))]
        weight = len(ordered) / (len(ordered) + ENOUGH)
        mixed = weight * learnt + (1 - weight) * self._setting_s
        return min(MOST * self._setting_s, max(LEAST * self._setting_s, mixed))

    def went_on(self, pause_s: float) -> None:
        """Take note of a pause after which the streamer went on."""
        if SHORTEST_S <= pause_s <= self.longest_s:
            self._pauses.append(pause_s)
