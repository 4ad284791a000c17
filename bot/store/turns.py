"""What the host says, on its way into the ledger: the show never waits for a database.

    show ─▶ TurnJournal (in order, in memory) ─▶ run ─▶ Ledger
                          └─ an acknowledgement ─▶ spool ─▶ applied at the next start, if the ledger has it not

A locked or full database cuts no speech. Entries wait and are written in their order when it answers again;
what must survive a crash, the acknowledgement of a payment, goes into a file beside the database at once: that takes a
fraction of a millisecond, while the database may have other work before it, or be slow.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from loguru import logger

from bot.errors import TransientError
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.store.records import Settlement, identity
from bot.store.spool import Spool
from bot.store.tables import TurnState
from bot.text.sanitize import has_word
from bot.types import Message, Retraction, TurnKind

#: Entries that wait for the database; a turn makes three and more. Then turns without a payment are left out.
MAX_ENTRIES = 3000
#: The beginning of a turn without a payment waits so long for what follows it, in seconds: writing it at once
#: would take time from the turn's first word.
LINGER_S = 0.5
#: Waits between two tries, in seconds.
FIRST_RETRY_S, LAST_RETRY_S = 0.1, 2.0


class TurnLedger(Protocol):
    """The part of `bot.store.ledger.Ledger` that is written here."""

    async def begin(self, turn: str, epoch: int, kind: TurnKind, messages: Sequence[Message]) -> None:
        """Record that a turn begins."""
        ...

    async def progress(self, turn: str, heard: str) -> None:
        """Record what was heard so far."""
        ...

    async def finish(
        self, turn: str, heard: str, state: TurnState, planned: str, timings: Mapping[str, float], *, withdrawn: bool
    ) -> None:
        """Record that a turn is over."""
        ...

    async def settle(self, settlement: Settlement) -> None:
        """End a payment that is not ended yet."""
        ...


@dataclass(slots=True, eq=False)
class _Entry:
    """One thing to write. ``acknowledges`` are the payments of which a word was heard for the first time."""

    turn: str
    concerns_payment: bool = False
    acknowledges: tuple[Message, ...] = ()
    spooled: bool = False

    async def write(self, ledger: TurnLedger) -> None:
        """Write it. May be called again."""
        raise NotImplementedError


@dataclass(slots=True, eq=False)
class _Begin(_Entry):
    """A turn begins."""

    epoch: int = 0
    kind: TurnKind = TurnKind.LINE
    messages: tuple[Message, ...] = ()

    async def write(self, ledger: TurnLedger) -> None:
        """Write it."""
        await ledger.begin(self.turn, self.epoch, self.kind, self.messages)


@dataclass(slots=True, eq=False)
class _Progress(_Entry):
    """More of a turn was heard."""

    heard: str = ""

    async def write(self, ledger: TurnLedger) -> None:
        """Write it."""
        await ledger.progress(self.turn, self.heard)


@dataclass(slots=True, eq=False)
class _Finish(_Entry):
    """A turn is over."""

    heard: str = ""
    state: TurnState = TurnState.COMPLETED
    planned: str = ""
    timings: Mapping[str, float] = field(default_factory=dict)
    withdrawn: bool = False

    async def write(self, ledger: TurnLedger) -> None:
        """Write it."""
        await ledger.finish(self.turn, self.heard, self.state, self.planned, self.timings, withdrawn=self.withdrawn)


@dataclass(slots=True, eq=False)
class _Settle(_Entry):
    """An earlier run thanked for a payment, and could not write that down."""

    settlement: Settlement = field(kw_only=True)

    async def write(self, ledger: TurnLedger) -> None:
        """Write it."""
        await ledger.settle(self.settlement)


@dataclass(slots=True)
class _Live:
    """A turn that is not finished."""

    paid: tuple[Message, ...]
    acknowledged: bool = False


@dataclass
class TurnJournal:
    """Implements what the show records of its turns. Nothing here waits or raises but `run` and `flush`."""

    ledger: TurnLedger
    spool: Spool[Settlement]
    #: Entries given up since the start, because too many waited or the database refused them for good.
    lost: int = 0
    _entries: deque[_Entry] = field(default_factory=deque)
    _live: dict[str, _Live] = field(default_factory=dict)
    _some: Signal = field(default_factory=Signal)
    _spooled: bool = False

    @property
    def waiting(self) -> int:
        """How many entries wait to be written."""
        return len(self._entries)

    def restore(self, settlements: Sequence[Settlement]) -> None:
        """Take up the acknowledgements of an earlier run that the database still does not take; the spool has them."""
        for settlement in settlements:
            self._entries.append(_Settle("", concerns_payment=True, spooled=True, settlement=settlement))
        self._spooled = self._spooled or bool(settlements)
        self._some.notify()

    def acknowledges(self, message: Message) -> bool:
        """Return whether an earlier run thanked for this payment, and the database does not know it yet."""
        which = identity(message)
        ended = (entry.settlement for entry in self._entries if isinstance(entry, _Settle))
        return any(s.source == which["source"] and s.message_id == which["message_id"] for s in ended)

    def begin(self, turn: str, epoch: int, kind: TurnKind, messages: Sequence[Message]) -> None:
        """Record that a turn begins; its payments are being answered."""
        paid = tuple(m for m in messages if m.paid)
        self._live[turn] = _Live(paid)
        self._add(_Begin(turn, bool(paid), epoch=epoch, kind=kind, messages=tuple(messages)))

    def progress(self, turn: str, heard: str) -> None:
        """Record what was heard so far; the first word acknowledges the turn's payments."""
        paid = self._first_heard(turn, heard)
        last = self._entries[-1] if len(self._entries) > 1 else None  # the first one is being written
        if isinstance(last, _Progress) and last.turn == turn and not paid:
            last.heard = heard  # the longer text says all of it
            return
        self._add(_Progress(turn, bool(paid), paid, heard=heard))

    def finish(
        self, turn: str, heard: str, state: TurnState, planned: str, timings: Mapping[str, float], *, withdrawn: bool
    ) -> None:
        """Record that a turn is over. When no word of it was heard, its payments wait again."""
        paid = self._first_heard(turn, heard)
        live = self._live.pop(turn, None)
        concerns = live is not None and bool(live.paid)
        end = _Finish(turn, concerns, paid, heard=heard, state=state, planned=planned, timings=timings)
        end.withdrawn = withdrawn
        self._add(end)

    def retracted(self, retraction: Retraction) -> None:
        """Take what a platform deleted out of what waits to be written, and its answers out of the history."""
        withdrawn: set[str] = set()
        for entry in self._entries:
            if isinstance(entry, _Begin):
                left = tuple(_without_words(m, retraction) for m in entry.messages)
                if left != entry.messages:
                    entry.messages = left
                    withdrawn.add(entry.turn)
            elif isinstance(entry, _Finish) and entry.turn in withdrawn:
                entry.withdrawn = True

    def _first_heard(self, turn: str, heard: str) -> tuple[Message, ...]:
        live = self._live.get(turn)
        if live is None or live.acknowledged or not has_word(heard):
            return ()
        live.acknowledged = True
        return live.paid

    def _add(self, entry: _Entry) -> None:
        if len(self._entries) >= MAX_ENTRIES and not entry.concerns_payment:
            self.lost += 1
            return
        self._entries.append(entry)
        self._some.notify()

    async def run(self) -> None:
        """Write entries in their order as they come; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write())
            group.create_task(self._spool_at_once(group))

    async def flush(self) -> None:
        """Write all that waits. Raises `TransientError` when the database does not take it; it waits on then."""
        while self._entries:
            await self._try(self._entries[0])

    async def close(self) -> None:
        """Write all that waits. Raises `TransientError` when the database does not take it.

        Acknowledgements are on the disk beside the database then.
        """
        try:
            await self.flush()
        except (TransientError, asyncio.CancelledError):
            await self._spool_acknowledgements()
            await self.spool.sync()
            raise

    async def _write(self) -> None:
        waits = backoff(FIRST_RETRY_S, LAST_RETRY_S)
        while True:
            await self._some.wait_until(lambda: bool(self._entries))
            if isinstance(self._entries[0], _Begin) and not self._entries[0].concerns_payment:
                await self._some.wait_until(lambda: len(self._entries) > 1, LINGER_S)
            try:
                await self._try(self._entries[0])
            except TransientError as error:
                logger.warning("a turn could not be recorded yet: {}", error)
                await asyncio.sleep(next(waits))
            else:
                waits = backoff(FIRST_RETRY_S, LAST_RETRY_S)

    async def _spool_at_once(self, group: asyncio.TaskGroup) -> None:
        """Put acknowledgements into the file beside the database as they come; the disk may take its time for it."""
        while True:
            await self._some.wait_until(lambda: bool(self._unspooled()))
            await self._spool_acknowledgements(durable=False)
            group.create_task(self.spool.sync())

    def _unspooled(self) -> list[_Entry]:
        return [entry for entry in self._entries if entry.acknowledges and not entry.spooled]

    async def _try(self, entry: _Entry) -> None:
        try:
            await entry.write(self.ledger)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - one entry that the database refuses must not hold up the others
            self.lost += 1
            logger.opt(exception=error).error("a turn could not be recorded: {}", entry.turn)
        if self._entries and self._entries[0] is entry:
            self._entries.popleft()
        await self._empty_spool()

    async def _spool_acknowledgements(self, *, durable: bool = True) -> None:
        """Put the payments that were heard and are not acknowledged yet into the file beside the database."""
        settlements: list[Settlement] = []
        for entry in self._unspooled():
            entry.spooled = True
            which = [identity(message) for message in entry.acknowledges]
            settlements += [Settlement(one["source"], one["message_id"], "answered", answered=True) for one in which]
        if settlements:
            self._spooled = await self.spool.add(*settlements, durable=durable) or self._spooled
        await self._empty_spool()

    async def _empty_spool(self) -> None:
        """Remove the spool when the database has all of it."""
        if self._spooled and not any(entry.spooled for entry in self._entries):
            self._spooled = not await self.spool.keep(())


def _without_words(message: Message, retraction: Retraction) -> Message:
    if not message.text or not retraction.covers(message.source, message.id, message.author.id):
        return message
    return message.without_words()


def settlement_values(settlement: Settlement) -> dict[str, Any]:
    """Return a settlement as plain values for a file."""
    return {
        "source": settlement.source,
        "id": settlement.message_id,
        "reason": settlement.reason,
        "answered": settlement.answered,
    }


def settlement_from(values: dict[str, Any]) -> Settlement:
    """Read a settlement back. Raises `KeyError` when the values are not those of `settlement_values`."""
    return Settlement(str(values["source"]), str(values["id"]), str(values["reason"]), bool(values["answered"]))
