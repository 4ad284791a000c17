"""The ledger: paid events thanked for once, what was heard, batches, recovery, forgetting; and kill -9 for real."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from bot.errors import TransientError
from bot.store import database as store_module
from bot.store import journal as journal_module
from bot.store.database import Store, open_store
from bot.store.ledger import Ledger
from bot.store.payments import MAX_ATTEMPTS, Recorded
from bot.store.records import key
from bot.store.tables import KEY, Asked, ChatLine, Outcome, PaidEvent, PaidState, Utterance
from bot.text.sanitize import fit
from bot.types import Author, Evidence, Kind, Message, MessageOutcome, Money

ANN, BEN = Author("1", "Ann"), Author("2", "Ben")
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


class Books:
    """A ledger with a wall clock that a test moves, and a look behind it."""

    def __init__(self, store: Store) -> None:
        self.now = NOON
        self.store = store
        self.ledger = Ledger(store, lambda: self.now)

    async def rows(self, table: Any) -> list[Any]:
        return list(await self.store.run(lambda c: c.execute(select(table).order_by(col(table.id)))))

    async def states(self) -> dict[str, str]:
        return {row.message_id: row.state for row in await self.rows(PaidEvent)}

    async def turn(self, name: str, heard: str, *messages: Message, state: str = "completed") -> None:
        await self.ledger.begin(name, 1, "answer", messages)
        await self.ledger.finish(name, heard, state, heard, {})


def books(test: Callable[[Books], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on a ledger in memory."""

    @functools.wraps(test)
    def run() -> None:
        async def bounded() -> None:
            async with asyncio.timeout(30), open_store("sqlite+aiosqlite:///:memory:") as store:
                await test(Books(store))

        asyncio.run(bounded())

    del run.__wrapped__  # or pytest looks for a fixture named as the parameter
    return run


def gift(name: str, author: Author = ANN, text: str = "", kind: Kind = Kind.GIFT) -> Message:
    return Message(name, "test", author, text, kind, Money(499, "USD"))


def chat(name: str, author: Author = ANN, text: str = "hello") -> Message:
    return Message(name, "test", author, text)


# --- paid events ------------------------------------------------------------------------------------


@books
async def test_a_paid_event_is_written_once(b: Books) -> None:
    assert await b.ledger.record(gift("g1")) is Recorded.NEW
    assert await b.ledger.record(gift("g1")) is not Recorded.NEW
    assert await b.ledger.record(Message("g1", "elsewhere", ANN, "", Kind.GIFT)) is Recorded.NEW
    (row, _) = await b.rows(PaidEvent)
    assert (row.minor, row.currency, row.state, row.attempts, row.received_at) == (499, "USD", "pending", 0, NOON)


@books
async def test_the_first_word_heard_acknowledges(b: Books) -> None:
    await b.ledger.record(gift("g1"))
    await b.ledger.begin("t1", 1, "thanks", [gift("g1")])
    assert await b.states() == {"g1": "answering"}
    await b.ledger.progress("t1", "")
    await b.ledger.progress("t1", "…♥")
    assert await b.states() == {"g1": "answering"}  # no word yet
    await b.ledger.progress("t1", "谢")
    assert await b.states() == {"g1": "acknowledged"}
    await b.ledger.finish("t1", "谢谢", "interrupted", "谢谢你的礼物", {"heard": 1.0})
    assert await b.states() == {"g1": "acknowledged"}
    (turn,) = await b.rows(Utterance)
    assert (turn.state, turn.heard, turn.planned, turn.timings) == (
        "interrupted",
        "谢谢",
        "谢谢你的礼物",
        {"heard": 1.0},
    )


@books
async def test_a_turn_that_ends_unheard_gives_its_events_back(b: Books) -> None:
    await b.ledger.record(gift("g1"))
    await b.turn("t1", "", gift("g1"), state="expired")
    (row,) = await b.rows(PaidEvent)
    assert (row.state, row.attempts, row.turn) == ("pending", 1, None)
    await b.turn("t2", "Thanks!", gift("g1"))
    assert await b.states() == {"g1": "acknowledged"}
    await b.ledger.begin("t3", 3, "thanks", [gift("g1")])  # whoever asks again does not get it again
    await b.ledger.finish("t3", "", "failed", "", {})
    assert await b.states() == {"g1": "acknowledged"}


@books
async def test_what_was_recorded_as_heard_stays_when_the_end_says_nothing(b: Books) -> None:
    await b.ledger.begin("t1", 1, "answer", [chat("c1")])
    await b.ledger.progress("t1", "Well, ")
    await b.ledger.finish("t1", "", "interrupted", "", {})
    await b.ledger.progress("t1", "too late")
    (turn,) = await b.rows(Utterance)
    assert (turn.state, turn.heard) == ("interrupted", "Well, ")


@books
async def test_an_event_that_is_never_heard_waits_for_a_person_in_the_end(b: Books) -> None:
    await b.ledger.record(gift("g1"))
    for n in range(MAX_ATTEMPTS):
        assert await b.states() == {"g1": "pending"}
        await b.turn(f"t{n}", "", gift("g1"), state="failed")
    (owed,) = await b.ledger.owed()
    assert (owed.state, owed.attempts, owed.message.id) == (PaidState.DROPPED, MAX_ATTEMPTS, "g1")
    assert "never heard" in owed.note
    assert (await b.ledger.recover()).pending == ()


@books
async def test_the_final_outcome_settles_an_event(b: Books) -> None:
    for name in ("g1", "g2", "g3"):
        await b.ledger.record(gift(name))
    await b.turn("t1", "Thanks!", gift("g3"))
    b.ledger.journal.outcome(gift("g1"), "answered", "said; no page confirmed it")
    b.ledger.journal.outcome(gift("g2"), "dropped", "dropped by the operator")
    b.ledger.journal.outcome(gift("g3"), "dropped", "too late to take back")
    await b.ledger.journal.flush()
    assert await b.states() == {"g1": "acknowledged", "g2": "dropped", "g3": "acknowledged"}
    assert [o.note for o in await b.ledger.owed()] == ["dropped by the operator"]


# --- recovery ---------------------------------------------------------------------------------------


@books
async def test_a_run_counts_its_turns_from_above_all_earlier_runs_whatever_the_clock(b: Books) -> None:
    first = await b.ledger.first_epoch()
    assert first == int(NOON.timestamp())
    b.now = NOON + dt.timedelta(days=400)
    ahead = await b.ledger.first_epoch()
    assert ahead == first + 400 * 86_400
    b.now = NOON - dt.timedelta(days=9000)
    assert await b.ledger.first_epoch() == ahead + 1  # a run that said nothing counts too
    await b.ledger.begin("t1", ahead + 50, "line", [])
    assert await b.ledger.first_epoch() == ahead + 51
    b.now = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
    assert await b.ledger.first_epoch() < 2**32 - 10**9


@books
async def test_the_ledger_says_what_is_wrong_with_its_database(b: Books) -> None:
    assert b.ledger.trouble == ""

    async def fail(_c: object) -> None:
        raise TransientError("the database failed: disk I/O error", provider="store")

    with pytest.raises(TransientError):
        await b.store.run(fail)
    assert b.ledger.trouble == "the database failed: disk I/O error"
    await b.ledger.probe()
    assert b.ledger.trouble == ""


async def test_a_database_that_does_not_answer_is_told_before_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SLOW_S", 0.05)
    async with open_store("sqlite+aiosqlite:///:memory:") as store:
        ledger, goes_on = Ledger(store), asyncio.Event()
        work = asyncio.ensure_future(store.run(lambda _c: goes_on.wait()))
        async with asyncio.timeout(10):
            while not ledger.trouble:
                await asyncio.sleep(0.01)
        assert ledger.trouble == "the database does not answer"
        goes_on.set()
        await work
        assert ledger.trouble == ""


@books
async def test_recovery_closes_turns_as_heard_and_gives_back_what_was_not(b: Books) -> None:
    for name in ("g1", "g2", "g3"):
        await b.ledger.record(gift(name, BEN, "for you", Kind.SUPER_CHAT))
    await b.ledger.begin("t1", 1, "thanks", [gift("g2")])
    await b.ledger.progress("t1", "Thank you")
    await b.ledger.begin("t2", 2, "thanks", [gift("g1")])
    recovery = await b.ledger.recover()
    assert [(c.turn, c.purpose, c.heard) for c in recovery.closed] == [
        ("t1", "thanks", "Thank you"),
        ("t2", "thanks", ""),
    ]
    assert [m.id for m in recovery.pending] == ["g1", "g3"]
    assert recovery.pending[0] == gift("g1", BEN, "for you", Kind.SUPER_CHAT)
    assert [row.state for row in await b.rows(Utterance)] == ["interrupted"] * 2
    again = await b.ledger.recover()
    assert again.closed == ()
    assert [m.id for m in again.pending] == ["g1", "g3"]


def test_what_kill_9_leaves_is_what_was_promised(tmp_path: Path) -> None:
    """Kill a busy show again and again: no paid event lost, none thanked for after its thanks were recorded."""
    path = tmp_path / "show.db"
    rng = random.Random(5)
    paid: set[str] = set()
    heard: set[str] = set()
    kills = 5
    for boot in range(kills):
        code = [sys.executable, "-m", "tests.support.killed", f"sqlite+aiosqlite:///{path}", str(boot)]
        with subprocess.Popen(code, stdout=subprocess.PIPE, text=True) as show:
            assert show.stdout is not None
            said = [show.stdout.readline()]  # it is at work
            time.sleep(rng.uniform(0.05, 0.4))
            show.kill()  # SIGKILL
            said += show.stdout.readlines()
        words = [line.split() for line in said if line.endswith("\n")]
        assert not [line for line in words if line[0] == "begun" and line[2] in heard]
        recovered = {line[1] for line in words if line[0] == "recovered"}
        assert not recovered & heard
        # A kill between the commit and the word of it: such an event shows up at the next start.
        paid |= recovered | {line[1] for line in words if line[0] == "paid"}
        heard |= {line[2] for line in words if line[0] == "heard"}

    async def after() -> tuple[set[str], dict[str, str], list[Any]]:
        async with open_store(f"sqlite+aiosqlite:///{path}") as store:
            b = Books(store)
            pending = {m.id for m in (await b.ledger.recover()).pending}
            return pending, await b.states(), await b.rows(Utterance)

    pending, states, turns = asyncio.run(after())
    assert len(heard) > kills  # the show did get somewhere
    assert paid <= set(states)
    assert heard <= {name for name, state in states.items() if state == "acknowledged"}
    assert pending == {name for name, state in states.items() if state == "pending"}
    assert set(states.values()) <= {"pending", "acknowledged"}
    assert Counter(t.state in ("accepted", "playing") for t in turns)[True] == 0
    # Of what the last show had written down and not yet said there is at most one event.
    assert len(set(states) - paid) <= 1
    assert len({name for name, state in states.items() if state == "acknowledged"} - heard) <= kills  # one a kill
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# --- history ----------------------------------------------------------------------------------------


@books
async def test_history_gives_what_was_heard_oldest_first(b: Books) -> None:
    await b.turn("t1", "Hi Ann!", chat("c1", text="hi"), chat("c2", BEN, "me too"))
    await b.turn("t2", "", chat("c3"), state="expired")
    await b.turn("t3", "Welcome", state="interrupted")
    await b.turn("t4", "Bye")
    history = await b.ledger.history(3)
    assert [(e.turn, e.heard, e.interrupted) for e in history] == [
        ("t1", "Hi Ann!", False), ("t3", "Welcome", True), ("t4", "Bye", False),
    ]  # fmt: skip
    assert [(a.id, a.author_id, a.name, a.text) for a in history[0].asked] == [
        ("c1", "1", "Ann", "hi"), ("c2", "2", "Ben", "me too"),
    ]  # fmt: skip
    assert [e.turn for e in await b.ledger.history(1)] == ["t4"]


# --- batches ----------------------------------------------------------------------------------------


@books
async def test_lines_and_outcomes_are_written_in_batches(b: Books) -> None:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(b.ledger.journal.run())
        for n in range(450):
            b.ledger.line(chat(f"c{n}"), "allow")
            b.ledger.journal.outcome(chat(f"c{n}"), "dropped" if n % 3 else "answered", "because")
        b.ledger.line(chat("silent", text=""), "allow")
        assert await b.rows(ChatLine) == []
        began = time.monotonic()
        while b.ledger.journal.waiting:
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < 5
        b.ledger.line(chat("last"), "mask")
        await asyncio.sleep(journal_module.BATCH_S * 3)
        assert b.ledger.journal.waiting == 0
        running.cancel()
    assert len(await b.rows(ChatLine)) == 451
    rows = await b.rows(Outcome)
    assert Counter(row.outcome for row in rows) == {"answered": 150, "dropped": 300}
    newest = rows[-1]
    assert (newest.message_id, newest.outcome, newest.author_hash, newest.at) == (
        "c449", "dropped", b.store.pseudonym("test", "1"), NOON,
    )  # fmt: skip


@books
async def test_the_last_outcome_of_a_viewer_is_found_and_nobody_elses(b: Books) -> None:
    assert await b.ledger.last_outcome("test", ANN.id) is None
    journal, ben = b.ledger.journal, Author("u-ben", ANN.name)
    journal.outcome(chat("c1"), MessageOutcome.ANSWERED, "answered")
    journal.outcome(chat("c2"), MessageOutcome.EXPIRED, "not answered within 60 s")
    journal.outcome(chat("c3"), MessageOutcome.DROPPED, "a 100% command: why, answered")
    journal.outcome(chat("c4", ben), MessageOutcome.REFUSED, "not allowed")
    await journal.flush()
    assert await b.ledger.last_outcome("test", ANN.id, but="a 100% command: ") == (
        "expired",
        "not answered within 60 s",
    )
    assert await b.ledger.last_outcome("test", ANN.id) == ("dropped", "a 100% command: why, answered")
    assert await b.ledger.last_outcome("test", ben.id) == ("refused", "not allowed")
    assert await b.ledger.last_outcome("elsewhere", ANN.id) is None
    await b.ledger.forget(ANN.id, "test")
    assert await b.ledger.last_outcome("test", ANN.id) is None


@books
async def test_a_full_queue_loses_chat_and_counts_it_but_never_a_paid_outcome(b: Books) -> None:
    await b.ledger.record(gift("g1"))
    for n in range(journal_module.MAX_ROWS + 7):
        b.ledger.line(chat(f"c{n}"), "allow")
    b.ledger.journal.outcome(gift("g1"), "dropped", "too many")
    assert b.ledger.journal.lost == 7
    await b.ledger.journal.flush()
    assert len(await b.rows(ChatLine)) == journal_module.MAX_ROWS
    assert await b.states() == {"g1": "dropped"}


def test_a_database_that_is_busy_keeps_the_rows_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_S", 0.05)
    path = tmp_path / "show.db"

    async def check() -> None:
        async with open_store(f"sqlite+aiosqlite:///{path}") as store:
            b = Books(store)
            await b.ledger.begin("t1", 1, "answer", [])
            b.ledger.line(chat("c1"), "allow")
            b.ledger.line(chat("c2"), "allow")
            with closing(sqlite3.connect(path)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(TransientError):
                    await b.ledger.journal.flush()
                with pytest.raises(TransientError):
                    await b.ledger.progress("t1", "the speech goes on")
            assert (b.ledger.journal.waiting, b.ledger.journal.lost) == (2, 0)
            await b.ledger.journal.flush()
            assert [row.message_id for row in await b.rows(ChatLine)] == ["c1", "c2"]

    asyncio.run(check())


@books
async def test_rows_that_the_database_refuses_do_not_hold_up_the_others(b: Books) -> None:
    b.ledger.line(chat("c1"), "allow")
    b.ledger.journal._rows[0].line["text"] = object()  # type: ignore[index] # what nothing can store
    with pytest.raises(SQLAlchemyError):
        await b.ledger.journal.flush()
    assert (b.ledger.journal.lost, b.ledger.journal.waiting) == (1, 0)


# --- forgetting -------------------------------------------------------------------------------------


@books
async def test_raw_chat_is_deleted_after_a_day_wherever_it_stands(b: Books) -> None:
    await b.ledger.record(gift("old", text="secret words"))
    await b.ledger.record(gift("open", text="still waits"))
    await b.turn("t1", "Hi!", gift("old", text="secret words"))
    for n in range(2):
        b.ledger.line(chat(f"c{n}", text="secret words"), "allow")
        b.ledger.journal.outcome(chat(f"c{n}"), "dropped", "because")
    await b.ledger.journal.flush()
    b.now += dt.timedelta(hours=20)
    await b.turn("t2", "Ho!", chat("new", text="fresh words"))
    b.ledger.line(chat("new", text="fresh words"), "allow")
    await b.ledger.journal.flush()
    b.now += dt.timedelta(hours=5)
    assert await b.ledger.purge(dt.timedelta(hours=24)) == 2
    assert [row.message_id for row in await b.rows(ChatLine)] == ["new"]
    assert [row.text for row in await b.rows(Asked)] == ["fresh words"]
    assert {row.message_id: row.text for row in await b.rows(PaidEvent)} == {"old": "", "open": "still waits"}
    assert [(e.heard, len(e.asked)) for e in await b.ledger.history(5)] == [("Ho!", 1)], "an answer quotes the question"
    assert [row.heard for row in await b.rows(Utterance)] == ["", "Ho!"]
    assert len(await b.rows(Outcome)) == 2
    b.now += dt.timedelta(days=31)
    assert await b.ledger.purge(dt.timedelta(hours=24)) == 1
    assert await b.rows(Outcome) == []
    assert await b.rows(Utterance) == [], "turns have an end as well"
    assert len(await b.rows(PaidEvent)) == 2
    b.now += dt.timedelta(days=800)
    await b.ledger.purge(dt.timedelta(hours=24))
    assert [row.message_id for row in await b.rows(PaidEvent)] == ["open"], "only what is settled goes"


@books
async def test_a_long_purge_goes_in_pieces(b: Books) -> None:
    for n in range(4500):
        b.ledger.line(chat(f"c{n}"), "allow")
    await b.ledger.journal.flush()
    b.now += dt.timedelta(hours=25)
    assert await b.ledger.purge(dt.timedelta(hours=24)) == 4500


def test_deleted_words_are_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "show.db"

    async def check() -> None:
        async with open_store(f"sqlite+aiosqlite:///{path}") as store:
            b = Books(store)
            for n in range(500):
                b.ledger.line(chat(f"c{n}", text="VERYSECRET"), "allow")
            await b.ledger.journal.flush()
            b.now += dt.timedelta(hours=25)
            await b.ledger.purge(dt.timedelta(hours=24))

    asyncio.run(check())
    assert b"VERYSECRET" not in path.read_bytes()


@books
async def test_a_viewer_can_be_forgotten(b: Books) -> None:
    await b.ledger.record(gift("g1", ANN, "from Ann"))
    await b.ledger.record(gift("g2", BEN, "from Ben"))
    await b.turn("t1", "Thanks Ann!", gift("g1", ANN, "from Ann"))
    await b.turn("t2", "Thanks Ben!", gift("g2", BEN, "from Ben"))
    other = Message("x1", "elsewhere", Author("1", "Another"), "same number, other place")
    for message in (chat("c1", ANN), chat("c2", BEN), other):
        b.ledger.line(message, "allow")
        b.ledger.journal.outcome(message, "dropped", "because")
    assert await b.ledger.forget("1", "test") == 2
    assert [row.author_name for row in await b.rows(ChatLine)] == ["Ben", "Another"]
    assert [row.message_id for row in await b.rows(Outcome)] == ["c2", "x1"]
    assert [(r.author_id, r.author_name, r.text, r.minor) for r in await b.rows(PaidEvent)] == [
        ("", "someone", "", 499), ("2", "Ben", "from Ben", 499),
    ]  # fmt: skip
    assert [e.heard for e in await b.ledger.history(5)] == ["Thanks Ben!"]
    assert not [row for row in await b.rows(Utterance) if "Ann" in row.heard + row.planned]
    assert await b.ledger.record(gift("g1")) is Recorded.SETTLED, "it is still known as thanked for"
    assert await b.ledger.forget("1") == 1


@books
async def test_a_deleted_message_leaves_the_history(b: Books) -> None:
    await b.turn("t1", "Quoting it", chat("c1", ANN, "delete me"))
    await b.turn("t2", "Fine", chat("c2", BEN, "keep me"))
    for message in (chat("c1", ANN, "delete me"), chat("c2", BEN, "keep me")):
        b.ledger.line(message, "allow")
    assert await b.ledger.retract(message="c1") == 1
    assert [e.heard for e in await b.ledger.history(5)] == ["Fine"]
    assert [row.text for row in await b.rows(ChatLine)] == ["keep me"]
    assert await b.ledger.retract(author="2") == 1
    assert await b.ledger.history(5) == []


# --- what strangers send ----------------------------------------------------------------------------


@books
async def test_hostile_ids_names_and_amounts_are_stored(b: Books) -> None:
    nasty = Author("\ud800" * 5000, "N\0ame" * 5000)
    for n, amount in enumerate((2**200, -(2**200), 0)):
        odd = Message("i" * 10_000 + str(n), "s" * 999, nasty, "t\0" * 50_000, Kind.CHEER, Money(amount, "X" * 500))
        assert await b.ledger.record(odd) is Recorded.NEW
        assert await b.ledger.record(odd) is not Recorded.NEW
        b.ledger.line(odd, "allow" * 50)
        b.ledger.journal.outcome(odd, "dropped", "r" * 50_000)
    await b.ledger.journal.flush()
    assert [row.minor for row in await b.rows(PaidEvent)] == [2**63 - 1, -(2**63), 0]
    assert set((await b.states()).values()) == {"dropped"}
    assert len((await b.rows(ChatLine))[0].text) == 4000


def test_long_ids_stay_apart() -> None:
    assert len({key("x" * 300 + "1"), key("x" * 300 + "2"), key("x" * 300)}) == 3
    assert len(key("x" * 300)) == KEY
    assert key(key("x" * 300)) == key("x" * 300)
    assert key("short") == "short"
    assert fit("a\0b\udfffc", 10) == "a\ufffdb?c"


# --- one payment, several events --------------------------------------------------------------------


def cheer(name: str, event: str, pair: str = "bits:1:100:abc") -> Message:
    evidence = Evidence(event, Money(100, "BITS"), pair=pair)
    return Message(name, "twitch", ANN, "cheer100", Kind.CHEER, Money(100, "USD"), evidence=evidence)


@books
async def test_two_events_about_one_payment_are_one(b: Books) -> None:
    assert await b.ledger.record(cheer("c1", "chat")) is Recorded.NEW
    assert await b.ledger.record(cheer("b1", "bits")) is not Recorded.NEW
    assert await b.ledger.record(cheer("x1", "old cheer")) is not Recorded.NEW
    for again in (cheer("c1", "chat"), cheer("b1", "bits"), cheer("x1", "old cheer")):
        assert await b.ledger.record(again) is not Recorded.NEW
    assert list(await b.states()) == ["c1"]


@books
async def test_two_payments_that_look_the_same_are_two_in_any_order(b: Books) -> None:
    assert await b.ledger.record(cheer("c1", "chat")) is Recorded.NEW
    assert await b.ledger.record(cheer("c2", "chat")) is Recorded.NEW
    assert await b.ledger.record(cheer("b1", "bits")) is not Recorded.NEW
    assert await b.ledger.record(cheer("b2", "bits")) is not Recorded.NEW
    assert await b.ledger.record(cheer("b3", "bits")) is Recorded.NEW
    assert await b.ledger.record(cheer("c3", "chat")) is not Recorded.NEW
    assert list(await b.states()) == ["c1", "c2", "b3"]


@books
async def test_the_same_gift_an_hour_later_is_another_payment(b: Books) -> None:
    assert await b.ledger.record(cheer("c1", "chat")) is Recorded.NEW
    b.now += dt.timedelta(hours=1)
    assert await b.ledger.record(cheer("b1", "bits")) is Recorded.NEW


@books
async def test_evidence_comes_back_and_is_forgotten_with_the_viewer(b: Books) -> None:
    evidence = Evidence("SEND_GIFT", Money(52, "BATTERY"), "小花花", 3, combo="c:1:9", pair="p", fault="price")
    await b.ledger.record(Message("g1", "bilibili_web", ANN, "", Kind.GIFT, Money(520, "CNY"), evidence=evidence))
    assert (await b.ledger.recover()).pending[0].evidence == evidence
    await b.ledger.forget(ANN.id)
    owed = (await b.ledger.owed())[0].message
    assert (owed.evidence, owed.amount) == (None, Money(520, "CNY"))


@books
async def test_what_came_lately_is_known_after_a_restart(b: Books) -> None:
    b.ledger.line(Message("m1", "twitch", ANN, "hi"), "allow")
    await b.ledger.journal.flush()
    b.now += dt.timedelta(minutes=20)
    b.ledger.line(Message("m2", "twitch", ANN, "hi again"), "allow")
    await b.ledger.journal.flush()
    assert await b.ledger.seen(dt.timedelta(minutes=30)) == [("twitch", "m1"), ("twitch", "m2")]
    assert await b.ledger.seen(dt.timedelta(minutes=10)) == [("twitch", "m2")]


@books
async def test_a_cleared_chat_concerns_one_platform(b: Books) -> None:
    for source in ("twitch", "bilibili_web"):
        b.ledger.line(Message("m1", source, ANN, "hi"), "allow")
    await b.ledger.journal.flush()
    assert await b.ledger.retract(source="twitch") == 1
    assert [r.source for r in await b.rows(ChatLine)] == ["bilibili_web"]
    assert await b.ledger.retract() == 0
