"""Settings of the log."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.runtime.settings import Section


class LogSettings(Section):
    """The log."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    file: Path | None = Field(
        None,
        description="also write here, for its owner alone; a new file at 10 MB, at most ten of them, kept for 7 days",
    )
