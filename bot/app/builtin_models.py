"""The built-in model and voices: which of them this machine can carry, and where their weights are.

A provider entry may name weights by their name in ``catalog.lock`` (``model: qwen2.5-coder-0.5b``);
here the name becomes a path, after the files were fetched and verified.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from loguru import logger

from bot.config import Link, Settings
from bot.errors import ProviderError
from bot.runtime.machine import memory_bytes
from bot.weights import catalog

#: Providers whose ``model`` option names weights of ours, with the weights that they use by default.
DEFAULTS = {"llamacpp": "", "kokoro": "kokoro"}

Progress = Callable[[str, int, int], None]

#: How long a model in this process may be silent before it counts as hanging, in seconds: it tells of each part of the
#: prompt that it has read, and a slow machine needs some seconds for one. Nobody stands behind it.
PATIENCE_S = 45.0


def root(settings: Settings) -> Path:
    """Return the folder of the weights."""
    return settings.models.dir or catalog.default_root()


async def llm_entries(settings: Settings, progress: Progress) -> list[Link]:
    """Return the language models of a configuration with their weights in place.

    ``auto`` takes the largest built-in model that fits; when its weights cannot be had, the next
    smaller one, and says so. Raises the last `ProviderError` when none can be had.
    """
    if settings.llm != "auto":
        entries = [await _with_weights(entry, settings, progress) for entry in settings.llm]
        return [*entries[:-1], _patient(entries[-1])] if entries else []
    last: ProviderError | None = None
    for name in catalog.choose_llm(os.cpu_count() or 1, memory_bytes()):
        try:
            path = await _weights(name, settings, progress)
        except ProviderError as error:
            logger.warning("the model {} cannot be had ({}); trying the next smaller one", name, error)
            last = error
            continue
        logger.info("language model: {}", name)
        return [_patient({"provider": "llamacpp", "model": str(path)})]
    raise last or ProviderError("there is no built-in model for this machine")


def _patient(entry: Link) -> Link:
    """Return the last entry of a chain with the deadlines of a model that runs here, where it names none."""
    if entry.get("provider") != "llamacpp":
        return entry
    return {"first_s": PATIENCE_S, "gap_s": PATIENCE_S, **entry}


async def tts_entries(settings: Settings, progress: Progress) -> list[Link]:
    """Return the voices of a configuration with their weights in place.

    ``auto`` is hibari for English and Kokoro for all; without Kokoro's weights, hibari alone.
    """
    if settings.tts != "auto":
        return [await _with_weights(entry, settings, progress) for entry in settings.tts]
    entries: list[Link] = [{"provider": "hibari"}]
    try:
        weights = str(await _weights("kokoro", settings, progress))
        # On a slow machine it is slow, not hanging: better a late sentence than captions alone.
        entries.append({"provider": "kokoro", "model": weights, "first_s": 8.0, "gap_s": 8.0})
    except ProviderError as error:
        logger.warning("the voice kokoro cannot be had ({}); other languages than English get captions alone", error)
    return entries


async def _with_weights(entry: Link, settings: Settings, progress: Progress) -> Link:
    provider = entry.get("provider")
    if provider not in DEFAULTS:
        return entry
    name = str(entry.get("model") or DEFAULTS[provider])
    if not name:
        return {
            **entry,
            "model": (await llm_entries(settings.model_copy(update={"llm": "auto"}), progress))[0]["model"],
        }
    if name not in catalog.names():
        return entry
    return {**entry, "model": str(await _weights(name, settings, progress))}


async def _weights(name: str, settings: Settings, progress: Progress) -> Path:
    folder = await catalog.pull(name, root(settings), progress, offline=settings.models.offline)
    files = sorted(folder.glob("*.gguf"))
    return files[0] if files else folder
