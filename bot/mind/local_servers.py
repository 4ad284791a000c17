"""Find the language model that a person already runs on this machine: Ollama, or LM Studio.

Only this machine is asked, both servers at once, and for a moment. What they answer is a list of names: no word of the
show goes there before a model was taken.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from bot.mind.bounded_body import limit

#: Longest wait for both servers together, in seconds. A closed port of this machine answers at once.
WITHIN_S: Final = 1.5
OLLAMA: Final = "http://127.0.0.1:11434"
LM_STUDIO: Final = "http://127.0.0.1:1234"
#: What a model needs beside its weights, for the prompt and its work; bytes.
WORKING_BYTES: Final = 1 << 30
#: The part of the memory that a model may take: OBS, a browser and the voices live there, too.
SHARE: Final = 0.6
#: A larger one writes more slowly than people speak on a processor. Whoever has a graphics card for it has it loaded.
MOST_BYTES: Final = 6 << 30
#: A smaller one is no model but a pointer to a service elsewhere, or too weak to talk.
LEAST_BYTES: Final = 200 << 20
_CLOSER_LOOKS: Final = 6
_MOST_MODELS: Final = 500
_NO_TALKER: Final = re.compile(
    r"(?i)embed|rerank|\bbge\b|\be5\b|\bgte\b|minilm|whisper|\btts\b|guard|\bocr\b|shield|reward|\bclip\b|nomic-bert"
)
_ELSEWHERE: Final = re.compile(r"(?i)[:-]cloud$")
_SPECIAL: Final = re.compile(r"(?i)cod(?:e|er)\b|\bsql|\bmath|\bbase\b|-base|vision|llava|-vl\b|medical")


@dataclass(frozen=True, slots=True)
class Served:
    """A model that a server of this machine has. ``size`` is that of its weights in bytes, 0 when it is not told."""

    provider: str
    address: str
    model: str
    size: int = 0
    loaded: bool = False

    @property
    def extra(self) -> str:
        """The extra of this package that brings the library for it."""
        return "ollama" if self.provider == "ollama" else "openai"

    @property
    def why(self) -> str:
        """Why it was taken, in words."""
        if self.loaded:
            return "it is loaded already"
        return f"the largest that fits ({self.size / (1 << 30):.1f} GiB)"


def is_embedding(name: str) -> bool:
    """Return whether a model's name says that it cannot talk: one for embeddings, ranking, judging, sound."""
    return bool(_NO_TALKER.search(name))


async def find_served(
    memory_bytes: int, *, ollama: str = "", lm_studio: str = LM_STUDIO, within_s: float = WITHIN_S
) -> Served | None:
    """Return the best model of the servers that run here, or None. Never raises but `asyncio.CancelledError`.

    One that is loaded goes first, since somebody chose it and it fits; then the largest that fits the memory. One of
    unknown size is taken only when it is loaded, and one that runs elsewhere never.
    """
    ollama = ollama or _ollama_address()
    found: list[Served] = []
    async with (
        httpx.AsyncClient(
            timeout=within_s, trust_env=False, follow_redirects=False, event_hooks={"response": [limit]}
        ) as http,
        asyncio.TaskGroup() as group,
    ):
        asked = (_of_ollama(http, ollama, memory_bytes), _of_lm_studio(http, lm_studio))
        for one in asked:
            group.create_task(_within(one, found, within_s))
    return best(found, memory_bytes)


def best(served: Sequence[Served], memory_bytes: int) -> Served | None:
    """Return the model to take among those that talk and fit."""
    fitting = [one for one in served if _fits(one, memory_bytes)]
    return max(fitting, key=lambda one: (one.loaded, not _SPECIAL.search(one.model), one.size, one.model), default=None)


def installed(provider: str) -> bool:
    """Return whether the library of a provider is here."""
    return provider == "ollama" or find_spec("openai") is not None


def _fits(one: Served, memory_bytes: int) -> bool:
    if is_embedding(one.model) or _ELSEWHERE.search(one.model):
        return False
    most = min(MOST_BYTES, int(SHARE * memory_bytes) - WORKING_BYTES)
    return one.loaded or LEAST_BYTES <= one.size <= most


async def _within(asked: Any, found: list[Served], within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            found += await asked
    except (TimeoutError, httpx.HTTPError, ValueError, TypeError, AttributeError, KeyError):
        return  # nobody there, or somebody else


async def _of_ollama(http: httpx.AsyncClient, address: str, memory_bytes: int) -> list[Served]:
    """Return the models of Ollama that talk. The best ones are looked at more closely: their names alone may lie."""
    running = {_name(one) for one in await _list(http, f"{address}/api/ps", "models")}
    found = []
    for one in await _list(http, f"{address}/api/tags", "models"):
        details = one.get("details") or {}
        kinds = {str(details.get("family")), *map(str, details.get("families") or ())}
        if one.get("remote_host") or one.get("remote_model") or any("bert" in kind for kind in kinds):
            continue
        found.append(Served("ollama", address, _name(one), _bytes(one.get("size")), _name(one) in running))
    for _ in range(_CLOSER_LOOKS):
        candidate = best(found, memory_bytes)
        if candidate is None:
            return []
        if await _completes(http, candidate):
            return [candidate]
        found.remove(candidate)
    return []


async def _completes(http: httpx.AsyncClient, one: Served) -> bool:
    shown = (await http.post(f"{one.address}/api/show", json={"model": one.model})).json()
    if shown.get("remote_host"):
        return False
    return "completion" in shown.get("capabilities", ["completion"])


async def _of_lm_studio(http: httpx.AsyncClient, address: str) -> list[Served]:
    """Return the models of LM Studio that talk. Only its newer address tells their size."""
    try:
        listed = await _list(http, f"{address}/api/v1/models", "models")
        sizes = [(one, _bytes(one.get("size_bytes"))) for one in listed if one.get("type", "llm") in ("llm", "vlm")]
        return [
            Served("lmstudio", address, str(one["key"]), size, bool(one.get("loaded_instances"))) for one, size in sizes
        ]
    except (httpx.HTTPStatusError, ValueError, KeyError):
        listed = await _list(http, f"{address}/api/v0/models", "data")
        return [
            Served("lmstudio", address, str(one["id"]), 0, one.get("state") == "loaded")
            for one in listed
            if one.get("type", "llm") in ("llm", "vlm")
        ]


async def _list(http: httpx.AsyncClient, url: str, key: str) -> list[Mapping[str, Any]]:
    answer = await http.get(url)
    answer.raise_for_status()
    listed = answer.json()[key]
    return [one for one in listed[:_MOST_MODELS] if isinstance(one, Mapping)]


def _name(one: Mapping[str, Any]) -> str:
    return str(one.get("model") or one.get("name") or "")


def _bytes(size: object) -> int:
    return size if isinstance(size, int) and size > 0 else 0


def _ollama_address() -> str:
    """Return where Ollama listens on this machine: OLLAMA_HOST may name another port."""
    named = os.environ.get("OLLAMA_HOST", "")
    if not named:
        return OLLAMA
    try:
        where = urlsplit(named if "://" in named else f"http://{named}")
        port = where.port or 11434
    except ValueError:
        return OLLAMA
    here = where.hostname in {"127.0.0.1", "localhost", "0.0.0.0", "::1", "::"}  # noqa: S104 - read, not bound
    return f"http://127.0.0.1:{port}" if here else OLLAMA


def ollama_url(host: str) -> str:
    """Return the address of an Ollama as a URL: `ollama serve` takes it without "http://" and without a port."""
    named = host.strip().rstrip("/") or OLLAMA
    if "://" in named:
        return f"{named}/"
    with suppress(ValueError):
        where = urlsplit(f"http://{named}")
        return f"http://{named}/" if where.port or where.path else f"http://{named}:11434/"
    return f"http://{named}/"
