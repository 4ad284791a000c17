"""The way of captured sound to the inlet: mixed, resampled, cleaned and measured, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator
from typing import Any

from loguru import logger
from numpy.typing import NDArray

from bot.errors import ConfigError
from bot.hearing.ears import Ears, InputState
from bot.hearing.input.conditioning import Conditioner
from bot.hearing.input.echo import EchoCanceller
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.input.levels import MUTED_S, LevelMeter, Reading
from bot.hearing.input.settings import EchoMode, InputSettings
from bot.hearing.speech import Samples

#: Blocks that may wait for the thread: some seconds of them. A block more is thrown away.
MAX_WAITING = 64
#: The longest block, in samples: a second at the highest rate.
MAX_BLOCK = 400_000

_Block = tuple[int, NDArray[Any], int, float]


class SoundPath:
    """Takes blocks from whatever captures them, a sound card's thread or a page's socket. See `open_path`.

    While the ears are closed, a block is thrown away where it comes in; what is on its way never reaches the inlet.
    """

    def __init__(self, settings: InputSettings, ears: Ears, inlet: AudioInlet, far: FarEnd) -> None:
        self._settings, self._ears, self._inlet, self._far = settings, ears, inlet, far
        self._loop = asyncio.get_running_loop()
        self._blocks: queue.Queue[_Block | None] = queue.Queue(MAX_WAITING)
        self._openings = 0
        self._was_listening = False
        self._faulty = False
        #: What the input knows to be wrong with the microphone (muted by the system), in words; "" for nothing.
        self.known = ""
        #: What is wrong with the cleaning, in words; "" for nothing.
        self.trouble = ""
        #: Blocks thrown away because the thread was too slow, or that made no sense.
        self.dropped = 0

    @property
    def advice(self) -> str:
        """What to change, as far as it is known without listening; "" for nothing."""
        return self.known or self.trouble

    # --- any thread --------------------------------------------------------------------------------

    def take(self, block: NDArray[Any], rate: int, at: float) -> None:
        """Take a block of shape ``(samples,)`` or ``(samples, channels)``, floats within ±1 at ``rate`` Hz.

        ``at`` is when its last sample was captured, on the loop's clock. Returns at once; the array is kept.
        """
        if not self._ears.listening:
            self._was_listening = False
            return
        if not self._was_listening:
            self._was_listening = True
            self._openings += 1
        if block.ndim not in {1, 2} or not 0 < block.size <= MAX_BLOCK:
            self.dropped += 1
            return
        try:
            self._blocks.put_nowait((self._mark(), block, rate, at))
        except queue.Full:
            self.dropped += 1

    def _mark(self) -> int:
        """Return a number that changes whenever the ears are opened anew."""
        return self._openings + self._ears.generation

    # --- the thread --------------------------------------------------------------------------------

    def work(self) -> None:
        """Work on blocks until `close`."""
        canceller = self._load()
        conditioner, meter = Conditioner(self._settings.gain_db), LevelMeter()
        mark = -1
        while (waiting := self._blocks.get()) is not None:
            number, block, rate, at = waiting
            if number != mark:
                mark = number
                conditioner.clear()
                meter.clear()
                if canceller is not None:
                    canceller.clear()
            try:
                samples = conditioner.take(block, rate)
                at -= conditioner.behind_s
                reading = meter.take(block, samples)
                if canceller is not None:
                    samples = canceller.take(samples, at)
                    at -= canceller.behind_s
                    self.trouble = canceller.trouble
            except Exception as error:  # noqa: BLE001 - a bad block, or a native library: the ears go on without
                self.dropped += 1
                if not self._faulty:
                    self._faulty = True
                    logger.opt(exception=error).warning("microphone: a block of sound was left out")
                continue
            self._on_loop(number, samples, at, reading)

    def _load(self) -> EchoCanceller | None:
        wanted = self._settings
        echo = wanted.echo is not EchoMode.OFF
        if not (echo or wanted.noise_suppression or wanted.auto_gain):
            return None
        try:
            return EchoCanceller(
                self._far, echo=echo, noise_suppression=wanted.noise_suppression, auto_gain=wanted.auto_gain
            )
        except ConfigError as error:
            text = f"{error}; {error.remedy}"
            logger.warning("microphone: {}", text)
            if wanted.echo is EchoMode.ON or wanted.noise_suppression or wanted.auto_gain:
                self.trouble = text
            return None

    def _on_loop(self, mark: int, samples: Samples, at: float, reading: Reading | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._deliver, mark, samples, at, reading)

    # --- the loop ----------------------------------------------------------------------------------

    def _deliver(self, mark: int, samples: Samples, at: float, reading: Reading | None) -> None:
        ears = self._ears
        if not ears.listening or mark != self._mark():
            return
        self._inlet.put(samples, at)
        if reading is None:
            return
        ears.measure(reading.level, clipped=reading.clipped)
        if ears.input in {InputState.LIVE, InputState.MUTE}:
            mute = bool(self.known) or reading.silent_s >= MUTED_S
            ears.tell(InputState.MUTE if mute else InputState.LIVE, self.known or reading.advice or self.trouble)

    def close(self) -> None:
        """End the thread after the block at hand."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._blocks.get_nowait()
        self._blocks.put(None)


@contextlib.asynccontextmanager
async def open_path(settings: InputSettings, ears: Ears, inlet: AudioInlet, far: FarEnd) -> AsyncIterator[SoundPath]:
    """Run the way of the sound until the block ends."""
    path = SoundPath(settings, ears, inlet, far)
    thread = threading.Thread(target=path.work, name="microphone", daemon=True)
    thread.start()
    try:
        yield path
    finally:
        path.close()
        await asyncio.to_thread(thread.join, 2.0)
