"""Settings of the way in for the streamer's voice."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from bot.runtime.settings import Section


class InputKind(StrEnum):
    """Where the streamer's voice is captured."""

    MICROPHONE = "microphone"  # on this machine
    BROWSER = "browser"  # by the panel's page, on whatever machine shows it


class EchoMode(StrEnum):
    """Whether the host's own voice is taken out of what the microphone hears."""

    OFF = "off"  # with headphones
    AUTO = "auto"  # when the package for it is there
    ON = "on"  # and say so when the package is missing


class InputSettings(Section):
    """The streamer's microphone."""

    kind: InputKind = Field(InputKind.MICROPHONE, description="where the voice is captured: this machine, or the panel")
    device: str = Field("", max_length=200, description="part of the microphone's name; empty: the system's default")
    echo: EchoMode = Field(EchoMode.AUTO, description="take the host's own voice out: off (headphones), auto, on")
    noise_suppression: bool = Field(default=False, description="dampen fans and hum; needs the extra 'echo'")
    auto_gain: bool = Field(default=False, description="even out loud and quiet speech; needs the extra 'echo'")
    gain_db: float = Field(0.0, ge=-30, le=40, description="a fixed gain in decibels, before everything else")
