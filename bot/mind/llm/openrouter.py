"""OpenRouter: the models of many houses behind one key."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, connect

__all__ = ["Config", "connect"]

PRESET = Preset(
    "openrouter",
    key="OPENROUTER_API_KEY",
    quiet={"reasoning": {"enabled": False, "exclude": True}},
)


class Config(PresetConfig):
    """Options of the language model ``openrouter``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("https://openrouter.ai/api/v1", description="address of the API")
