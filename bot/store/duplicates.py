"""Payments that a platform tells of twice: by one event for the chat and one for the account.

Whichever comes first is the payment; each other kind of event with the same pair, once each and
within a while, is its twin. A second event of the same kind is a second payment.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.tables import PaidEvent, PaidTwin

#: Two events about one payment arrive within seconds; an outage between them is bridged too.
WITHIN = dt.timedelta(minutes=2)


async def known(c: AsyncConnection, source: str, message_id: str) -> bool:
    """Return whether an event was written down, as a payment or as a twin."""
    for table in (PaidEvent, PaidTwin):
        wanted = select(col(table.id)).where(col(table.source) == source, col(table.message_id) == message_id)
        if (await c.execute(wanted)).first() is not None:
            return True
    return False


async def first_of(c: AsyncConnection, row: dict[str, Any], now: dt.datetime) -> int | None:
    """Return the number of the payment that an event tells of again; None when it is a payment of its own."""
    told = exists().where(col(PaidTwin.paid_id) == col(PaidEvent.id), col(PaidTwin.event) == row["event"])
    wanted = (
        select(col(PaidEvent.id))
        .where(
            col(PaidEvent.pair) == row["pair"],
            col(PaidEvent.source) == row["source"],
            col(PaidEvent.event) != row["event"],
            col(PaidEvent.received_at) >= now - WITHIN,
            ~told,
        )
        .order_by(col(PaidEvent.id))
        .limit(1)
    )
    return (await c.execute(wanted)).scalar_one_or_none()


async def add(c: AsyncConnection, row: dict[str, Any], paid_id: int, now: dt.datetime) -> None:
    """Record a twin."""
    values = {"source": row["source"], "message_id": row["message_id"], "event": row["event"]}
    await c.execute(insert(PaidTwin).values(**values, paid_id=paid_id, received_at=now))
