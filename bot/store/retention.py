"""Forgetting: what is deleted after a day, at a viewer's wish, and when a platform deletes a message."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, CursorResult, Executable, delete, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Store
from bot.store.memory.forgetting import decay, retract_turns
from bot.store.memory.pieces import Viewer
from bot.store.memory.store import forget_viewer as forget_memory
from bot.store.memory.tables import MemoryPiece, MemoryViewer
from bot.store.programme import forget_viewer
from bot.store.records import key
from bot.store.tables import (
    LIVE,
    SETTLED,
    Asked,
    ChatLine,
    Outcome,
    PaidEvent,
    PaidTwin,
    ProgrammeMemory,
    ProgrammeRun,
    Utterance,
)

#: Outcomes hold no text and no name; they and the times of turns are kept this long for reports.
OUTCOMES_KEPT = dt.timedelta(days=30)
#: Settled payments are a record of income: two years, and words and names go with the raw chat.
PAYMENTS_KEPT = dt.timedelta(days=730)
#: Rows deleted in one transaction, so that a long purge never holds up a paid event.
PURGE_ROWS = 2000

#: The tables in which a viewer's own words stand beside their id.
_Words: TypeAlias = type[ChatLine | Asked | PaidEvent]


async def purge(store: Store, now: dt.datetime, older_than: dt.timedelta) -> int:
    """Delete raw chat that is older: the lines, the questions beside the answers, the words of settled payments.

    What the host said then goes too, since it quotes viewers. Returns the number of lines. Outcomes and the
    times of turns go after `OUTCOMES_KEPT`, settled payments after `PAYMENTS_KEPT`: every table has its end. What is
    remembered ends by its use (`bot.store.memory.forgetting`).
    """
    cutoff = now - older_than
    lines = await _delete(store, ChatLine, col(ChatLine.at) < cutoff)
    over = select(col(Utterance.turn)).where(col(Utterance.started_at) < cutoff, col(Utterance.state).not_in(LIVE))
    await _delete(store, Asked, col(Asked.turn).in_(over))
    said = (
        col(Utterance.started_at) < cutoff,
        col(Utterance.state).not_in(LIVE),
        col(Utterance.planned) + col(Utterance.heard) != "",
    )
    await store.run(partial(_count, update(Utterance).where(*said).values(heard="", planned="")))
    ended = (col(Utterance.started_at) < now - OUTCOMES_KEPT) & col(Utterance.state).not_in(LIVE)
    await _delete(store, Utterance, ended)
    await _delete(store, Outcome, col(Outcome.at) < now - OUTCOMES_KEPT)
    await _delete(store, ProgrammeRun, col(ProgrammeRun.ended_at) < now - OUTCOMES_KEPT)
    paid = (col(PaidEvent.received_at) < now - PAYMENTS_KEPT) & col(PaidEvent.state).in_(SETTLED)
    await _delete(store, PaidEvent, paid)
    await _delete(store, PaidTwin, col(PaidTwin.received_at) < cutoff)
    old = col(PaidEvent.received_at) < cutoff, col(PaidEvent.state).in_(SETTLED), col(PaidEvent.text) != ""
    await store.run(partial(_count, update(PaidEvent).where(*old).values(text="")))
    store.erased += bool(await store.run(partial(decay, now=now)))
    return lines


async def forget(store: Store, author_id: str, source: str | None = None) -> int:
    """Forget a viewer: their lines, their outcomes, what the host said in answer to them, what it remembers of them.

    Memory forgets their linked accounts as well. Of what they paid the amount stays, without name and words. Gives the
    number of lines, events and remembered pieces.
    """

    async def write(c: AsyncConnection) -> int:
        tables: tuple[_Words, ...] = (ChatLine, Asked, PaidEvent)
        sources = {source} if source else set()
        for table in tables:
            sources |= set(
                (await c.execute(select(col(table.source)).where(_theirs(table, author_id, source)))).scalars()
            )
        for memory_table in (MemoryPiece, MemoryViewer):
            mine = col(memory_table.author_id) == key(author_id)
            mine &= true() if source is None else col(memory_table.source) == key(source)
            sources |= set((await c.execute(select(col(memory_table.source)).where(mine))).scalars())
        pieces = sum([await forget_memory(c, store, s, author_id) for s in sorted(sources)])
        hashes = [store.pseudonym(s, author_id) for s in sorted(sources)]
        await _count(delete(Outcome).where(col(Outcome.author_hash).in_(hashes)), c)
        for table in (Asked, PaidEvent):
            turns = select(col(table.turn)).where(_theirs(table, author_id, source))
            silence = update(Utterance).where(col(Utterance.turn).in_(turns))
            await _count(silence.values(heard="", planned="", withdrawn=True), c)
        await _count(delete(Asked).where(_theirs(Asked, author_id, source)), c)
        for row in list(await c.execute(select(ProgrammeMemory))):
            if forget_viewer(memory := dict(row.value), author_id, source):
                await c.execute(
                    update(ProgrammeMemory).where(col(ProgrammeMemory.name) == row.name).values(value=memory)
                )
        lines = await _count(delete(ChatLine).where(_theirs(ChatLine, author_id, source)), c)
        paid = update(PaidEvent).where(_theirs(PaidEvent, author_id, source))
        return (
            pieces
            + lines
            + await _count(paid.values(author_id="", author_name="someone", text="", pair="", evidence={}), c)
        )

    gone = await store.run(write, durable=True)
    store.erased += 1
    return gone


async def retract(
    store: Store,
    *,
    message: str | None = None,
    author: str | None = None,
    source: str | None = None,
    before: dt.datetime | None = None,
) -> int:
    """Honour a platform's deletion of a message, of all of a viewer's, or (a ``source`` alone) of its whole chat.

    The words go, and the answers to them leave the history (what was said on air stays on record).
    Gives the number of lines. Paid events keep their state: whether they are thanked is the inbox's.
    """

    def those(table: _Words) -> ColumnElement[bool]:
        where = true() if source is None else col(table.source) == key(source)
        if message is not None:
            return (col(table.message_id) == key(message)) & where
        if author is not None:
            where = _theirs(table, author, source)
        return where & _not_after(table, before)

    if message is None and author is None and source is None:
        return 0

    async def write(c: AsyncConnection) -> int:
        turns = select(col(Asked.turn)).where(those(Asked))
        await _retract_memory(c, those(Asked), those(PaidEvent))
        await _count(update(Utterance).where(col(Utterance.turn).in_(turns)).values(withdrawn=True), c)
        await _count(delete(Asked).where(those(Asked)), c)
        await _count(update(PaidEvent).where(those(PaidEvent)).values(text=""), c)
        return await _count(delete(ChatLine).where(those(ChatLine)), c)

    lines = await store.run(write)
    store.erased += 1
    return lines


async def _retract_memory(c: AsyncConnection, asked: ColumnElement[bool], paid: ColumnElement[bool]) -> None:
    """Take back what was made of the turns of lines that are deleted."""
    turns: set[str] = set()
    authors: set[Viewer] = set()
    for table, which in ((Asked, asked), (PaidEvent, paid)):
        wanted = select(col(table.turn), col(table.source), col(table.author_id)).where(which)
        for row in await c.execute(wanted):
            turns |= {row.turn} if row.turn else set()
            authors.add(Viewer(row.source, row.author_id))
    await retract_turns(c, sorted(turns), list(authors))


def _not_after(table: _Words, moment: dt.datetime | None) -> ColumnElement[bool]:
    """Return the condition that a row was written until a moment; without one, any was."""
    if moment is None:
        return true()
    if table is ChatLine:
        return col(ChatLine.at) <= moment
    if table is PaidEvent:
        return col(PaidEvent.received_at) <= moment
    return col(Asked.turn).in_(select(col(Utterance.turn)).where(col(Utterance.started_at) <= moment))


def _theirs(table: _Words, author_id: str, source: str | None) -> ColumnElement[bool]:
    where = true() if source is None else col(table.source) == key(source)
    return (col(table.author_id) == key(author_id)) & where


async def _count(statement: Executable, c: AsyncConnection) -> int:
    """Execute, and give the number of rows concerned."""
    result: CursorResult[Any] = await c.execute(statement)
    return result.rowcount


async def _delete(
    store: Store,
    table: type[ChatLine | Asked | Outcome | PaidTwin | PaidEvent | ProgrammeRun | Utterance],
    which: ColumnElement[bool],
) -> int:
    gone = 0
    while True:
        some = select(col(table.id)).where(which).limit(PURGE_ROWS)
        count = await store.run(partial(_count, delete(table).where(col(table.id).in_(some))))
        gone += count
        if count < PURGE_ROWS:
            return gone
