"""vLLM, a server of yours for large models on graphics cards."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.mind.preset import Preset, PresetConfig, connect

__all__ = ["Config", "connect"]

PRESET = Preset("vllm", quiet={"chat_template_kwargs": {"enable_thinking": False}})


class Config(PresetConfig):
    """Options of the language model ``vllm``."""

    preset: ClassVar[Preset] = PRESET

    base_url: str = Field("http://127.0.0.1:8000/v1", description="address of the API")
    model: str = Field("", description="the model's name as the server knows it; unset: the first that it lists")
