"""The turns on their way into the ledger: in order, whatever the database does, and never in the show's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import TransientError
from bot.store.records import Settlement
from bot.store.spool import Spool
from bot.store.tables import TurnState
from bot.store.turns import MAX_ENTRIES, TurnJournal, settlement_from, settlement_values
from bot.types import Author, Kind, Message, Money, Retraction, TurnKind
from tests.support.virtual import virtual

GIFT = Message("g1", "twitch", Author("1", "Ann"), "for you", Kind.GIFT, Money(5, "USD"))
LINE = Message("m1", "twitch", Author("2", "Bo"), "hello there", Kind.CHAT)


@dataclass
class Ledger:
    """Notes what is written; each kind of call fails as often as ``failing`` says."""

    failing: dict[str, list[Exception]] = field(default_factory=dict)
    written: list[tuple[str, ...]] = field(default_factory=list)
    hangs_s: float = 0.0
    messages: list[Message] = field(default_factory=list)

    async def _write(self, what: str, *more: str) -> None:
        await asyncio.sleep(self.hangs_s)
        if left := self.failing.get(what):
            raise left.pop(0)
        self.written.append((what, *more))

    async def begin(self, turn: str, epoch: int, kind: TurnKind, messages: Any) -> None:
        await self._write("begin", turn)
        self.messages = list(messages)

    async def progress(self, turn: str, heard: str) -> None:
        await self._write("progress", turn, heard)

    async def finish(
        self, turn: str, heard: str, state: TurnState, planned: str, timings: Any, *, withdrawn: bool
    ) -> None:
        await self._write("finish", turn, heard, "withdrawn" if withdrawn else "")

    async def settle(self, settlement: Settlement) -> None:
        await self._write("settle", settlement.message_id)


def journal(ledger: Ledger, file: Path | None = None) -> TurnJournal:
    return TurnJournal(ledger, Spool(file, settlement_values, settlement_from))


def one_turn(j: TurnJournal, turn: str = "t1", *messages: Message) -> None:
    j.begin(turn, 1, TurnKind.THANKS, messages or (GIFT,))
    j.progress(turn, "Thank")
    j.progress(turn, "Thank you")
    j.finish(turn, "Thank you, Ann", TurnState.COMPLETED, "Thank you, Ann", {}, withdrawn=False)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.05)


@virtual
async def test_any_combination_of_failures_ends_in_the_whole_record() -> None:
    busy = TransientError("locked")
    for failing in ({"begin": 3}, {"progress": 2}, {"finish": 4}, {"begin": 1, "progress": 1, "finish": 1}):
        ledger = Ledger({what: [busy] * times for what, times in failing.items()})
        j = journal(ledger)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(j.run())
            one_turn(j)
            await until(lambda j=j: not j.waiting)  # type: ignore[misc]
            running.cancel()
        assert [w[0] for w in ledger.written] == ["begin", "progress", "finish"]


@virtual
async def test_the_beginning_of_a_turn_without_a_payment_waits_for_its_first_word_and_not_for_ever() -> None:
    ledger = Ledger()
    j = journal(ledger)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        j.begin("t1", 1, TurnKind.ANSWER, (LINE,))
        await asyncio.sleep(0.2)
        assert ledger.written == []
        j.progress("t1", "Hello")
        await until(lambda: len(ledger.written) == 2)
        j.begin("t2", 2, TurnKind.THANKS, (GIFT,))
        await asyncio.sleep(0.01)
        assert ("begin", "t2") in ledger.written, "a payment's turn is written at once"
        j.begin("t3", 3, TurnKind.ANSWER, (LINE,))
        await asyncio.sleep(1.0)
        assert ("begin", "t3") in ledger.written
        running.cancel()


@virtual
async def test_an_entry_that_the_database_refuses_for_good_holds_up_nobody() -> None:
    ledger = Ledger({"begin": [ValueError("no such column")]})
    j = journal(ledger)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        one_turn(j)
        one_turn(j, "t2")
        await until(lambda: not j.waiting)
        running.cancel()
    assert j.lost == 1
    assert ("finish", "t2", "Thank you, Ann", "") in ledger.written


class Timed(Spool[Settlement]):
    """Notes when it is given something."""

    def __init__(self) -> None:
        super().__init__(None, settlement_values, settlement_from)
        self.at: list[float] = []

    async def add(self, *entries: Settlement, durable: bool = True) -> bool:
        assert not durable  # the disk may take its time, the word is out
        self.at += [asyncio.get_running_loop().time()] * len(entries)
        return True


@virtual
async def test_an_acknowledgement_is_in_a_file_at_the_moment_of_its_word_whatever_the_database_does() -> None:
    spool = Timed()
    j = TurnJournal(Ledger(hangs_s=0.02), spool)  # slow, but not so slow that anybody would notice
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        said = []
        for number in range(3):
            await asyncio.sleep(0.005)
            said.append(asyncio.get_running_loop().time())
            one_turn(j, f"t{number}")
        await asyncio.sleep(1.0)
        running.cancel()
    assert spool.at == said


async def test_what_was_written_needs_no_file_any_more(tmp_path: Path) -> None:
    file = tmp_path / "acknowledgements.ndjson"
    j = journal(Ledger(), file)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        for number in range(5):
            one_turn(j, f"t{number}")
            await asyncio.sleep(0.002)
        await until(lambda: not j.waiting and not file.exists())
        await asyncio.sleep(0.05)
        running.cancel()
    assert not file.exists()


async def test_an_acknowledgement_that_waits_is_on_the_disk_until_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "acknowledgements.ndjson"
    ledger = Ledger({"begin": [TransientError("locked")] * 5})
    j = journal(ledger, file)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        one_turn(j)
        await until(file.is_file)
        (settlement,) = j.spool.load()
        assert (settlement.source, settlement.message_id, settlement.answered) == ("twitch", "g1", True)
        await until(lambda: not j.waiting)
        running.cancel()
    assert not file.exists()


async def test_a_write_that_hangs_is_spooled_too(tmp_path: Path) -> None:
    file = tmp_path / "acknowledgements.ndjson"
    j = journal(Ledger(hangs_s=0.6), file)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        one_turn(j)
        await until(file.is_file)
        running.cancel()


@virtual
async def test_what_is_deleted_before_it_was_written_never_is() -> None:
    ledger = Ledger({"begin": [TransientError("locked")] * 3})
    j = journal(ledger)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(j.run())
        one_turn(j, "t1", LINE, GIFT)
        await asyncio.sleep(0.01)
        j.retracted(Retraction("twitch", id="m1"))
        await until(lambda: not j.waiting)
        running.cancel()
    assert [m.text for m in ledger.messages] == ["", "for you"]
    assert ledger.written[-1][-1] == "withdrawn"


def test_an_outage_of_hours_is_bounded_and_keeps_what_concerns_payments() -> None:
    j = journal(Ledger())
    for n in range(MAX_ENTRIES):
        one_turn(j, f"t{n}", LINE)
    one_turn(j, "paid", GIFT)
    assert j.lost > 0
    assert j.waiting <= MAX_ENTRIES + 4
    assert [e.turn for e in list(j._entries)[-3:]] == ["paid"] * 3


def test_recording_neither_waits_nor_raises() -> None:
    j = journal(Ledger({"begin": [TransientError("locked")] * 99}))
    one_turn(j)  # no loop is running here
    assert j.waiting == 3
