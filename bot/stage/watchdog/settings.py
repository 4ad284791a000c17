"""Settings of the watch over OBS and the stream."""

from __future__ import annotations

from pydantic import Field

from bot.runtime.settings import Section


class WatchdogSettings(Section):
    """The watch over OBS, the stream and the page in it. What it may not mend, it calls a person for."""

    enabled: bool = Field(default=True, description="watch over OBS, where `obs` is enabled")
    restart_stream: bool = Field(
        default=True,
        description="start a stream again that was on air and broke down; one that a person ended stays ended",
    )
    revive_page: bool = Field(
        default=True, description="load the stage page in OBS anew when it crashed, froze, went black or lost its sound"
    )
    stop_recording: bool = Field(default=False, description="end the recording before it fills the disk")
    picture: bool = Field(default=True, description="look at the picture: black, or frozen while the host speaks")
    sound: bool = Field(default=True, description="listen to OBS's meters while the host speaks")
    min_free_gb: float = Field(
        5.0, gt=0, le=10_000, description="a recording with less free space than this, in GB, is an alarm"
    )
    silence_s: float = Field(
        0.0, ge=0, le=3600, description="an alarm when nothing at all is heard for so many seconds; 0: never"
    )
