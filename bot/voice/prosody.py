"""Change pace and pitch by the emotion, for the voices that know no emotions of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from bot.types import Emotion, Style

#: The languages that a voice can be named for.
Language: TypeAlias = Literal["en", "zh", "ja"]

#: Factor of the usual speed. The steps are small: greater ones sound like a tape that runs too fast or too slow.
_PACE = {
    Emotion.JOY: 1.05,
    Emotion.LAUGH: 1.06,
    Emotion.SURPRISE: 1.06,
    Emotion.ANGRY: 1.04,
    Emotion.SHY: 0.96,
    Emotion.LOVE: 0.97,
    Emotion.WORRIED: 0.98,
    Emotion.POUT: 0.97,
    Emotion.CONFUSED: 0.95,
    Emotion.SAD: 0.92,
    Emotion.THINKING: 0.94,
    Emotion.SLEEPY: 0.88,
}
#: Shift of the usual pitch, in Hz.
_PITCH = {
    Emotion.JOY: 10,
    Emotion.LAUGH: 15,
    Emotion.SURPRISE: 20,
    Emotion.SHY: 8,
    Emotion.LOVE: 8,
    Emotion.WORRIED: 5,
    Emotion.POUT: -4,
    Emotion.CONFUSED: 6,
    Emotion.ANGRY: -5,
    Emotion.SAD: -10,
    Emotion.SLEEPY: -12,
}


def merged(usual: Mapping[Language, str], named: Mapping[Language, str]) -> dict[str, str]:
    """Return the voice for each language: those ``named`` in the configuration before the ``usual`` ones."""
    return {language: voice for voices in (usual, named) for language, voice in voices.items()}


def pace(style: Style, base: float = 1.0) -> float:
    """Return the speed for a style: 1.0 is the voice's own, bounded to 0.5…2."""
    felt = 1.0 + (_PACE.get(style.emotion, 1.0) - 1.0) * style.strength
    return min(2.0, max(0.5, base * style.speed * felt))


def pitch(style: Style, base: int = 0) -> int:
    """Return the shift of the pitch for a style, in Hz, bounded to ±60."""
    return min(60, max(-60, base + round(_PITCH.get(style.emotion, 0) * style.strength)))
