"""Groq: open models, very fast."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, SchemaForm, connect

__all__ = ["Config", "connect"]

PRESET = Preset(
    "groq",
    key="GROQ_API_KEY",
    quiet={"reasoning_effort": "none"},
    # A thought that comes all the same stays out of the answer.
    extra={"reasoning_format": "hidden"},
    max_tokens="max_completion_tokens",
    # It streams no answer that it holds to a schema.
    schema=SchemaForm.WORDS,
)


class Config(PresetConfig):
    """Options of the language model ``groq``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("https://api.groq.com/openai/v1", description="address of the API")
