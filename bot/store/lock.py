"""One host, one store: the lock that a host holds for its life. Two hosts would thank everybody twice.

For files it is a lock of the operating system on a file beside them, for PostgreSQL an advisory lock of the server on a
connection of its own. Neither survives its process: a host that was killed leaves nothing to clean up.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import errno
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from loguru import logger
from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import ConfigError
from bot.runtime.supervise import backoff

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: So long a start waits for a lock, in seconds: the host before may be ending, or somebody may be asking who holds it.
PATIENCE_S, AGAIN_S = 1.0, 0.05
#: How often the connection that holds the lock of a server is tried, and how long it may take to answer, in seconds.
PING_S = 5.0
#: The lock of a server: "HAIS" and "host". `bot.store.database` has another one for its migrations.
KEY = 0x4841_4953_686F_7374
#: Windows lets nobody read what is locked, so a byte far behind the words is.
_BYTE = 1 << 30
_TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)

_HELD = """
SELECT a.pid, a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = :high AND l.objid = :low
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """The host that holds a lock: its process, its machine, and when it started, in words."""

    process: str
    machine: str = ""
    since: str = ""

    def __str__(self) -> str:
        """Return it in words, for a person who looks for it."""
        where = f" on {self.machine}" if self.machine else ""
        return f"process {self.process}{where}" + (f", since {self.since}" if self.since else "")


def taken(what: str, holder: Holder, remedy: str) -> ConfigError:
    """Return the error of a host that comes second."""
    return ConfigError(f"another host has {what} open ({holder}); two would thank everybody twice", remedy=remedy)


# --- files ----------------------------------------------------------------------------------------


def lock_of(file: Path) -> Path:
    """Return the file whose lock stands for a file; links to it lead to the same."""
    real = file.resolve()
    return real.with_name(real.name + ".lock")


@asynccontextmanager
async def hold_file(lock: Path, what: str, remedy: str) -> AsyncIterator[None]:
    """Hold the lock of a file. Raise `ConfigError` that names the host which has it.

    Children do not inherit it. Where the file system knows no locks, a warning takes the place of the lock.
    """
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(
            f"{lock} cannot be written: {error.strerror or error}",
            remedy="check the folder's rights and the free space",
        ) from None
    try:
        if not await _lock_patiently(descriptor):
            raise taken(what, _read(lock), remedy)
        _write(descriptor)
        yield
    finally:
        os.close(descriptor)


def holder_of_file(lock: Path) -> Holder | None:
    """Return who holds the lock of a file; None when nobody does."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return None
    try:
        return None if _try_lock(descriptor) else _read(lock)
    finally:
        os.close(descriptor)


async def _lock_patiently(descriptor: int) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while not _try_lock(descriptor):
        if loop.time() > until:
            return False
        await asyncio.sleep(AGAIN_S)
    return True


def _try_lock(descriptor: int) -> bool:
    """Take the lock until the descriptor is closed; return False when another process has it."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        logger.warning("no lock can be had here ({}): see to it that one host alone runs", error.strerror or error)
    return True


def _write(descriptor: int) -> None:
    since = dt.datetime.now().astimezone().isoformat(" ", "seconds")
    words = json.dumps(asdict(Holder(str(os.getpid()), socket.gethostname(), since))).encode()
    with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, words)


def _read(lock: Path) -> Holder:
    try:
        return Holder(**{key: str(value)[:100] for key, value in json.loads(lock.read_text("utf-8")).items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Holder("unknown")


# --- PostgreSQL -----------------------------------------------------------------------------------


@asynccontextmanager
async def hold_server(target: URL, remedy: str) -> AsyncIterator[ServerLock]:
    """Hold the lock of a database on a server. Raise `ConfigError` that names the host which has it."""
    lock = ServerLock(target)
    try:
        if (other := await lock.take()) is not None:
            raise taken("the database", other, remedy)
        yield lock
    finally:
        await lock.close()


async def holder_on_server(c: AsyncConnection) -> Holder | None:
    """Return who holds the lock of the database of a connection; None when nobody does."""
    found = (await c.execute(text(_HELD), {"high": KEY >> 32, "low": KEY & 0xFFFF_FFFF})).first()
    return None if found is None else _holder(found)


def _holder(row: Any) -> Holder:
    since = row.backend_start.astimezone().isoformat(" ", "seconds") if row.backend_start else ""
    return replace(_named(row.application_name or f"{row.pid} of the server"), since=since)


def _named(application: str) -> Holder:
    process, _, machine = application.removeprefix("haishin ").partition(" on ")
    return Holder(process, machine)


class ServerLock:
    """The connection that holds the lock."""

    def __init__(self, target: URL) -> None:
        # PostgreSQL keeps 63 bytes of the name.
        self._name = f"haishin {os.getpid()} on {socket.gethostname()}"[:60]
        more = {"server_settings": {"application_name": self._name}}
        self._engine = create_async_engine(target, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=more)
        self._me = str(_named(self._name))
        self._connection: AsyncConnection | None = None

    async def take(self) -> Holder | None:
        """Take the lock; return who has it when it is not to be had."""
        await self._drop()
        connection = await self._engine.connect()
        try:
            if await self._lock_patiently(connection):
                self._connection = connection
                return None
            return await holder_on_server(connection) or Holder("unknown")
        finally:
            if self._connection is not connection:
                await connection.close()

    async def _lock_patiently(self, connection: AsyncConnection) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while not (await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY})).scalar_one():
            if loop.time() > until:
                return False
            await asyncio.sleep(AGAIN_S)
        return True

    async def keep(self, refuse: Callable[[str], None]) -> None:
        """Try the connection now and then, which keeps it open too; take the lock again after a break.

        When another host has taken it in the meantime, ``refuse`` is called with the reason, and with "" once the lock
        is held again. Runs until it is cancelled.
        """
        while True:
            await asyncio.sleep(PING_S)
            if await self._answers():
                continue
            for wait in backoff(AGAIN_S, PING_S):
                try:
                    async with asyncio.timeout(PING_S):
                        other = await self.take()
                except (SQLAlchemyError, OSError, TimeoutError):
                    pass  # the server is away: nobody can hold anything there
                else:
                    if other is None:
                        refuse("")
                        break
                    if str(other).split(", since")[0] != self._me:  # a session of ours may outlive its connection
                        refuse(f"another host has taken the database over ({other})")
                await asyncio.sleep(wait)

    async def close(self) -> None:
        """Release the lock."""
        await self._drop()
        await self._engine.dispose()

    async def _answers(self) -> bool:
        if self._connection is None:
            return False
        try:
            async with asyncio.timeout(PING_S):
                await self._connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
                async with asyncio.timeout(PING_S):
                    await connection.close()
