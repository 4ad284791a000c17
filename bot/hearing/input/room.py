"""What an echo canceller does to the host's voice: whether it knows the room yet, and how late the room answers."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from bot.hearing.speech import RATE, Samples

#: Energies are taken over steps of 10 ms, and the last 6 s of them are kept.
STEP, KEPT = RATE // 100, 600
#: The room is known when the canceller took 10 dB out of a second of echo, after so many seconds in any case.
LEARNT, OVER, LEARN_S = 0.1, 100, 4.0
#: With headphones the microphone hears less than this while the host speaks (-50 dB), in so many steps.
QUIET, QUIET_OVER = 0.003, 250
#: When more than a half of the energy is left (3 dB), it is looked whether that is the host's; so often, in steps.
LEFT, LOOK_EVERY = 0.5, 100
#: The loudness of echo and of voice go together by more than this (correlation); those of two people do not.
ALIKE = 0.75
#: Lags that are looked for, in steps; those that the canceller finds by itself; and what it is given, in seconds.
LAGS, OWN_LAGS, AIM_S = range(-40, 250), range(40), 0.1
#: The latest echo that is followed, in seconds.
MOST_S = 3.0
#: What is left is the host's when the last 0.8 s of loudness are the same as its, at any lag; a second voice is not.
RECENT, SAME = 80, 0.9
#: The lags at which that is looked for, and over how many steps the canceller's work is judged once it was known.
JUMPS, JUDGED = 100, 300
NOT_CANCELLED = (
    "the microphone hears the host, and it cannot be taken out: use headphones, or turn the loudspeakers down"
)


class Room:
    """Judges the canceller's work while the host's voice sounds. For one thread.

    Until the room is known the host must not hear itself, so the ears are deaf to both. ``shift_s`` is how much later
    than it was told the host's voice must be given to the canceller, beyond what that finds by itself.
    """

    def __init__(self) -> None:
        self.known = False
        self.shift_s = 0.0
        #: What is wrong, in words; "" for nothing.
        self.trouble = ""
        self._steps = 0
        self._alike = 0.0
        self._headphones = False
        self._energies: deque[NDArray[np.float64]] = deque(maxlen=KEPT)

    def heard(self, far: Samples, before: Samples, after: Samples) -> Samples:
        """Return what may be heard of a block of whole steps: of its ``after``, all or nothing.

        ``far`` is the host's voice, ``before`` what the microphone heard, ``after`` what the canceller left of it.
        """
        rows = np.stack([far, before, after]).astype(np.float64).reshape(3, -1, STEP)
        fresh = (rows**2).mean(axis=2).T
        known = self.known and not self._leaks(fresh)
        for step in fresh:
            self._energies.append(step)
            self._steps += 1
            if self._steps % LOOK_EVERY == 0:
                self._look()
        if not self.known:
            self._headphones = self._quiet()
            if self._headphones or (self._learnt() and not self._moved()):
                self.known, self.trouble = True, ""
        return after if known else np.zeros_like(after)

    def _leaks(self, fresh: NDArray[np.float64]) -> bool:
        """Return whether what the canceller left just now is the host's voice: its lateness jumped.

        A page that stalled plays later from then on, and the canceller needs a second or two to find that out.
        """
        if self._headphones or len(self._energies) < RECENT + JUMPS:
            return False
        _, before, after = fresh.mean(axis=0)
        if before < QUIET**2 or after < before * LEARNT:
            return False
        rows = np.sqrt(np.array([*self._energies, *fresh])[-(RECENT + JUMPS) :])
        return _alike_at_any_lag(rows[:, 0], rows[-RECENT:, 1]) >= SAME

    def _learnt(self) -> bool:
        """Return whether most of the echo was taken out; its first moments are suppressed by guess."""
        if len(self._energies) < OVER:
            return False
        _, before, after = np.array(self._energies).T
        loud = np.flatnonzero(before >= QUIET**2)[-OVER:]
        return loud.size == OVER and bool(after[loud].mean() < before[loud].mean() * LEARNT)

    def _quiet(self) -> bool:
        """Return whether the host spoke and nothing of it came back, however late: there are headphones."""
        if len(self._energies) < QUIET_OVER:
            return False
        far, before, _ = np.array(self._energies)[-QUIET_OVER:].mean(axis=0)
        return bool(far >= QUIET**2 > before)

    def _look(self) -> None:
        """Find out whether what is left is the host's voice."""
        if len(self._energies) < JUDGED:
            return
        _, before, after = np.array(self._energies)[-JUDGED // 2 :].T
        if after.mean() < LEFT * before.mean():
            return
        if self._moved():
            self.known = False
        elif self._alike < ALIKE:
            self.known = self.known or self._steps * STEP > LEARN_S * RATE
        else:
            self.known = False
            if self._steps > 3 * KEPT:
                self.trouble = NOT_CANCELLED

    def _moved(self) -> bool:
        """Look how late the echo comes; return whether the host's voice had to be moved, and all begins anew."""
        # Once it was known, the lag was another one before.
        far, before, _ = np.array(self._energies)[-JUDGED if self.known else 0 :].T
        lag, self._alike = lag_of(np.sqrt(far), np.sqrt(before))
        if self._alike < ALIKE or lag in OWN_LAGS:
            return False
        self.shift_s = min(MOST_S, max(0.0, self.shift_s + lag * STEP / RATE - AIM_S))
        self._energies.clear()
        self._steps = 0
        return True


def _alike_at_any_lag(early: NDArray[np.float64], late: NDArray[np.float64]) -> float:
    """Return how alike the second loudness is to the first, at the lag at which it is most, within -1 and 1."""
    windows = np.lib.stride_tricks.sliding_window_view(early, late.size)
    windows = windows - windows.mean(axis=1, keepdims=True)
    late = late - late.mean()
    sizes = np.sqrt((windows**2).sum(axis=1) * (late**2).sum())
    return float(np.max(windows @ late / np.maximum(sizes, 1e-12)))


def lag_of(early: NDArray[np.float64], late: NDArray[np.float64]) -> tuple[int, float]:
    """Return by how many steps the second loudness follows the first, and how alike they are then, within -1 and 1."""
    best = (0, -1.0)
    for lag in LAGS:
        if (size := late.size - abs(lag)) < 2 * OVER:
            continue
        one, other = (early[:size], late[lag:]) if lag >= 0 else (early[-lag:], late[:size])
        if not one.std() or not other.std():
            continue
        alike = float(np.corrcoef(one, other)[0, 1])
        if alike > best[1]:
            best = (lag, alike)
    return best
