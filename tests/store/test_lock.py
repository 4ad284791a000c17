"""One host, one store: who comes second is told who has it; what was killed leaves no lock behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import ConfigError, TransientError
from bot.store import lock as lock_module
from bot.store.database import Store, open_store
from bot.store.ledger import Ledger
from bot.store.lock import hold_file, holder_of_file, lock_of
from bot.types import Author, Kind, Message, Money

GIFT = Message("g", "twitch", Author("1", "Ann"), "", Kind.GIFT, Money(500, "USD"))
#: Holds the lock of its argument, starts a child that outlives it, and says when both are done.
HOLDER = """
import asyncio, subprocess, sys
from pathlib import Path
from bot.store.lock import hold_file
async def main():
    async with hold_file(Path(sys.argv[1]), "the file", ""):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
        print(child.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "PATIENCE_S", 0.1)


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def refused(address: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        async with open_store(address, as_host=True):
            pass
    return caught.value


async def test_a_second_host_is_told_who_has_the_database_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    async with open_store(url(file), as_host=True):
        error = await refused(url(file))
        assert f"process {os.getpid()}" in str(error)
        assert json.loads(lock_of(file).read_text())["since"][:16] in str(error)
        assert str(file) in str(error)
        assert "stop the other host" in error.remedy
        assert lock_of(file).stat().st_mode & 0o077 == 0
    async with open_store(url(file), as_host=True):
        pass


async def test_a_link_to_the_database_is_no_way_round(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "x.db")
    async with open_store(url(tmp_path / "x.db"), as_host=True):
        assert "another host" in str(await refused(url(tmp_path / "link.db")))


async def test_commands_work_beside_a_host_and_know_of_it(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    async with open_store(url(file), as_host=True) as host:
        await Ledger(host).record(GIFT)
        async with open_store(url(file)) as command:
            assert [owed.message.id for owed in await Ledger(command).owed()] == ["g"]
            holder = await command.running_host()
            assert holder is not None
            assert holder.process == str(os.getpid())
            assert await Ledger(command).forget("1") == 1
    async with open_store(url(file)) as command:
        assert await command.running_host() is None


async def test_a_command_of_another_version_changes_no_table_under_a_host(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    async with open_store(url(file), as_host=True) as host:
        old = text("UPDATE alembic_version SET version_num = 'older'")
        await host.run(lambda c: c.execute(old))
        with pytest.raises(ConfigError, match="another version") as caught:
            async with open_store(url(file)):
                pass
        assert "stop it" in caught.value.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_a_killed_holder_leaves_no_lock_though_its_child_lives(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, str(lock), stdout=subprocess.PIPE)
    assert process.stdout is not None
    child = int(await process.stdout.readline())
    try:
        assert holder_of_file(lock)
        with pytest.raises(ConfigError, match=f"process {process.pid}"):
            async with hold_file(lock, "the file", ""):
                pass
        process.send_signal(signal.SIGKILL)
        await process.wait()
        os.kill(child, 0)  # it lives
        assert holder_of_file(lock) is None
        async with hold_file(lock, "the file", ""):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


async def test_a_lock_whose_words_cannot_be_read_is_a_lock(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    async with hold_file(lock, "the file", ""):
        lock.write_bytes(b"\xff[")
        with pytest.raises(ConfigError, match="unknown"):
            async with hold_file(lock, "the file", ""):
                pass


# --- PostgreSQL -----------------------------------------------------------------------------------


async def test_a_server_has_one_host_too(postgres: str) -> None:
    async with open_store(postgres, as_host=True):
        error = await refused(postgres)
        assert f"process {os.getpid()}" in str(error)
        assert "stop the other host" in error.remedy
        async with open_store(postgres) as command:
            holder = await command.running_host()
            assert holder is not None
            assert holder.process == str(os.getpid())
            assert holder.since
    async with open_store(postgres, as_host=True) as store:
        assert await Ledger(store).owed() == []


async def cut(store: Store) -> None:
    """End the session that holds the lock, as a server does that starts anew; return when it has ended."""
    ending = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1")
    await store.run(lambda c: c.execute(ending))


async def until_refused(store: Store, *, refused: bool) -> None:
    async with asyncio.timeout(20):
        while await is_refused(store) is not refused:
            await asyncio.sleep(0.05)


async def is_refused(store: Store) -> bool:
    try:
        await Ledger(store).owed()
    except TransientError as error:
        return "another host" in str(error)
    return False


async def test_a_broken_connection_takes_the_lock_again(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "PING_S", 0.1)
    async with open_store(postgres, as_host=True) as store:
        await cut(store)
        async with asyncio.timeout(20):
            while await store.running_host() is None:
                await asyncio.sleep(0.05)
        assert "another host" in str(await refused(postgres))


async def test_who_lost_the_lock_to_another_host_writes_nothing_more(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "PING_S", 0.3)
    async with open_store(postgres, as_host=True) as first:
        monkeypatch.setattr(lock_module.socket, "gethostname", lambda: "elsewhere")
        await cut(first)
        async with open_store(postgres, as_host=True) as second:
            await until_refused(first, refused=True)
            assert await Ledger(second).owed() == []
        await until_refused(first, refused=False)
