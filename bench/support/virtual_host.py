"""The whole host on a virtual clock: all that `bot.app.build` wires, over a model, a voice, a page and a platform.

What has threads does its work at once, while the clock stands: SQLite is the real one, behind the real driver, on a
real file. The wall clock is the loop's. `Power` ends the process as kill -9 does: from that moment nothing reaches the
disk, and what had not been committed is rolled back.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import random
import sqlite3
import sys
import types
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiosqlite.core
import fastapi.dependencies.models as fastapi_models
from pydantic import BaseModel

from bot.app import build
from bot.app.app import App
from bot.config import Settings
from bot.errors import TransientError
from bot.runtime.virtual_clock import VirtualLoop
from bot.store import spool
from bot.types import Delta, Health, Llm, Pcm, Prompt, Style, Tool, Tts
from bot.web.waiting import Waiting
from tests.support.night import tale

#: The name of the model and of the voice in the settings.
PROVIDER = "virtual"
#: How often a locked database is tried again, and how long the driver's own patience is, in seconds.
RETRY_S, BUSY_S = 0.05, 5.0
#: Sound has so few samples a second: nobody hears it.
RATE = 8000
#: Characters that are spoken in a second.
PACE = 14


class Power:
    """Whether the host's process lives. `cut` is kill -9, `back` a new process."""

    def __init__(self) -> None:
        self.on = True
        self._open: list[sqlite3.Connection] = []

    def cut(self) -> None:
        """End the process: its connections break off, and nothing that it still does reaches the disk."""
        self.on = False
        for connection in self._open:
            with contextlib.suppress(sqlite3.Error):
                connection.close()
        self._open.clear()

    def back(self) -> None:
        """Let a new process write."""
        self.on = True

    def opened(self, connection: sqlite3.Connection) -> None:
        """Take note of a connection."""
        connection.execute("PRAGMA busy_timeout = 0")  # the patience is `_AtOnce`'s: it must not stop the clock
        self._open.append(connection)

    def guarded(self, write: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that writes a file, and fails without power."""

        def guarded(*arguments: Any) -> Any:
            if not self.on:
                raise OSError("the process is dead")
            return write(*arguments)

        return guarded


class _AtOnce:
    """Takes the place of the driver's thread: what is put into it is done at once; a locked database is waited for."""

    def __init__(self, power: Power) -> None:
        self._power = power

    def put_nowait(self, job: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        """Do a piece of work."""
        future, function = job
        self._try(future, function, asyncio.get_running_loop().time() + BUSY_S)

    def _try(self, future: asyncio.Future[Any] | None, function: Callable[[], Any], until: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            if not self._power.on:
                if getattr(getattr(function, "func", function), "__name__", "") in _ENDS:
                    function = lambda: None  # noqa: E731 - the connection broke off with the process
                else:
                    raise sqlite3.OperationalError("the process is dead")  # noqa: TRY301 - as SQLite's own
            result = function()
            if isinstance(result, sqlite3.Connection):
                self._power.opened(result)
        except BaseException as error:  # noqa: BLE001 - as the driver's thread: it belongs to who waits for it
            if "locked" in str(error) and loop.time() < until and self._power.on:
                loop.call_later(RETRY_S, self._try, future, function, until)
            elif future is not None and not future.done():
                future.set_exception(error)
            return
        if future is not None and not future.done():
            future.set_result(result)


#: What ends a connection.
_ENDS = ("close", "rollback", "close_and_stop")


class _NoThread:
    daemon = True

    def __init__(self, **_: Any) -> None:
        pass

    def start(self) -> None:
        pass


class _Wall(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _REAL)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, _REAL)


_REAL = dt.datetime


def wall_clock(now: Callable[[], dt.datetime]) -> type[dt.datetime]:
    """Return a class that takes the place of `datetime.datetime`, and tells the time of a virtual clock."""

    class WallClock(dt.datetime, metaclass=_Wall):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return now().astimezone(tz)

        @classmethod
        def fromisoformat(cls, text: str) -> dt.datetime:  # type: ignore[override]
            return _REAL.fromisoformat(text)

    return WallClock


@dataclass(eq=False)
class Model:
    """Tells a tale that no other is like, but now and then repeats itself, as models do. ``mode`` makes it fail."""

    mode: str = ""
    told: int = 0
    #: So many answers of a hundred are told before, or begin like another.
    again: int = 15
    sentences: int = 3
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream a tale."""
        del tools
        await asyncio.sleep(0.2)
        if self.mode == "hang":
            await asyncio.sleep(30)
        if self.mode:
            raise TransientError("connection refused")
        for part in self._words(prompt.lines[-1].text).split(". "):
            yield Delta(f"{part}. ")
            await asyncio.sleep(0.1)

    def _words(self, asked: str) -> str:
        self.told += 1
        number = self.told
        if self.chance.randrange(100) < self.again:
            number = self.chance.randrange(max(0, self.told - 400), self.told) or 1
        words = tale(number, self.sentences)
        if self.chance.randrange(100) < self.again:
            words = f"Once in a harbour long ago there was a lamp that nobody lit. {words}"
        for mark in ("opening", "closing"):
            if (at := asked.find(f"the {mark} of ")) >= 0:
                name = asked[at + len(f"the {mark} of ") :].split("'", maxsplit=1)[0]
                words = f"This is the {mark} of {name}, as ever at this hour. {words.split('. ')[0]}"
        return f"[joy] {words}"

    async def check(self) -> Health:
        """Return whether it works."""
        return Health(ok=not self.mode, detail="virtual")


@dataclass(eq=False)
class Voice:
    """Speaks in one breath. ``mode`` makes it fail."""

    languages: frozenset[str] = frozenset()
    mode: str = ""
    spoken: int = 0

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream silence as long as the text."""
        del style
        await asyncio.sleep(0.1)
        if self.mode:
            raise TransientError("no voice")
        self.spoken += 1
        yield Pcm(bytes(2 * int(RATE * max(0.3, len(text) / PACE))), RATE)

    async def check(self) -> Health:
        """Return whether it works."""
        return Health(ok=not self.mode, detail="virtual")


class _NoOptions(BaseModel):
    """The options of the model and of the voice: none."""


def provider_module(name: str, provider: Llm | Tts) -> types.ModuleType:
    """Return a module that takes the place of a provider's: its options are none, and it opens ``provider``."""

    @asynccontextmanager
    async def connect(_: BaseModel) -> AsyncIterator[Llm | Tts]:
        yield provider

    made = types.ModuleType(name)
    made.Config, made.connect = _NoOptions, connect  # type: ignore[attr-defined]
    return made


class NoDoor:
    """Takes the place of `bot.web.door.Door`: no port is opened."""

    def __init__(self) -> None:
        self.token, self.port, self.waiting = "virtual", 1, Waiting()

    def open(self, app: object) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


def _give_back(clock: object) -> None:
    """Let what was imported on the virtual clock have the real one again."""
    for module in list(sys.modules.values()):
        if getattr(module, "datetime", None) is clock:
            module.datetime = _REAL  # type: ignore[attr-defined]


def _forget_routes() -> None:
    """Let FastAPI forget the functions of routes: it remembers 4,096 for the whole process, and each holds its host."""
    for value in vars(fastapi_models).values():
        if (forget := getattr(value, "cache_clear", None)) is not None:
            forget()


@dataclass
class VirtualHost:
    """What stays while hosts come and go: the machine, with its disk, its model and its voice."""

    home: Path
    start: dt.datetime
    model: Model = field(default_factory=Model)
    voice: Voice = field(default_factory=Voice)
    power: Power = field(default_factory=Power)
    #: How far the wall clock is off: it can be set.
    offset: dt.timedelta = dt.timedelta()
    sources: Callable[[Any], dict[str, Any]] = lambda _feed: {}
    mixer: Callable[[], Any] | None = None

    def now(self) -> dt.datetime:
        """Return the time of the wall clock, in UTC."""
        passed = asyncio.get_running_loop().time() - self._zero
        return self.start + dt.timedelta(seconds=passed) + self.offset

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.home / "haishin.db"

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the host live on this machine until the block ends; called on the virtual loop."""
        self._zero = asyncio.get_running_loop().time()
        clock = wall_clock(self.now)
        with ExitStack() as stack:
            enter = stack.enter_context
            enter(patch.dict(os.environ, HAISHIN_HOME=str(self.home)))
            enter(patch.object(aiosqlite.core, "SimpleQueue", lambda: _AtOnce(self.power)))
            enter(patch.object(aiosqlite.core, "Thread", _NoThread))
            for name in ("_append", "_append_soon", "_sync", "_replace"):
                enter(patch.object(spool, name, self.power.guarded(getattr(spool, name))))
            providers = {
                f"bot.mind.llm.{PROVIDER}": provider_module("llm", self.model),
                f"bot.voice.tts.{PROVIDER}": provider_module("tts", self.voice),
            }
            sys.modules.update(providers)  # not patch.dict: it would forget what else is imported meanwhile
            for name in providers:
                stack.callback(sys.modules.pop, name, None)
            enter(patch.object(build, "open_sources", lambda _settings, feed, _data: self.sources(feed)))
            if self.mixer is not None:
                enter(patch("bot.app.mixing.Obs", lambda _settings: self.mixer()))  # type: ignore[misc]
            for module in [m for name, m in sys.modules.items() if name.startswith("apscheduler.")]:
                if getattr(module, "datetime", None) is _REAL:
                    enter(patch.object(module, "datetime", clock))
            enter(patch.object(dt, "datetime", clock))
            stack.callback(_give_back, clock)
            yield

    @asynccontextmanager
    async def host(self, settings: Settings) -> AsyncIterator[App]:
        """Build a host; `App.run` is the caller's."""
        door: Any = NoDoor()
        try:
            async with build.open_app(settings, [], door, lambda *_: None) as app:
                yield app
        finally:
            _forget_routes()


def run_virtually(work: Callable[[], Any]) -> Any:
    """Run a coroutine function to its end on a loop whose clock jumps and that waits for no thread."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0, threads=False)) as runner:
        return runner.run(work())
