"""What the host remembers as an operator sees it, corrects it and deletes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from loguru import logger

from bot.control.schemas.memory import MemoryNote, MemoryPieceView, MemoryView, MemoryViewerView
from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.mind.memory.knowledge import Passage
from bot.mind.memory.recall import Recall
from bot.runtime.signal import Signal
from bot.store.memory.pieces import Piece, PieceKind, PieceState, Viewer
from bot.store.memory.store import MemoryStore
from bot.text.sanitize import fit

#: Pieces and viewers that are listed at once, and those that a search looks through.
MAX_LISTED: Final = 200
MAX_LOOKED: Final = 1000
#: Characters of a text and of a passage that are shown.
MAX_TEXT: Final = 600


class MemoryControls:
    """What may be seen and ordered; before `attach` there is nothing. Methods raise `TransientError`."""

    def __init__(self) -> None:
        self.changed = Signal()
        self._memory: MemoryStore | None = None
        self._recall: Recall | None = None
        self._notes: Callable[[], Sequence[Passage]] = tuple

    def attach(self, memory: MemoryStore, recall: Recall, notes: Callable[[], Sequence[Passage]]) -> None:
        """Show this memory. ``notes`` returns the passages that the last answer drew on."""
        self._memory, self._recall, self._notes = memory, recall, notes
        memory.watchers.append(self)

    # --- told by the store: see `bot.store.memory.viewers.Watcher` ------------------------------------

    def added(self, piece: Piece) -> None:  # noqa: ARG002 - which one does not matter
        """Hear of a piece that is new or was changed."""
        self.changed.notify()

    def removed(self, id: int) -> None:  # noqa: A002, ARG002 - the row's own name
        """Hear of a piece that is gone."""
        self.changed.notify()

    def forgotten(self, source: str, author_id: str) -> None:  # noqa: ARG002
        """Hear of a person who is forgotten."""
        self.changed.notify()

    def linked(self, one: Viewer, other: Viewer) -> None:  # noqa: ARG002
        """Hear of two accounts that are one person."""
        self.changed.notify()

    # --- how it stands --------------------------------------------------------------------------------

    def state(self) -> MemoryView | None:
        """Return how memory stands; None where there is none."""
        if self._recall is None:
            return None
        made = self._recall.progress
        return MemoryView(
            pieces=len(self._recall),
            vectors=made.done,
            total=made.total,
            detail=fit(made.trouble or made.embedder, 200),
        )

    def notes(self) -> list[MemoryNote]:
        """Return the passages of the persona's pages that the last answer drew on, with their source."""
        return [MemoryNote(page=one.page, heading=one.heading, text=fit(one.text, MAX_TEXT)) for one in self._notes()]

    async def pieces(self, kinds: Collection[PieceKind], state: PieceState, words: str) -> list[MemoryPieceView]:
        """Return pieces of some kinds, the newest first; with ``words`` those that fit, the best first."""
        memory = self._memory
        if memory is None:
            return []
        found = await memory.listed(kinds, state=state, limit=MAX_LOOKED if words else MAX_LISTED)
        if words:
            wanted = words.casefold()
            same = [one for one in found if wanted in f"{one.text}\n{one.origin}\n{one.page}".casefold()]
            meant = await self._meant(words, kinds) if state is PieceState.ACTIVE else []
            found = list({one.id: one for one in (*same, *meant)}.values())
        return await self._shown(memory, found[:MAX_LISTED])

    async def viewers(self) -> list[MemoryViewerView]:
        """Return the viewers who asked to be remembered, the last seen first."""
        known = await self._memory.viewers(MAX_LISTED) if self._memory else []
        return [
            MemoryViewerView(
                source=one.source, viewer=one.author_id, person=one.person, name=one.name, visits=one.visits,
                since=one.since, seen_at=one.seen_at,
            )
            for one in known
        ]  # fmt: skip

    async def of_viewer(self, source: str, viewer: str) -> list[MemoryPieceView]:
        """Return all that is known of a person, on all their accounts, also what is not used any more."""
        memory = self._memory
        if memory is None:
            return []
        kinds = (PieceKind.VIEWER, PieceKind.PROMISE)
        found = await memory.of_viewer(source, viewer, kinds=kinds, active=False)
        return await self._shown(memory, found[:MAX_LISTED])

    # --- orders -----------------------------------------------------------------------------------------

    async def correct(self, piece: int, text: str) -> Done:
        """Correct a piece. Raises `Refused`."""
        changed = await self._need().change(piece, text=text)
        if changed is not None:
            logger.info("by the operator: a piece of memory is corrected ({})", changed.kind)
        return Done(ok=changed is not None, detail="corrected" if changed else "it is not there any more")

    async def delete(self, piece: int) -> Done:
        """Delete a piece. Raises `Refused`."""
        ok = await self._need().delete(piece)
        if ok:
            logger.info("by the operator: a piece of memory is deleted")
        return Done(ok=ok, detail="deleted" if ok else "it is not there any more")

    def _need(self) -> MemoryStore:
        if self._memory is None:
            raise Refused("there is no memory", remedy="The host is starting; try again in a moment.")
        return self._memory

    async def _meant(self, words: str, kinds: Collection[PieceKind]) -> list[Piece]:
        """Return what fits by meaning: of nobody, as for an answer; a viewer's pieces are found by their words."""
        hits = await self._recall.search(words, kinds=kinds, limit=20) if self._recall else []
        return [hit.piece for hit in hits]

    async def _shown(self, memory: MemoryStore, found: Sequence[Piece]) -> list[MemoryPieceView]:
        known = {(one.source, one.author_id): one.name for one in await memory.viewers(MAX_LOOKED)}
        return [
            MemoryPieceView(
                id=one.id, kind=one.kind, state=one.state, text=fit(one.text, MAX_TEXT), source=one.source,
                viewer=one.author_id, name=known.get((one.source, one.author_id), ""), slot=one.slot,
                origin=fit(one.origin, MAX_TEXT), page=one.page, uses=one.uses, at=one.at, used_at=one.used_at,
                due_at=one.due_at,
            )
            for one in found
        ]  # fmt: skip
