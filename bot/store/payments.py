"""The states of a payment, and every rule by which it goes from one to the next.

                 record                begin                first word heard
    (told) ──────────────▶ PENDING ─────────────▶ ANSWERING ─────────────────▶ ACKNOWLEDGED
       │                    ▲     │                │      │                        ▲
       │ known: nothing     │     │ outcome        │      │ outcome "answered" ────┘
       ▼ is written         │     │ other than     │      │
    (dropped as a repeat)   │     │ "answered"     │      └─ outcome other than "answered" ─┐
                            │     └───────────────────────────────────────────────────────▶ DROPPED
                            └──────── nothing was heard, tried fewer than MAX_ATTEMPTS times (then DROPPED)

A dropped payment waits for a person: ``haishin ledger`` lists it. `record` may be called again for the same
event, after a write whose end the caller did not see: it answers how the payment stands, so that nobody takes
a write of their own for somebody else's. Several events may tell of one payment (`Evidence.pair`): whichever
comes first is the payment, each other kind of event within `PAIR_WITHIN` is its duplicate; a second event of
the same kind is a second payment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, case, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.records import MAX_TEXT, attested, identity
from bot.store.tables import SETTLED, WORD, PaidEvent, PaidState, PaidTwin
from bot.text.sanitize import fit
from bot.types import Message

#: A payment whose turn ended unheard this often, over all runs, waits for a person: it may be what crashes us.
MAX_ATTEMPTS = 5
#: Two events about one payment arrive within seconds; an outage between them is bridged too.
PAIR_WITHIN = dt.timedelta(minutes=2)

Condition: TypeAlias = ColumnElement[bool]


class Recorded(StrEnum):
    """How a payment stands after `record`."""

    NEW = "new"
    WAITING = "waiting"  # it was written before, and nobody has begun to thank for it
    ANSWERING = "answering"  # a turn has taken it
    SETTLED = "settled"  # acknowledged, or put aside for a person
    DUPLICATE = "duplicate"  # another event told of the same payment


_FOUND = {PaidState.PENDING: Recorded.WAITING, PaidState.ANSWERING: Recorded.ANSWERING}


def row_of(message: Message, now: dt.datetime) -> dict[str, Any]:
    """Return the row of a new payment."""
    return {
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


async def record(c: AsyncConnection, message: Message, now: dt.datetime) -> Recorded:
    """Write a payment down unless it is known; return how it stands."""
    row = row_of(message, now)
    if (state := await _state_of(c, row)) is not None:
        return _FOUND.get(state, Recorded.SETTLED)
    if await _is_duplicate(c, row):
        return Recorded.DUPLICATE
    if row["pair"] and (first := await _first_of_pair(c, row, now)) is not None:
        values = {"source": row["source"], "message_id": row["message_id"], "event": row["event"]}
        await c.execute(insert(PaidTwin).values(**values, paid_id=first, received_at=now))
        return Recorded.DUPLICATE
    await c.execute(insert(PaidEvent).values(**row))
    return Recorded.NEW


async def begin(c: AsyncConnection, turn: str, messages: Sequence[Message]) -> None:
    """Claim the payments among a turn's messages for it."""
    for message in messages:
        if message.paid:
            mine = update(PaidEvent).where(is_message(message), col(PaidEvent.state) == PaidState.PENDING)
            await c.execute(mine.values(state=PaidState.ANSWERING, turn=turn))


async def acknowledge_turn(c: AsyncConnection, turn: str, now: dt.datetime) -> None:
    """Acknowledge the payments of a turn: its first word was heard."""
    await _acknowledge(c, now, col(PaidEvent.turn) == turn, col(PaidEvent.state) == PaidState.ANSWERING)


async def settle(
    c: AsyncConnection, source: str, message_id: str, reason: str, now: dt.datetime, *, answered: bool
) -> None:
    """End a payment that is not ended yet: acknowledged when it was ``answered``, else put aside with the reason.

    ``source`` and ``message_id`` are as `bot.store.records.identity` gives them.
    """
    mine = (
        col(PaidEvent.source) == source,
        col(PaidEvent.message_id) == message_id,
        col(PaidEvent.state).not_in(SETTLED),
    )
    if answered:
        await _acknowledge(c, now, *mine)
    else:
        dropped = {"state": PaidState.DROPPED, "settled_at": now, "note": reason}
        await c.execute(update(PaidEvent).where(*mine).values(**dropped))


async def wait_again(c: AsyncConnection, turn: str | None = None) -> None:
    """Put the payments that a turn (None: any) has taken back, or aside when that was tried often enough."""
    tried = col(PaidEvent.attempts) + 1
    spent = tried >= MAX_ATTEMPTS
    which = [col(PaidEvent.state) == PaidState.ANSWERING]
    if turn is not None:
        which.append(col(PaidEvent.turn) == turn)
    await c.execute(
        update(PaidEvent)
        .where(*which)
        .values(
            state=case((spent, PaidState.DROPPED), else_=PaidState.PENDING),
            note=case((spent, f"tried {MAX_ATTEMPTS} times and never heard"), else_=""),
            turn=None,
            attempts=tried,
        )
    )


def is_message(message: Message) -> Condition:
    """Return the condition that a row of `PaidEvent` is a message's."""
    which = identity(message)
    return (col(PaidEvent.source) == which["source"]) & (col(PaidEvent.message_id) == which["message_id"])


async def _acknowledge(c: AsyncConnection, now: dt.datetime, *which: Condition) -> None:
    done = {"state": PaidState.ACKNOWLEDGED, "settled_at": now, "note": ""}
    await c.execute(update(PaidEvent).where(*which).values(**done))


async def _state_of(c: AsyncConnection, row: dict[str, Any]) -> PaidState | None:
    same = (col(PaidEvent.source) == row["source"], col(PaidEvent.message_id) == row["message_id"])
    found = (await c.execute(select(col(PaidEvent.state)).where(*same))).scalar_one_or_none()
    return None if found is None else PaidState(found)


async def _is_duplicate(c: AsyncConnection, row: dict[str, Any]) -> bool:
    same = (col(PaidTwin.source) == row["source"], col(PaidTwin.message_id) == row["message_id"])
    return (await c.execute(select(col(PaidTwin.id)).where(*same))).first() is not None


async def _first_of_pair(c: AsyncConnection, row: dict[str, Any], now: dt.datetime) -> int | None:
    """Return the number of the payment that an event tells of again; None when it is a payment of its own."""
    told = exists().where(col(PaidTwin.paid_id) == col(PaidEvent.id), col(PaidTwin.event) == row["event"])
    wanted = (
        select(col(PaidEvent.id))
        .where(
            col(PaidEvent.pair) == row["pair"],
            col(PaidEvent.source) == row["source"],
            col(PaidEvent.event) != row["event"],
            col(PaidEvent.received_at) >= now - PAIR_WITHIN,
            ~told,
        )
        .order_by(col(PaidEvent.id))
        .limit(1)
    )
    return (await c.execute(wanted)).scalar_one_or_none()
