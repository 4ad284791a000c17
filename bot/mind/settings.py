"""Hold the settings of what the host remembers."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from bot.runtime.settings import Section


class Extraction(StrEnum):
    """How facts are taken from what viewers tell of themselves."""

    AUTO = "auto"  # by the model, unless it is too small: by rules then
    RULES = "rules"
    OFF = "off"


class MemorySettings(Section):
    """What the host remembers: of the conversation, of its shows, and of viewers who asked for it."""

    history: bool = Field(default=True, description="give the last exchanges to the model")
    history_tokens: int = Field(900, ge=0, le=100_000, description="budget of the history in the prompt")
    knowledge_tokens: int = Field(300, ge=0, le=4000, description="budget of the persona's pages in it; 0: none")
    raw_chat_hours: float = Field(24.0, gt=0, le=24 * 30, description="raw chat older than this is deleted")
    long_term: bool = Field(default=True, description="remember shows, promises and what the host said of itself")
    viewers: bool = Field(default=True, description="let viewers ask to be remembered: !remember me, !forget me")
    extraction: Extraction = Field(Extraction.AUTO, description="take viewers' facts: auto, rules (fewer) or off")
    canon_guard: bool = Field(default=True, description="put right what contradicts what the host said of itself")
    recalled_tokens: int = Field(160, ge=0, le=4000, description="budget of what is remembered in the prompt; 0: none")
    moment: bool = Field(default=True, description="tell the model the hour, the segment, and how long it is live")
    timezone: str = Field("", max_length=60, description="zone of the show (Europe/Berlin); empty: this machine's")
    embedder: Literal["auto", "off"] | dict[str, Any] = Field(
        "auto", description="auto: the built-in one where it is installed; off: by words alone; or provider and options"
    )

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name and name not in available_timezones():
            raise ValueError("there is no such time zone; write for example Europe/Berlin or Asia/Shanghai")
        return name
