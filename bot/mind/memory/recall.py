"""Find what is remembered: the index in memory beside the store, kept in a thread of its own.

The store has the truth, the index is a copy that is quick to search: on SQLite and on PostgreSQL alike, since both are
slower over the same vectors than one product of matrices. A viewer's pieces are found for that viewer alone, and what
was deleted in the store is never returned, whoever deleted it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from loguru import logger

from bot.errors import ProviderError
from bot.mind.embedding.embedder import ChangedError, Embedder, Floats, checked
from bot.mind.memory.search.embedding import Progress, VectorKeeper
from bot.mind.memory.search.entries import NEIGHBOURS, entries_of, owner_of, pages_of
from bot.mind.memory.search.index import Index, Question
from bot.mind.memory.search.terms import asks, terms
from bot.mind.memory.search.vector_index import script_of
from bot.store.memory.knowledge import Synced, sync_knowledge
from bot.store.memory.pieces import Piece, PieceKind, PieceState, Viewer
from bot.store.memory.store import MemoryStore
from bot.store.memory.vectors import STEP, MemoryVectors
from bot.store.memory.viewers import now
from bot.store.records import key

T = TypeVar("T")

#: Longest question that is read, in characters.
MAX_QUESTION: Final = 1000
#: How long a search waits for the question's vector, in seconds; then it goes by words alone.
PATIENCE_S: Final = 0.25
#: After two questions in a row that got no vector, none is asked for so long, in seconds; twice as long each time.
REST_S: Final = 10.0
MAX_REST_S: Final = 300.0
#: Pause before the pieces are read again after a failure, in seconds.
RETRY_S: Final = 5.0
#: Pieces that are indexed without a pause.
SLICE: Final = 50
#: Vectors of questions that are kept.
KEPT_QUESTIONS: Final = 128


@dataclass(frozen=True, slots=True)
class Found:
    """A piece and how good a find it is; 1 is one that shares the question's words."""

    piece: Piece
    score: float


class Recall:
    """What finds. ``embedder`` None: by words alone. Its `serve` must run for vectors to be made."""

    def __init__(
        self,
        memory: MemoryStore,
        embedder: Embedder | None = None,
        *,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._memory = memory
        self._store = memory.store
        self._vectors = MemoryVectors(memory.store)
        self._embedder = embedder
        self._patience_s = patience_s
        self._clock = clock
        self._index = Index()
        self._pieces: dict[int, Piece] = {}
        self._people: dict[Viewer, str] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="memory")
        self._keeper = (
            VectorKeeper(embedder, self._vectors, self._index, self._in_thread, self._pieces.values)
            if embedder
            else None
        )
        self._erased = memory.store.erased
        self._asked: OrderedDict[str, Floats] = OrderedDict()
        self._misses = 0
        self._rests_until = 0.0
        memory.watchers.append(self)

    @property
    def progress(self) -> Progress:
        """How far the vectors are, for the panel."""
        total = len(self._pieces)
        if self._keeper is None:
            return Progress("", 0, total, "there is no embedder: searching by words alone")
        return self._keeper.progress(total)

    def __len__(self) -> int:
        return len(self._pieces)

    async def load(self) -> None:
        """Read all active pieces; they can be found by their words from then on. Raises `ProviderError`."""
        self._people = dict(await self._vectors.people())
        after, page = 0, []
        while step := await self._vectors.pieces(after):
            after = step[-1].id
            # Pieces of one page stand together: the last ones wait for their neighbours.
            page += step
            last = len(page) - sum(1 for _ in _same_page(page))
            await self._put(page[:last] or page)
            page = page[last:] if last else []
        await self._put(page)

    async def learn(self, pieces: Sequence[Piece]) -> Synced:
        """Make these passages the knowledge, in the store and here. Raises `ProviderError`."""
        synced = await sync_knowledge(self._store, pieces, self._clock())
        if synced.gone:
            await self._take_out_what_is_gone()
        if synced.new:
            await self.load()
        return synced

    async def serve(self) -> None:
        """Read all pieces, make the vectors that are missing, look after what was deleted, until it is cancelled.

        What is not read yet is not found, and the show need not wait for it.
        """
        while True:
            try:
                await self.load()
            except ProviderError as error:
                logger.warning("what the host remembers cannot be read now: {}", error)
                await asyncio.sleep(RETRY_S)
            else:
                break
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_after(), name="memory: what was deleted")
            if self._keeper:
                group.create_task(self._keeper.serve(), name="memory: vectors")

    def close(self) -> None:
        """End its thread."""
        if self in self._memory.watchers:
            self._memory.watchers.remove(self)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def prepare(self, question: str) -> None:
        """Make the vector of a question that will soon be searched for; a failure says nothing."""
        await self._vector(question[:MAX_QUESTION], patient=True)

    async def search(
        self,
        question: str,
        *,
        viewers: Sequence[Viewer] = (),
        kinds: Collection[PieceKind] | None = None,
        limit: int = 5,
        wait: bool = True,
        guest: str = "",
    ) -> list[Found]:
        """Return what fits a question, the best first; often nothing.

        Found are the pieces of nobody and those of ``viewers`` (with their linked accounts), never another viewer's.
        Of the pages those of ``guest`` are, who is the host for a while, or those of the channel's own persona.
        Without ``wait`` a vector that `prepare` did not make in time is done without. Raises nothing: what cannot be
        searched is not found.
        """
        if not self._pieces:
            return []
        text = question[:MAX_QUESTION]
        owners = {owner_of(one.source, one.author_id) for viewer in viewers for one in self._accounts(viewer)}
        owners.add(pages_of(guest))
        names = None if kinds is None else [kind.value for kind in kinds]
        vector = await self._vector(text) if self._index.with_vector and (wait or text in self._asked) else None
        asked = Question(terms(text), vector, script_of(text), asks(text))
        moment = self._clock()
        hits = await self._in_thread(
            lambda: self._index.find(asked, owners=owners, kinds=names, limit=max(0, limit), now=moment)
        )
        found = [Found(piece, hit.score) for hit in hits if (piece := self._pieces.get(hit.id))]
        return await self._still_there(found)

    # --- told by the store --------------------------------------------------------------------------

    def added(self, piece: Piece) -> None:
        """Take in a piece that is new or was changed."""
        if piece.state is not PieceState.ACTIVE or not piece.id:
            self.removed(piece.id)
            return
        known = self._pieces.get(piece.id)
        self._pieces[piece.id] = piece
        if known and (known.text, known.origin) == (piece.text, piece.origin) and known.weight == piece.weight:
            return  # its entry and its vector hold
        (entry,) = entries_of([piece])
        self._thread.submit(self._index.put, entry)
        if self._keeper:
            self._keeper.wants([piece])

    def removed(self, id: int) -> None:  # noqa: A002 - the piece's own name
        """Take out a piece."""
        if self._pieces.pop(id, None) is not None:
            self._thread.submit(self._index.remove, id)

    def forgotten(self, source: str, author_id: str) -> None:
        """Take out all of a person, at once; what else was made of their words goes by what the store still has."""
        accounts = set(self._accounts(Viewer(source, author_id)))
        for piece in list(self._pieces.values()):
            if Viewer(piece.source, piece.author_id) in accounts:
                self.removed(piece.id)
        for one in accounts:
            self._people.pop(one, None)
        self._asked.clear()

    def linked(self, one: Viewer, other: Viewer) -> None:
        """Take two accounts for one person."""
        first, second = (self._people.setdefault(_keyed(v), f"{v.source}\n{v.author_id}") for v in (one, other))
        self._people = {v: first if person == second else person for v, person in self._people.items()}

    # --- inside -------------------------------------------------------------------------------------

    def _accounts(self, viewer: Viewer) -> list[Viewer]:
        mine = _keyed(viewer)
        person = self._people.get(mine)
        return [mine] if person is None else [v for v, other in self._people.items() if other == person]

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _put(self, pieces: Sequence[Piece]) -> None:
        new = {piece.id for piece in pieces if piece.id not in self._pieces}
        self._pieces |= {piece.id: piece for piece in pieces if piece.id in new}

        def put(start: int) -> None:
            """Index a slice, seen with its neighbours; a search that comes meanwhile waits for one slice alone."""
            before = max(0, start - len(NEIGHBOURS))
            seen = entries_of(pieces[before : start + SLICE + len(NEIGHBOURS)])
            for entry in seen[start - before :][:SLICE]:
                if entry.id in new:
                    self._index.put(entry)

        for start in range(0, len(pieces) if new else 0, SLICE):
            await self._in_thread(partial(put, start))
        if self._keeper:
            self._keeper.wants(piece for piece in pieces if piece.id in new)

    async def _vector(self, question: str, *, patient: bool = False) -> Floats | None:
        """Return a question's vector; None when there is none in time."""
        if self._embedder is None or self._keeper is None:
            return None
        if question in self._asked:
            self._asked.move_to_end(question)
            return self._asked[question]
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(None if patient else self._patience_s):
                raw = await self._embedder.embed([question], query=True)
            vector: Floats = checked(raw, 1, self._embedder.name)[0]
        except Exception as error:  # noqa: BLE001 - an embedder of another distribution may raise anything
            if isinstance(error, ChangedError):
                self._keeper.noticed(error)
            self._miss(error, loop.time())
            return None
        self._misses = 0
        self._asked[question] = vector
        while len(self._asked) > KEPT_QUESTIONS:
            self._asked.popitem(last=False)
        return vector

    def _miss(self, error: Exception, moment: float) -> None:
        self._misses += 1
        if self._misses >= 2:
            rest = min(REST_S * 2 ** (self._misses - 2), MAX_REST_S)
            self._rests_until = moment + rest
            why = str(error) or "it is too slow"
            logger.warning("memory is searched by words alone for {:.0f} s: {}", rest, why)

    async def _still_there(self, found: list[Found]) -> list[Found]:
        """Leave out what the store has no more; it is asked only when something was deleted since."""
        if self._erased == self._store.erased or not found:
            return found
        try:
            left = await self._vectors.still([one.piece.id for one in found])
        except ProviderError as error:
            logger.warning("memory is not used: {}", error)
            return []
        return [one for one in found if one.piece.id in left]

    async def _look_after(self) -> None:
        """Take out what was deleted in the store behind our back."""
        while True:
            await asyncio.sleep(1.0)
            if self._erased == self._store.erased:
                continue
            try:
                await self._take_out_what_is_gone()
            except ProviderError as error:
                logger.warning("memory cannot look after what was deleted: {}", error)

    async def _take_out_what_is_gone(self) -> None:
        erased, ids = self._store.erased, list(self._pieces)
        for start in range(0, len(ids), STEP):
            some = ids[start : start + STEP]
            for gone in set(some) - await self._vectors.still(some):
                self.removed(gone)
        self._people = dict(await self._vectors.people())
        await self._in_thread(lambda: None)
        self._erased = erased


def _keyed(viewer: Viewer) -> Viewer:
    return Viewer(key(viewer.source), key(viewer.author_id))


def _same_page(pieces: Sequence[Piece]) -> Iterable[Piece]:
    """Yield the last pieces, as far back as they stand on one page."""
    for piece in reversed(pieces):
        if not piece.page or piece.page != pieces[-1].page:
            return
        yield piece
