"""Hold the settings of the eyes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from bot.runtime.settings import Section


class PictureSource(StrEnum):
    """What the host looks at."""

    OBS = "obs"  # the scene on air
    SCREEN = "screen"  # a part of this machine's screen


class GlanceEvent(StrEnum):
    """What makes the host look of its own accord."""

    SCENE = "scene"  # another scene is on air
    GIFT = "gift"  # a gift, bits, a Super Chat, a subscription, a guard
    RAID = "raid"


class VisionSettings(Section):
    """Whether the host sees the picture of the stream: when it is asked about it, at an event, or now and then."""

    enabled: bool = Field(default=False, description="let the tool `look` see")
    source: PictureSource = Field(PictureSource.OBS, description="obs: the scene on air; screen: a part of the screen")
    region: list[int] = Field(
        [], max_length=4, description="of the screen: left, top, width, height in pixels; []: the first screen"
    )
    width: int = Field(640, ge=160, le=1920, description="pixels across of the picture that a model is sent")
    llm: list[dict[str, Any]] = Field([], description="models that see, best first; []: those of the show")
    deadline_s: float = Field(10.0, gt=0, le=60, description="longest that a model may take for a picture")
    events: list[GlanceEvent] = Field([], max_length=3, description="look of its own accord at: scene, gift, raid")
    every_s: float = Field(0.0, ge=0, le=86_400, description="look so often without being asked; 0: never")
    per_hour: int = Field(12, ge=0, le=180, description="looks of its own accord within an hour at most")
    mark: bool = Field(default=True, description="show a small mark on the stage while the eyes are open")
