"""Where sound enters: whatever captures it puts it in, and the ears take whole frames out. Bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from bot.hearing.speech import FRAME, RATE, AudioFrame, Samples
from bot.runtime.signal import Signal

#: Sound that may wait, in seconds: when the ears are slower, the oldest is thrown away.
MAX_WAITING_S = 4.0


class AudioInlet:
    """A bounded store of captured sound. `put` is called on the loop's thread alone."""

    def __init__(self) -> None:
        self._waiting: list[AudioFrame] = []
        self._rest = np.zeros(0, np.float32)
        self._arrived = Signal()
        #: Frames thrown away because the ears were too slow.
        self.dropped = 0

    def put(self, samples: Samples, at: float) -> None:
        """Add sound at `RATE`; ``at`` is when its last sample was captured."""
        joined = np.concatenate((self._rest, samples)) if self._rest.size else samples
        whole = joined.size // FRAME
        for index in range(whole):
            end = (index + 1) * FRAME
            self._waiting.append(AudioFrame(joined[end - FRAME : end], at - (joined.size - end) / RATE))
        self._rest = joined[whole * FRAME :].copy()
        if (over := len(self._waiting) - int(MAX_WAITING_S * RATE / FRAME)) > 0:
            del self._waiting[:over]
            self.dropped += over
        if whole:
            self._arrived.notify()

    def clear(self) -> None:
        """Throw away all that waits: the ears were closed."""
        self._waiting.clear()
        self._rest = np.zeros(0, np.float32)

    async def frames(self) -> AsyncIterator[AudioFrame]:
        """Yield frames for ever, in order."""
        while True:
            await self._arrived.wait_until(lambda: bool(self._waiting))
            waiting, self._waiting = self._waiting, []
            for frame in waiting:
                yield frame
