"""What blocks while weights are fetched and verified: one thread for it, and the checksum of a file."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from bot.weights.packages import BLOCK, Stopped

T = TypeVar("T")

#: Folder of what is under way, beside the files of the model.
WORK = ".part"


class Worker:
    """One thread for what blocks; leaving the context stops its work within a megabyte."""

    async def __aenter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._stop = threading.Event()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, work: Callable[..., T], *args: Any) -> T:
        """Run ``work(*args, stop)`` in the thread."""
        job = functools.partial(work, *args, self._stop)
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)


def fingerprint(path: Path, stop: threading.Event) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if stop.is_set():
                raise Stopped
            digest.update(block)
    return digest.hexdigest()
