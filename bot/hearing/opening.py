"""Opens the ears' parts for this machine: the recognisers, the judge of pauses, the voice detection.

A part that cannot be had degrades alone: without the endpoint model the length of a pause decides, without a recogniser
the streamer's turns pass unheard and the panel says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from loguru import logger

from bot.errors import ConfigError, ProviderError
from bot.hearing import vad
from bot.hearing.ears import Ears
from bot.hearing.endpoint import smart_turn
from bot.hearing.endpoint.silence import Silence
from bot.hearing.failover import AsrChain, open_asr
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.listening import Listening
from bot.hearing.listening_settings import EndpointKind, ListeningSettings
from bot.hearing.speech import Endpoint, Hints, SpeechListener
from bot.runtime.opening import OnFailure
from bot.weights import catalog

Entry: TypeAlias = dict[str, Any]

#: Weights of the endpoint model.
SMART_TURN: Final = "smart-turn"
#: The one built-in recogniser that is pinned; larger ones are chosen by name, or by a folder.
WHISPER: Final = "whisper-base"


async def asr_entries(
    configured: Literal["auto"] | Sequence[Mapping[str, Any]],
    progress: catalog.Progress,
    *,
    root: Path | None = None,
    offline: bool = False,
) -> list[Entry]:
    """Return the recognisers of a configuration with their weights in place. Raises `ProviderError`.

    ``auto`` is Whisper base: on two cores it answers within a second, and smaller ones hear only English well.
    """
    entries = [{"provider": "faster_whisper"}] if configured == "auto" else [dict(entry) for entry in configured]
    known = catalog.names()
    for entry in entries:
        if entry.get("provider") == "faster_whisper":
            name = str(entry.get("model") or WHISPER)
            if name in known:
                entry["model"] = str(await catalog.pull(name, root, progress, offline=offline))
    return entries


@asynccontextmanager
async def open_endpoint(
    kind: EndpointKind, progress: catalog.Progress, *, root: Path | None = None, offline: bool = False
) -> AsyncIterator[Endpoint]:
    """Open the judge of pauses; where its model cannot be had, the one that goes by silence alone."""
    if kind is EndpointKind.SILENCE:
        yield Silence()
        return
    opening = None
    try:
        folder = await catalog.pull(SMART_TURN, root, progress, offline=offline)
        opening = smart_turn.connect(folder)
        judge = await opening.__aenter__()
    except (ProviderError, ConfigError) as error:
        logger.warning("the endpoint model cannot be had ({}); the length of a pause decides", error)
        yield Silence()
        return
    try:
        yield judge
    finally:
        await opening.__aexit__(None, None, None)


@asynccontextmanager
async def open_listening(
    settings: ListeningSettings,
    recognisers: Sequence[Mapping[str, Any]],
    ears: Ears,
    inlet: AudioInlet,
    listener: SpeechListener,
    hints: Callable[[], Hints],
    progress: catalog.Progress,
    *,
    busy: Callable[[], bool] = lambda: False,
    on_failure: OnFailure | None = None,
    root: Path | None = None,
    offline: bool = False,
) -> AsyncIterator[tuple[Listening, AsrChain]]:
    """Open everything between the sound and the show; ``recognisers`` come from `asr_entries`.

    The caller runs `Listening.run` as a task. Raises `ConfigError` or `FatalError` when the voice detection is missing.
    """
    activity = await asyncio.get_running_loop().run_in_executor(None, vad.load)
    async with (
        open_asr(recognisers, on_failure) as chain,
        open_endpoint(settings.endpoint, progress, root=root, offline=offline) as endpoint,
    ):
        yield (
            Listening(ears, inlet, chain, endpoint, listener, hints, vad=activity, settings=settings, busy=busy),
            chain,
        )
