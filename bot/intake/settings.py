"""The settings of the way in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class IntakeSettings(Section):
    """Which chat is not for the host, and how much of it is read in a flood."""

    answer_bots: bool = Field(default=False, description="answer other bots as if they were viewers")
    answer_commands: bool = Field(default=False, description="answer lines such as !uptime, which are for other bots")
    command_marks: str = Field("!/#", max_length=10, description="signs with which a command begins, in any width")
    bots: list[Name] = Field(
        default=[], max_length=500, description="names of bots beyond the well-known ones (Nightbot, StreamElements, …)"
    )
    hear_names: Literal["auto", "on", "off"] = Field(
        "auto",
        description="listen to a name's sound before it is read aloud; auto: where a built-in voice has the dictionary",
    )
    judge_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="part of a second that reading chat may take in each; beyond, lines are thinned out",
    )
