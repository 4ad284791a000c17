"""LM Studio on this machine, or on another of yours."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, connect

__all__ = ["Config", "connect"]

PRESET = Preset("lmstudio", quiet={"reasoning_effort": "none"})


class Config(PresetConfig):
    """Options of the language model ``lmstudio``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("http://127.0.0.1:1234/v1", description="address of the API")
    model: str = Field("", description="the model's name as the server knows it; unset: the first that it lists")
