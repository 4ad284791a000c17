"""Compares the blocks of a device with the clock: PortAudio flags no sound that was lost at a sound server."""

from __future__ import annotations

#: Sound missing within one look, in seconds, from which on it was lost and not late.
GAP_S = 0.15
#: A rate is believed until so many seconds of blocks say otherwise, by more than this share.
MEASURED_S, TOLERANCE = 10.0, 0.02
#: Rates that devices have, in Hz.
KNOWN_RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000)


class BlockClock:
    """Counts blocks. `count` is called in the device's thread, the others on the loop."""

    def __init__(self) -> None:
        self._rate = 0
        self._opened_at = 0.0
        self._last_at = 0.0
        self._samples = 0
        #: Where the measurement at hand began: samples and time; and how late the blocks were at the last look.
        self._from: tuple[int, float] | None = None
        self._late_s = 0.0

    @property
    def begun(self) -> bool:
        """Whether a block has come."""
        return self._samples > 0

    def begin(self, rate: int, at: float) -> None:
        """Take the rate that the device says it has, and when it was opened."""
        self._rate, self._opened_at = rate, at

    def count(self, samples: int, at: float) -> int:
        """Count a block that came at ``at``; return the rate that it has, 0 while that is unknown."""
        self._samples += samples
        self._last_at = at
        return self._rate

    def waited(self, now: float) -> float:
        """Return for how long no block has come, in seconds."""
        return now - max(self._last_at, self._opened_at)

    def look(self) -> int:
        """Return how many gaps there were since the last look, and correct a rate that proved wrong."""
        if not self.begun:
            return 0
        if self._from is None:
            self._from, self._late_s = (self._samples, self._last_at), 0.0
            return 0
        samples, took_s = self._samples - self._from[0], self._last_at - self._from[1]
        late_s = took_s - samples / self._rate
        grown, self._late_s = late_s - self._late_s, late_s
        if grown > GAP_S:
            self._from = None
            return 1
        if took_s > MEASURED_S:
            measured = samples / took_s
            if abs(measured / self._rate - 1) > TOLERANCE:
                self._rate = min(KNOWN_RATES, key=lambda rate: abs(rate - measured))
            self._from = None
        return 0
