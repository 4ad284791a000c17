"""Settings of what the host says of its own accord."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section

Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Talkativeness(StrEnum):
    """How much the host talks when nobody asks it anything."""

    SILENT = "silent"  # a co-host that only answers
    SELDOM = "seldom"
    SOMETIMES = "sometimes"
    OFTEN = "often"
    ALWAYS = "always"  # a channel that runs all night


#: After so many seconds of quiet the host says something of its own.
QUIET_S: Final[Mapping[Talkativeness, float]] = MappingProxyType(
    {
        Talkativeness.SELDOM: 300.0,
        Talkativeness.SOMETIMES: 120.0,
        Talkativeness.OFTEN: 45.0,
        Talkativeness.ALWAYS: 12.0,
    }
)


class PieceKind(StrEnum):
    """What a prepared piece is."""

    TOPIC = "topic"  # one of the topics of the settings
    STORY = "story"  # a short story of the persona's world
    FACT = "fact"  # something from the persona's own pages
    RECAP = "recap"  # what happened of late
    QUESTION = "question"  # the answer to a question that was left over


class DraftState(StrEnum):
    """What became of the last piece that a person ordered."""

    NONE = "none"  # nobody ordered one
    WANTED = "wanted"
    KEPT = "kept"
    DROPPED = "dropped"  # too like another, stopped by moderation, or no model answered


class NightSettings(Section):
    """What the host says of its own accord, and what it has ready for when the model is away."""

    talkativeness: Talkativeness = Field(
        Talkativeness.SILENT, description="how much the host talks unasked, from silent to always"
    )
    quiet_s: float | None = Field(
        None, ge=5, le=3600, description="never more than so many seconds of quiet; unset: by the talkativeness"
    )
    topics: list[Topic] = Field([], max_length=300, description="what to talk about; besides the persona's own pages")
    kinds: list[PieceKind] = Field(list(PieceKind), min_length=1, description="which kinds of pieces are prepared")
    bank: int = Field(120, ge=1, le=500, description="so many unsaid pieces are kept ready for when the model is away")
    ahead: int = Field(
        60, ge=0, le=500, description="so many pieces are also spoken ahead, for when the voice is gone; 0: none"
    )
    ahead_mb: int = Field(200, ge=1, le=20_000, description="their sound takes at most so much of the disk, in MB")
    every_s: float = Field(20.0, ge=1, le=3600, description="pause between two pieces that are prepared")
    again_after_h: float = Field(3.0, gt=0, le=72, description="no piece is said twice within so many hours")
    remember_h: float = Field(72.0, gt=0, le=168, description="a draft like anything said so lately is made anew")
    alike: float = Field(0.5, gt=0.1, le=1, description="from so much in common on (0 to 1) two texts are alike")
    same_thought: float = Field(
        0.4,
        gt=0.1,
        le=1,
        description="from so near on (0 to 1) two texts tell the same, by their meaning; 1: never",
    )

    @property
    def pause_s(self) -> float:
        """After how many seconds of quiet the host speaks; infinite when it does not."""
        if self.talkativeness is Talkativeness.SILENT:
            return float("inf")
        return self.quiet_s or QUIET_S[self.talkativeness]
