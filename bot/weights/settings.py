"""Settings of the weights."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from bot.runtime.settings import Section


class ModelSettings(Section):
    """Weights for the built-in model and voices."""

    dir: Path | None = Field(None, description="folder of the weights; unset: the user's cache")
    offline: bool = Field(default=False, description="never ask the network for weights")
