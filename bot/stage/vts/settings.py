"""Settings of the connection to VTube Studio."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.runtime.settings import Section
from bot.types import Emotion, Gesture

Hotkey = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class VtsHotkeys(Section):
    """Which hotkeys of VTube Studio stand for what; what is not named is recognised by the hotkeys' names."""

    emotions: dict[Emotion, Hotkey] = Field({}, description="hotkey by emotion, such as {joy: Smile}; empty for none")
    gestures: dict[Gesture, Hotkey] = Field({}, description="hotkey by gesture, such as {wave: Hello}; empty for none")


class VtsSettings(Section):
    """VTube Studio shows the host: the stage page then draws captions and layers alone."""

    enabled: bool = Field(default=False, description="drive the model in VTube Studio; its API must be on")
    host: str = Field("127.0.0.1", pattern=r"^[A-Za-z0-9.:_-]{1,253}$", description="the machine it runs on")
    port: int = Field(8001, ge=1, le=65535, description="port of its API")
    hotkeys: VtsHotkeys = VtsHotkeys()
