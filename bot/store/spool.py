"""What the database does not take yet, kept on the disk beside it: a file of one JSON object a line.

A payment, a deletion or an acknowledgement that meets a locked, full or broken database goes here before
anybody is told that it is safe. Its owner tries it again until the database has it, also after a restart;
every entry may be applied twice without harm.
"""

from __future__ import annotations

import asyncio
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

    async def add(self, entry: T) -> bool:
        """Add an entry; return whether the disk has it when this returns."""
        return await self._write([entry], append=True)

    async def keep(self, entries: Iterable[T]) -> bool:
        """Let exactly these entries remain; without one the file goes."""
        return await self._write(list(entries), append=False)

    async def _write(self, entries: list[T], *, append: bool) -> bool:
        if self.file is None:
            return False
        lines = "".join(json.dumps(self._encode(e), separators=(",", ":")) + "\n" for e in entries).encode("ascii")
        async with self._writing:
            try:
                await asyncio.to_thread(_append if append else _replace, self.file, lines)
            except OSError as error:
                logger.error("{} cannot be written: {}", self.file.name, error.strerror or error)
                return False
        return True


def _append(file: Path, lines: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(file: Path, lines: bytes) -> None:
    if not lines:
        file.unlink(missing_ok=True)
        return
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    _append(draft, lines)
    draft.replace(file)
