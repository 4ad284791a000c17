"""Settings of how the host behaves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.runtime.settings import Section
from bot.show.feelings.settings import MoodSettings


class ShowSettings(Section):
    """How the host behaves."""

    answer: Literal["all", "addressed", "none"] = Field("all", description="which chat lines may be answered")
    greeting: bool = Field(default=True, description="say hello when the first stage page opens")
    idle_after_s: float = Field(180.0, ge=0, description="say something after this long without a word; 0: never")
    thanks: bool = Field(default=True, description="thank for gifts, subs and super chats")
    filler_after_s: float = Field(2.0, gt=0, le=60, description="bridge the wait when the model is slower than this")
    turn_s: float = Field(90.0, gt=5, le=600, description="longest turn, from choice to silence")
    reply_chars: int = Field(600, ge=40, le=4000, description="longest reply, cut after the clause that crosses it")
    max_tokens: int = Field(160, ge=16, le=2000, description="longest reply as the model counts")
    lookahead_s: float = Field(12.0, gt=0, le=60, description="sound made ahead of what is heard, at most")
    language: Literal["auto", "en", "zh", "ja"] = Field("auto", description="language of numbers and undecidable text")
    release_delay_s: float = Field(0.0, ge=0, le=30, description="hold every clause back so long, for a person to skip")
    pause_after_blocks: int = Field(
        3,
        ge=0,
        le=100,
        description="viewers with a blocked reply that pause the chat; blocked replies to one viewer; 0: never",
    )
    pause_within_s: float = Field(300.0, gt=0, le=86_400, description="the time in which they count")
    mood: MoodSettings = MoodSettings()
