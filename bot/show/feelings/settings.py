"""Settings of the host's mood."""

from __future__ import annotations

from pydantic import Field

from bot.runtime.settings import Section


class MoodSettings(Section):
    """What the host feels between its sentences: what happens raises it, and it fades."""

    enabled: bool = Field(default=True, description="let gifts, raids, laughter and insults colour face and voice")
    half_life_s: float = Field(150.0, ge=5, le=3600, description="after so long half of a feeling is left")
    swing: float = Field(1.0, ge=0, le=2, description="how easily the host is moved: 0 not at all, 2 very")
    voice: float = Field(0.5, ge=0, le=1, description="how much of the mood is heard in a clause without a feeling")
    sleepy_after_s: float = Field(480.0, ge=0, description="nobody wrote for so long: the host gets drowsy; 0: never")
