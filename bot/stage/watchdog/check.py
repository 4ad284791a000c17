"""The vocabulary of the watchdog: what can be wrong, what can be done about it, and a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.stage.watchdog.look import Resource, Sees
from bot.telemetry.alarms import AlarmLevel


class Kind(StrEnum):
    """What can be wrong."""

    OBS_GONE = "obs_gone"
    ENDED = "stream_ended"
    HALF_OPEN = "half_open"
    RECONNECTING = "reconnecting"
    STARTING = "starting"
    STOPPING = "stopping"
    DARK = "platform_dark"
    NOT_LIVE = "platform_not_live"
    UNFED = "platform_unfed"
    DROPPED = "dropped_frames"
    CONGESTED = "congestion"
    RENDERING = "rendering"
    ENCODING = "encoding"
    DISK = "disk"
    DISK_FULL = "disk_full"
    PAGE_GONE = "page_gone"
    BLACK = "black"
    FROZEN = "frozen"
    UNHEARD = "unheard"
    MUTED = "muted"
    SILENT = "silent"


class Cure(StrEnum):
    """What can be done."""

    RESTART = "restart_stream"
    START = "start_stream"
    STOP = "stop_stream"
    REVIVE = "revive_page"
    STOP_RECORDING = "stop_recording"


#: What each cure takes hold of.
HOLDS = {
    Cure.RESTART: Resource.STREAM,
    Cure.START: Resource.STREAM,
    Cure.STOP: Resource.STREAM,
    Cure.REVIVE: Resource.PAGE,
    Cure.STOP_RECORDING: Resource.RECORDING,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong: found when it was so for ``after_s`` seconds. ``cure`` is None: call a person.

    ``about`` is what it looks at: while that is being mended, it waits. ``settles_s`` is how long a cure needs until it
    shows.
    """

    kind: Kind
    sees: Sees
    after_s: float
    words: str
    remedy: str
    level: AlarmLevel = AlarmLevel.ERROR
    cure: Cure | None = None
    about: Resource | None = None
    settles_s: float = 0.0
