"""The way in as the show has it: sources, platforms, moderation, the ledger on a real file, the inbox. Nobody speaks.

Used by the benchmarks of the platforms. What is thanked for is taken out of the inbox as the show does,
as fast as it comes; what was thanked is kept, so that nothing thanked twice goes unseen.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.moderator import open_worker
from bot.app.recorder import open_spools
from bot.inbox.inbox import Inbox, Limits
from bot.intake.feed import Feed
from bot.intake.intake import Intake
from bot.show.observer import Observer, Observers
from bot.sources.registry import SourceRegistry
from bot.sources.source import Source
from bot.store.database import Store, open_store
from bot.store.journal import Journal
from bot.store.ledger import Ledger
from bot.store.tables import PaidEvent
from bot.telemetry.alarms import Alarms
from bot.types import Message, MessageOutcome, Retraction
from moderation.moderator import Moderator
from moderation.policy import Policy

#: How often something is taken out of the inbox, in seconds.
TAKE_S = 0.05


class _Outcomes(Observer):
    """Records what becomes of messages."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Record it."""
        self._journal.outcome(message, outcome, reason)


@dataclass
class Channel(Observer):
    """One show without a voice."""

    store: Store
    ledger: Ledger
    inbox: Inbox
    intake: Intake
    feed: Feed
    registry: SourceRegistry
    heard: Counter[str] = field(default_factory=Counter)
    thanked: Counter[tuple[str, str]] = field(default_factory=Counter)
    observers: Observers = field(default_factory=Observers)
    #: The ids of what was taken out of the inbox, where they are numbers.
    taken: set[int] = field(default_factory=set)

    def received(self, source: str, kind: str) -> None:
        """Count what is heard."""
        del kind
        self.heard[source] += 1

    def retracted(self, retraction: Retraction) -> None:
        """Take it out of the inbox, as the show does."""
        self.inbox.retract(retraction)

    async def paid_rows(self) -> int:
        """Return the number of the payments on the disk."""
        return await self.store.run(_count)

    async def take(self) -> None:
        """Take out of the inbox, for ever, and note what is thanked for."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TAKE_S)
            while (choice := self.inbox.take_nowait(loop.time())) is not None:
                self.taken.update(int(m.id) for m in choice.messages if m.id.isdecimal())
                if not choice.messages[0].paid:
                    break
                for message in choice.messages:
                    self.thanked[message.source, message.id] += 1


async def _count(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.count()).select_from(PaidEvent))).scalar_one()


@contextlib.asynccontextmanager
async def channel(folder: Path, *, limits: Limits | None = None) -> AsyncIterator[Channel]:
    """Open everything, and run what must run, until the block ends."""
    loop = asyncio.get_running_loop()
    async with open_store(f"sqlite+aiosqlite:///{folder / 'bench.db'}") as store, asyncio.TaskGroup() as group:
        ledger = Ledger(store)
        observers = Observers(_Outcomes(ledger.journal))
        inbox = Inbox(limits or Limits(), loop.time, random.Random(1), observers)
        moderator = Moderator(Policy())
        worker = open_worker(moderator)
        intake = Intake(inbox, ledger, moderator, names=("Mira",), observer=observers, worker=worker)
        alarms = Alarms(loop.time)
        registry = SourceRegistry(alarms)
        feed = Feed(intake, registry, ledger, observers, alarms, open_spools(folder)[0])
        made = Channel(store, ledger, inbox, intake, feed, registry, observers=observers)
        observers.add(made)
        tasks = [group.create_task(part) for part in (ledger.journal.run(), feed.run(), made.take())]
        try:
            yield made
        finally:
            for task in tasks:
                task.cancel()
            worker.close()


@contextlib.asynccontextmanager
async def running(*sources: Source) -> AsyncIterator[None]:
    """Run sources until the block ends."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(source.run()) for source in sources]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
