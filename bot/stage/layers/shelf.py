"""Keeps the streamer's layouts in a file of the data folder, and gives the open pages each change at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from bot.errors import Refused
from bot.stage.layers.layouts import MAX_LAYOUTS, Layout, LayoutName
from bot.stage.layers.vocabulary import Shown
from bot.store.spool import Spool

#: The layouts, in the data folder.
FILE: Final = "layouts.jsonl"


class Kept(Shown):
    """A layout under its name. ``revision`` grows with each change, so that two panels do not overwrite each other."""

    name: LayoutName
    revision: int = Field(default=1, ge=1)
    layout: Layout


class LayoutShelf:
    """The layouts by their names. ``use`` is given all of them at each change."""

    def __init__(self, use: Callable[[Mapping[str, Layout]], None]) -> None:
        self._use = use
        self._kept: dict[str, Kept] = {}
        self._spool = self._open(None)
        self._writing = asyncio.Lock()

    async def load(self, file: Path | None) -> None:
        """Read what an earlier run left; what cannot be read is logged and left out. None keeps them in memory."""
        self._spool = self._open(file)
        found = await asyncio.to_thread(self._spool.load)
        self._take({one.name: one for one in found[:MAX_LAYOUTS]})

    def all(self) -> list[Kept]:
        """Return all layouts in the order in which they were made."""
        return list(self._kept.values())

    async def put(self, name: str, layout: Layout, revision: int) -> Kept:
        """Keep a layout; ``revision`` is the one that was changed, 0 for a new one.

        Raise `Refused` when somebody else has changed it since, when there are too many, or the disk refuses it.
        """
        async with self._writing:
            before = self._kept.get(name)
            if (before.revision if before else 0) != revision:
                raise Refused(
                    f"the layout {name!r} was changed elsewhere" if before else f"the layout {name!r} is gone",
                    remedy="Open it anew, or save under another name.",
                )
            if before is None and len(self._kept) >= MAX_LAYOUTS:
                raise Refused(f"there are {MAX_LAYOUTS} layouts", remedy="Delete one that is not needed any more.")
            kept = Kept(name=name, revision=revision + 1, layout=layout)
            await self._keep({**self._kept, name: kept})
        return kept

    async def drop(self, name: str) -> bool:
        """Delete a layout; return whether there was one. Raise `Refused` when the disk refuses it."""
        async with self._writing:
            if name not in self._kept:
                return False
            await self._keep({other: kept for other, kept in self._kept.items() if other != name})
        return True

    async def _keep(self, kept: dict[str, Kept]) -> None:
        if not await self._spool.keep(kept.values()) and self._spool.file is not None:
            raise Refused("the layouts cannot be written", remedy="Look whether the disk is full; the log says more.")
        self._take(kept)

    def _take(self, kept: dict[str, Kept]) -> None:
        self._kept = kept
        self._use({name: one.layout for name, one in kept.items()})

    @staticmethod
    def _open(file: Path | None) -> Spool[Kept]:
        return Spool(file, _values, Kept.model_validate)


def _values(kept: Kept) -> dict[str, Any]:
    return kept.model_dump(mode="json")
