"""The settings of the inbox."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

ShieldMode = Literal["auto", "on", "off"]


class Weights(BaseModel):
    """How the classes share the turns that paid events leave."""

    model_config = ConfigDict(extra="forbid")

    addressed: float = Field(4.0, ge=0.1, le=100, description="turns of lines that speak to the host, in proportion")
    event: float = Field(2.0, ge=0.1, le=100, description="turns of raids, follows and the like")
    ordinary: float = Field(1.0, ge=0.1, le=100, description="turns of everything else")


class Limits(BaseModel):
    """Who gets into the queue, and how long it keeps them."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(default=200, ge=1, le=10_000, description="messages that wait at once, paid ones not counted")
    per_viewer: int = Field(default=3, ge=1, le=100, description="messages of one viewer that wait at once")
    ttl_s: float = Field(default=60.0, gt=0, le=3600, description="a message older than this is not answered any more")
    fresh_s: float = Field(
        default=6.0,
        ge=0,
        le=3600,
        description="the chance of an ordinary line halves with every so many seconds; 0: not",
    )
    paid_ttl_s: float | None = Field(
        default=None, gt=0, description="the same for paid ones; unset: they wait for ever"
    )
    paid_size: int = Field(default=2000, ge=1, le=100_000, description="paid messages that wait at once")
    words_due_s: float = Field(default=60.0, gt=0, description="a paid message with words is due after this long")
    gift_due_s: float = Field(default=120.0, gt=0, description="a paid message without words is due after this long")
    combo_s: float = Field(default=3.0, ge=0, le=60, description="a run of gifts is over this long after its last one")
    combo_most_s: float = Field(
        default=15.0, ge=0, le=300, description="a run of gifts is thanked after this long anyway"
    )
    thank_together_from: int = Field(
        default=4, ge=1, le=1000, description="when gifts of more viewers than this wait, several are thanked at once"
    )
    burst: float = Field(default=5.0, ge=1, le=1000, description="messages that a viewer may send at once")
    refill_per_s: float = Field(
        default=0.5, gt=0, le=1000, description="messages a second that a viewer may send for long"
    )
    viewers: int = Field(default=10_000, ge=1, le=1_000_000, description="viewers who are remembered at once")
    fold_similarity: float = Field(default=0.9, gt=0, le=1, description="lines at least this alike get one answer")
    fold_window: int = Field(default=200, ge=0, le=2000, description="lines with which a new one is compared; 0: none")
    shield: ShieldMode = Field(
        default="auto",
        description="what thins out the lines of new viewers in a hostile raid: auto sees one coming; on; off",
    )
    shield_s: float = Field(default=120.0, ge=1, le=3600, description="the shield stays up this long after the raid")
    shield_known_s: float = Field(
        default=120.0, ge=0, le=86_400, description="who has been here this long is no new viewer to the shield"
    )
    weights: Weights = Weights()

    @field_validator("shield", mode="before")
    @classmethod
    def _yaml_switch(cls, value: Any) -> Any:
        """Return "on" or "off" for a bare on or off, which YAML reads as true or false."""
        return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
