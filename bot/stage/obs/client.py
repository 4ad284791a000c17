"""OBS as the show sees it: one face that stays, whatever becomes of the connection behind it.

It connects again for ever, with growing pauses. What it knows is read anew after each connection, and follows the
events from then on; nothing is guessed from an order's return.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from loguru import logger

from bot.errors import FatalError, ProviderError, Refused, TransientError
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.stage.obs import answers
from bot.stage.obs.mixer import Declined, MixerEvent, MixerListener, MixerState, MixerStats, OutputState, StreamStats
from bot.stage.obs.orders import SCENE, Orders
from bot.stage.obs.session import ANSWER_S, Session, open_session
from bot.stage.obs.settings import ObsSettings

#: The first and the longest pause between two attempts; and where a person must change something first. Seconds.
PAUSE_S, PAUSE_CAP_S = 0.5, 20.0
SLOW_PAUSE_S, SLOW_PAUSE_CAP_S = 5.0, 60.0
#: How often OBS is asked how its outputs stand, in seconds: an answer is also the sign that it lives.
BEAT_S = 5.0
#: Longest time for a scene to be on air, and for the stream to begin or to end, in seconds.
SCENE_S, STREAM_S = 5.0, 45.0
#: An output that told its end is active for a moment more, and OBS leaves out a start in it: how often it is asked for,
#: and for how long it is waited for at most, in seconds.
ASK_S, REST_S = 0.1, 10.0
#: How often something that changes while it is read is read again.
MOST_READS = 5
#: Events after which the list of scenes is read anew.
_RELISTED = {"SceneCreated", "SceneRemoved", "SceneNameChanged", "SceneListChanged", "CurrentSceneCollectionChanged"}
#: obs-websocket's code for a start of what runs, or an end of what does not.
_RUNS, _RUNS_NOT = 500, 501


class Obs:
    """A `Mixer` that is OBS. ``run`` keeps it connected; every order fails at once while it is not."""

    def __init__(
        self,
        settings: ObsSettings,
        *,
        answer_s: float = ANSWER_S,
        beat_s: float = BEAT_S,
        stream_s: float = STREAM_S,
        rng: random.Random | None = None,
    ) -> None:
        self.changed = Signal()
        self._settings = settings
        self._answer_s = answer_s
        self._beat_s = beat_s
        self._stream_s = stream_s
        self._rng = rng
        self._state = MixerState()
        self._session: Session | None = None
        self._listeners: list[MixerListener] = []
        #: The faults of listeners that are in the log.
        self._faults: set[str] = set()
        self._orders = Orders(lambda: asyncio.get_running_loop().time())
        #: The list of scenes must be read anew; ``_wake`` ends the pause between two beats.
        self._stale = False
        self._wake = Signal()
        #: Counts what events changed: an answer that was asked for before must not overwrite it.
        self._told = 0
        self._order_of_stream = asyncio.Lock()

    @property
    def state(self) -> MixerState:
        """How it stands."""
        return self._state

    def listen(self, listener: MixerListener) -> None:
        """Tell a listener of every event from now on."""
        self._listeners.append(listener)

    # --- the connection ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected for as long as the task lives. No fault of OBS ends it."""
        waits, slow = self._pauses()
        while True:
            try:
                await self._live()
            except ProviderError as error:
                if self._state.connected:
                    waits, slow = self._pauses()
                self._gone(error)
                pause = next(slow if isinstance(error, FatalError) else waits)
            await asyncio.sleep(pause)

    def _pauses(self) -> tuple[Iterator[float], Iterator[float]]:
        return backoff(PAUSE_S, PAUSE_CAP_S, self._rng), backoff(SLOW_PAUSE_S, SLOW_PAUSE_CAP_S, self._rng)

    async def _live(self) -> None:
        """Keep the connection until it is lost. Raise `ProviderError` then."""
        async with open_session(self._settings, self._event, answer_s=self._answer_s) as session:
            try:
                version = answers.text((await session.request("GetVersion")).get("obsVersion"))
                await self._read_scenes(session)
                await self._read_outputs(session)
                self._session = session
                session.lost.add_done_callback(lambda _: self._wake.notify())
                self._set(connected=True, problem="", version=version)
                logger.info("OBS {} is connected", version)
                while True:
                    await self._beat(session)
            except Refused as error:
                raise TransientError(f"OBS does not tell how it stands: {error}") from None
            finally:
                self._session = None

    async def _beat(self, session: Session) -> None:
        """Wait until the time has come, or something is to be read anew. Raise `ProviderError` when OBS is lost."""
        await self._wake.wait_until(lambda: session.lost.done() or self._stale, self._beat_s)
        if session.lost.done():
            raise session.lost.result()
        if self._stale:
            self._stale = False
            await self._read_scenes(session)
        await self._read_outputs(session)

    async def _read_scenes(self, session: Session) -> None:
        for _ in range(MOST_READS):
            told = self._told
            data = await session.request("GetSceneList")
            if told == self._told:
                break
        self._set(
            scene=answers.text(data.get("currentProgramSceneName")), scenes=answers.scene_names(data.get("scenes"))
        )

    async def _read_outputs(self, session: Session) -> None:
        """Read how stream and recording stand. States between come from events alone; a new connection has none."""
        fresh, stopped = self._session is None, OutputState.STOPPED
        for name in ("stream", "record"):
            told = self._told
            data = await session.request(f"Get{name.capitalize()}Status")
            if told == self._told:  # else the next beat reads it
                before = stopped if fresh else getattr(self._state, name)
                self._set(**{name: answers.output_status(data, before)})

    def _gone(self, error: ProviderError) -> None:
        problem = f"{error}; {error.remedy}" if error.remedy else str(error)
        if problem != self._state.problem or self._state.connected:
            logger.info("OBS is not connected: {}", problem)
        self._set(connected=False, problem=problem)

    def _set(self, **changes: Any) -> None:
        state = replace(self._state, **changes)
        if state != self._state:
            self._state = state
            self.changed.notify()

    # --- events -----------------------------------------------------------------------------------

    def _event(self, name: str, data: Mapping[str, Any]) -> None:
        self._follow(name, data)
        event = MixerEvent(name, data, ours=self._orders.caused(name, data))
        for listener in tuple(self._listeners):
            try:
                listener.mixer_event(event)
            except Exception as error:  # noqa: BLE001 - one listener's fault must not keep the event from the others
                fault = f"{type(listener).__name__}: {type(error).__name__}"
                if fault not in self._faults:  # events come in hundreds
                    self._faults.add(fault)
                    logger.exception("a listener of OBS failed at {}", name)

    def _follow(self, name: str, data: Mapping[str, Any]) -> None:
        if name == SCENE and answers.text(data.get("sceneName")):
            self._told += 1
            self._set(scene=answers.text(data["sceneName"]))
        elif name in ("StreamStateChanged", "RecordStateChanged"):
            if (state := answers.output_event(data)) is not None:
                self._told += 1
                self._set(**{name.removesuffix("StateChanged").lower(): state})
        elif name in _RELISTED:
            self._stale = True
            self._wake.notify()

    # --- orders -----------------------------------------------------------------------------------

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return OBS's answer to a request. Raise `Declined` when it declines, else `TransientError`."""
        session = self._session
        if session is None:
            raise TransientError(f"OBS is not connected: {self._state.problem}")
        stays = (data or {}).get("sceneName") == self._state.scene and not self._orders.awaits(SCENE)
        order = self._orders.given(request, data or {})
        if request == "SetCurrentProgramScene" and stays:
            self._orders.declined(order)  # no event comes of it
        try:
            return await session.request(request, data)
        except Refused:
            self._orders.declined(order)
            raise

    async def switch_scene(self, scene: str) -> None:
        """Put a scene on air; return when OBS says that it is."""
        await self.call("SetCurrentProgramScene", {"sceneName": scene})
        if not await self._until(lambda: self._state.scene == scene, SCENE_S):
            found = answers.text((await self.call("GetCurrentProgramScene")).get("currentProgramSceneName"))
            if found != scene:
                raise TransientError(f"OBS did not switch to {scene!r} within {SCENE_S:g} s; {found!r} is on air")
            self._set(scene=found)

    async def start_stream(self) -> None:
        """Start the stream; return when the output is active."""
        await self._order_output("StartStream", OutputState.ACTIVE, _RUNS)

    async def stop_stream(self) -> None:
        """Stop the stream; return when the output has really stopped, which is later than the request's return."""
        await self._order_output("StopStream", OutputState.STOPPED, _RUNS_NOT)

    async def _order_output(self, request: str, wanted: OutputState, already: int) -> None:
        async with self._order_of_stream:
            ended = _Ended()
            self._listeners.append(ended)
            try:
                await self._at_rest()
                try:
                    await self.call(request)
                except Declined as error:
                    if error.code != already:
                        raise
                    await self._read_stream()
                await self._until(lambda: self._state.stream is wanted or ended.failed, self._stream_s)
                if self._state.stream is not wanted:
                    await self._read_stream()
                await self._at_rest()
            finally:
                self._listeners.remove(ended)
        if self._state.stream is wanted:
            return
        if ended.failed:
            raise TransientError(
                "OBS could not start the stream",
                remedy="check the server and the stream key in OBS: Settings → Stream",
            )
        late = f"the stream is still {self._state.stream.value} {self._stream_s:g} s after {request}"
        raise TransientError(late, remedy="look at OBS: it may ask something, or hang")

    async def _at_rest(self) -> None:
        """Wait until a stream that has stopped is not active any more. Raise `TransientError` when OBS is lost."""
        clock = asyncio.get_running_loop().time
        end = clock() + REST_S
        while self._state.stream is OutputState.STOPPED and clock() < end:
            if not (await self.stream_stats()).active:
                return
            await asyncio.sleep(ASK_S)

    async def _read_stream(self) -> None:
        data = await self.call("GetStreamStatus")
        self._set(stream=answers.output_status(data, self._state.stream))

    async def _until(self, true: Callable[[], bool], within_s: float) -> bool:
        """Wait until something is so. Raise `TransientError` when OBS is lost meanwhile."""
        session = self._session
        await self.changed.wait_until(lambda: true() or self._session is not session, within_s)
        if not true() and self._session is not session:
            raise TransientError(f"OBS was lost in the middle of an order: {self._state.problem}")
        return true()

    # --- questions --------------------------------------------------------------------------------

    async def stream_stats(self) -> StreamStats:
        """Return the stream output's count."""
        return answers.stream_stats(await self.call("GetStreamStatus"))

    async def stats(self) -> MixerStats:
        """Return OBS's load."""
        return answers.mixer_stats(await self.call("GetStats"))

    async def screenshot(self, source: str = "", *, width: int = 320) -> bytes:
        """Return a PNG of a source, or of the scene on air, ``width`` pixels wide."""
        wanted = {"sourceName": source or self._state.scene, "imageFormat": "png", "imageWidth": width}
        data = await self.call("GetSourceScreenshot", wanted)
        return await asyncio.to_thread(answers.picture, data)

    async def volume_peaks(self, seconds: float) -> Mapping[str, float]:
        """Return the loudest peak of each input within so many seconds, in dBFS (-inf: silent)."""
        if self._session is None:
            raise TransientError(f"OBS is not connected: {self._state.problem}")
        return await self._session.volume_peaks(seconds)


class _Ended:
    """Notes that a stream which was starting has ended."""

    def __init__(self) -> None:
        self._starting = False
        self.failed = False

    def mixer_event(self, event: MixerEvent) -> None:
        """Take note of the states of the stream."""
        if event.name == "StreamStateChanged":
            state = answers.output_event(event.data)
            self._starting |= state is OutputState.STARTING
            self.failed |= self._starting and state is OutputState.STOPPED
