"""A mood: how pleasant and how excited the host feels, and which expression that is nearest to.

Two numbers from -1 to 1, valence and arousal, as in Russell's circumplex. What happens pushes them, and both fall back
to zero by halves. Without anybody there, arousal sinks until somebody comes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.show.feelings.settings import MoodSettings
from bot.types import Emotion, Tone

#: Where each expression lies: valence, arousal.
PLACES: Final[Mapping[Emotion, tuple[float, float]]] = MappingProxyType(
    {
        Emotion.JOY: (0.8, 0.35),
        Emotion.LAUGH: (0.8, 0.8),
        Emotion.LOVE: (0.9, -0.15),
        Emotion.SMUG: (0.45, 0.25),
        Emotion.SURPRISE: (0.2, 0.9),
        Emotion.SHY: (0.3, -0.1),
        Emotion.THINKING: (0.0, -0.1),
        Emotion.CONFUSED: (-0.15, 0.2),
        Emotion.WORRIED: (-0.55, 0.25),
        Emotion.POUT: (-0.5, 0.55),
        Emotion.ANGRY: (-0.75, 0.8),
        Emotion.SAD: (-0.8, -0.4),
        Emotion.SLEEPY: (0.0, -0.8),
    }
)
#: Expressions that a mood can be; the others are answers to a moment.
LASTING: Final = (Emotion.JOY, Emotion.LOVE, Emotion.WORRIED, Emotion.POUT, Emotion.SAD, Emotion.SLEEPY)
#: A mood weaker than this is none.
LEAST: Final = 0.12
#: How far one clause pulls the mood towards its own feeling.
CLAUSE: Final = 0.16
#: How long the host takes from awake to drowsy, and how drowsy it gets.
NODDING_OFF_S: Final = 240.0
DROWSY: Final = 0.75


@dataclass(frozen=True, slots=True)
class Push:
    """What something that happens does to the mood."""

    valence: float
    arousal: float


class Mood:
    """The host's mood. ``clock`` counts seconds."""

    def __init__(self, settings: MoodSettings, clock: Callable[[], float]) -> None:
        self.settings = settings
        self._clock = clock
        self._valence = 0.0
        self._arousal = 0.0
        self._at = self._company = clock()

    @property
    def place(self) -> tuple[float, float]:
        """Valence and arousal as they are now, each from -1 to 1."""
        self._fade()
        return self._valence, max(-1.0, self._arousal - self._drowsiness())

    def tone(self) -> Tone:
        """Return the expression that the mood is nearest to, and its strength: 0 to 1."""
        valence, arousal = self.place
        strength = math.hypot(valence, arousal)
        if not self.settings.enabled or strength < LEAST:
            return Tone(strength=0.0)
        # Nearest by direction: a weak joy is joy.
        nearest = max(LASTING, key=lambda e: _alike((valence, arousal), PLACES[e]))
        if _alike((valence, arousal), PLACES[nearest]) <= 0:
            return Tone(strength=0.0)
        return Tone(nearest, round(min(1.0, strength), 2))

    def happened(self, push: Push, times: float = 1.0) -> None:
        """Let something move the host; what is near the bounds already moves less."""
        self._fade()
        k = self.settings.swing * times
        self._valence = _pushed(self._valence, push.valence * k)
        self._arousal = _pushed(self._arousal, push.arousal * k)

    def said(self, emotion: Emotion) -> None:
        """Let a clause pull the mood towards its feeling: who acts glad grows glad."""
        if emotion in PLACES:
            self._fade()
            share = CLAUSE * min(1.0, self.settings.swing)
            valence, arousal = PLACES[emotion]
            self._valence += (valence - self._valence) * share
            self._arousal += (arousal - self._arousal) * share

    def company(self) -> None:
        """Take note that somebody is there."""
        self._company = self._clock()

    def _drowsiness(self) -> float:
        if not self.settings.sleepy_after_s:
            return 0.0
        alone = self._clock() - self._company - self.settings.sleepy_after_s
        return DROWSY * min(1.0, max(0.0, alone / NODDING_OFF_S))

    def _fade(self) -> None:
        now = self._clock()
        left = 0.5 ** (max(0.0, now - self._at) / self.settings.half_life_s)
        self._at = now
        self._valence *= left
        self._arousal *= left


def _alike(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (a[0] * b[0] + a[1] * b[1]) / (math.hypot(*a) * math.hypot(*b))


def _pushed(value: float, push: float) -> float:
    """Return a value moved towards the bound in the direction of a push, never past it."""
    room = 1 - value if push > 0 else 1 + value
    return value + push * min(1.0, room)
