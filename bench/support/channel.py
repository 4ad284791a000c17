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

from bot.inbox.inbox import Inbox, Limits
from bot.intake.intake import Intake
from bot.runtime.signal import Signal
from bot.sources.registry import Platforms
from bot.sources.source import Source
from bot.store.database import Store, open_store
from bot.store.ledger import Ledger
from bot.store.tables import PaidEvent
from bot.types import Message, Retraction
from moderation.moderator import Moderator
from moderation.policy import Policy

#: How often something is taken out of the inbox, in seconds.
TAKE_S = 0.05


@dataclass
class Channel:
    """One show without a voice."""

    store: Store
    ledger: Ledger
    inbox: Inbox
    intake: Intake
    platforms: Platforms
    heard: Counter[str] = field(default_factory=Counter)
    thanked: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def paid_rows(self) -> int:
        """Return the number of the payments on the disk."""
        return await self.store.run(_count)

    async def take(self) -> None:
        """Take out of the inbox, for ever, and note what is thanked for."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TAKE_S)
            while (choice := self.inbox.take_nowait(loop.time())) is not None and choice.messages[0].paid:
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
        inbox = Inbox(limits or Limits(), loop.time, random.Random(1))
        intake = Intake(inbox, ledger, Moderator(Policy()), names=("Mira",))

        async def retract(retraction: Retraction) -> None:
            intake.arrivals.take_back(retraction, loop.time())
            inbox.retract(retraction)

        async def offer(message: Message):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the intake's
            made.heard[message.source] += 1
            return await intake.offer(message)

        platforms = Platforms(offer, retract, inbox, Signal())
        made = Channel(store, ledger, inbox, intake, platforms)
        tasks = [group.create_task(part) for part in (ledger.run(), platforms.run(), made.take())]
        try:
            yield made
        finally:
            for task in tasks:
                task.cancel()


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
