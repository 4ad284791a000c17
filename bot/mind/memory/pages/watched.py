"""Keep what is known in line with folders of files while the show runs: the persona's own, and those of its guests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from loguru import logger

from bot.errors import ProviderError
from bot.mind.memory.pages.folder import SUFFIXES, Reading, Trouble, read_folder
from bot.mind.memory.recall import Recall
from bot.store.memory.pieces import guest_page

#: How often the folder is looked at, in seconds.
PERIOD_S: Final = 10.0

#: Name, size and time of change of each file.
_Print = tuple[tuple[str, int, int], ...]


class Reader(Protocol):
    """What reads a folder; see `read_folder`."""

    async def __call__(self, folder: Path) -> Reading: ...  # noqa: D102 - see the class


class WatchedFolder:
    """Folders of knowledge. ``folder`` returns the persona's own, for it may be exchanged, ``guests`` those of others.

    The guests of a programme are known before they come, so that their passages have vectors by then.
    """

    def __init__(
        self,
        folder: Callable[[], Path],
        recall: Recall,
        read: Reader = read_folder,
        *,
        guests: Callable[[], Mapping[str, Path]] = dict,
    ) -> None:
        self._folder = folder
        self._guests = guests
        self._recall = recall
        self._read = read
        #: What was read of each folder, by the guest's name; the own one has none. And what of it the store has.
        self._readings: dict[str, tuple[Path, _Print, Reading]] = {}
        self._known: dict[str, tuple[Path, _Print]] = {}
        #: What could not be read of them, for the panel.
        self.troubles: tuple[Trouble, ...] = ()

    def helps(self, guest: str = "") -> bool:
        """Return whether a search finds more in a persona's pages than words alone find in them.

        It does when there are vectors, or files that are no Markdown. ``guest`` is who the host is; empty: the own one.
        """
        folder, files = self._known.get(guest, (None, ()))
        if folder != self._folders().get(guest):
            return False
        return self._recall.progress.done > 0 or any(not name.endswith(".md") for name, _, _ in files)

    async def run(self) -> None:
        """Learn the files, and again whenever one changes, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> None:
        """Learn the files if they changed. What goes wrong is logged and tried again."""
        folders = self._folders()
        try:
            now = {name: (folder, await asyncio.to_thread(_print_of, folder)) for name, folder in folders.items()}
            if now == self._known:
                return
            for name, seen in now.items():
                if name not in self._readings or self._readings[name][:2] != seen:
                    self._readings[name] = (*seen, _of_guest(name, await self._read(seen[0])))
                    self._tell(self._readings[name][2].troubles)
            self._readings = {name: self._readings[name] for name in now}
            readings = [reading for _, _, reading in self._readings.values()]
            synced = await self._recall.learn([piece for reading in readings for piece in reading.pieces])
        except (ProviderError, OSError) as error:
            logger.warning("the pages of knowledge cannot be read now: {}", error)
            return
        self._known = now
        self.troubles = tuple(trouble for reading in readings for trouble in reading.troubles)
        if synced.new or synced.gone:
            logger.info("knowledge: {} passages, {} of them new", synced.new + synced.kept, synced.new)

    def _folders(self) -> dict[str, Path]:
        return {"": self._folder(), **self._guests()}

    def _tell(self, troubles: Iterable[Trouble]) -> None:
        for trouble in troubles:
            logger.warning("knowledge/{}: {} ({})", trouble.file, trouble.what, trouble.remedy or "nothing to do")


def _of_guest(guest: str, reading: Reading) -> Reading:
    """Return a reading whose passages and troubles name the guest whose they are."""
    if not guest:
        return reading
    return Reading(
        tuple(replace(piece, page=guest_page(guest, piece.page)) for piece in reading.pieces),
        tuple(replace(trouble, file=guest_page(guest, trouble.file)) for trouble in reading.troubles),
    )


def _print_of(folder: Path) -> _Print:
    found = []
    for file in folder.glob("*"):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            state = file.stat()
            found.append((file.name.lower(), state.st_size, state.st_mtime_ns))
    return tuple(sorted(found))
