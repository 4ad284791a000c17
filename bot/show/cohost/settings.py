"""Settings of a host that stands beside a person: what it answers, and how it behaves."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from bot.runtime.settings import Section


class AnswerMode(StrEnum):
    """Which words of the streamer are answered."""

    ALWAYS = "always"  # all that is more than a mumble, by the talkativeness
    NAMED = "named"  # what names the host
    ASKED = "asked"  # what names it, and questions to it
    BUTTON = "button"  # what a button was pressed for


Name = Annotated[str, Field(min_length=1, max_length=40)]


class CohostSettings(Section):
    """How the host behaves beside the streamer."""

    streamer: str = Field("", max_length=40, description="the streamer's name, as the host knows it")
    answer: AnswerMode = Field(
        AnswerMode.NAMED, description="what is answered: always, named, asked (the model judges), or on a button"
    )
    names: list[Name] = Field([], max_length=40, description="further names of the host, as they are often misheard")
    talkativeness: float = Field(
        0.5, ge=0, le=1, description="with always: how many of the remarks that ask nothing are answered; 1: all"
    )
    attention_s: float = Field(
        8.0, ge=0, le=120, description="a question needs no name for so long after an answer to the streamer"
    )
    asked_s: float = Field(0.8, gt=0, le=5, description="how long the model may judge whether it was asked")
    button_s: float = Field(15.0, gt=0, le=120, description="the button answers what was said at most so long ago")
    remarks: int = Field(4, ge=0, le=20, description="remarks without an answer that the host keeps in mind")
    remark_s: float = Field(180.0, gt=0, le=3600, description="and for how long")
    first_sound: bool = Field(default=True, description="make a short sound when the answer is not ready in time")
    first_sound_s: float = Field(
        0.5, ge=0.1, le=5, description="how long the answer may take before that, where the last ones were soon there"
    )
    speculate: bool = Field(default=True, description="begin the answer, silently, before all is said for certain")
    agreement: float = Field(
        0.92, ge=0.5, le=1, description="how alike the words must be for an answer that was begun early to be used"
    )
    read_aloud: Literal["never", "addressed", "all"] = Field(
        "never", description="read a viewer's line aloud before answering it"
    )
