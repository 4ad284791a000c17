"""Takes a picture of a part of this machine's screen, through the package ``mss`` of the extra ``screen``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.errors import FatalError, TransientError

#: What a region is given by: left, top, width, height.
_FOUR = 4


async def screenshot(region: Sequence[int], width: int) -> bytes:
    """Return a PNG at most about ``width`` pixels wide. Raises `FatalError` without the package, `TransientError`."""
    return await asyncio.to_thread(_taken, tuple(region), width)


def _taken(region: tuple[int, ...], width: int) -> bytes:
    try:
        import mss  # noqa: PLC0415 - an extra
        import mss.tools  # noqa: PLC0415
        import numpy as np  # noqa: PLC0415 - only here
    except ImportError:
        raise FatalError(
            "the package 'mss' is not installed", remedy="Install it: pip install 'haishin[screen]'."
        ) from None
    try:
        with mss.mss() as screen:
            wanted = (
                dict(zip(("left", "top", "width", "height"), region, strict=True))
                if len(region) == _FOUR
                else screen.monitors[min(1, len(screen.monitors) - 1)]
            )
            shot = screen.grab(wanted)
        step = max(1, -(-shot.width // width))
        pixels = np.frombuffer(shot.rgb, np.uint8).reshape(shot.height, shot.width, 3)[::step, ::step]
        png = mss.tools.to_png(pixels.tobytes(), (pixels.shape[1], pixels.shape[0]))
    except Exception as error:
        raise TransientError(f"the screen cannot be read: {str(error)[:200]}") from error
    return png or b""
