"""The names of the layers and of their themes, and what every message of theirs has in common."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Layer(StrEnum):
    """The layers of the stage page. ``FED`` names those for which the host sends something of their own."""

    AVATAR = "avatar"
    CAPTIONS = "captions"
    LABEL = "label"
    STREAMER = "streamer"
    CHAT = "chat"
    ANSWER = "answer"
    ALERTS = "alerts"
    GOALS = "goals"
    VOTE = "vote"
    SEGMENT = "segment"
    CLOCK = "clock"
    PLAYING = "playing"
    SCREENS = "screens"
    STINGER = "stinger"


FED = frozenset({
    Layer.CAPTIONS, Layer.CHAT, Layer.ANSWER, Layer.ALERTS, Layer.GOALS, Layer.VOTE, Layer.SEGMENT, Layer.PLAYING,
    Layer.SCREENS, Layer.STINGER,
})  # fmt: skip


class Theme(StrEnum):
    """The themes that come with the page."""

    GLASS = "glass"
    PAPER = "paper"
    NEON = "neon"
    INK = "ink"


class StingerKind(StrEnum):
    """How a stinger covers the picture."""

    SWIPE = "swipe"
    CURTAIN = "curtain"
    IRIS = "iris"
    STARS = "stars"


class EmoteSet(StrEnum):
    """Who has emotes for the channels of Twitch beside Twitch itself."""

    SEVEN_TV = "7tv"
    BTTV = "bttv"
    FFZ = "ffz"


class Shown(BaseModel):
    """Strict both ways: no unknown field, no coercion of types."""

    model_config = ConfigDict(extra="forbid", strict=True)
