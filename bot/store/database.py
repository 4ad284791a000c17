"""The store: opening the database, and the one connection behind which all work waits its turn.

SQLite by default, PostgreSQL by URL. Each piece of work has a transaction of its own, and runs to its
end even when whoever asked for it was cancelled: a turn that is cut in the middle of a write leaves
neither half a write nor a broken connection.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import math
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from loguru import logger
from sqlalchemy import URL, Connection, event, insert, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import col

from bot.errors import ConfigError, ProviderError, TransientError
from bot.runtime.private import make_folder
from bot.store.faults import explained, runtime_error
from bot.store.lock import Holder, ServerLock, hold_file, hold_server, holder_of_file, holder_on_server, lock_of
from bot.store.migrations import HEAD
from bot.store.tables import Secret

T = TypeVar("T")

#: Longest that a piece of work may take, and longest that it may wait before, in seconds.
WORK_S = 10.0
#: Longest opening: a large database may have to be brought up to date.
OPEN_S = 120.0
#: How long SQLite waits for another program that holds the file; shorter than `WORK_S`.
BUSY_S = 5.0
#: A piece of work that takes longer, in seconds, is told by `Store.trouble`.
SLOW_S = 1.0
#: Pieces of work that wait. Somebody waits for each, so there are never many.
MAX_WAITING = 1000

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_LOCK = 0x4841_4953  # "HAIS": two processes never bring one PostgreSQL database up to date at once
_ELSEWHERE = "stop the other host first, or give this one a database and a data folder of its own (store, HAISHIN_HOME)"

Work = Callable[[AsyncConnection], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Work[T]
    durable: bool
    born: float
    done: asyncio.Future[T]


class Store:
    """An open database. Made by `open_store`. ``dialect`` is ``"sqlite"`` or ``"postgresql"``."""

    def __init__(self, engine: AsyncEngine, key: bytes) -> None:
        self.dialect = engine.dialect.name
        self._engine = engine
        self._durable = engine.execution_options(durable=True)
        self._key = key
        self._jobs: asyncio.Queue[_Job[Any] | None] = asyncio.Queue(MAX_WAITING)
        self._closed = False
        self._refusal = ""
        self._failure = ""
        self._began = math.inf
        #: Rises when remembered things were deleted: what somebody holds of them in memory must be looked after.
        self.erased = 0

    @property
    def trouble(self) -> str:
        """What is wrong with the database just now, in words; empty when the last piece of work was done."""
        late = asyncio.get_running_loop().time() - self._began > SLOW_S
        return "the database does not answer" if late else self._failure

    async def run(self, work: Work[T], *, durable: bool = False) -> T:
        """Run a piece of work in a transaction of its own, after all that was asked for before.

        ``durable`` waits until the disk has it: it then survives a power cut, not only a crash.
        Raises `TransientError` when the database is busy, full or gone, `FatalError` when it is damaged.
        """
        if self._closed:
            raise TransientError("the store is closed", provider="store")
        loop = asyncio.get_running_loop()
        job: _Job[T] = _Job(work, durable, loop.time(), loop.create_future())
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            raise TransientError("too much work waits for the store", provider="store") from None
        return await job.done

    def pseudonym(self, source: str, author_id: str) -> str:
        """Return the name by which logs speak of a viewer: 16 hex digits, stable here, no way back without the key."""
        words = f"{source}\0{author_id}".encode("utf-8", "replace")
        return hashlib.blake2b(words, key=self._key, digest_size=8).hexdigest()

    async def serve(self) -> None:
        """Run the work, one piece after another, until `close`."""
        while (job := await self._jobs.get()) is not None:
            self._began = asyncio.get_running_loop().time()
            try:
                result = await self._do(job)
            except Exception as error:  # noqa: BLE001 - the error belongs to the caller of this job
                self._failure = str(error) if isinstance(error, ProviderError) else ""
                if not job.done.done():
                    # Without our own frame: APScheduler clears the frames of an error, which would end this task.
                    job.done.set_exception(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
            else:
                self._failure = ""
                if not job.done.done():
                    job.done.set_result(result)
            self._began = math.inf

    def refuse(self, why: str) -> None:
        """Refuse all work for this reason, until it is called with an empty one."""
        if why and why != self._refusal:
            logger.error("nothing is written any more: {}", why)
        self._refusal = why

    async def running_host(self) -> Holder | None:
        """Return the host that has the database open for its show; None when none has. Raise `TransientError`."""
        return await self.run(_running_host)

    async def close(self) -> None:
        """Take no more work; what waits is still done."""
        self._closed = True
        await self._jobs.put(None)

    async def _do(self, job: _Job[T]) -> T:
        if asyncio.get_running_loop().time() - job.born > WORK_S:
            raise TransientError("the database is too slow: a write waited too long", provider="store")
        if self._refusal:
            raise TransientError(self._refusal, provider="store")
        engine = self._durable if job.durable else self._engine
        try:
            async with asyncio.timeout(WORK_S), engine.begin() as connection:
                return await job.work(connection)
        except TimeoutError:
            raise TransientError("the database did not answer in time", provider="store") from None
        except (DBAPIError, OSError) as error:
            raise runtime_error(error) from error


@asynccontextmanager
async def open_store(url: str, *, as_host: bool = False) -> AsyncIterator[Store]:
    """Open the database of a URL such as ``sqlite+aiosqlite:///show.db``, making or updating its tables.

    ``as_host`` holds its lock: one host alone may have it (`bot.store.lock`). Raises `ConfigError` when it cannot be
    used, or another host has it; nothing that is there is ever deleted.
    """
    target = _target(url)
    engine = _engine(target)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        lock: ServerLock | None = None
        with explained(target):
            async with asyncio.timeout(OPEN_S):
                if as_host and _is_file(target):
                    await stack.enter_async_context(_hold(target))
                elif as_host and engine.dialect.name != "sqlite":
                    lock = await stack.enter_async_context(hold_server(target, _ELSEWHERE))
                async with engine.begin() as connection:
                    key = await _prepare(connection, as_host=as_host)
        store, failure = Store(engine, key), None
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(lock.keep(store.refuse), name="lock") if lock else None
            group.create_task(store.serve(), name="store")
            try:
                yield store
            except BaseException as error:  # noqa: BLE001 - the group would wrap it, and cancel what waits
                failure = error
            finally:
                await store.close()
                if keeping:
                    keeping.cancel()
        if failure is not None:
            raise failure


def _hold(target: URL) -> AbstractAsyncContextManager[None]:
    return hold_file(lock_of(Path(str(target.database))), f"the database {target.database}", _ELSEWHERE)


async def _running_host(c: AsyncConnection) -> Holder | None:
    if c.dialect.name != "sqlite":
        return await holder_on_server(c)
    return holder_of_file(lock_of(Path(str(c.engine.url.database)))) if _is_file(c.engine.url) else None


# --- opening --------------------------------------------------------------------------------------


def _target(url: str) -> URL:
    """Read the URL, and make the folder and the file of an SQLite database, for their owner alone."""
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        target = URL.create("unknown")
    target = target.set(drivername=_DRIVERS.get(target.drivername, target.drivername))
    if target.drivername not in _DRIVERS.values():
        raise ConfigError(
            "'store' is no database URL that Haishin knows",
            remedy="write sqlite+aiosqlite:///path/to/haishin.db or postgresql+asyncpg://user:password@host/name",
        )
    if not _is_file(target):
        return target
    path = Path(str(target.database)).expanduser()
    try:
        make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if os.name == "posix" and path.stat().st_uid == os.getuid():
            path.chmod(0o600)
    except OSError as error:
        raise ConfigError(
            f"the database {path} cannot be written: {error.strerror or error}",
            remedy="check the folder's rights and the free space, or name another file in 'store'",
        ) from None
    return target.set(database=str(path))


def _is_file(target: URL) -> bool:
    return target.drivername == _DRIVERS["sqlite"] and target.database not in (None, "", ":memory:")


def _engine(target: URL) -> AsyncEngine:
    if target.drivername != _DRIVERS["sqlite"]:
        try:
            return create_async_engine(target, pool_size=1, max_overflow=0, pool_pre_ping=True)
        except ModuleNotFoundError:
            raise ConfigError(
                "PostgreSQL needs the package asyncpg", remedy="install it with: pip install 'haishin[postgres]'"
            ) from None
    # Each piece of work ends its transaction itself, so nothing is left to roll back when its connection returns.
    limits = {"pool_size": 1, "max_overflow": 0, "pool_reset_on_return": None} if _is_file(target) else {}
    engine = create_async_engine(target, connect_args={"timeout": BUSY_S}, **limits)
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(dbapi: Any, record: Any) -> None:
    """Write-ahead log; a deleted line is overwritten, not just unlinked; transactions begin where we say."""
    dbapi.isolation_level = None
    cursor = dbapi.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    record.info["durable"] = False


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a lock taken later can fail without waiting."""
    durable = bool(connection.get_execution_options().get("durable"))
    if connection.info.get("durable") != durable:
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.info["durable"] = durable
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _prepare(connection: AsyncConnection, *, as_host: bool) -> bytes:
    """Bring the tables up to date where they are not; return the key of the pseudonyms."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = None
    if await connection.run_sync(lambda c: inspect(c).has_table("alembic_version")):
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    if found != HEAD:
        if not as_host and (host := await _running_host(connection)) is not None:
            raise ConfigError(
                f"a host of another version has the database open ({host})", remedy="stop it, and start it again"
            )
        runner = await asyncio.to_thread(importlib.import_module, "bot.store.migrations.runner")
        await connection.run_sync(runner.upgrade, found)
    key = (
        await connection.execute(select(col(Secret.value)).where(col(Secret.name) == "pseudonyms"))
    ).scalar_one_or_none()
    if key is None:
        key = secrets.token_bytes(32)
        await connection.execute(insert(Secret).values(name="pseudonyms", value=key))
    return key
