"""One connected OBS: its requests in one thread, one after another, and its events in a second."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar

from bot.errors import ProviderError, Refused, TransientError
from bot.stage.obs.answers import peaks
from bot.stage.obs.mixer import Declined
from bot.stage.obs.settings import ObsSettings
from bot.stage.obs.wire import METERS, RARE, Wire

#: Longest time until a request is answered, its wait for earlier ones included; and to connect. Seconds.
ANSWER_S = 5.0
CONNECT_S = 8.0
#: Requests that may wait.
MAX_WAITING = 200
#: Events that the loop has not taken yet: with so many, the reader waits.
MAX_UNREAD = 500
#: OBS is still loading, or is changing its scene collection.
_NOT_READY = 207

OnEvent: TypeAlias = Callable[[str, Mapping[str, Any]], None]
T = TypeVar("T")


class Session:
    """A connection that is used until its first fault. ``lost`` is done, with the fault, when it is over."""

    def __init__(self, settings: ObsSettings, on_event: OnEvent, *, answer_s: float = ANSWER_S) -> None:
        self._settings = settings
        self._on_event = on_event
        self._answer_s = answer_s
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[ProviderError] = self._loop.create_future()
        self._asking = Wire(settings)
        self._hearing = Wire(settings, RARE)
        self._threads = {
            what: ThreadPoolExecutor(1, thread_name_prefix=f"obs-{what}") for what in ("requests", "events", "meters")
        }
        self._meters: set[Wire] = set()
        self._listening = asyncio.Lock()
        self._room = threading.BoundedSemaphore(MAX_UNREAD)
        self._waiting = 0

    async def open(self) -> None:
        """Connect both ways, then hear events. Raise `ProviderError`."""
        await self._in_thread("requests", self._asking.open, CONNECT_S, "connect")
        await self._in_thread("events", self._hearing.open, CONNECT_S, "connect")
        reading = self._threads["events"].submit(self._hear)
        reading.add_done_callback(self._deaf)

    async def request(self, name: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return OBS's answer. Raise `Declined`; or `TransientError`, after which the session is mostly lost."""
        if self._waiting >= MAX_WAITING:
            raise TransientError(f"{MAX_WAITING} requests wait for OBS already: {name} is left out")
        self._waiting += 1
        try:
            return await self._in_thread("requests", lambda: self._ask(name, data), self._answer_s, name)
        except Declined as error:
            if error.code == _NOT_READY:
                raise TransientError("OBS is not ready yet: it is loading its scenes") from None
            raise
        finally:
            self._waiting -= 1

    async def volume_peaks(self, seconds: float) -> Mapping[str, float]:
        """Return the loudest peak of each input within so many seconds, in dBFS. Raise `TransientError`."""
        async with self._listening:
            wire = Wire(self._settings, METERS)
            heard: dict[str, float] = {}
            told = 0

            def listen() -> ProviderError:
                nonlocal told
                try:
                    wire.open()
                    for name, data in wire.events():
                        if name == "InputVolumeMeters":
                            told += 1
                            for source, peak in peaks(data):
                                heard[source] = max(peak, heard.get(source, -math.inf))
                except ProviderError as error:
                    return error
                raise AssertionError("events end with an error")

            self._meters.add(wire)
            try:
                listening = asyncio.wrap_future(self._threads["meters"].submit(listen))
                await asyncio.wait({listening}, timeout=seconds)
            except RuntimeError:  # it is closed
                raise TransientError("the connection to OBS was lost") from None
            finally:
                wire.abort()
                self._meters.discard(wire)
            if listening.done():
                raise TransientError(f"OBS's volume meters were not heard: {listening.result()}")
            if not told:
                raise TransientError("OBS's volume meters said nothing")
            return dict(heard)

    def lose(self, error: ProviderError) -> None:
        """End the session because of a fault; the first one counts."""
        if not self.lost.done():
            self.lost.set_result(error)
        for wire in (self._asking, self._hearing, *self._meters):
            wire.abort()

    def close(self) -> None:
        """End the session, and let go of its threads."""
        self.lose(TransientError("the connection to OBS was closed"))
        for threads in self._threads.values():
            threads.shutdown(wait=False)  # what waits there fails by itself; a cancelled future would cancel its caller

    def _ask(self, name: str, data: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if self.lost.done():  # one that waited behind the request that failed
            raise TransientError("the connection to OBS was lost")
        return self._asking.request(name, data)

    async def _in_thread(self, thread: str, work: Callable[[], T], within_s: float, what: str) -> T:
        try:
            job = self._threads[thread].submit(work)
        except RuntimeError:  # it is closed
            raise TransientError("the connection to OBS was lost") from None
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.wrap_future(job)
        except TimeoutError:
            late = TransientError(f"OBS did not answer within {within_s:g} s: {what}")
            if not job.cancel():  # its answer may still come, and would be taken for the next one's
                self.lose(late)
            raise late from None
        except ProviderError as error:
            self.lose(error)
            raise
        except (asyncio.CancelledError, Refused):
            raise

    def _hear(self) -> None:
        for name, data in self._hearing.events():
            while not self._room.acquire(timeout=1.0):
                if self.lost.done():
                    return
            self._loop.call_soon_threadsafe(self._tell, name, data)

    def _tell(self, name: str, data: Mapping[str, Any]) -> None:
        self._room.release()
        if not self.lost.done():
            self._on_event(name, data)

    def _deaf(self, reading: Future[None]) -> None:
        """Take note that the reader ended, in its thread."""
        error = None if reading.cancelled() else reading.exception()
        fault = error if isinstance(error, ProviderError) else TransientError("OBS's events ended")
        try:
            self._loop.call_soon_threadsafe(self.lose, fault)
        except RuntimeError:
            return  # the loop is closed


@asynccontextmanager
async def open_session(
    settings: ObsSettings, on_event: OnEvent, *, answer_s: float = ANSWER_S
) -> AsyncIterator[Session]:
    """Connect to OBS for the time of the block. Raise `ProviderError`."""
    session = Session(settings, on_event, answer_s=answer_s)
    try:
        await session.open()
        yield session
    finally:
        session.close()
