"""Reads what OBS answers. Nothing is believed of it: what has another type counts as missing."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from typing import Any

from bot.errors import TransientError
from bot.stage.obs.mixer import MixerStats, OutputState, StreamStats

#: A longer name is none: nobody could choose it. Scenes that are listed at most.
MAX_NAME, MAX_SCENES = 500, 2000
#: Inputs whose volume is listened to at most.
MAX_INPUTS = 500

_OUTPUT = {
    "OBS_WEBSOCKET_OUTPUT_STARTING": OutputState.STARTING,
    "OBS_WEBSOCKET_OUTPUT_STARTED": OutputState.ACTIVE,
    "OBS_WEBSOCKET_OUTPUT_STOPPING": OutputState.STOPPING,
    "OBS_WEBSOCKET_OUTPUT_STOPPED": OutputState.STOPPED,
    "OBS_WEBSOCKET_OUTPUT_RECONNECTING": OutputState.RECONNECTING,
    "OBS_WEBSOCKET_OUTPUT_RECONNECTED": OutputState.ACTIVE,
    "OBS_WEBSOCKET_OUTPUT_PAUSED": OutputState.ACTIVE,
    "OBS_WEBSOCKET_OUTPUT_RESUMED": OutputState.ACTIVE,
}


def text(value: object) -> str:
    """Return a name or a word, or "" for anything else."""
    return value if isinstance(value, str) and len(value) <= MAX_NAME else ""


def number(value: object) -> float:
    """Return a finite number of 0 or more, or 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    try:
        found = float(value)
    except OverflowError:
        return 0.0
    return max(0.0, found) if math.isfinite(found) else 0.0


def scene_names(value: object) -> tuple[str, ...]:
    """Return the names of a list of scenes from the top to the bottom, as OBS shows them; it sends them upside down."""
    if not isinstance(value, list):
        return ()
    scenes = [one for one in value[:MAX_SCENES] if isinstance(one, dict) and text(one.get("sceneName"))]
    scenes.sort(key=lambda one: number(one.get("sceneIndex")), reverse=True)
    return tuple(dict.fromkeys(text(one["sceneName"]) for one in scenes))


def output_event(data: Mapping[str, Any]) -> OutputState | None:
    """Return what an event says of an output, or None when it says nothing."""
    return _OUTPUT.get(text(data.get("outputState")))


def output_status(data: Mapping[str, Any], before: OutputState) -> OutputState:
    """Return the state of an output by its status, which tells no state between: those of ``before`` are kept."""
    if data.get("outputActive") is not True:
        return OutputState.STARTING if before is OutputState.STARTING else OutputState.STOPPED
    if before is OutputState.STOPPING:
        return before
    return OutputState.RECONNECTING if data.get("outputReconnecting") is True else OutputState.ACTIVE


def stream_stats(data: Mapping[str, Any]) -> StreamStats:
    """Return the count of ``GetStreamStatus``."""
    return StreamStats(
        active=data.get("outputActive") is True,
        reconnecting=data.get("outputReconnecting") is True,
        duration_ms=int(number(data.get("outputDuration"))),
        bytes=int(number(data.get("outputBytes"))),
        congestion=min(1.0, number(data.get("outputCongestion"))),
        skipped_frames=int(number(data.get("outputSkippedFrames"))),
        total_frames=int(number(data.get("outputTotalFrames"))),
    )


def mixer_stats(data: Mapping[str, Any]) -> MixerStats:
    """Return the load of ``GetStats``. A free space that is not told counts as endless."""
    disk = data.get("availableDiskSpace")
    known = isinstance(disk, int | float) and not isinstance(disk, bool)
    return MixerStats(
        cpu=number(data.get("cpuUsage")),
        fps=number(data.get("activeFps")),
        disk_free_mb=number(disk) if known else math.inf,
        render_skipped=int(number(data.get("renderSkippedFrames"))),
        render_total=int(number(data.get("renderTotalFrames"))),
        output_skipped=int(number(data.get("outputSkippedFrames"))),
        output_total=int(number(data.get("outputTotalFrames"))),
    )


def picture(data: Mapping[str, Any]) -> bytes:
    """Return the picture of ``GetSourceScreenshot``. Raise `TransientError` when there is none."""
    found = data.get("imageData")
    try:
        return base64.b64decode(found.partition(",")[2] if isinstance(found, str) else "", validate=True) or _none()
    except (binascii.Error, ValueError):
        return _none()


def _none() -> bytes:
    raise TransientError("OBS sent no picture")


def peaks(data: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the inputs of an ``InputVolumeMeters`` event with their loudest peak in dBFS; -inf is silence."""
    inputs = data.get("inputs")
    for one in (inputs if isinstance(inputs, list) else [])[:MAX_INPUTS]:
        if not isinstance(one, dict) or not text(one.get("inputName")):
            continue
        levels = one.get("inputLevelsMul")
        # Of each channel: the magnitude, the peak after the volume, and the peak before it.
        loudest = max(
            (number(channel[1]) for channel in (levels if isinstance(levels, list) else [])[:16]
             if isinstance(channel, list) and len(channel) > 1),
            default=0.0,
        )  # fmt: skip
        yield text(one["inputName"]), 20 * math.log10(loudest) if loudest > 0 else -math.inf
