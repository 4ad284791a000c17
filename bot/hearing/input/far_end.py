"""What the host's own voice sounds like and when: the far end, which an echo canceller takes out of the microphone."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from bot.hearing.input.conditioning import RATES, Conditioner
from bot.hearing.speech import RATE, Samples

#: Sound that may lie ahead, in seconds: a page is never given so much.
MAX_AHEAD_S = 120.0
#: What was played is kept so long: the microphone's blocks come late.
KEPT_S = 5.0
#: What comes so soon after the end of what was laid down continues it without a gap, in seconds.
JOIN_S = 0.2


class FarEnd:
    """The sound of the stage on the clock of the loop. `play` and `stop` return at once and may come from any thread.

    What is played shall be told when it is **sent** to the page or earlier, never later than it is heard: the canceller
    finds out for itself how much later the microphone hears it, and cannot look ahead.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        #: As it was told: when it begins, the sound, its rate. It is resampled where it is read, not on the loop.
        self._told: deque[tuple[float, bytes, int]] = deque()
        #: As it is read: the number of its first sample since the clock's zero, and the sound at `RATE`.
        self._laid: deque[tuple[int, Samples]] = deque()
        self._end_at = 0.0
        self._stops = 0
        #: What a page that stands still has yet to play.
        self._held: list[tuple[bytes, int]] | None = None
        self._conditioner = Conditioner()
        self._next = -1

    def play(self, pcm: bytes, rate: int, at: float | None = None) -> None:
        """Lay down sound: 16 bits, little-endian, mono, at ``rate`` Hz.

        It begins at ``at``; without it, now, or where the sound before it ends.
        """
        count = len(pcm) // 2
        if not count or rate not in RATES:
            return
        with self._lock:
            if self._held is not None:
                self._held.append((pcm[: count * 2], rate))
                return
            now = self._clock()
            begin = max(now, self._end_at) if at is None or abs(at - self._end_at) < JOIN_S else at
            if begin - now > MAX_AHEAD_S:
                return
            while self._told and self._told[0][0] < now - MAX_AHEAD_S:  # nobody reads
                self._told.popleft()
            self._told.append((begin, pcm[: count * 2], rate))
            self._end_at = begin + count / rate

    def stop(self) -> None:
        """Take note that the stage is silent from now on, and what was laid down is not played any more."""
        with self._lock:
            self._held = None
            self._cut()

    def hold(self) -> None:
        """Take note that the stage stands still from now on: what is left is played after `go_on`."""
        with self._lock:
            if self._held is None:
                self._held = self._cut()

    def go_on(self) -> None:
        """Take note that the stage plays on where it stood still."""
        with self._lock:
            held, self._held = self._held, None
        for pcm, rate in held or ():
            self.play(pcm, rate)

    def _cut(self) -> list[tuple[bytes, int]]:
        """Take away what lies ahead of now, and return it."""
        now = self._clock()
        end = int(now * RATE)
        left = [
            ((sound[max(0, end - first) :] * 32767).astype("<i2").tobytes(), RATE)
            for first, sound in self._laid
            if first + sound.size > end
        ]
        for at, pcm, rate in self._told:
            if rest := pcm[max(0, int((now - at) * rate)) * 2 :]:
                left.append((rest, rate))
        self._told = deque((at, pcm[: int((now - at) * rate) * 2], rate) for at, pcm, rate in self._told if at < now)
        self._laid = deque((first, sound[: end - first]) for first, sound in self._laid if first < end)
        self._stops += 1
        self._end_at = min(self._end_at, now)
        return left

    def sounds(self, begin_at: float, end_at: float) -> bool:
        """Return whether anything was played between two times."""
        self._lay()
        begin, end = int(begin_at * RATE), int(end_at * RATE)
        with self._lock:
            return any(first < end and first + sound.size > begin for first, sound in self._laid)

    def read(self, first: int, count: int) -> Samples:
        """Return ``count`` samples at `RATE` from sample ``first`` on, counted from the clock's zero; 0 in silence."""
        self._lay()
        out = np.zeros(count, np.float32)
        with self._lock:
            while self._laid and self._laid[0][0] + self._laid[0][1].size < first - KEPT_S * RATE:
                self._laid.popleft()
            for start, sound in self._laid:
                begin, end = max(first, start), min(first + count, start + sound.size)
                if begin < end:
                    out[begin - first : end - first] = sound[begin - start : end - start]
        return out

    def _lay(self) -> None:
        """Resample what was told since the last time."""
        while True:
            with self._lock:
                if not self._told:
                    return
                (at, pcm, rate), stops = self._told.popleft(), self._stops
            if abs((first := int(at * RATE)) - self._next) > JOIN_S * RATE:
                self._conditioner.clear()
                self._next = first
            sound = self._conditioner.take(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768, rate)
            with self._lock:
                if stops == self._stops:
                    self._laid.append((self._next, sound))
            self._next += sound.size
