"""Settings of what the ears make of sound: when speech begins and ends, patience, words to expect."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.text.scripts import Language

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class EndpointKind(StrEnum):
    """Which judge says that a pause is the end."""

    SILENCE = "silence"  # the length of the pause alone
    SMART_TURN = "smart_turn"  # a small model that listens to the tone of the voice, and the last words


class ChineseScript(StrEnum):
    """In which characters Chinese is written down."""

    SIMPLIFIED = "simplified"
    TRADITIONAL = "traditional"
    AS_HEARD = "as_heard"


class ListeningSettings(Section):
    """What the ears make of sound."""

    languages: list[Language] = Field(
        [], max_length=3, description="what the streamer speaks; empty: what the persona speaks"
    )
    words: list[Word] = Field(
        [], max_length=60, description="words to expect: the game, its heroes, names; the likeliest first"
    )
    viewers: bool = Field(default=True, description="expect the names of regular viewers, too")
    chinese: ChineseScript = Field(ChineseScript.SIMPLIFIED, description="the characters that Chinese is written in")
    speech_above: float = Field(
        0.5,
        ge=0.1,
        le=0.95,
        description="how sure the voice detection must be; higher hears less noise and less whisper",
    )
    endpoint: EndpointKind = Field(EndpointKind.SMART_TURN, description="who judges whether a pause is the end")
    think_after_ms: int = Field(
        200, ge=100, le=2000, description="silence after which an answer is prepared, without a sound"
    )
    patience_ms: int = Field(
        1200, ge=300, le=5000, description="silence after which the streamer has finished, whatever the judge says"
    )
    learn_patience: bool = Field(
        default=True, description="adapt the patience to the streamer's own pauses, by a half at the most"
    )
    partials: bool = Field(default=True, description="show what is being said before it is finished")
    partial_every_ms: int = Field(1000, ge=300, le=10_000, description="no more partial texts than one in this time")
