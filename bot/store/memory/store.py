"""What the host remembers, in the database. The same on SQLite and on PostgreSQL.

Two rules are kept here, whoever calls: of a viewer is kept only what they asked for (`MemoryStore.remember`), and
nothing is made of a turn whose line was deleted or whose viewer was forgotten meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory import forgetting
from bot.store.memory.pieces import Piece, PieceKind, PieceState, Viewer
from bot.store.memory.rows import (
    MAX_TEXT,
    accounts_of,
    bounded,
    digest,
    owned_by,
    row_of,
    to_piece,
    values,
)
from bot.store.memory.tables import MemoryOrigin, MemoryPiece, MemoryVector
from bot.store.memory.viewers import MAX_LISTED, RememberedViewers
from bot.store.records import key
from bot.store.tables import KEY, Asked, PaidEvent, Utterance
from bot.text.sanitize import fit

#: Turns and viewers that one piece may name.
MAX_ORIGINS: Final = 200
#: A text that is said again wakes a piece that stands so.
_SLEEPING: Final = (PieceState.ACTIVE.value, PieceState.SUPERSEDED.value, PieceState.ARCHIVED.value)


class MemoryStore(RememberedViewers):
    """Pieces and the viewers who asked to be remembered.

    ``watchers`` are told of what is kept and of what is gone; an index in memory is one.
    """

    # --- pieces -------------------------------------------------------------------------------------

    async def add(self, piece: Piece) -> Piece:
        """Keep a piece; return it with its id.

        A text of the same owner and kind that says the same is refreshed, not doubled; a piece with a slot supersedes
        the active one of its owner, kind and slot. It is not kept, and comes back with the id 0, when it is of a viewer
        who is not remembered, or of a turn that was withdrawn. Raises `TransientError`.
        """
        gone: list[int] = []

        async def write(c: AsyncConnection) -> Piece:
            if not piece.text.strip() or await self._is_refused(c, piece):
                return replace(piece, id=0)
            row = values(piece, self._now())
            owner = await _owner(c, piece)
            twin = await _twin(c, owner, row)
            if row["state"] == PieceState.ACTIVE.value and (slot := row["slot"] or (twin.slot if twin else "")):
                older = _same_kind(owner, row) & (col(MemoryPiece.slot) == slot) & _active()
                gone.extend(int(n or 0) for n in (await c.execute(select(col(MemoryPiece.id)).where(older))).scalars())
                await c.execute(update(MemoryPiece).where(older).values(state=PieceState.SUPERSEDED.value))
            if twin is None:
                made = await c.execute(insert(MemoryPiece).values(**row).returning(col(MemoryPiece.id)))
                number = int(made.scalar_one() or 0)
            else:
                number = twin.id
                fresh = {k: row[k] for k in ("text", "origin", "turn", "used_at", "state")} | {
                    "slot": row["slot"] or twin.slot,
                    "weight": max(row["weight"], twin.weight),
                    "due_at": row["due_at"] or twin.due_at,
                }
                await c.execute(update(MemoryPiece).where(col(MemoryPiece.id) == number).values(**fresh))
            await self._note_origins(c, number, piece)
            if piece.kind is PieceKind.VIEWER and await forgetting.bound_person(c, owner):
                self._store.erased += 1
            return await _piece(c, number) or replace(piece, id=0)

        kept = await self._store.run(write)
        for watcher in self.watchers:
            for number in gone:
                watcher.removed(number)
            if kept.id:
                watcher.added(kept)
        return kept

    async def get(self, id: int) -> Piece | None:  # noqa: A002 - the row's own name
        """Return a piece; None when it is gone."""
        return await self._store.run(lambda c: _piece(c, id))

    async def change(
        self,
        id: int,  # noqa: A002 - as in `get`
        *,
        text: str | None = None,
        state: PieceState | None = None,
        due_at: dt.datetime | None = None,
        weight: float | None = None,
    ) -> Piece | None:
        """Correct a piece; return it, or None when it is gone. A new text has no vector until one is made."""
        new: dict[str, Any] = {}
        if text is not None and text.strip():
            short = fit(text, MAX_TEXT)
            new |= {"text": short, "digest": digest(short)}
        new |= {} if state is None else {"state": state.value}
        new |= {} if due_at is None else {"due_at": due_at}
        new |= {} if weight is None else {"weight": bounded(weight)}

        async def write(c: AsyncConnection) -> Piece | None:
            if new:
                await c.execute(update(MemoryPiece).where(col(MemoryPiece.id) == id).values(**new))
            if "text" in new:
                await c.execute(delete(MemoryVector).where(col(MemoryVector.piece) == id))
            return await _piece(c, id)

        changed = await self._store.run(write)
        if changed:
            for watcher in self.watchers:
                watcher.added(changed)
        return changed

    async def delete(self, id: int) -> bool:  # noqa: A002 - as in `get`
        """Delete a piece with its vector; return whether it was there."""
        gone = await self._store.run(lambda c: forgetting.forget_pieces(c, [id]), durable=True)
        for watcher in self.watchers:
            watcher.removed(id)
        return bool(gone)

    async def of_viewer(
        self,
        source: str,
        author_id: str,
        *,
        kinds: Collection[PieceKind] = (PieceKind.VIEWER,),
        active: bool = True,
    ) -> list[Piece]:
        """Return the pieces of a person, of all linked accounts, newest first; without ``active`` also the old ones."""

        async def read(c: AsyncConnection) -> list[Piece]:
            mine = owned_by(await accounts_of(c, source, author_id))
            wanted = select(MemoryPiece).where(mine, col(MemoryPiece.kind).in_([k.value for k in kinds]))
            wanted = wanted.where(_active()) if active else wanted
            return [to_piece(r) for r in await c.execute(_newest(wanted).limit(MAX_LISTED))]

        return await self._store.run(read)

    async def listed(
        self, kinds: Collection[PieceKind], *, state: PieceState = PieceState.ACTIVE, limit: int = 200
    ) -> list[Piece]:
        """Return pieces of some kinds, newest first."""
        those = (col(MemoryPiece.kind).in_([k.value for k in kinds]), col(MemoryPiece.state) == state.value)
        wanted = _newest(select(MemoryPiece).where(*those)).limit(max(0, min(limit, MAX_LISTED)))
        return await self._pieces(wanted)

    async def due(self, now: dt.datetime) -> list[Piece]:
        """Return the active promises whose time has come, the oldest first."""
        those = (col(MemoryPiece.kind) == PieceKind.PROMISE.value, _active(), col(MemoryPiece.due_at) <= now)
        wanted = select(MemoryPiece).where(*those).order_by(col(MemoryPiece.due_at), col(MemoryPiece.id))
        return await self._pieces(wanted.limit(MAX_LISTED))

    async def touch(self, ids: Iterable[int]) -> None:
        """Note that pieces were used: they stay longer."""
        some = list(ids)[:MAX_LISTED]
        used = {"uses": col(MemoryPiece.uses) + 1, "used_at": self._now()}
        if some:
            those = update(MemoryPiece).where(col(MemoryPiece.id).in_(some)).values(**used)
            await self._store.run(lambda c: c.execute(those))

    async def forget(self, source: str, author_id: str) -> int:
        """Forget a person, on all their linked accounts; return how many pieces are gone.

        Their rows and vectors go, and all that was made of their words: summaries, episodes, promises to them.
        """
        gone = await self._store.run(lambda c: forget_viewer(c, self._store, source, author_id), durable=True)
        self._store.erased += 1
        for watcher in self.watchers:
            watcher.forgotten(source, author_id)
        return gone

    async def decay(self, now: dt.datetime) -> int:
        """Archive what was unused for long, and keep to the bounds; return how many pieces ended."""
        ended = await self._store.run(lambda c: forgetting.decay(c, now))
        self._store.erased += bool(ended)
        return ended

    # --- inside -------------------------------------------------------------------------------------

    async def _pieces(self, wanted: Any) -> list[Piece]:
        async def read(c: AsyncConnection) -> list[Piece]:
            return [to_piece(r) for r in await c.execute(wanted)]

        return await self._store.run(read)

    async def _is_refused(self, c: AsyncConnection, piece: Piece) -> bool:
        if piece.kind is PieceKind.VIEWER and await row_of(c, piece.source, piece.author_id) is None:
            return True
        turns = _turns(piece)
        withdrawn = select(func.count()).select_from(Utterance)
        withdrawn = withdrawn.where(col(Utterance.turn).in_(turns), col(Utterance.withdrawn))
        return bool(turns and (await c.execute(withdrawn)).scalar_one())

    async def _note_origins(self, c: AsyncConnection, number: int, piece: Piece) -> None:
        """Note of which turns and of whose words a piece was made, as far as the records still know."""
        turns = _turns(piece)
        found: set[tuple[str, str]] = {(turn, "") for turn in turns}
        people = {("", self._store.pseudonym(key(v.source), key(v.author_id))) for v in piece.about[:MAX_ORIGINS]}
        for table in (Asked, PaidEvent):
            who = select(col(table.turn), col(table.source), col(table.author_id)).where(col(table.turn).in_(turns))
            for row in await c.execute(who) if turns else ():
                people |= {(row.turn, self._store.pseudonym(row.source, row.author_id))}
        known = select(col(MemoryOrigin.turn), col(MemoryOrigin.author_hash)).where(col(MemoryOrigin.piece) == number)
        before = {(r.turn, r.author_hash) for r in await c.execute(known)}
        rows = [{"piece": number, "turn": t, "author_hash": a} for t, a in sorted((found | people) - before)]
        if rows and len(before) < MAX_ORIGINS:
            await c.execute(insert(MemoryOrigin), rows)


async def forget_viewer(c: AsyncConnection, store: Store, source: str, author_id: str) -> int:
    """Forget a person within a transaction; see `MemoryStore.forget`."""
    accounts = await accounts_of(c, source, author_id)
    hashes = [store.pseudonym(a.source, a.author_id) for a in accounts]
    turns: set[str] = set()
    for table in (Asked, PaidEvent):
        mine = or_(*((col(table.source) == a.source) & (col(table.author_id) == a.author_id) for a in accounts))
        turns |= {t for t in (await c.execute(select(col(table.turn)).where(mine).distinct())).scalars() if t}
    return await forgetting.forget_accounts(c, accounts, hashes, sorted(turns))


async def _owner(c: AsyncConnection, piece: Piece) -> list[Viewer]:
    if piece.author_id:
        return await accounts_of(c, piece.source, piece.author_id)
    return [Viewer(key(piece.source), "")]


async def _twin(c: AsyncConnection, owner: list[Viewer], row: dict[str, Any]) -> Any:
    """Return the newest row of the same owner, kind and page that says the same and can be woken."""
    says = (col(MemoryPiece.digest) == row["digest"]) & (col(MemoryPiece.page) == row["page"])
    sleeping = col(MemoryPiece.state).in_(_SLEEPING if row["state"] == PieceState.ACTIVE.value else ())
    wanted = select(MemoryPiece).where(_same_kind(owner, row), says, sleeping).order_by(col(MemoryPiece.id).desc())
    return (await c.execute(wanted.limit(1))).one_or_none()


def _same_kind(owner: list[Viewer], row: dict[str, Any]) -> ColumnElement[bool]:
    return and_(owned_by(owner), col(MemoryPiece.kind) == row["kind"])


async def _piece(c: AsyncConnection, number: int) -> Piece | None:
    row = (await c.execute(select(MemoryPiece).where(col(MemoryPiece.id) == number))).one_or_none()
    return to_piece(row) if row else None


def _turns(piece: Piece) -> list[str]:
    return list(dict.fromkeys(fit(t, KEY) for t in (piece.turn, *piece.turns) if t))[:MAX_ORIGINS]


def _active() -> Any:
    return col(MemoryPiece.state) == PieceState.ACTIVE.value


def _newest(wanted: Any) -> Any:
    return wanted.order_by(col(MemoryPiece.at).desc(), col(MemoryPiece.id).desc())
