"""Sign-ins on disk: one JSON file for each platform, readable by its owner alone, never half written.

`read` and `write` block, the latter until the bytes are on the disk; on the event loop use `CredentialFile`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from loguru import logger

from bot.runtime.private import make_folder

#: The largest file that is read, in bytes. A sign-in has some hundred.
MAX_FILE = 1 << 20
#: How long a cancelled access may take to end, in seconds.
LAST_S = 5.0

P = ParamSpec("P")
T = TypeVar("T")


def write(path: Path, data: Any) -> None:
    """Write a file in one step: a reader sees the old one or the new one, never a half. Raises `OSError`."""
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def read(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty dict when the file is missing, or broken (which is logged)."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE)
        data = json.loads(raw)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        logger.error("{} cannot be read ({}): sign in again", path, type(error).__name__)
        return {}
    return data if isinstance(data, dict) else {}


class CredentialFile:
    """One file, for use on the event loop: each access runs in a thread, and they run in the order of the calls."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = asyncio.Lock()

    async def read(self) -> dict[str, Any]:
        """Return what `read` returns."""
        return await self._run(read, self.path)

    async def write(self, data: Any) -> None:
        """Write as `write` does. Raises `OSError`."""
        await self._run(write, self.path, data)

    async def remove(self) -> None:
        """Remove the file if it is there. Raises `OSError`."""
        await self._run(_remove, self.path)

    async def _run(self, access: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one access in a thread. Even when the caller is cancelled, the next one starts only after its end."""
        async with self._lock:
            running = asyncio.get_running_loop().run_in_executor(None, lambda: access(*args, **kwargs))
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait({running}, timeout=LAST_S)
                raise
            finally:
                if running.done() and not running.cancelled():
                    running.exception()  # looked at, so that asyncio does not complain about it


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
