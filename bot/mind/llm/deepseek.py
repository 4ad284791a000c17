"""DeepSeek: fluent in Chinese and English, and cheap."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, SchemaForm, connect

__all__ = ["Config", "connect"]

PRESET = Preset(
    "deepseek",
    key="DEEPSEEK_API_KEY",
    # It thinks unless it is told not to, and a first word then takes many seconds.
    quiet={"thinking": {"type": "disabled"}},
    stops=16,
    schema=SchemaForm.OBJECT,
)


class Config(PresetConfig):
    """Options of the language model ``deepseek``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("https://api.deepseek.com", description="address of the API")
