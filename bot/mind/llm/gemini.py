"""Google's Gemini, through its address for OpenAI's clients."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, connect

__all__ = ["Config", "connect"]

PRESET = Preset(
    "gemini",
    key="GEMINI_API_KEY",
    # The least that its models can be asked for; one that always thinks refuses it, and then thinks a little.
    quiet={"reasoning_effort": "none"},
    stops=5,
)


class Config(PresetConfig):
    """Options of the language model ``gemini``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("https://generativelanguage.googleapis.com/v1beta/openai/", description="address of the API")
