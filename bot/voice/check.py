"""How every voice is checked: it speaks one word."""

from __future__ import annotations

import asyncio
import time

from bot.errors import ProviderError
from bot.types import Health, Style, Tts

WORD = "Ready."


async def speak_one_word(voice: Tts, what: str, *, within_s: float, remedy: str) -> Health:
    """Check that a voice speaks one word, with sound within ``within_s`` seconds.

    ``what`` describes the voice in the detail of a good answer; ``remedy`` is for a voice that is too slow.
    """
    began, size = time.perf_counter(), 0
    try:
        async with asyncio.timeout(within_s):
            async for pcm in voice.speak(WORD, Style()):
                size += len(pcm.data)
    except ProviderError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)
    except TimeoutError:
        return Health(ok=False, detail=f"no sound within {within_s:g} s", remedy=remedy)
    if not size:
        return Health(ok=False, detail="it makes no sound")
    return Health(ok=True, detail=f"{what} ({time.perf_counter() - began:.2f} s)")
