"""Where the sources hand over what they hear. A payment and a deletion are never lost here, whatever the database does.

    source ─▶ offer ─▶ payments one by one ─▶ intake ─▶ ledger, inbox
                            └─ not written within `SPOOL_AFTER_S` ─▶ spool on the disk ─▶ tried again until written
    source ─▶ retract ─▶ observers at once ─▶ ledger
                            └─ not written ─▶ spool on the disk ─▶ tried again until written

A payment ends in exactly one place: the inbox (and from there its thanks), or the spool with a standing alarm.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from loguru import logger

from bot.errors import TransientError
from bot.inbox.inbox import Offer
from bot.inbox.observer import MessageObserver
from bot.intake.intake import Intake
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.sources.registry import SourceRegistry
from bot.sources.source import Link, Notice
from bot.store.spool import Spool
from bot.telemetry.alarms import AlarmLevel, Alarms
from bot.types import Message, Retraction

#: What the database does not take within so many seconds goes to the disk beside it, and is tried again.
SPOOL_AFTER_S = 0.25
#: One further try may take so long, in seconds; the pauses between tries grow from the first to the last.
TRY_S, FIRST_RETRY_S, LAST_RETRY_S = 5.0, 0.25, 2.0
#: A database that has not answered for so long is an alarm, in seconds.
ALARM_AFTER_S = 3.0
#: Payments that wait for their turn to be written; then the sources wait, and the platforms behind them.
MAX_PAYMENTS = 1000
#: Payments and deletions that wait for a database that is away.
MAX_UNWRITTEN = 10_000
#: How often it is told that lines were left out, in seconds.
TELL_EVERY_S = 5.0


class Ledger(Protocol):
    """The record as the feed sees it."""

    async def retract(
        self, *, message: str | None = None, author: str | None = None, source: str | None = None, before: dt.datetime
    ) -> int:
        """Delete what a platform took back. Raises `TransientError`; may be called again."""
        ...


@dataclass(frozen=True, slots=True)
class Deletion:
    """A retraction with the moment at which it came: what is written later is not concerned."""

    retraction: Retraction
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Spools:
    """Where the feed keeps what the database does not take."""

    payments: Spool[Message]
    deletions: Spool[Deletion]


class Feed:
    """Implements `bot.sources.source.Feed` over the way in."""

    def __init__(
        self,
        intake: Intake,
        registry: SourceRegistry,
        ledger: Ledger,
        observer: MessageObserver,
        alarms: Alarms,
        spools: Spools,
    ) -> None:
        self._intake = intake
        self._registry = registry
        self._ledger = ledger
        self._observer = observer
        self._alarms = alarms
        self._spools = spools
        self._payments: asyncio.Queue[tuple[Message, asyncio.Future[Offer | None]]] = asyncio.Queue(MAX_PAYMENTS)
        self._unwritten: list[Message] = []
        self._refused: list[Message] = []
        self._deletions: list[Deletion] = []
        self._trouble = Signal()
        self._since = 0.0

    def restore(self, payments: list[Message], deletions: list[Deletion]) -> None:
        """Take up what an earlier run could not write; `run` writes it."""
        self._unwritten += payments
        self._deletions += deletions

    # --- what the sources call ----------------------------------------------------------------------

    async def offer(self, message: Message) -> Offer | None:
        """Take a message in. When this returns, a payment is in the database or in the spool.

        None means that a payment waits for the database, or another message for moderation: what becomes of those is
        told to the observer.
        """
        self._observer.received(message.source, message.kind.value)
        if not message.paid:
            self._intake.take(message)
            await asyncio.sleep(0)  # a flood on one connection leaves the loop to the others
            return None
        if message.evidence and message.evidence.fault:
            self._alarms.raise_alarm(
                f"fault:{message.source}:{message.id}",
                f"{message.source}: a payment of {message.author.name[:40]} could not be read wholly "
                f"({message.evidence.fault[:80]})",
                "It is in the ledger; look at it there: haishin ledger.",
            )
        # By a task that outlives the connection: one that is lost now must not cut this off in the middle.
        done: asyncio.Future[Offer | None] = asyncio.get_running_loop().create_future()
        await self._payments.put((message, done))
        return await done

    async def retract(self, retraction: Retraction) -> None:
        """Take something back: at once from queue, air and history, and from the disk as soon as it can be written."""
        r = retraction
        self._intake.retract(r)
        self._observer.retracted(r)
        await self._forget_words(r)
        deletion = Deletion(r, dt.datetime.now(dt.UTC))
        if not self._deletions:
            try:
                async with asyncio.timeout(SPOOL_AFTER_S):
                    await carry_out(self._ledger, deletion)
                    return
            except TimeoutError:
                pass
            except Exception as error:  # noqa: BLE001 - the words must go, whatever the database does
                logger.warning("a deletion could not be written yet: {}", error)
        if len(self._deletions) >= MAX_UNWRITTEN:
            logger.error("a deletion is lost, too many wait for the database: {}", r.reason)
            return
        self._deletions.append(deletion)
        await self._spools.deletions.add(deletion)
        self._begin_trouble()

    def notice(self, notice: Notice) -> None:
        """Take news that is no message."""
        self._observer.received(notice.source, str(notice.data.get("what") or notice.what)[:30])
        self._observer.noticed(notice)

    def link(self, link: Link) -> None:
        """Record how a connection stands."""
        self._registry.update_link(link)

    # --- writing ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write payments as they come, and again what the database did not take; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write())
            group.create_task(self._write_again())
            group.create_task(self._tell_thinned())

    async def _tell_thinned(self) -> None:
        before = 0
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            total = self._intake.shedder.thinned.total()
            if new := total - before:
                self._alarms.raise_alarm(
                    "thinned",
                    f"chat comes faster than it can be read: {new} lines left out in {TELL_EVERY_S:g} s",
                    "Payments and moderators are not concerned. More of a core for it: intake.judge_share.",
                )
            else:
                self._alarms.clear("thinned")
            before = total

    async def _write(self) -> None:
        try:
            while True:
                await self._write_one(*await self._payments.get())
        finally:  # the show ends: what is still here must outlive it
            while not self._payments.empty():
                message, done = self._payments.get_nowait()
                await self._keep(message)
                if not done.done():
                    done.set_result(None)

    async def _write_one(self, message: Message, done: asyncio.Future[Offer | None]) -> None:
        offer: Offer | None = None
        if self._unwritten:  # the database is away: the disk is quicker
            await self._keep(message)
        else:
            try:
                async with asyncio.timeout(SPOOL_AFTER_S):
                    offer = await self._intake.offer(message)
            except TimeoutError:
                await self._keep(message)
            except Exception as error:  # noqa: BLE001 - one payment's trouble must not end the writing of all
                logger.warning("a payment could not be taken in yet: {} {}: {}", message.source, message.id, error)
                await self._keep(message)
        if not done.done():
            done.set_result(offer)

    async def _keep(self, message: Message) -> None:
        if len(self._unwritten) >= MAX_UNWRITTEN:
            logger.error("a payment is lost, too many wait for the database: {} {}", message.source, message.id)
            return
        self._unwritten.append(message)
        await self._spools.payments.add(message)
        self._begin_trouble()

    def _begin_trouble(self) -> None:
        self._since = self._since or asyncio.get_running_loop().time()
        self._trouble.notify()

    async def _write_again(self) -> None:
        while True:
            await self._trouble.wait_until(lambda: bool(self._unwritten or self._deletions))
            self._since = self._since or asyncio.get_running_loop().time()
            waits = backoff(FIRST_RETRY_S, LAST_RETRY_S)
            while self._unwritten or self._deletions:
                if not await self._write_what_waits():
                    self._complain()
                    await asyncio.sleep(next(waits))
            self._since = 0.0
            self._alarms.clear("unwritten")

    async def _write_what_waits(self) -> bool:
        """Write deletions and payments until one fails; return whether all was written."""
        with suppress(TransientError, TimeoutError):
            while self._deletions:
                deletion = self._deletions[0]
                async with asyncio.timeout(TRY_S):
                    await carry_out(self._ledger, deletion)
                self._deletions.remove(deletion)
                if not self._deletions:
                    await self._spools.deletions.keep(())
            while self._unwritten:
                message = self._unwritten[0]
                try:
                    async with asyncio.timeout(TRY_S):
                        await self._intake.offer(message)
                except (TransientError, TimeoutError):
                    raise
                except Exception as error:  # noqa: BLE001 - it can never be written, and must not hold up the others
                    if self._unwritten[0] is message:  # else its words were deleted meanwhile: tried again without
                        self._refuse(message, error)
                if self._unwritten and self._unwritten[0] is message:
                    del self._unwritten[0]
                if not self._unwritten:
                    await self._spools.payments.keep(self._refused)
        return not (self._unwritten or self._deletions)

    def _refuse(self, message: Message, error: Exception) -> None:
        logger.opt(exception=error).error("a payment cannot be written: {} {}", message.source, message.id)
        self._refused.append(message)
        self._alarms.raise_alarm(
            f"lost:{message.source}:{message.id}",
            f"{message.source}: a payment of {message.author.name[:40]} cannot be written down",
            "The log says why. Thank them yourself.",
            AlarmLevel.ERROR,
        )

    def _complain(self) -> None:
        if asyncio.get_running_loop().time() - self._since < ALARM_AFTER_S:
            return
        waiting = [(len(self._unwritten), "payment(s)"), (len(self._deletions), "deletion(s)")]
        what = " and ".join(f"{count} {kind}" for count, kind in waiting if count)
        self._alarms.raise_alarm(
            "unwritten",
            f"{what} cannot be written down: the database does not answer",
            "Make room on the disk, or start the database; Haishin goes on trying.",
            AlarmLevel.ERROR,
        )

    # --- deletions ----------------------------------------------------------------------------------

    async def _forget_words(self, r: Retraction) -> None:
        """Take the words out of the payments that are not in the database; what was paid stays."""
        before = [*self._refused, *self._unwritten]
        if not any(m.text and r.covers(m.source, m.id, m.author.id) for m in before):
            return
        for waiting in (self._refused, self._unwritten):
            waiting[:] = [m.without_words() if r.covers(m.source, m.id, m.author.id) else m for m in waiting]
        await self._spools.payments.keep([*self._refused, *self._unwritten])


async def carry_out(ledger: Ledger, deletion: Deletion) -> None:
    """Delete from the ledger what a platform took back. Raises what `Ledger.retract` raises."""
    r = deletion.retraction
    await ledger.retract(message=r.id or None, author=r.author or None, source=r.source or None, before=deletion.at)


def deletion_values(deletion: Deletion) -> dict[str, Any]:
    """Return a deletion as plain values for a file."""
    r = deletion.retraction
    return {"source": r.source, "id": r.id, "author": r.author, "reason": r.reason, "at": deletion.at.isoformat()}


def deletion_from(values: dict[str, Any]) -> Deletion:
    """Read a deletion back. Raises `KeyError` or `ValueError` when the values are not those of `deletion_values`."""
    words = {name: str(values[name]) for name in ("source", "id", "author", "reason")}
    return Deletion(Retraction(**words), dt.datetime.fromisoformat(values["at"]))
