"""The microphone of this machine: opened while the ears are on, watched, and opened again when it was lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import numpy as np
from loguru import logger
from numpy.typing import NDArray

from bot.errors import ProviderError, TransientError
from bot.hearing.ears import Ears, InputState
from bot.hearing.input.levels import ADVICE_MUTED_BY_SYSTEM
from bot.hearing.input.settings import InputSettings
from bot.hearing.input.sound_card import sound_server
from bot.hearing.input.sound_card.block_clock import BlockClock
from bot.hearing.input.sound_card.devices import PART, Device, choose
from bot.hearing.input.sound_card.portaudio import SERVERS, OpenInput, PortAudio, SoundInput
from bot.hearing.input.sound_path import SoundPath
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff

#: A microphone that gives no block for so long is lost; its first one may take longer. Seconds.
GAP_S, FIRST_S = 0.5, 3.0
#: How often that is looked at, in seconds.
LOOK_S = 0.1
#: The pauses between two attempts grow up to this, in seconds; after so long a life they are short again.
MAX_PAUSE_S, HEALTHY_S = 5.0, 10.0
#: The device is closed when the ears were off for so long: a slip of the finger costs no two seconds of opening.
CLOSE_AFTER_S = 5.0
#: An attempt that takes longer than this is told, in seconds: a driver hangs.
SLOW_S = 10.0


class Microphone:
    """Gives what a sound card captures to a `SoundPath`, and tells `Ears` how it is."""

    def __init__(
        self,
        settings: InputSettings,
        ears: Ears,
        path: SoundPath,
        sound: SoundInput | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the way that its sound goes; ``sound`` opens the devices, ``clock`` is the loop's."""
        self._settings, self._ears, self._path, self._clock = settings, ears, path, clock
        self._own = PortAudio() if sound is None else None
        self._sound: SoundInput = sound or cast("PortAudio", self._own)
        #: The device that is heard, for the panel; None while none is.
        self.device: Device | None = None
        #: How often sound was missing in between.
        self.gaps = 0
        self._was_live = False
        #: Where the sound server led the stream instead of the device, in words.
        self._misplaced = ""
        self._retry = Signal()
        ears.changed.lead_to(self._retry)

    async def run(self) -> None:
        """Capture for ever, whatever happens to the device."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_server())
                await self._capture()
        finally:
            if self._own is not None:
                self._own.shut_down()

    async def _capture(self) -> None:
        pauses = backoff(cap_s=MAX_PAUSE_S)
        while True:
            await self._ears.changed.wait_until(lambda: self._ears.on)
            began = self._clock()
            try:
                await self._listen()
            except ProviderError as error:
                self._tell_failure(error)
                if self._clock() - began > HEALTHY_S:
                    pauses = backoff(cap_s=MAX_PAUSE_S)
                await self._retry.wait(next(pauses))
            if not self._ears.on:
                self._was_live = False
                self._ears.tell(InputState.CLOSED)

    def _tell_failure(self, error: ProviderError) -> None:
        state = InputState.LOST if self._was_live else InputState.NO_DEVICE
        text = f"{error}; {error.remedy}" if error.remedy else str(error)
        if (state, text) != (self._ears.input, self._ears.trouble):
            logger.warning("microphone: {}", text)
        self._ears.tell(state, text)

    async def _listen(self) -> None:
        """Open the wanted device and hear it until the ears have been off for a while. Raises `ProviderError`."""
        if self._ears.input is InputState.CLOSED:  # an attempt in trouble leaves the trouble's words standing
            self._ears.tell(InputState.OPENING)
        blocks = BlockClock()

        def take(block: NDArray[np.float32], at: float) -> None:
            if rate := blocks.count(len(block), at):
                self._path.take(block, rate, at)

        try:
            with self._told_when_slow():
                self.device = choose(await found_devices(self._sound), self._settings.device)
                self._misplaced = ""
                opened = await self._sound.open(self.device, take)
            blocks.begin(opened.rate, self._clock())
            logger.info("microphone: {} at {} Hz", self.device.shown, opened.rate)
            await self._watch(opened, blocks)
        finally:
            self.device, self._path.known = None, ""
            await self._sound.close()

    async def _watch(self, opened: OpenInput, blocks: BlockClock) -> None:
        """Return when the ears have been off for a while. Raises `TransientError` when the microphone is lost."""
        off_at, live = self._clock(), False
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._clock()
            if self._ears.on:
                off_at = now
            elif now - off_at >= CLOSE_AFTER_S:
                return
            if blocks.begun and not live:
                live = self._was_live = True
                await self._compare()
                self._ears.tell(InputState.MUTE if self._path.known else InputState.LIVE, self._path.advice)
            if self._misplaced:
                raise TransientError(self._misplaced, provider=PART, remedy="it is tried again by itself")
            if blocks.waited(now) > (GAP_S if blocks.begun else FIRST_S):
                ended = "" if opened.active else ", and its stream has ended"
                raise TransientError(
                    f"no sound comes from the microphone any more{ended}",
                    provider=PART,
                    remedy="was it unplugged? It is tried again by itself",
                )
            self.gaps += blocks.look()

    # --- what the sound server does with the stream ---------------------------------------------------

    async def _follow_server(self) -> None:
        known: set[str] = set()
        while True:
            async with contextlib.aclosing(sound_server.changes()) as changes:
                async for _ in changes:
                    await self._compare()
                    there = {source.name for source in await sound_server.sources() or ()}
                    if there - known:
                        self._retry.notify()  # perhaps the microphone is back
                    known = there
            await asyncio.sleep(MAX_PAUSE_S)

    async def _compare(self) -> None:
        """Look where the sound server leads the stream, and whether it is muted."""
        if (device := self.device) is None or not device.source:
            return
        heard, there = await sound_server.heard_source(), await sound_server.sources()
        if there is None or self.device is not device:
            return
        mine = next((source for source in there if source.name == device.source), None)
        default = next((source for source in there if source.default and not source.monitor), None)
        if mine is None:
            self._misplaced = f"the microphone {device.shown!r} was unplugged"
        elif heard is not None and heard != mine.index:
            self._misplaced = "the sound server led another source here than the microphone"
        elif not self._settings.device and default is not None and default is not mine:
            self._misplaced = "the system has another default microphone now"
        self._path.known = ADVICE_MUTED_BY_SYSTEM if mine is not None and mine.muted else ""
        if self._path.known and self._ears.input is InputState.LIVE:
            self._ears.tell(InputState.MUTE, self._path.known)

    @contextlib.contextmanager
    def _told_when_slow(self) -> Iterator[None]:
        """Tell when the sound system does not come back: a thread that hangs in a driver cannot be ended."""
        handle = asyncio.get_running_loop().call_later(
            SLOW_S,
            lambda: self._ears.tell(
                InputState.NO_DEVICE, "the sound system does not answer: unplug the microphone and plug it in again"
            ),
        )
        try:
            yield
        finally:
            handle.cancel()


async def found_devices(sound: SoundInput) -> list[Device]:
    """Return the microphones of this machine, those of a sound server by its names. Raises `ProviderError`.

    A monitor of a loudspeaker is no microphone: through it the host would hear itself.
    """
    inputs = await sound.inputs()
    there = await sound_server.sources()
    via = next((device for name in SERVERS for device in inputs if device.name == name), None)
    if there is None or via is None:
        return [device for device in inputs if not device.name.startswith("Monitor of ")]
    behind = [
        replace(
            via,
            name=source.description,
            rate=source.rate,
            channels=source.channels,
            default=source.default,
            source=source.name,
            muted=source.muted,
        )
        for source in there
        if not source.monitor
    ]
    # Cards that PortAudio sees itself are mostly the same microphones, held by the server: by name alone, and last.
    return behind + [replace(d, default=False) for d in inputs if behind and d.name not in SERVERS and "hw:" in d.name]
