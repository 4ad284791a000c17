"""Settings of the overlay page."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.runtime.settings import Section


class Captions(Section):
    """Subtitles on the stage."""

    show: bool = Field(default=True, description="show what is being heard as text")
    size_px: int = Field(40, ge=12, le=120, description="size of the letters on a stage of 720 lines")
    position: Literal["bottom", "top"] = Field("bottom", description="one of: bottom, top")


class StageSettings(Section):
    """The overlay page."""

    captions: Captions = Captions()
    label: str | None = Field(None, max_length=20, description="the AI label on screen; unset: the persona's own")
    stop_timeout_s: float = Field(0.3, gt=0, le=5, description="how long a stop waits for the page's word")
    return_s: float = Field(4.0, gt=0, le=60, description="how long a turn waits for a page that went away")
    max_pages: int = Field(16, ge=1, le=200, description="stage pages open at once")
