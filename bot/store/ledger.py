"""The durable record: paid events, what the host said, what was heard of it, what became of each message.

A paid event is on the disk before `Ledger.paid` returns, and it is acknowledged in the same
transaction that records the first heard word of its thanks. After a crash `Ledger.recover` gives back
those of which nothing was heard: none is lost, and none is thanked for twice.

Chat lines and outcomes are many and worth less; they are written in batches by `Ledger.run`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from loguru import logger
from sqlalchemy import ColumnElement, Executable, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.errors import TransientError
from bot.store import duplicates, retention
from bot.store.database import Store
from bot.store.records import (
    MAX_TEXT,
    AskedLine,
    Closed,
    Exchange,
    OutcomeRecord,
    Owed,
    Recovery,
    attested,
    identity,
    to_message,
)
from bot.store.tables import LIVE, SETTLED, WORD, Asked, ChatLine, Outcome, PaidEvent, PaidState, TurnState, Utterance
from bot.text.sanitize import fit, has_word
from bot.types import Message

#: Rows of chat and outcomes that wait to be written; about ten seconds of a very busy chat.
MAX_ROWS = 5000
BATCH_ROWS = 200
BATCH_S = 0.25
#: A paid event whose turn ended unheard this often, over all runs, waits for a person: it may be what crashes us.
MAX_ATTEMPTS = 6
#: Paid events that one start takes up; what is left waits for the next.
MAX_RECOVERED = 1000

Condition: TypeAlias = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class _Rows:
    """One message's worth of batched rows. ``settle`` is its paid event's key, when it has one."""

    line: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None
    settle: tuple[str, str] | None = None


class Ledger:
    """The record on top of a `Store`. ``now`` gives the wall clock, with its zone."""

    def __init__(self, store: Store, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        #: Rows of chat that were given up since the start, because too many waited or the database refused them.
        self.lost = 0
        self._store = store
        self._now = now
        self._rows: deque[_Rows] = deque()
        self._some = asyncio.Event()
        self._many = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many rows wait to be written."""
        return len(self._rows)

    # --- paid events --------------------------------------------------------------------------------

    async def paid(self, message: Message) -> bool:
        """Write a paid event down, on the disk before this returns; False when it is there already.

        It is there too when another kind of event told of the same payment (`Evidence.pair`).
        """
        now = self._now()
        row = {
            **identity(message),
            **attested(message),
            "text": fit(message.text, MAX_TEXT),
            "kind": message.kind.value,
            "minor": None if message.amount is None else max(-(2**63), min(2**63 - 1, message.amount.minor)),
            "currency": "" if message.amount is None else fit(message.amount.currency, WORD),
            "received_at": now,
            "state": PaidState.PENDING,
            "attempts": 0,
            "note": "",
        }

        async def write(c: AsyncConnection) -> bool:
            if await duplicates.known(c, row["source"], row["message_id"]):
                return False
            if row["pair"] and (first := await duplicates.first_of(c, row, now)) is not None:
                await duplicates.add(c, row, first, now)
                return False
            await c.execute(insert(PaidEvent).values(**row))
            return True

        return await self._store.run(write, durable=True)

    async def seen(self, since: dt.timedelta, limit: int = 20_000) -> list[tuple[str, str]]:
        """Return source and id of the lines that came lately, oldest first: after a restart they come again."""
        wanted = (
            select(col(ChatLine.source), col(ChatLine.message_id))
            .where(col(ChatLine.at) >= self._now() - since)
            .order_by(col(ChatLine.id).desc())
            .limit(limit)
        )

        async def read(c: AsyncConnection) -> list[tuple[str, str]]:
            return [(r.source, r.message_id) for r in await _rows(c, wanted)][::-1]

        return await self._store.run(read)

    async def owed(self, limit: int = 100, *, everything: bool = False) -> list[Owed]:
        """Return the paid events that were not acknowledged, oldest first; with ``everything``, the latest of all."""

        async def read(c: AsyncConnection) -> list[Owed]:
            wanted = select(PaidEvent)
            if everything:
                rows = (await _rows(c, wanted.order_by(col(PaidEvent.id).desc()).limit(limit)))[::-1]
            else:
                wanted = wanted.where(col(PaidEvent.state) != PaidState.ACKNOWLEDGED)
                rows = await _rows(c, wanted.order_by(col(PaidEvent.id)).limit(limit))
            return [Owed(to_message(r), PaidState(r.state), r.attempts, r.received_at, r.note) for r in rows]

        return await self._store.run(read)

    # --- turns --------------------------------------------------------------------------------------

    async def begin(self, turn: str, epoch: int, purpose: str, messages: Sequence[Message]) -> None:
        """Record that a turn begins; its paid events are being answered."""
        asked = [{"turn": turn, **identity(m), "text": fit(m.text, MAX_TEXT)} for m in messages]
        values = {
            "turn": turn,
            "epoch": epoch,
            "purpose": purpose,
            "state": TurnState.ACCEPTED,
            "started_at": self._now(),
        }

        async def write(c: AsyncConnection) -> None:
            await c.execute(insert(Utterance).values(**values, planned="", heard="", withdrawn=False, timings={}))
            if asked:
                await c.execute(insert(Asked), asked)
            for message in (m for m in messages if m.paid):
                mine = update(PaidEvent).where(_is(message), col(PaidEvent.state) == PaidState.PENDING)
                await c.execute(mine.values(state=PaidState.ANSWERING, turn=turn))

        await self._store.run(write)

    async def plan(self, turn: str, text: str) -> None:
        """Record what the host means to say, for the audit; nothing takes it for said."""
        planned = update(Utterance).where(col(Utterance.turn) == turn).values(planned=fit(text, MAX_TEXT))
        await self._store.run(lambda c: c.execute(planned))

    async def progress(self, turn: str, heard: str) -> None:
        """Record what was heard so far; the first word acknowledges the turn's paid events.

        A database that is busy does not cut the speech: the next call, or `finish`, writes it.
        """
        try:
            await self._store.run(partial(self._heard, turn, fit(heard, MAX_TEXT)))
        except TransientError as error:
            logger.warning("what was heard of {} could not be written yet: {}", turn, error)

    async def finish(self, turn: str, heard: str, state: str, planned: str, timings: Mapping[str, float]) -> None:
        """Record that a turn is over: ``state`` is completed, interrupted, expired or failed.

        When no word of it was heard, its paid events wait again.
        """
        end = {
            "state": TurnState(state),
            "planned": fit(planned, MAX_TEXT),
            "ended_at": self._now(),
            "timings": dict(timings),
        }

        async def write(c: AsyncConnection) -> None:
            await self._heard(turn, fit(heard, MAX_TEXT), c)
            live = col(Utterance.turn) == turn, col(Utterance.state).in_(LIVE)
            await c.execute(update(Utterance).where(*live).values(**end))
            await self._wait_again(c, col(PaidEvent.turn) == turn)

        await self._store.run(write)

    async def _heard(self, turn: str, heard: str, c: AsyncConnection) -> None:
        if not heard:
            return
        live = col(Utterance.turn) == turn, col(Utterance.state).in_(LIVE)
        await c.execute(update(Utterance).where(*live).values(heard=heard, state=TurnState.PLAYING))
        if has_word(heard):
            await self._acknowledge(c, col(PaidEvent.turn) == turn, col(PaidEvent.state) == PaidState.ANSWERING)

    async def _acknowledge(self, c: AsyncConnection, *which: Condition) -> None:
        await c.execute(
            update(PaidEvent).where(*which).values(state=PaidState.ACKNOWLEDGED, settled_at=self._now(), note="")
        )

    async def _wait_again(self, c: AsyncConnection, *which: Condition) -> None:
        """Put paid events that are being answered back, or aside when that was tried often enough."""
        tried = col(PaidEvent.attempts) + 1
        spent = tried >= MAX_ATTEMPTS
        await c.execute(
            update(PaidEvent)
            .where(*which, col(PaidEvent.state) == PaidState.ANSWERING)
            .values(
                state=case((spent, PaidState.DROPPED), else_=PaidState.PENDING),
                note=case((spent, f"tried {MAX_ATTEMPTS} times and never heard"), else_=""),
                turn=None,
                attempts=tried,
            )
        )

    # --- chat and outcomes --------------------------------------------------------------------------

    def line(self, message: Message, action: str) -> None:
        """Record a line as it came, with what moderation made of it. Never waits."""
        if message.text:
            row = {**identity(message), "text": fit(message.text, MAX_TEXT), "kind": message.kind.value}
            self._add(_Rows(line={**row, "action": fit(action, WORD), "at": self._now()}))

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """Record what became of a message. Never waits.

        For a paid event "answered" acknowledges it, and anything else sets it aside for a person.
        """
        which = identity(message)
        row = {
            "source": which["source"],
            "message_id": which["message_id"],
            "author_hash": self._store.pseudonym(message.source, message.author.id),
            "kind": message.kind.value,
            "outcome": fit(outcome, WORD),
            "reason": fit(reason, MAX_TEXT),
            "at": self._now(),
        }
        self._add(_Rows(outcome=row, settle=(which["source"], which["message_id"]) if message.paid else None))

    async def run(self) -> None:
        """Write the batches; runs as long as the show. Raises `TransientError` when the database does not take them."""
        while True:
            if not self._rows:
                self._some.clear()
                await self._some.wait()
            try:
                async with asyncio.timeout(BATCH_S):
                    await self._many.wait()
            except TimeoutError:
                pass
            await self.flush()

    async def flush(self) -> None:
        """Write all that waits. What a passing failure stops waits on."""
        while self._rows:
            batch = [self._rows.popleft() for _ in range(min(BATCH_ROWS, len(self._rows)))]
            if len(self._rows) < BATCH_ROWS:
                self._many.clear()
            try:
                await self._store.run(partial(self._write, batch))
            except TransientError:
                self._rows.extendleft(reversed(batch))
                raise
            except Exception:
                self.lost += len(batch)  # not tried again: one bad row would hold up all others for ever
                raise

    def _add(self, rows: _Rows) -> None:
        # Paid rows go beyond the bound: each had to be written down one by one before, so there are never many.
        if len(self._rows) >= MAX_ROWS and rows.settle is None:
            self.lost += 1
            return
        self._rows.append(rows)
        self._some.set()
        if len(self._rows) >= BATCH_ROWS:
            self._many.set()

    async def _write(self, batch: Iterable[_Rows], c: AsyncConnection) -> None:
        if lines := [r.line for r in batch if r.line]:
            await c.execute(insert(ChatLine), lines)
        if outcomes := [r.outcome for r in batch if r.outcome]:
            await c.execute(insert(Outcome), outcomes)
        for rows in batch:
            if rows.settle is None or rows.outcome is None:
                continue
            mine = (
                col(PaidEvent.source) == rows.settle[0],
                col(PaidEvent.message_id) == rows.settle[1],
                col(PaidEvent.state).not_in(SETTLED),
            )
            if rows.outcome["outcome"] == "answered":
                await self._acknowledge(c, *mine)
            else:
                dropped = {"state": PaidState.DROPPED, "settled_at": self._now(), "note": rows.outcome["reason"]}
                await c.execute(update(PaidEvent).where(*mine).values(**dropped))

    # --- after a crash, and for the history ---------------------------------------------------------

    async def recover(self) -> Recovery:
        """Close what an earlier run left open. Call it once, before anything else is written."""

        async def write(c: AsyncConnection) -> Recovery:
            live = col(Utterance.state).in_(LIVE)
            wanted = (
                select(col(Utterance.turn), col(Utterance.purpose), col(Utterance.heard))
                .where(live)
                .order_by(col(Utterance.id))
            )
            closed = tuple(Closed(r.turn, r.purpose, r.heard) for r in await _rows(c, wanted))
            await c.execute(update(Utterance).where(live).values(state=TurnState.INTERRUPTED, ended_at=self._now()))
            # Whatever was heard has acknowledged its events already, in the same transaction.
            await self._wait_again(c)
            pending = select(PaidEvent).where(col(PaidEvent.state) == PaidState.PENDING).order_by(col(PaidEvent.id))
            return Recovery(closed, tuple(to_message(r) for r in await _rows(c, pending.limit(MAX_RECOVERED))))

        return await self._store.run(write, durable=True)

    async def history(self, limit: int) -> list[Exchange]:
        """Return the last turns of which something was heard, oldest first."""

        async def read(c: AsyncConnection) -> list[Exchange]:
            wanted = (
                select(col(Utterance.turn), col(Utterance.heard), col(Utterance.state))
                .where(col(Utterance.heard) != "", col(Utterance.state).not_in(LIVE), ~col(Utterance.withdrawn))
                .order_by(col(Utterance.id).desc())
                .limit(limit)
            )
            turns = (await _rows(c, wanted))[::-1]
            lines = select(Asked).where(col(Asked.turn).in_([t.turn for t in turns])).order_by(col(Asked.id))
            asked: dict[str, list[AskedLine]] = {}
            for r in await _rows(c, lines):
                line = AskedLine(r.message_id, r.author_id, r.author_name, r.text, r.source)
                asked.setdefault(r.turn, []).append(line)
            return [
                Exchange(t.turn, tuple(asked.get(t.turn, ())), t.heard, t.state != TurnState.COMPLETED) for t in turns
            ]

        return await self._store.run(read)

    async def counts(self, since: dt.datetime) -> dict[str, int]:
        """Return the number of the outcomes since a moment, by outcome."""
        wanted = select(col(Outcome.outcome), func.count().label("n")).where(col(Outcome.at) >= since)

        async def read(c: AsyncConnection) -> dict[str, int]:
            return {r.outcome: r.n for r in await _rows(c, wanted.group_by(col(Outcome.outcome)))}

        return await self._store.run(read)

    async def recent_outcomes(self, limit: int = 50) -> list[OutcomeRecord]:
        """Return the last outcomes, newest first."""

        async def read(c: AsyncConnection) -> list[OutcomeRecord]:
            rows = await _rows(c, select(Outcome).order_by(col(Outcome.id).desc()).limit(limit))
            return [
                OutcomeRecord(r.source, r.message_id, r.author_hash, r.kind, r.outcome, r.reason, r.at) for r in rows
            ]

        return await self._store.run(read)

    # --- forgetting ---------------------------------------------------------------------------------

    async def purge(self, older_than: dt.timedelta) -> int:
        """Delete raw chat that is older, every copy of it; return the number of its lines."""
        return await retention.purge(self._store, self._now(), older_than)

    async def forget(self, author_id: str, source: str | None = None) -> int:
        """Forget a viewer, in one source or in all; return the number of their lines and events."""
        await self.flush()
        return await retention.forget(self._store, author_id, source)

    async def retract(self, *, message: str | None = None, author: str | None = None, source: str | None = None) -> int:
        """Honour a deletion: the words go, and their answer leaves the history; return the number of lines.

        One message, all of a viewer's, or (with a ``source`` alone) all of a platform's chat.
        """
        await self.flush()
        return await retention.retract(self._store, message=message, author=author, source=source)


def _is(message: Message) -> Condition:
    which = identity(message)
    return (col(PaidEvent.source) == which["source"]) & (col(PaidEvent.message_id) == which["message_id"])


async def _rows(c: AsyncConnection, statement: Executable) -> list[Any]:
    return list(await c.execute(statement))
