"""The names that are read aloud in another spelling: the persona's, and the operator's own list over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, cast

from loguru import logger

from bot.control.schemas.panel import Done
from bot.control.schemas.pronunciations import PronunciationIn, PronunciationItem, PronunciationView
from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.store.spool import Spool
from bot.text.pronunciations import MAX_ENTRIES, Pronunciation, Pronunciations
from bot.types import Clause
from bot.voice.reading.names import Pronouncer

#: The operator's list, in the data folder.
FILE: Final = "pronunciations.jsonl"


class PronunciationControls:
    """The lists, and who is told of a change: whatever speaks spells names so from its next clause on."""

    def __init__(
        self, file: Path | None = None, use: Callable[[Callable[[Clause], Clause]], None] = lambda _pronounce: None
    ) -> None:
        """Take the file of the operator's list, or None to keep it in memory alone, and who uses the lists."""
        self.changed = Signal()
        self._spool = Spool(file, _values, _entry)
        self._use = use
        self._own: list[Pronunciation] = []
        self._persona: list[Pronunciation] = []
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Read the operator's list again, for example after it was changed by hand."""
        self._own = (await asyncio.to_thread(self._spool.load))[:MAX_ENTRIES]
        self._apply()

    def follow(self, persona: Iterable[Pronunciation]) -> None:
        """Take the names of a persona in place of the last one's."""
        self._persona = list(persona)
        self._apply()

    async def put(self, order: PronunciationIn) -> Done:
        """Read a name aloud so from now on. Raises `Refused` when the list is full."""
        async with self._writing:
            others = [entry for entry in self._own if not _same(entry, order.name, order.language)]
            if len(others) >= MAX_ENTRIES:
                raise Refused(f"the list has {MAX_ENTRIES} names", remedy="Drop some that are not needed any more.")
            await self._keep([*others, Pronunciation(order.name, order.spelled, order.language)])
        logger.info("by the operator: a name is read aloud in another spelling")
        return Done(ok=True, detail="it is read so from the next clause on")

    async def drop(self, name: str, language: str) -> Done:
        """Take a name from the operator's list."""
        async with self._writing:
            others = [entry for entry in self._own if not _same(entry, name, language)]
            if len(others) == len(self._own):
                return Done(ok=False, detail="it is not in the list")
            await self._keep(others)
        return Done(ok=True, detail="dropped")

    def state(self) -> PronunciationView:
        """Return the operator's names, then the persona's that they leave as they are."""
        kept = [e for e in self._persona if not any(_same(own, e.name, e.language) for own in self._own)]
        names = [_item(entry, own=True) for entry in self._own] + [_item(entry, own=False) for entry in kept]
        return PronunciationView(names=names, room=MAX_ENTRIES - len(self._own))

    async def _keep(self, entries: list[Pronunciation]) -> None:
        await self._spool.keep(entries)
        self._own = entries
        self._apply()

    def _apply(self) -> None:
        # The operator's word comes later, so it counts.
        self._use(Pronouncer(Pronunciations([*self._persona, *self._own])))
        self.changed.notify()


def _same(entry: Pronunciation, name: str, language: str) -> bool:
    return entry.language == language and entry.name.casefold() == name.casefold()


def _item(entry: Pronunciation, *, own: bool) -> PronunciationItem:
    return PronunciationItem(name=entry.name, spelled=entry.spelled, language=cast("Any", entry.language), own=own)


def _values(entry: Pronunciation) -> dict[str, Any]:
    return {"name": entry.name, "spelled": entry.spelled, "language": entry.language}


def _entry(values: dict[str, Any]) -> Pronunciation:
    """Read an entry of the file, which a person may have written: it is held to what the panel is held to."""
    order = PronunciationIn.model_validate(values)
    return Pronunciation(order.name, order.spelled, order.language)
