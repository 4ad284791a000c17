"""Keep what is known in line with a folder of files while the show runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from loguru import logger

from bot.errors import ProviderError
from bot.mind.memory.pages.folder import SUFFIXES, Reading, Trouble, read_folder
from bot.mind.memory.recall import Recall

#: How often the folder is looked at, in seconds.
PERIOD_S: Final = 10.0

#: Name, size and time of change of each file.
_Print = tuple[tuple[str, int, int], ...]


class Reader(Protocol):
    """What reads a folder; see `read_folder`."""

    async def __call__(self, folder: Path) -> Reading: ...  # noqa: D102 - see the class


class WatchedFolder:
    """A folder of knowledge. ``folder`` returns which one, for the persona may be exchanged."""

    def __init__(self, folder: Callable[[], Path], recall: Recall, read: Reader = read_folder) -> None:
        self._folder = folder
        self._recall = recall
        self._read = read
        self._seen: tuple[Path, _Print] | None = None
        self._known: Path | None = None
        self._others = False
        #: What could not be read of it, for the panel.
        self.troubles: tuple[Trouble, ...] = ()

    @property
    def helps(self) -> bool:
        """Whether a search finds more in it than words alone find in the persona's own pages.

        It does when there are vectors, or files that are no Markdown.
        """
        return self._known == self._folder() and (self._others or self._recall.progress.done > 0)

    async def run(self) -> None:
        """Learn the files, and again whenever one changes, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> None:
        """Learn the files if they changed. What goes wrong is logged and tried again."""
        folder = self._folder()
        try:
            now = (folder, await asyncio.to_thread(_print_of, folder))
            if now == self._seen:
                return
            reading = await self._read(folder)
            synced = await self._recall.learn(reading.pieces)
        except (ProviderError, OSError) as error:
            logger.warning("the pages of knowledge cannot be read now: {}", error)
            return
        self._seen, self._known = now, folder
        self._others = any(not name.endswith(".md") for name, _, _ in now[1])
        self.troubles = reading.troubles
        for trouble in reading.troubles:
            logger.warning("knowledge/{}: {} ({})", trouble.file, trouble.what, trouble.remedy or "nothing to do")
        if synced.new or synced.gone:
            logger.info("knowledge: {} passages, {} of them new", synced.new + synced.kept, synced.new)


def _print_of(folder: Path) -> _Print:
    found = []
    for file in folder.glob("*"):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            state = file.stat()
            found.append((file.name.lower(), state.st_size, state.st_mtime_ns))
    return tuple(sorted(found))
