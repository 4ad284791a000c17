"""The store: opening, migrations, permissions, damage, and work that survives the cancellation of its asker."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.errors import ConfigError, FatalError, TransientError
from bot.store import database as store_module
from bot.store.database import Store, open_store
from bot.store.faults import shown
from bot.store.ledger import Ledger
from bot.store.migrations import HEAD
from bot.store.migrations import runner as migrations
from bot.store.payments import Recorded
from bot.store.tables import ChatLine, Secret, Table
from bot.types import Author, Kind, Message, Money

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 60))


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def pragma(store: Store, name: str, *, durable: bool = False) -> Any:
    async def read(c: AsyncConnection) -> Any:
        return (await c.execute(text(f"PRAGMA {name}"))).scalar()

    return await store.run(read, durable=durable)


async def count(store: Store) -> int:
    async def read(c: AsyncConnection) -> int:
        return (await c.execute(select(func.count()).select_from(Secret))).scalar_one()

    return await store.run(read)


def test_a_new_database_is_made_with_its_folder_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "show.db"

    async def check() -> None:
        async with open_store(url(path)) as store:
            assert await pragma(store, "journal_mode") == "wal"
            assert await pragma(store, "synchronous") == 1
            assert await pragma(store, "synchronous", durable=True) == 2
            assert await pragma(store, "synchronous") == 1
            assert await pragma(store, "foreign_keys") == 1
            assert await pragma(store, "secure_delete") == 1
            assert await pragma(store, "busy_timeout") == 5000
            for file in path.parent.iterdir():
                if os.name == "posix":
                    assert stat.S_IMODE(file.stat().st_mode) == 0o600, file

    run(check())


@pytest.mark.skipif(os.name != "posix", reason="rights of files are a POSIX matter")
def test_a_database_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "show.db"
    path.touch(0o644)

    async def check() -> None:
        async with open_store(url(path)):
            pass

    run(check())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_tables_and_migrations_agree() -> None:
    async def check() -> list[Any]:
        async with open_store("sqlite+aiosqlite:///:memory:") as store:
            return await store.run(lambda c: c.run_sync(migrations.differences))

    assert run(check()) == []


def test_the_head_in_the_code_is_the_newest_migration() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert scripts.get_heads() == [HEAD]


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")) as store:

            def down(connection: Connection) -> set[str]:
                settings = migrations.config()
                settings.attributes["connection"] = connection
                command.downgrade(settings, "base")
                tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
                return set(tables.scalars()) & set(Table.metadata.tables)

            assert await store.run(lambda c: c.run_sync(down)) == set()

    run(check())


def test_an_up_to_date_database_opens_without_alembic(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from bot.store.database import open_store\n"
        "async def main():\n"
        f"    async with open_store({url(tmp_path / 'show.db')!r}):\n"
        "        print('alembic' in sys.modules)\n"
        "asyncio.run(main())\n"
    )
    seen = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()
        for _ in range(2)
    ]
    assert seen == ["True", "False"]


def test_the_migrations_travel_with_the_package(tmp_path: Path) -> None:
    """Copied to where an installation would have it, the package brings up a database from there."""
    here = Path(store_module.__file__).parents[1]
    shutil.copytree(here, tmp_path / "site" / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import asyncio, bot.store.database\n"
        "from bot.store.migrations import runner\n"
        "async def main():\n"
        f"    async with bot.store.database.open_store({url(tmp_path / 'show.db')!r}): pass\n"
        "asyncio.run(main())\n"
        "print(bot.store.database.__file__); print(runner.config().get_main_option('script_location'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path / "site",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )  # fmt: skip
    assert all(line.startswith(str(tmp_path / "site")) for line in done.stdout.split("\n") if line)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "show.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE outcome (somebody TEXT)")  # made by another program
        db.commit()

    async def check() -> None:
        async with open_store(url(path)):
            pass

    with pytest.raises(ConfigError, match="outcome already exists"):
        run(check())
    with closing(sqlite3.connect(path)) as db:
        assert [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")] == ["outcome"]


def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "show.db"

    async def check() -> None:
        async with open_store(url(path)):
            pass

    run(check())
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    with pytest.raises(ConfigError, match="newer Haishin") as caught:
        run(check())
    assert "update Haishin" in caught.value.remedy
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, os.urandom(8192)])
def test_what_is_no_database_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "show.db"
    path.write_bytes(content)

    async def check() -> None:
        async with open_store(url(path)):
            pass

    with pytest.raises(ConfigError, match="damaged, or is no database") as caught:
        run(check())
    assert "move the file aside" in caught.value.remedy
    assert path.read_bytes() == content


def test_damage_found_on_air_is_fatal(tmp_path: Path) -> None:
    path = tmp_path / "show.db"

    async def fill() -> None:
        async with open_store(url(path)) as store:
            ledger = Ledger(store)
            for n in range(2000):
                ledger.line(Message(str(n), "test", Author("a", "Ann"), "words " * 20), "allow")
            await ledger.journal.flush()

    async def read() -> None:
        async with open_store(url(path)) as store:
            await store.run(lambda c: c.execute(select(ChatLine)))

    run(fill())
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2 // 4096 * 4096
    raw[middle : middle + 40960] = os.urandom(40960)
    path.write_bytes(raw)
    with pytest.raises(FatalError, match="damaged"):
        run(read())


@pytest.mark.parametrize(
    "wrong", ["", "show.db", "mysql://host/db", "sqlite+aiosqlite", "postgresql://host:port/db", "://"]
)
def test_a_url_that_is_none_is_explained(wrong: str) -> None:
    async def check() -> None:
        async with open_store(wrong):
            pass

    with pytest.raises(ConfigError, match="no database URL") as caught:
        run(check())
    assert "sqlite+aiosqlite:///" in caught.value.remedy


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    async def check() -> None:
        async with open_store(url(tmp_path)):
            pass

    with pytest.raises(ConfigError, match="cannot be written"):
        run(check())


def test_a_file_that_another_program_holds_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_S", 0.05)
    path = tmp_path / "show.db"

    async def check() -> None:
        async with open_store(url(path)):
            pass

    run(check())
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConfigError, match="locked") as caught:
            run(check())
    assert "close the other program" in caught.value.remedy


def test_the_plain_scheme_is_enough(tmp_path: Path) -> None:
    async def check() -> int:
        async with open_store(f"sqlite:///{tmp_path / 'show.db'}") as store:
            return await count(store)

    assert run(check()) == 1


def test_pseudonyms_are_stable_here_and_different_elsewhere(tmp_path: Path) -> None:
    async def name(path: Path) -> tuple[str, str, str]:
        async with open_store(url(path)) as store:
            return store.pseudonym("twitch", "42"), store.pseudonym("twitch", "43"), store.pseudonym("bilibili", "42")

    here, again, elsewhere = run(name(tmp_path / "a.db")), run(name(tmp_path / "a.db")), run(name(tmp_path / "b.db"))
    assert here == again
    assert len({*here, *elsewhere}) == 6
    assert all(len(one) == 16 for one in here)


def test_work_runs_to_its_end_when_its_asker_is_cancelled(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")) as store:

            async def slow(c: AsyncConnection) -> None:
                await c.execute(insert(Secret).values(name="slow", value=b"1"))
                started.set()
                await asyncio.sleep(0.1)
                await c.execute(update(Secret).where(col(Secret.name) == "slow").values(value=b"2"))

            async with asyncio.TaskGroup() as group:
                task = group.create_task(store.run(slow))
                await started.wait()
                task.cancel()
            assert await count(store) == 2
            value = await store.run(lambda c: c.execute(select(col(Secret.value)).where(col(Secret.name) == "slow")))
            assert value.scalar_one() == b"2"

    run(check())


def test_what_fails_is_rolled_back_and_the_next_goes_on(tmp_path: Path) -> None:
    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")) as store:

            async def fails(c: AsyncConnection) -> None:
                await c.execute(insert(Secret).values(name="half", value=b""))
                raise KeyError("half")

            with pytest.raises(KeyError, match="half"):
                await store.run(fails)
            assert await count(store) == 1

    run(check())


def test_a_write_that_waits_for_another_program_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_S", 0.05)
    path = tmp_path / "show.db"

    async def check() -> None:
        async with open_store(url(path)) as store:
            with closing(sqlite3.connect(path)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(TransientError, match="locked"):
                    await count(store)
            assert await count(store) == 1

    run(check())


def test_work_that_takes_too_long_is_given_up_and_the_store_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "WORK_S", 0.2)

    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")) as store:

            async def hangs(c: AsyncConnection) -> None:
                await c.execute(insert(Secret).values(name="hangs", value=b""))
                await asyncio.sleep(60)

            began = time.monotonic()
            hanging, waiting = await asyncio.gather(store.run(hangs), count(store), return_exceptions=True)
            assert isinstance(hanging, TransientError)
            assert isinstance(waiting, TransientError | int)
            assert time.monotonic() - began < 5
            assert await count(store) == 1

    run(check())


def test_the_queue_of_work_is_bounded_and_closing_finishes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_WAITING", 5)

    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")) as store:
            results = await asyncio.gather(*(count(store) for _ in range(50)), return_exceptions=True)
            assert results.count(1) == 5
            assert sum(isinstance(r, TransientError) for r in results) == 45
        with pytest.raises(TransientError, match="closed"):
            await count(store)

    run(check())


def test_an_error_of_the_user_of_the_store_passes_as_it_is(tmp_path: Path) -> None:
    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")):
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        run(check())


def test_a_cancelled_owner_is_cancelled_and_its_work_is_done(tmp_path: Path) -> None:
    async def owner(opened: asyncio.Event) -> None:
        async with open_store(url(tmp_path / "show.db")) as store, asyncio.TaskGroup() as group:
            for n in range(20):
                new = insert(Secret).values(name=str(n), value=b"")
                group.create_task(store.run(lambda c, new=new: c.execute(new)))  # type: ignore[misc]
            await asyncio.sleep(0)  # all have asked
            opened.set()
            await asyncio.sleep(60)

    async def check() -> int:
        opened = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(owner(opened))
            await opened.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with open_store(url(tmp_path / "show.db")) as store:
            return await count(store)

    assert run(check()) == 21


def test_moments_are_utc_and_never_without_a_zone(tmp_path: Path) -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    row = {
        "source": "s",
        "message_id": "m",
        "author_id": "a",
        "author_name": "A",
        "text": "t",
        "kind": "chat",
        "action": "allow",
    }

    async def check() -> None:
        async with open_store(url(tmp_path / "show.db")) as store:
            at = dt.datetime(2026, 1, 1, 9, tzinfo=tokyo)
            await store.run(lambda c: c.execute(insert(ChatLine).values(**row, at=at)))
            stored = (await store.run(lambda c: c.execute(select(col(ChatLine.at))))).scalar_one()
            assert stored == at
            assert stored.tzinfo is dt.UTC
            naive = insert(ChatLine).values(**row, at=dt.datetime(2026, 1, 1))  # noqa: DTZ001 - that is the fault
            with pytest.raises(Exception, match="needs its zone"):
                await store.run(lambda c: c.execute(naive))

    run(check())


# --- PostgreSQL -----------------------------------------------------------------------------------


def test_postgres_is_migrated_and_agrees_with_the_tables(postgres: str) -> None:
    async def check() -> list[Any]:
        for _ in range(2):
            async with open_store(postgres) as store:
                found = await store.run(lambda c: c.run_sync(migrations.differences))
        return found

    assert run(check()) == []


def test_postgres_keeps_the_ledgers_promises(postgres: str) -> None:
    gift = Message("g\0\ud800" * 300, "test", Author("a", "Ann"), "so\0 many", Kind.SUPER_CHAT, Money(2**70, "USD"))

    async def check() -> None:
        async with open_store(postgres) as store:
            ledger = Ledger(store)
            assert await ledger.record(gift) is Recorded.NEW
            assert await ledger.record(gift) is Recorded.WAITING
            await ledger.begin("t1", 1, "thanks", [gift])
            assert (await ledger.recover()).pending[0].text == "so\ufffd many"
            await ledger.begin("t2", 2, "thanks", [gift])
            await ledger.progress("t2", "Thank")
            ledger.line(gift, "allow")
            ledger.journal.outcome(gift, "answered", "answered")
            await ledger.finish("t2", "Thank you", "completed", "Thank you", {"heard": 1.5})
            await ledger.journal.flush()
            assert (await ledger.recover()).pending == ()
            assert [e.heard for e in await ledger.history(9)] == ["Thank you"]
            assert await ledger.forget("a", "test") == 2
            assert await ledger.purge(dt.timedelta(0)) == 0

    run(check())


def test_postgres_with_a_wrong_name_is_explained_without_the_password(postgres: str) -> None:
    wrong = postgres.replace("/postgres?", "/nowhere?").replace("postgres:@", "postgres:hunter2@")
    assert "hunter2" in wrong

    async def check() -> None:
        async with open_store(wrong):
            pass

    with pytest.raises(ConfigError, match="nowhere") as caught:
        run(check())
    assert "hunter2" not in str(caught.value)


def test_postgres_that_does_not_run_is_explained() -> None:
    async def check() -> None:
        async with open_store("postgresql://user:hunter2@127.0.0.1:1/db"):
            pass

    with pytest.raises(ConfigError, match="cannot be used") as caught:
        run(check())
    assert "hunter2" not in str(caught.value)
    assert "server runs" in caught.value.remedy


@pytest.mark.parametrize(
    "wrong",
    [
        "[postgresql://u:hunter2@h/x]",
        "postgresql://u:hun/ter2hunter2@127.0.0.1:1/db",
        "postgresql://u:hunter2@127.0.0.1:1/db?hunter2=hunter2",
        "postgresql://127.0.0.1:1/db?user=u&password=hunter2",
        "postgresql://u:5432@hunter2:hunter2@127.0.0.1/db",
        "mysql://u:hunter2@h/x",
        "postgresql://u@h:hunter2/x",
    ],
)
def test_no_error_of_opening_shows_a_password(wrong: str) -> None:
    async def check() -> None:
        async with open_store(wrong):
            pass

    with pytest.raises(ConfigError) as caught:
        run(check())
    assert "hunter2" not in f"{caught.value} {caught.value.remedy} {shown(wrong)}"


def test_who_clears_the_frames_of_an_error_does_not_end_the_store(tmp_path: Path) -> None:
    async def fail(_: AsyncConnection) -> None:
        raise TransientError("no")

    async def count(connection: AsyncConnection) -> int:
        return (await connection.execute(select(func.count()).select_from(Secret))).scalar_one()

    async def work() -> int:
        async with open_store(f"sqlite+aiosqlite:///{tmp_path}/x.db") as store:
            for _ in range(2):
                try:
                    await store.run(fail)
                except TransientError as error:
                    traceback.clear_frames(error.__traceback__)  # as APScheduler does when a job fails
                await asyncio.sleep(0)
            async with asyncio.timeout(20):
                return await store.run(count)

    assert run(work()) == 1
