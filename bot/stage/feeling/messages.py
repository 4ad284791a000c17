"""The messages of the host's feelings: a mood that lasts, and what the figure reacts to at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.types import Emotion


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class MoodMark(_Model):
    """What the host feels between its sentences: it colours the face where no clause has a feeling of its own."""

    type: Literal["mood"] = "mood"
    emotion: Emotion = Emotion.NEUTRAL
    strength: Annotated[float, Field(ge=0, le=1)] = 0.0


ReactionKind = Literal["gift", "raid", "laughter", "welcome", "chat"]


class Reaction(_Model):
    """Something happened that a living figure reacts to at once."""

    type: Literal["reaction"] = "reaction"
    kind: ReactionKind
    strength: Annotated[float, Field(ge=0, le=1)] = 1.0
