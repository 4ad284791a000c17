"""Writes what happens into the ledger: the first of the observers, so that nothing keeps it from the record."""

from __future__ import annotations

import asyncio
from pathlib import Path

from loguru import logger

from bot.errors import HaishinError
from bot.intake.feed import Deletion, Spools, carry_out, deletion_from, deletion_values
from bot.show.observer import Observer
from bot.store.journal import Journal
from bot.store.ledger import Ledger
from bot.store.records import Settlement, message_from, message_values
from bot.store.spool import Spool
from bot.store.turns import TurnJournal, settlement_from, settlement_values
from bot.types import Message, MessageOutcome, Retraction


class Recorder(Observer):
    """Passes the outcomes of messages to the journal, and deletions to what waits to be written."""

    def __init__(self, journal: Journal, turns: TurnJournal) -> None:
        self._journal = journal
        self._turns = turns

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Record what became of a message."""
        self._journal.outcome(message, outcome, reason)

    def retracted(self, retraction: Retraction) -> None:
        """Take the words out of what waits to be written."""
        self._turns.retracted(retraction)


def open_spools(folder: Path | None) -> tuple[Spools, Spool[Settlement]]:
    """Return the files beside the database for what it does not take; without a folder they are in memory alone."""

    def file(name: str) -> Path | None:
        return folder / f"unwritten-{name}.ndjson" if folder else None

    payments: Spool[Message] = Spool(file("payments"), message_values, message_from)
    deletions: Spool[Deletion] = Spool(file("deletions"), deletion_values, deletion_from)
    settlements: Spool[Settlement] = Spool(file("acknowledgements"), settlement_values, settlement_from)
    return Spools(payments, deletions), settlements


async def settle_unwritten(ledger: Ledger, spools: Spools, turns: TurnJournal) -> list[Deletion]:
    """Write what an earlier run could not: acknowledgements, then deletions, before anything is read from the ledger.

    ``turns`` goes on with the acknowledgements that the database still does not take. Returns such deletions.
    """
    settlements = await asyncio.to_thread(turns.spool.load)
    try:
        while settlements:
            await ledger.settle(settlements[0])
            del settlements[0]
        await turns.spool.keep(())
    except HaishinError as error:
        logger.error("acknowledgements of the last run cannot be written yet: {}", error)
        turns.restore(settlements)
    deletions = await asyncio.to_thread(spools.deletions.load)
    try:
        while deletions:
            await carry_out(ledger, deletions[0])
            del deletions[0]
        await spools.deletions.keep(())
    except HaishinError as error:
        logger.error("deletions of the last run cannot be written yet: {}", error)
    return deletions
