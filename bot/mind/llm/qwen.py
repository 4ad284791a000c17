"""Qwen, by Alibaba Cloud's Model Studio (DashScope)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, SchemaForm, connect

__all__ = ["Config", "connect"]

PRESET = Preset(
    "qwen",
    key="DASHSCOPE_API_KEY",
    quiet={"enable_thinking": False},
    # Two itself is refused.
    hottest=1.9,
    schema=SchemaForm.OBJECT,
)


class Config(PresetConfig):
    """Options of the language model ``qwen``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", description="address of the API")
