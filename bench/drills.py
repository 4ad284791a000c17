"""What becomes of payments when the database is in trouble: ``python -m bench.drills [--runs 20]`` prints JSON.

Each run opens the way in on a real SQLite file, as the application does, gives it payments from two sides while the
database is locked, slow, full, read-only, or while the process is killed with SIGKILL, and thanks for what waits as a
show would. In the end every payment must have been thanked exactly once, and every line of chat have an outcome.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from loguru import logger
from sqlalchemy.exc import OperationalError

from bot.app.recorder import Recorder, open_spools, settle_unwritten
from bot.inbox.inbox import Inbox, Limits
from bot.intake.feed import Feed
from bot.intake.intake import Intake
from bot.show.observer import Observer, Observers
from bot.sources.registry import SourceRegistry
from bot.store.database import open_store
from bot.store.faults import runtime_error
from bot.store.ledger import Ledger
from bot.store.tables import TurnState
from bot.store.turns import TurnJournal
from bot.telemetry.alarms import Alarms
from bot.types import Author, Evidence, Kind, Message, MessageOutcome, Money, TurnKind
from moderation.moderator import Moderator
from moderation.policy import Policy

DRILLS = ("locked", "slow", "full", "read_only", "killed")
PAYMENTS, LINES = 30, 40
#: Processes of one drill that are killed one after the other; the last one lives.
LIVES = 4
#: How long a thanks takes here, in seconds; a real one takes some seconds.
THANKS_S = 0.05
#: So long before a kill a word may have been heard that is on no disk yet, in seconds.
GAP_S = 0.1
DATABASE = "haishin.db"


class Way(Observer):
    """The way in, and a show that thanks at once for all that waits. It writes down each thanks in ``heard``."""

    def __init__(self, ledger: Ledger, folder: Path, moderator: Moderator) -> None:
        clock = asyncio.get_running_loop().time
        self.spools, settlements = open_spools(folder)
        self.ledger = ledger
        self.turns = TurnJournal(ledger, settlements)
        self.outcomes: Counter[str] = Counter()
        self.busy = False  # a turn is on air
        observers = Observers(Recorder(ledger.journal, self.turns), self)
        self.inbox = Inbox(Limits(combo_s=0.0, thank_together_from=99), clock, random.Random(1), observers)
        self.intake = Intake(self.inbox, ledger, moderator, names=("Mira",), observer=observers)
        self.alarms = Alarms(clock)
        self.feed = Feed(self.intake, SourceRegistry(self.alarms), ledger, observers, self.alarms, self.spools)
        self._observers = observers
        self._heard = os.open(folder / "heard", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Count what became of a message."""
        del reason
        self.outcomes[message.id] += outcome is not MessageOutcome.QUEUED

    async def thank(self) -> None:
        """Thank for what waits, for ever, as the show does: begin, first word, end, outcome."""
        loop, number = asyncio.get_running_loop(), 0
        while True:
            await asyncio.sleep(0.02)
            while choice := self.inbox.take_nowait(loop.time()):
                self.busy = True
                number += 1
                turn = f"t{os.getpid()}-{number}-{time.monotonic_ns()}"
                self.turns.begin(turn, 1, TurnKind.THANKS, choice.messages)
                await asyncio.sleep(0.01)  # the voice needs a moment
                for message in choice.messages:
                    if message.paid:
                        os.write(self._heard, f"{message.id} {time.monotonic()}\n".encode())  # the first word was heard
                self.turns.progress(turn, "Thank")
                await asyncio.sleep(THANKS_S)
                for message in choice.messages:
                    self._observers.settled(message, MessageOutcome.ANSWERED, "answered")
                self.turns.finish(turn, "Thank you", TurnState.COMPLETED, "Thank you", {}, withdrawn=False)
                self.busy = False


@contextlib.asynccontextmanager
async def way(folder: Path, moderator: Moderator) -> AsyncIterator[Way]:
    """Open the way in as the application does."""
    async with open_store(f"sqlite+aiosqlite:///{folder / DATABASE}") as store:
        made = Way(Ledger(store), folder, moderator)
        deletions = await settle_unwritten(made.ledger, made.spools, made.turns)
        recovery = await made.ledger.recover()
        made.feed.restore(made.spools.payments.load(), deletions)
        for message in recovery.pending:
            if not made.turns.acknowledges(message):
                await made.intake.take_up(message)
        async with asyncio.TaskGroup() as group:
            parts = (made.feed.run(), made.turns.run(), journal(made.ledger), made.thank())
            tasks = [group.create_task(part) for part in parts]
            try:
                yield made
                async with asyncio.timeout(60):
                    while made.busy or made.turns.waiting or made.ledger.journal.waiting or len(made.inbox):
                        await asyncio.sleep(0.05)
            finally:
                for task in tasks:
                    task.cancel()


async def journal(ledger: Ledger) -> None:
    """Write the batches, and again after a failure, as the supervisor does."""
    while True:
        with contextlib.suppress(Exception):
            await ledger.journal.run()
        await asyncio.sleep(0.2)


def gift(number: int, boot: str = "") -> Message:
    """Return a payment."""
    evidence = Evidence("SEND_GIFT", Money(10, "BATTERY"), "Rose")
    author = Author(f"p{number % 7}", f"payer {number % 7}")
    return Message(f"g{boot}{number}", "bilibili", author, "", Kind.GIFT, Money(100, "CNY"), evidence=evidence)


async def offer_all(made: Way, boot: str, told: Callable[[str], None] = lambda _i: None) -> None:
    """Give it payments, each third one told twice, and chat between them."""

    async def pay(number: int) -> None:
        await made.feed.offer(gift(number, boot))
        told(f"g{boot}{number}")
        if number % 3 == 0:
            await made.feed.offer(gift(number, boot))

    async with asyncio.TaskGroup() as group:
        for number in range(PAYMENTS):
            group.create_task(pay(number))
            await asyncio.sleep(0.02)
    for number in range(LINES):
        await made.feed.offer(
            Message(f"c{boot}{number}", "twitch", Author(f"v{number}", "viewer"), f"Mira line {number}")
        )


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the database, as another program would."""
    with contextlib.closing(sqlite3.connect(folder / DATABASE, isolation_level=None, timeout=30)) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            db.execute("ROLLBACK")


async def troubled(kind: str, folder: Path, moderator: Moderator, rng: random.Random) -> dict[str, int]:
    """Live through one drill in this process; return what was lost and doubled."""
    async with way(folder, moderator) as made, asyncio.TaskGroup() as group:
        store = made.ledger._store  # noqa: SLF001 - the drill stands between the store and the disk
        offering = group.create_task(offer_all(made, ""))
        if kind == "locked":
            with locked(folder):
                await asyncio.sleep(rng.choice((0.1, 0.6, 1.5, 6.0)))
        elif kind == "full":  # SQLite gets no page more
            await store.run(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1"))
            await asyncio.sleep(rng.uniform(0.3, 2.0))
            await store.run(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1073741823"))
        else:
            real, until = store._do, time.monotonic() + rng.uniform(0.3, 2.0)  # noqa: SLF001 - as above

            async def ill(job: Any) -> Any:
                if time.monotonic() > until:
                    return await real(job)
                if kind == "read_only":
                    error = sqlite3.OperationalError("attempt to write a readonly database")
                    raise runtime_error(OperationalError("", None, error))
                result = await real(job)  # slow: it succeeds after the caller has given up
                await asyncio.sleep(0.4)
                return result

            store._do = ill  # type: ignore[method-assign]  # noqa: SLF001 - as above
        await offering
        left = [folder / f"unwritten-{name}.ndjson" for name in ("payments", "acknowledgements")]
        async with asyncio.timeout(60):
            while any(file.exists() for file in left):
                await asyncio.sleep(0.05)
    return verdict(folder, [f"g{n}" for n in range(PAYMENTS)], made.outcomes, [f"c{n}" for n in range(LINES)])


async def killed(folder: Path, rng: random.Random) -> dict[str, int]:
    """Kill processes that take payments, one after the other, and let the last one live."""
    promised: list[str] = []
    kills: list[float] = []
    for boot in range(LIVES):
        words = ("-m", "bench.drills", "--victim", str(folder), "--boot", str(boot))
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=subprocess.PIPE)
        assert process.stdout
        assert (await process.stdout.readline()).startswith(b"ready")
        if boot < LIVES - 1:
            with locked(folder) if boot == 1 else contextlib.nullcontext():
                await asyncio.sleep(rng.uniform(0.5, 3.0))
                process.send_signal(signal.SIGKILL)
                await process.wait()
                kills.append(time.monotonic())
        promised += [line.split()[1].decode() for line in (await process.stdout.read()).splitlines(keepends=True)]
        await process.wait()
    return verdict(folder, promised, None, [], kills)


async def victim(folder: Path, boot: str) -> None:
    """Take payments and thank for them until killed."""
    async with way(folder, Moderator(Policy())) as made:
        print("ready", flush=True)
        await offer_all(made, f"{boot}-", lambda name: print("told", name, flush=True))


def verdict(
    folder: Path, paid: list[str], outcomes: Counter[str] | None, lines: list[str], kills: Sequence[float] = ()
) -> dict[str, int]:
    """Compare what was promised with what was heard and with what the ledger says.

    A payment that was heard for the first time less than `GAP_S` before a kill may be thanked for again: no program
    can write a word down before it was heard.
    """
    heard: dict[str, list[float]] = {}
    for line in (folder / "heard").read_text().splitlines():
        name, at = line.split()
        heard.setdefault(name, []).append(float(at))
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as db:
        states = dict(db.execute("SELECT message_id, state FROM paid_event").fetchall())
    twice = [name for name in paid if len(heard.get(name, ())) > 1]
    in_gap = [name for name in twice if any(0 <= kill - heard[name][0] < GAP_S for kill in kills)]
    return {
        "payments": len(paid),
        "lost": sum(name not in heard for name in paid),
        "doubled": len(twice) - len(in_gap),
        "doubled_heard_just_before_a_kill": len(in_gap),
        "not_acknowledged": sum(states.get(name) != "acknowledged" for name in paid),
        "lines_without_one_outcome": sum(outcomes[name] != 1 for name in lines) if outcomes is not None else 0,
    }


async def drill(kind: str, runs: int, moderator: Moderator) -> dict[str, Any]:
    """Run one kind of drill so many times."""
    total: Counter[str] = Counter()
    for number in range(runs):
        rng, folder = random.Random(f"{kind}{number}"), Path(tempfile.mkdtemp())
        try:
            run = killed(folder, rng) if kind == "killed" else troubled(kind, folder, moderator, rng)
            total += Counter(await run)
        finally:
            shutil.rmtree(folder)
        print(f"{kind} {number + 1}/{runs}", dict(total), file=sys.stderr)
    names = ["payments", "lost", "doubled", "doubled_heard_just_before_a_kill", "not_acknowledged"]
    names.append("lines_without_one_outcome")
    return {"runs": runs, **{name: total[name] for name in names}}


async def drills(kinds: list[str], runs: int) -> dict[str, Any]:
    """Run all drills."""
    moderator = Moderator(Policy())
    return {"bench": "drills", **{kind: await drill(kind, runs, moderator) for kind in kinds}}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drills", nargs="*", choices=[*DRILLS, []], help="which; all by default")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--victim", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--boot", default="", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    logger.remove()
    if wanted.victim:
        asyncio.run(victim(wanted.victim, wanted.boot))
        return
    print(json.dumps(asyncio.run(drills(wanted.drills or list(DRILLS), wanted.runs))))


if __name__ == "__main__":
    main()
