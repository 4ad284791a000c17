"""What ``auto`` stands for: a model that already runs here, else the built-in model; and the built-in voices.

A provider entry may name weights by their name in ``catalog.lock`` (``model: qwen2.5-coder-0.5b``);
here the name becomes a path, after the files were fetched and verified.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

from loguru import logger

from bot.config import Link, Settings
from bot.errors import ProviderError
from bot.mind.local_servers import Served, find_served, installed
from bot.runtime.machine import memory_bytes
from bot.weights import catalog

#: Providers whose ``model`` option names weights of ours, with the weights that they use by default.
DEFAULTS = {"llamacpp": "", "kokoro": "kokoro"}

Progress = Callable[[str, int, int], None]
#: What `ask_beside` began: which model is served on this machine.
Asked = Awaitable[Served | None] | None

#: How long a model in this process may be silent before it counts as hanging, in seconds: it tells of each part of the
#: prompt that it has read, and a slow machine needs some seconds for one. Nobody stands behind it.
PATIENCE_S = 45.0


def root(settings: Settings) -> Path:
    """Return the folder of the weights."""
    return settings.models.dir or catalog.default_root()


def ask_beside(settings: Settings) -> Asked:
    """Ask what models are served on this machine while the rest starts; None where nobody wants to know.

    It has a thread and a loop of its own, and ends within `local_servers.WITHIN_S` whatever answers.
    """
    if settings.llm != "auto":
        return None
    return asyncio.get_running_loop().run_in_executor(None, lambda: asyncio.run(served_here()))


async def llm_entries(settings: Settings, progress: Progress, asked: Asked = None) -> list[Link]:
    """Return the language models of a configuration with their weights in place.

    ``auto`` takes the model of a running Ollama or LM Studio, with a built-in one behind it where its weights are here;
    else the largest built-in model that fits. When its weights cannot be had, the next smaller one, and says so.
    ``asked`` is what `ask_beside` began. Raises the last `ProviderError` when none can be had.
    """
    if settings.llm != "auto":
        entries = [await _with_weights(entry, settings, progress) for entry in settings.llm]
        return [*entries[:-1], _patient(entries[-1])] if entries else []
    if served := await (asked or served_here()):
        return [_entry_of(served), *_spare(settings, served)]
    return [await builtin_llm(settings, progress)]


async def served_here() -> Served | None:
    """Return the model of a server that runs on this machine, and log which and why; None when there is none."""
    served = await find_served(memory_bytes())
    if served is None:
        return None
    if not installed(served.provider):
        missing = "{} runs here, but its library is missing: pip install 'haishin[{}]'"
        logger.info(missing, served.provider, served.extra)
        return None
    logger.info("language model: {} of {}, since {}", served.model, served.provider, served.why)
    return served


def _entry_of(served: Served) -> Link:
    where = {"host": served.address} if served.provider == "ollama" else {"base_url": f"{served.address}/v1"}
    # It may have to be loaded first.
    return {"provider": served.provider, "model": served.model, **where, "first_s": PATIENCE_S, "gap_s": 12.0}


def _spare(settings: Settings, served: Served) -> list[Link]:
    """Return the built-in model that takes over when the server ends, if its weights are here and fit beside it."""
    for name in catalog.choose_llm(os.cpu_count() or 1, memory_bytes() - served.size):
        folder = catalog.find(name, root(settings))
        if folder is not None and find_spec("xllamacpp") is not None and (files := sorted(folder.glob("*.gguf"))):
            return [_patient({"provider": "llamacpp", "model": str(files[0])})]
    return []


async def builtin_llm(settings: Settings, progress: Progress) -> Link:
    """Return the largest built-in model that fits, its weights in place. Raises the last `ProviderError` for none."""
    last: ProviderError | None = None
    for name in catalog.choose_llm(os.cpu_count() or 1, memory_bytes()):
        try:
            path = await _weights(name, settings, progress)
        except ProviderError as error:
            logger.warning("the model {} cannot be had ({}); trying the next smaller one", name, error)
            last = error
            continue
        logger.info("language model: {}, built in", name)
        return _patient({"provider": "llamacpp", "model": str(path)})
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
        return {**entry, "model": (await builtin_llm(settings, progress))["model"]}
    if name not in catalog.names():
        return entry
    return {**entry, "model": str(await _weights(name, settings, progress))}


async def _weights(name: str, settings: Settings, progress: Progress) -> Path:
    folder = await catalog.pull(name, root(settings), progress, offline=settings.models.offline)
    files = sorted(folder.glob("*.gguf"))
    return files[0] if files else folder
