"""SiliconFlow: open models, many of them Chinese."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, SchemaForm, connect

__all__ = ["Config", "connect"]

PRESET = Preset(
    "siliconflow",
    key="SILICONFLOW_API_KEY",
    # Refused by each model that cannot think.
    quiet={"enable_thinking": False},
    schema=SchemaForm.OBJECT,
)


class Config(PresetConfig):
    """Options of the language model ``siliconflow``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("https://api.siliconflow.com/v1", description="address of the API")
