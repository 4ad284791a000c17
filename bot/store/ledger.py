"""The durable record: payments, what the host said, and what was heard of it.

A payment is on the disk before `Ledger.record` returns, and it is acknowledged in the same transaction
that records the first heard word of its thanks. After a crash `Ledger.recover` returns those of which
nothing was heard: none is lost, and none is thanked for twice. The states and their rules stand in
`bot.store.payments`; chat lines and outcomes, many and worth less, go through `Ledger.journal` in batches.

Every method raises `TransientError` when the database is busy, full or gone, and may be called again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy import Executable, delete, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store import payments, retention
from bot.store.database import Store
from bot.store.journal import Journal
from bot.store.payments import Recorded
from bot.store.programme import ProgrammeLedger
from bot.store.records import MAX_TEXT, Closed, Owed, Recovery, Settlement, identity, to_message
from bot.store.spend import SpendLedger
from bot.store.tables import LIVE, Asked, ChatLine, Outcome, PaidEvent, PaidState, Secret, TurnState, Utterance
from bot.text.sanitize import fit, has_word
from bot.types import AskedLine, Exchange, Message, MessageOutcome, TurnKind

#: Payments that one start takes up; what is left waits for the next.
MAX_RECOVERED = 1000
#: The name under which the last first epoch is kept, and what the clock may say at most: an epoch has 32 bits.
EPOCH, MAX_CLOCK = "epoch", 2**31


class Ledger:
    """The record on top of a `Store`. ``now`` gives the wall clock, with its zone."""

    def __init__(self, store: Store, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self.journal = Journal(store, now)
        self.programme = ProgrammeLedger(store)
        self.spending = SpendLedger(store)
        self._store = store
        self._now = now
        #: Turns that have taken payments. All others touch no row of them, and those are nearly all.
        self._thanking: set[str] = set()

    # --- payments -----------------------------------------------------------------------------------

    async def record(self, message: Message) -> Recorded:
        """Write a payment down, on the disk before this returns; return how it stands. See `bot.store.payments`."""
        return await self._store.run(lambda c: payments.record(c, message, self._now()), durable=True)

    async def settle(self, settlement: Settlement) -> None:
        """End a payment that is not ended yet. May be called again."""
        s = settlement

        async def write(c: AsyncConnection) -> None:
            await payments.settle(c, s.source, s.message_id, s.reason, self._now(), answered=s.answered)

        await self._store.run(write, durable=True)

    def line(self, message: Message, action: str) -> None:
        """Record a line of chat with what moderation made of it. Never waits."""
        self.journal.line(message, action)

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

    async def last_outcome(self, source: str, author_id: str, *, but: str = "") -> tuple[MessageOutcome, str] | None:
        """Return what became of a viewer's last line, and the reason; None when nothing is known.

        Lines whose reason begins with ``but`` do not count.
        """
        wanted = (
            select(col(Outcome.outcome), col(Outcome.reason))
            .where(col(Outcome.author_hash) == self._store.pseudonym(source, author_id))
            .where(~col(Outcome.reason).startswith(but, autoescape=True) if but else true())
            .order_by(col(Outcome.id).desc())
            .limit(1)
        )

        async def read(c: AsyncConnection) -> tuple[MessageOutcome, str] | None:
            for row in await _rows(c, wanted):
                with suppress(ValueError):  # a word of another version
                    return MessageOutcome(row.outcome), row.reason
            return None

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

    async def begin(self, turn: str, epoch: int, kind: TurnKind, messages: Sequence[Message]) -> None:
        """Record that a turn begins; its payments are being answered. May be called again for the same turn."""
        if any(message.paid for message in messages):
            self._thanking.add(turn)
        asked = [{"turn": turn, **identity(m), "text": fit(m.text, MAX_TEXT)} for m in messages]
        values = {
            "turn": turn,
            "epoch": epoch,
            "purpose": str(kind),
            "state": TurnState.ACCEPTED,
            "started_at": self._now(),
        }

        async def write(c: AsyncConnection) -> None:
            known = select(col(Utterance.id)).where(col(Utterance.turn) == turn)
            if (await c.execute(known)).first() is not None:
                return  # a write whose end nobody saw
            await c.execute(insert(Utterance).values(**values, planned="", heard="", withdrawn=False, timings={}))
            if asked:
                await c.execute(insert(Asked), asked)
            await payments.begin(c, turn, messages)

        await self._store.run(write)

    async def progress(self, turn: str, heard: str) -> None:
        """Record what was heard so far; the first word acknowledges the turn's payments."""
        await self._store.run(partial(self._heard, turn, fit(heard, MAX_TEXT)))

    async def finish(
        self,
        turn: str,
        heard: str,
        state: TurnState,
        planned: str,
        timings: Mapping[str, float],
        *,
        withdrawn: bool = False,
    ) -> None:
        """Record that a turn is over. When no word of it was heard, its payments wait again.

        ``withdrawn`` keeps it out of the history: what it answers was deleted.
        """
        end = {
            "state": state,
            "planned": fit(planned, MAX_TEXT),
            "ended_at": self._now(),
            "timings": dict(timings),
            **({"withdrawn": True} if withdrawn else {}),
        }

        async def write(c: AsyncConnection) -> None:
            await self._heard(turn, fit(heard, MAX_TEXT), c)
            live = col(Utterance.turn) == turn, col(Utterance.state).in_(LIVE)
            await c.execute(update(Utterance).where(*live).values(**end))
            if turn in self._thanking:
                await payments.wait_again(c, turn)

        await self._store.run(write)
        self._thanking.discard(turn)

    async def _heard(self, turn: str, heard: str, c: AsyncConnection) -> None:
        if not heard:
            return
        live = col(Utterance.turn) == turn, col(Utterance.state).in_(LIVE)
        await c.execute(update(Utterance).where(*live).values(heard=heard, state=TurnState.PLAYING))
        if turn in self._thanking and has_word(heard):
            await payments.acknowledge_turn(c, turn, self._now())

    # --- the database itself ------------------------------------------------------------------------

    @property
    def trouble(self) -> str:
        """What is wrong with the database just now, in words; empty when it is well."""
        return self._store.trouble

    async def probe(self) -> None:
        """Ask the database for nothing, to see whether it answers. Raises `TransientError` or `FatalError`."""
        await self._store.run(lambda c: c.execute(select(1)))

    async def first_epoch(self) -> int:
        """Return the number from which this run counts its turns: above those of all earlier runs, whatever the clock.

        A page that stayed open has forgotten everything up to the last of them (`bot.stage.protocol.Stop`).
        """

        async def write(c: AsyncConnection) -> int:
            spoken = (await c.execute(select(func.max(col(Utterance.epoch))))).scalar_one_or_none() or 0
            begun = (await c.execute(select(col(Secret.value)).where(col(Secret.name) == EPOCH))).scalar_one_or_none()
            # Earlier runs that kept no number counted from the clock too.
            first = max(spoken + 1, int(begun or 0) + 1, min(int(self._now().timestamp()), MAX_CLOCK))
            await c.execute(delete(Secret).where(col(Secret.name) == EPOCH))
            await c.execute(insert(Secret).values(name=EPOCH, value=str(first).encode()))
            return first

        return await self._store.run(write, durable=True)

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
            await payments.wait_again(c)
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

    # --- forgetting ---------------------------------------------------------------------------------

    async def purge(self, older_than: dt.timedelta) -> int:
        """Delete raw chat that is older, every copy of it; return the number of its lines."""
        return await retention.purge(self._store, self._now(), older_than)

    async def forget(self, author_id: str, source: str | None = None) -> int:
        """Forget a viewer, in one source or in all; return the number of their lines and events."""
        await self.journal.flush()
        return await retention.forget(self._store, author_id, source)

    async def retract(
        self,
        *,
        message: str | None = None,
        author: str | None = None,
        source: str | None = None,
        before: dt.datetime | None = None,
    ) -> int:
        """Delete what a platform took back, and take its answer out of the history; return the number of lines.

        One message, all of a viewer's, or (with a ``source`` alone) all of a platform's chat. What was written after
        ``before`` stays: a deletion may be carried out long after it came.
        """
        await self.journal.flush()
        return await retention.retract(self._store, message=message, author=author, source=source, before=before)


async def _rows(c: AsyncConnection, statement: Executable) -> list[Any]:
    return list(await c.execute(statement))
