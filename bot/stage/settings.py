"""Settings of the overlay page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.stage.layers.messages import Theme
from bot.stage.vts.settings import VtsSettings


class Captions(Section):
    """Subtitles on the stage."""

    show: bool = Field(default=True, description="show what is being heard as text")
    size_px: int = Field(40, ge=12, le=120, description="size of the letters on a stage of 720 lines")
    position: Literal["bottom", "top", "beside"] = Field("bottom", description="one of: bottom, top, beside")


class Goal(Section):
    """A bar that viewers fill."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = Field(
        description="what it is for, as viewers read it"
    )
    of: Literal["follow", "sub", "cheer", "gift", "super_chat", "guard", "paid"] = Field(description="what counts")
    currency: str = Field(
        "", max_length=8, description="count amounts of this unit (USD, BITS, …); empty counts how often it happens"
    )
    target: float = Field(gt=0, le=1e9, allow_inf_nan=False, description="when it is reached")
    begin: float = Field(0, ge=0, le=1e9, allow_inf_nan=False, description="what it begins with when the host starts")


class StageSettings(Section):
    """The overlay page."""

    captions: Captions = Captions()
    label: str | None = Field(None, max_length=20, description="the AI label on screen; unset: the persona's own")
    stop_timeout_s: float = Field(0.3, gt=0, le=5, description="how long a stop waits for the page's word")
    return_s: float = Field(4.0, gt=0, le=60, description="how long a turn waits for a page that went away")
    theme: Theme = Field(Theme.GLASS, description="how the layers look: glass, paper, neon, ink")
    css: Path | None = Field(None, description="a CSS file of your own for the layers; at most 256 kB")
    emotes: bool = Field(
        default=False, description="draw emotes: fetched by the host from the platforms' own servers, checked and kept"
    )
    goals: list[Goal] = Field([], max_length=6, description="bars of the layer 'goals'")
    vts: VtsSettings = VtsSettings()
    max_pages: int = Field(16, ge=1, le=200, description="stage pages open at once")
