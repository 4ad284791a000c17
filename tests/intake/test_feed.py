"""The feed: a payment and a deletion are never lost, whatever the database does. Over the real store on a real file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app.recorder import Recorder, open_spools, settle_unwritten
from bot.errors import TransientError
from bot.inbox.inbox import Inbox, Limits
from bot.intake.feed import Feed
from bot.intake.intake import Intake
from bot.show.observer import Observers
from bot.sources.registry import SourceRegistry
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.tables import ChatLine, PaidEvent, TurnState
from bot.store.turns import TurnJournal
from bot.telemetry.alarms import Alarms
from bot.types import Author, Evidence, Kind, Message, Money, Retraction, TurnKind
from moderation.moderator import Moderator
from moderation.policy import Policy
from tests.support.observing import Telling

ANN = Author("1", "Ann")
MODERATOR = Moderator(Policy())


def gift(name: str, fault: str = "", text: str = "") -> Message:
    evidence = Evidence("SEND_GIFT", fault=fault)
    return Message(name, "twitch", ANN, text, Kind.GIFT, Money(5, "USD"), evidence=evidence)


class House:
    """The way in over a real database file, without a show: what is thanked is taken by hand."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        clock = asyncio.get_running_loop().time
        self.folder = folder
        self.ledger = ledger
        self.spools, settlements = open_spools(folder)
        self.turns = TurnJournal(ledger, settlements)
        self.retracted: list[Retraction] = []
        observers = Observers(Recorder(ledger.journal, self.turns), Telling(retracted=self._retracted))
        self.inbox = Inbox(Limits(combo_s=0.0), clock, random.Random(1), observers)
        self.intake = Intake(self.inbox, ledger, MODERATOR, names=("Mira",), observer=observers)
        self.standing = Alarms(clock)
        self.feed = Feed(self.intake, SourceRegistry(self.standing), ledger, observers, self.standing, self.spools)
        self.waits: list[asyncio.Task[None]] = []

    def _retracted(self, retraction: Retraction) -> None:
        self.retracted.append(retraction)
        self.inbox.retract(retraction)

    def alarms(self) -> list[str]:
        return [a.id for a in self.standing.standing()]

    def queue(self) -> list[str]:
        return sorted(item.message.id for item in self.inbox.items(asyncio.get_running_loop().time()))

    def thank(self) -> list[str]:
        """Thank for all that waits, as a show does; return the ids."""
        thanked: list[str] = []
        while choice := self.inbox.take_nowait(asyncio.get_running_loop().time() + 60):
            turn = f"t-{random.random()}"
            self.turns.begin(turn, 1, TurnKind.THANKS, choice.messages)
            self.turns.progress(turn, "Thank you")
            self.turns.finish(turn, "Thank you", TurnState.COMPLETED, "Thank you", {}, withdrawn=False)
            thanked += [m.id for m in choice.messages]
        return thanked

    async def states(self) -> dict[str, str]:
        rows = await self.ledger._store.run(lambda c: c.execute(select(PaidEvent)))
        return {row.message_id: row.state for row in rows}


@contextlib.asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """Open the house as the application does: what an earlier run could not write is written first."""
    async with asyncio.timeout(60), open_store(f"sqlite+aiosqlite:///{folder / 'haishin.db'}") as store:
        made = House(folder, Ledger(store))
        deletions = await settle_unwritten(made.ledger, made.spools, made.turns.spool)
        recovery = await made.ledger.recover()
        made.feed.restore(made.spools.payments.load(), deletions)
        for message in recovery.pending:
            await made.intake.take_up(replace(message, at=0.0))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in (made.feed.run(), made.turns.run(), made.ledger.journal.run())]
            try:
                yield made
            finally:
                for task in tasks:
                    task.cancel()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the database, as another program would."""
    with contextlib.closing(sqlite3.connect(folder / "haishin.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            db.execute("ROLLBACK")


async def until(true, within_s: float = 20.0) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("for_s", [0.1, 1.5, pytest.param(7.0, marks=pytest.mark.slow)])
async def test_a_payment_outlives_a_locked_database_and_is_thanked_once(tmp_path: Path, for_s: float) -> None:
    async with house(tmp_path) as h:
        with locked(tmp_path):
            offers = [await h.feed.offer(gift(f"g{n}")) for n in range(3)]
            assert offers == [None] * 3 or for_s < 0.2
            await asyncio.sleep(for_s)
        await until(lambda: h.queue() == ["g0", "g1", "g2"])
        assert await h.feed.offer(gift("g1")) is not None, "told of again, it is known"
        assert h.queue() == ["g0", "g1", "g2"]
        await until(lambda: "unwritten" not in h.alarms())
        assert sorted(h.thank()) == ["g0", "g1", "g2"]
        await until(lambda: not h.turns.waiting)
        assert set((await h.states()).values()) == {"acknowledged"}
        assert not list(tmp_path.glob("unwritten-*"))
        assert h.queue() == []


async def test_a_write_that_ends_after_its_caller_gave_up_is_nobody_elses(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        with locked(tmp_path), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await h.intake.offer(gift("g1"))
        await asyncio.sleep(0.3)  # the store carried it out meanwhile
        assert h.queue() == []
        await h.intake.offer(gift("g1"))
        assert h.queue() == ["g1"]
        await h.intake.offer(gift("g1"))
        assert h.queue() == ["g1"]


async def test_a_long_outage_is_an_alarm_until_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intake.feed.ALARM_AFTER_S", 0.3)
    async with house(tmp_path) as h:
        with locked(tmp_path):
            await h.feed.offer(gift("g1"))
            await h.feed.retract(Retraction("twitch", id="m1"))
            await until(lambda: "unwritten" in h.alarms())
            assert "1 payment(s) and 1 deletion(s)" in h.standing.standing()[0].text
        await until(lambda: h.alarms() == [] and h.queue() == ["g1"])


async def test_what_was_not_written_before_a_crash_is_thanked_after_it_and_what_was_heard_is_not(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as h:
        await h.feed.offer(gift("heard"))
        with locked(tmp_path):
            assert h.thank() == ["heard"]
            await h.feed.offer(gift("new", text="hello there"))
            await until(lambda: len(list(tmp_path.glob("unwritten-*"))) == 2)
            saved = {f.name: f.read_bytes() for f in tmp_path.glob("unwritten-*")}
            lines = tmp_path / "haishin.db"
            before = lines.read_bytes(), (tmp_path / "haishin.db-wal").read_bytes()
    # The process was killed here: the files stay as they were.
    lines.write_bytes(before[0])
    (tmp_path / "haishin.db-wal").write_bytes(before[1])
    for name, content in saved.items():
        (tmp_path / name).write_bytes(content)
    async with house(tmp_path) as h:
        await until(lambda: h.queue() == ["new"])
        assert await h.states() == {"heard": "acknowledged", "new": "pending"}
        assert h.inbox.items(0.0)[0].message.text == "hello there"
        await until(lambda: not list(tmp_path.glob("unwritten-*")))


async def test_a_deletion_outlives_a_locked_database_and_a_restart(tmp_path: Path) -> None:
    async def texts(h: House) -> list[str]:
        rows = await h.ledger._store.run(lambda c: c.execute(select(ChatLine.text)))
        return [row[0] for row in rows]

    async with house(tmp_path) as h:
        for n in range(3):
            await h.feed.offer(Message(f"m{n}", "twitch", ANN, f"words number {n}, all of them odd"))
        await h.ledger.journal.flush()
        with locked(tmp_path):
            await h.feed.retract(Retraction("twitch", id="m1"))
            assert [r.id for r in h.retracted] == ["m1"], "from the queue and the air at once"
            assert json.loads((tmp_path / "unwritten-deletions.ndjson").read_text())["id"] == "m1"
        await until(lambda: not list(tmp_path.glob("unwritten-*")))
        assert [t for t in await texts(h) if "number 1" in t] == []
        with locked(tmp_path):
            await h.feed.retract(Retraction("twitch"))
            kept = (tmp_path / "unwritten-deletions.ndjson").read_bytes()
            h.feed._deletions.clear()  # no further try: the process ends here
    (tmp_path / "unwritten-deletions.ndjson").write_bytes(kept)
    async with house(tmp_path) as h:
        assert await texts(h) == []
        await h.feed.offer(Message("m9", "twitch", ANN, "what came after the chat was cleared"))
        await h.ledger.journal.flush()
        assert len(await texts(h)) == 1
        assert not list(tmp_path.glob("unwritten-*"))


async def test_the_words_of_a_payment_that_waits_can_be_deleted(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        with locked(tmp_path):
            await h.feed.offer(gift("g1", text="my secret address"))
            assert "secret" in (tmp_path / "unwritten-payments.ndjson").read_text()
            await h.feed.retract(Retraction("twitch", id="g1"))
            assert "secret" not in (tmp_path / "unwritten-payments.ndjson").read_text()
        await until(lambda: not list(tmp_path.glob("unwritten-*")))
        row = (await h.ledger._store.run(lambda c: c.execute(select(PaidEvent)))).one()
        assert row.text == ""


async def test_a_payment_that_could_not_be_read_is_an_alarm(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        await h.feed.offer(gift("g1", fault="price"))
        assert h.queue() == ["g1"]
        assert h.alarms() == ["fault:twitch:g1"]


async def test_a_payment_is_written_even_when_its_connection_is_lost_meanwhile(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        with locked(tmp_path), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await h.feed.offer(gift("g1"))
        await until(lambda: h.queue() == ["g1"])


async def test_a_show_that_ends_keeps_what_waits(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        with locked(tmp_path):
            offers = [asyncio.ensure_future(h.feed.offer(gift(f"g{n}"))) for n in range(3)]
            await asyncio.sleep(0.05)
            async with asyncio.timeout(5):
                await asyncio.gather(*offers)
            kept = (tmp_path / "unwritten-payments.ndjson").read_text().splitlines()
    assert sorted(json.loads(line)["id"] for line in kept) == ["g0", "g1", "g2"]


async def test_a_disk_that_takes_nothing_is_said_and_nothing_is_lost_while_the_host_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.store.spool._append", full)
    monkeypatch.setattr("bot.intake.feed.ALARM_AFTER_S", 0.3)
    async with house(tmp_path) as h:
        with locked(tmp_path):
            await h.feed.offer(gift("g1"))
            await until(lambda: "unwritten" in h.alarms())
        await until(lambda: h.queue() == ["g1"])


async def test_a_closed_store_is_no_loss_either(tmp_path: Path) -> None:
    async with house(tmp_path) as h:

        async def closed(message: Message) -> None:
            raise TransientError("the store is closed", provider="store")

        record, h.intake._ledger.record = h.intake._ledger.record, closed  # type: ignore[method-assign, assignment]
        assert await h.feed.offer(gift("g1")) is None
        assert (tmp_path / "unwritten-payments.ndjson").is_file()
        h.intake._ledger.record = record  # type: ignore[method-assign]
        await until(lambda: h.queue() == ["g1"])
