"""What the database does not take yet, kept on the disk beside it: a file of one JSON object a line.

A payment, a deletion or an acknowledgement that meets a locked, full or broken database goes here before
anybody is told that it is safe. Its owner tries it again until the database has it, also after a restart;
every entry may be applied twice without harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

from loguru import logger

T = TypeVar("T")

#: Longest file that is read, in bytes; 10,000 payments with long texts are less.
MAX_FILE = 64 << 20


class Spool(Generic[T]):
    """Entries of one kind. ``file`` None keeps them in memory alone: they are gone with the process.

    ``encode`` gives an entry as plain values, ``decode`` reads it back and may raise `ValueError`, `KeyError` or
    `TypeError`. All writing happens in a thread, one piece at a time.
    """

    def __init__(
        self, file: Path | None, encode: Callable[[T], dict[str, Any]], decode: Callable[[dict[str, Any]], T]
    ) -> None:
        self.file = file
        self._encode = encode
        self._decode = decode
        self._writing = asyncio.Lock()

    def load(self) -> list[T]:
        """Return what an earlier run left, oldest first. A line that cannot be read is logged and left out."""
        if self.file is None or not self.file.is_file():
            return []
        found: list[T] = []
        with self.file.open("rb") as lines:
            for number, line in enumerate(lines.read(MAX_FILE).splitlines(), 1):
                try:
                    found.append(self._decode(json.loads(line)))
                except (ValueError, KeyError, TypeError) as error:  # half a line after a power cut, or another version
                    logger.error("{} line {} cannot be read and is left out: {}", self.file.name, number, error)
        return found

    async def add(self, *entries: T, durable: bool = True) -> bool:
        """Add entries; return whether the file has them when this returns.

        They then survive the end of this process, and when ``durable`` a power cut too: the disk has them.
        """
        return await self._write(list(entries), _append if durable else _append_soon)

    async def sync(self) -> None:
        """Wait until the disk has what was added without waiting for it."""
        if self.file is not None:
            with contextlib.suppress(OSError):  # the file is gone: so is what was in it
                await asyncio.to_thread(_sync, self.file)

    async def keep(self, entries: Iterable[T]) -> bool:
        """Write exactly these entries; without one the file goes."""
        return await self._write(list(entries), _replace)

    async def _write(self, entries: list[T], how: Callable[[Path, bytes], None]) -> bool:
        if self.file is None:
            return False
        lines = "".join(json.dumps(self._encode(e), separators=(",", ":")) + "\n" for e in entries).encode("ascii")
        async with self._writing:
            try:
                await asyncio.to_thread(how, self.file, lines)
            except OSError as error:
                logger.error("{} cannot be written: {}", self.file.name, error.strerror or error)
                return False
        return True


def _append(file: Path, lines: bytes) -> None:
    _append_soon(file, lines)
    _sync(file)


def _append_soon(file: Path, lines: bytes) -> None:
    with open(file, "ab", buffering=0, opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(lines)


def _sync(file: Path) -> None:
    with file.open("rb+") as out:
        os.fsync(out.fileno())


def _replace(file: Path, lines: bytes) -> None:
    if not lines:
        file.unlink(missing_ok=True)
        return
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    _append(draft, lines)
    draft.replace(file)
