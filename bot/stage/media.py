"""Play files in a media source of the mixer, as segments of the programme want it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from bot.errors import ProviderError, Refused
from bot.stage.obs.mixer import Mixer

#: How often the mixer is asked for the length of a file that it has just opened, and the pause between, in seconds.
ASKED: Final = 10
PAUSE_S: Final = 0.2


async def play(mixer: Mixer, source: str, file: Path | None) -> float:
    """Play a file from its start; return its length in seconds, 0.0 when the mixer cannot tell. ``None`` stops it.

    Raises `Refused` when the mixer is away, declines, or has no such source.
    """
    try:
        if file is None:
            await _press(mixer, source, "STOP")
            return 0.0
        settings = {"is_local_file": True, "local_file": str(file), "looping": False, "restart_on_activate": False}
        await mixer.call("SetInputSettings", {"inputName": source, "inputSettings": settings, "overlay": True})
        await _press(mixer, source, "RESTART")
        for _ in range(ASKED):
            status = await mixer.call("GetMediaInputStatus", {"inputName": source})
            if status.get("mediaState") == "OBS_MEDIA_STATE_ERROR":
                raise Refused(f"the mixer cannot play {file.name}", remedy="Play the file in OBS by hand to see why.")
            if isinstance(length := status.get("mediaDuration"), int | float) and length > 0:
                return length / 1000
            await asyncio.sleep(PAUSE_S)
    except ProviderError as error:
        raise Refused(f"the mixer is away: {error}", remedy=error.remedy) from error
    return 0.0


async def _press(mixer: Mixer, source: str, button: str) -> None:
    action = f"OBS_WEBSOCKET_MEDIA_INPUT_ACTION_{button}"
    await mixer.call("TriggerMediaInputAction", {"inputName": source, "mediaAction": action})
