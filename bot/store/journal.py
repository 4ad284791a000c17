"""The batched part of the record: chat lines and outcomes, many and worth less than payments.

Nothing here waits: rows are kept in a bounded queue, and `Journal.run` writes them once a second.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import TransientError
from bot.store import payments
from bot.store.database import Store
from bot.store.records import MAX_TEXT, identity
from bot.store.tables import WORD, ChatLine, Outcome
from bot.text.sanitize import fit
from bot.types import Message, MessageOutcome

#: Rows of chat and outcomes that wait to be written; about ten seconds of a very busy chat.
MAX_ROWS = 5000
BATCH_ROWS = 200
BATCH_S = 1.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """One message's worth of batched rows. ``settle`` is its paid event's key, when it has one."""

    line: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None
    settle: tuple[str, str] | None = None


class Journal:
    """Chat lines and outcomes on their way to a `Store`. ``now`` gives the wall clock, with its zone."""

    def __init__(self, store: Store, now: Callable[[], dt.datetime]) -> None:
        #: Rows that were given up since the start, because too many waited or the database refused them.
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

    def line(self, message: Message, action: str) -> None:
        """Record a line as it came, with what moderation made of it. Never waits."""
        if message.text:
            row = {**identity(message), "text": fit(message.text, MAX_TEXT), "kind": message.kind.value}
            self._add(_Rows(line={**row, "action": fit(action, WORD), "at": self._now()}))

    def outcome(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Record what became of a message. Never waits.

        For a paid event "answered" acknowledges it, and anything else sets it aside for a person.
        """
        which = identity(message)
        row = {
            "source": which["source"],
            "message_id": which["message_id"],
            "author_hash": self._store.pseudonym(message.source, message.author.id),
            "kind": message.kind.value,
            "outcome": str(outcome),
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
            if rows.settle is not None and rows.outcome is not None:
                answered = rows.outcome["outcome"] == MessageOutcome.ANSWERED
                await payments.settle(c, *rows.settle, rows.outcome["reason"], self._now(), answered=answered)
