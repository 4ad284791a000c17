"""Make the vectors of what is remembered, in the background: what the database has is taken, the rest is embedded.

After a change of the embedder nothing fits, and all is embedded anew, with its progress shown; searches go by words and
by the vectors that are there meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from loguru import logger

from bot.errors import QuotaError
from bot.mind.embedding.embedder import ChangedError, Embedder, Floats, checked
from bot.mind.memory.search.entries import embedded
from bot.mind.memory.search.index import Index
from bot.store.memory.pieces import Piece
from bot.store.memory.vectors import STEP, MemoryVectors

#: Texts that are embedded and written at a time.
BATCH: Final = 16
#: Pauses after failures in a row, in seconds, and the longest.
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 300.0
#: A model that gives vectors of another length so many times in a row is taken for another model.
CHANGES: Final = 3
#: Longest time for one batch, in seconds; an embedder that hangs longer counts as failed.
BATCH_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the pieces have a vector of this embedder; ``trouble`` says in words what is wrong, if anything."""

    embedder: str
    done: int
    total: int
    trouble: str = ""


class VectorKeeper:
    """Keep the index's vectors complete."""

    def __init__(
        self,
        embedder: Embedder,
        vectors: MemoryVectors,
        index: Index,
        in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
        everything: Callable[[], Iterable[Piece]],
    ) -> None:
        self._embedder = embedder
        self._vectors = vectors
        self._index = index
        self._in_thread = in_thread
        self._everything = everything
        self._wanted: dict[int, Piece] = {}
        self._new = asyncio.Event()
        self._trouble = ""
        self._failures = 0
        self._changes = 0
        self._dimensions = 0
        self._anew = 0
        self._batch: list[Piece] = []

    def progress(self, total: int) -> Progress:
        """Return how far it is with so many pieces."""
        return Progress(self._embedder.name, min(self._index.with_vector, total), total, self._trouble)

    def wants(self, pieces: Iterable[Piece]) -> None:
        """Take note of pieces that are new or were changed."""
        self._wanted |= {piece.id: piece for piece in pieces}
        self._new.set()

    def noticed(self, error: ChangedError) -> None:
        """Take note of a vector of another length; after some in a row all is embedded anew."""
        self._changes += 1
        if self._changes >= CHANGES:
            self._anew = error.dimensions
            self._new.set()

    async def serve(self) -> None:
        """Embed what is wanted, until it is cancelled; failures are waited out."""
        while True:
            await self._new.wait()
            try:
                if self._anew:
                    await self._begin_anew()
                async with asyncio.timeout(BATCH_S):
                    await self._some()
            except Exception as error:  # noqa: BLE001 - an embedder of another distribution may raise anything
                await self._failed(error)
            else:
                self._failures, self._trouble = 0, ""

    async def _some(self) -> None:
        """Embed or read one batch."""
        if not self._wanted:
            self._new.clear()
            return
        if not self._dimensions:
            self._dimensions = self._embedder.dimensions or (await self._embedder.embed(["."])).shape[1]
        name, dimensions = self._embedder.name, self._dimensions
        step = list(self._wanted.values())[:STEP]
        stored = await self._vectors.load(name, dimensions, [piece.id for piece in step])
        read = [(piece, _unpacked(stored[piece.id])) for piece in step if piece.id in stored]
        await self._into_index(read)
        # After a failure one by one: a text that the model refuses must not hold up the others.
        some = [piece for piece in step if piece.id not in stored][: 1 if self._failures else BATCH]
        self._batch = some
        if not some:
            return
        raw = await self._embedder.embed([embedded(piece) for piece in some])
        made = list(zip(some, checked(raw, len(some), name, dimensions), strict=True))
        packed = [(piece, vector.astype(np.float16).tobytes()) for piece, vector in made]
        await self._vectors.put(name, dimensions, packed)
        await self._into_index(made)
        self._changes = 0

    async def _into_index(self, made: list[tuple[Piece, Floats]]) -> None:
        def put() -> None:
            for piece, vector in made:
                self._index.put_vector(piece.id, vector)

        if made:
            await self._in_thread(put)
        for piece, _ in made:
            if self._wanted.get(piece.id) is piece:
                del self._wanted[piece.id]

    async def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._trouble = str(error) or "the embedder does not answer"
        if self._failures == 1:
            logger.warning("memory is searched by words alone where vectors are missing: {}", self._trouble)
        for piece in self._batch:
            if self._wanted.pop(piece.id, None):
                self._wanted[piece.id] = piece  # the others first
        if isinstance(error, ChangedError):
            self.noticed(error)
        asked = error.retry_after_s if isinstance(error, QuotaError) else None
        pause = asked or FIRST_PAUSE_S * 2 ** min(self._failures - 1, 10)
        await asyncio.sleep(min(pause, LONGEST_PAUSE_S))

    async def _begin_anew(self) -> None:
        """Take the embedder for another model: no vector that there is fits its own."""
        logger.warning("another model answers under the name {}: all is embedded anew", self._embedder.name)
        self._dimensions, self._changes, self._anew = self._anew, 0, 0
        forget = getattr(self._embedder, "forget_dimensions", None)
        if forget is not None:
            forget()
        await self._in_thread(self._index.clear_vectors)
        self.wants(self._everything())


def _unpacked(stored: bytes) -> Floats:
    vector = np.frombuffer(stored, np.float16).astype(np.float32)
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
