"""The vectors of pieces in the database, and reading many pieces in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory.pieces import Piece, PieceState, Viewer
from bot.store.memory.rows import to_piece
from bot.store.memory.tables import MemoryPiece, MemoryVector, MemoryViewer
from bot.store.records import key

#: Rows of one step; a step is short enough that a payment never waits for it.
STEP: Final = 1000

_ACTIVE: Final = PieceState.ACTIVE.value


class MemoryVectors:
    """Vectors by the embedder that made them; those of another one are as if there were none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def pieces(self, after: int) -> list[Piece]:
        """Return active pieces with an id above ``after``, at most `STEP`, by id."""

        async def read(c: AsyncConnection) -> list[Piece]:
            wanted = select(MemoryPiece).where(col(MemoryPiece.state) == _ACTIVE, col(MemoryPiece.id) > after)
            return [to_piece(r) for r in await c.execute(wanted.order_by(col(MemoryPiece.id)).limit(STEP))]

        return await self._store.run(read)

    async def people(self) -> list[tuple[Viewer, str]]:
        """Return whose accounts are which person's."""

        async def read(c: AsyncConnection) -> list[tuple[Viewer, str]]:
            columns = (col(MemoryViewer.source), col(MemoryViewer.author_id), col(MemoryViewer.person))
            return [(Viewer(r.source, r.author_id), r.person) for r in await c.execute(select(*columns))]

        return await self._store.run(read)

    async def still(self, ids: Sequence[int]) -> set[int]:
        """Return which of some pieces (at most `STEP`) are there and active."""

        async def read(c: AsyncConnection) -> set[int]:
            wanted = select(col(MemoryPiece.id)).where(col(MemoryPiece.id).in_(ids), col(MemoryPiece.state) == _ACTIVE)
            return {int(found or 0) for found in (await c.execute(wanted)).scalars()}

        return await self._store.run(read)

    async def load(self, embedder: str, dimensions: int, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the vectors of some pieces (at most `STEP`) as float16, as far as there are any."""

        async def read(c: AsyncConnection) -> dict[int, bytes]:
            wanted = select(col(MemoryVector.piece), col(MemoryVector.vector)).where(
                col(MemoryVector.piece).in_(ids),
                col(MemoryVector.embedder) == key(embedder),
                col(MemoryVector.dimensions) == dimensions,
            )
            return {r.piece: bytes(r.vector) for r in await c.execute(wanted)}

        return await self._store.run(read)

    async def put(self, embedder: str, dimensions: int, made: Sequence[tuple[Piece, bytes]]) -> None:
        """Keep vectors (float16), in place of those that the pieces had.

        A piece that is gone, or that has another text by now, gets none.
        """

        async def write(c: AsyncConnection) -> None:
            ids = [piece.id for piece, _ in made]
            told = select(col(MemoryPiece.id), col(MemoryPiece.text)).where(col(MemoryPiece.id).in_(ids))
            texts = {r.id: r.text for r in await c.execute(told)}
            rows = [
                {"piece": piece.id, "embedder": key(embedder), "dimensions": dimensions, "vector": vector}
                for piece, vector in made
                if texts.get(piece.id) == piece.text
            ]
            await c.execute(delete(MemoryVector).where(col(MemoryVector.piece).in_(ids)))
            if rows:
                await c.execute(insert(MemoryVector), rows)

        await self._store.run(write)

    async def counted(self, embedder: str, dimensions: int) -> tuple[int, int]:
        """Return how many active pieces have a vector of this embedder, and how many there are."""

        async def read(c: AsyncConnection) -> tuple[int, int]:
            mine = and_(col(MemoryVector.embedder) == key(embedder), col(MemoryVector.dimensions) == dimensions)
            active = select(func.count()).select_from(MemoryPiece).where(col(MemoryPiece.state) == _ACTIVE)
            joined = active.join(MemoryVector, and_(col(MemoryVector.piece) == col(MemoryPiece.id), mine))
            return int((await c.execute(joined)).scalar_one()), int((await c.execute(active)).scalar_one())

        return await self._store.run(read)
