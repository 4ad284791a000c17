"""Settings of the overlay page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.stage.layers.vocabulary import EmoteSet, Theme
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


class AlertTier(Section):
    """What alerts of one size bring along."""

    sound: Path | None = Field(None, description="a sound of your own: WAV, MP3 or Ogg, at most 2 MB")
    image: Path | None = Field(None, description="your own picture: PNG, GIF or WebP, at most 4 MB and 2048 pixels")


class Alerts(Section):
    """Alerts on the stage."""

    sounds: bool = Field(default=True, description="sounds of alerts: by one open page, so that none is heard twice")
    volume: float = Field(0.4, ge=0, le=1, allow_inf_nan=False, description="how loud they are, from 0 to 1")
    tiers: dict[Annotated[int, Field(ge=0, le=4)], AlertTier] = Field(
        {}, description="files of your own by size: 0 nobody paid, 1 small, 2, 3, 4 very large"
    )


class StageSettings(Section):
    """The overlay page."""

    captions: Captions = Captions()
    second_language: Literal["", "en", "zh", "ja"] = Field(
        "", description="captions in a second language under the first, by the language model; empty: none"
    )
    label: str | None = Field(None, max_length=20, description="the AI label on screen; unset: the persona's own")
    stop_timeout_s: float = Field(0.3, gt=0, le=5, description="how long a stop waits for the page's word")
    return_s: float = Field(4.0, gt=0, le=60, description="how long a turn waits for a page that went away")
    theme: Theme = Field(Theme.GLASS, description="how the layers look: glass, paper, neon, ink")
    css: Path | None = Field(None, description="a CSS file of your own for the layers; at most 256 kB")
    emotes: bool = Field(
        default=False, description="draw emotes: fetched by the host from the platforms' own servers, checked and kept"
    )
    emote_sets: list[EmoteSet] = Field(
        [], max_length=3, description="with emotes: the channel's emotes of 7tv, bttv and ffz too, in lines of Twitch"
    )
    emote_channel: str = Field(
        "", pattern=r"^\d{0,20}$", description="the Twitch channel's number for them; empty: that of the connection"
    )
    alerts: Alerts = Alerts()
    now_playing: Path | None = Field(
        None, description="a text file with what is playing: the title in its first line, by whom in the second"
    )
    goals: list[Goal] = Field([], max_length=6, description="bars of the layer 'goals'")
    vts: VtsSettings = VtsSettings()
    max_pages: int = Field(16, ge=1, le=2000, description="stage pages open at once")
