"""PortAudio through sounddevice, all of it in one thread: starting it anew ends every stream.

The package is imported late: it raises when the library is missing, and when a file of ALSA has a fault.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.errors import FatalError, TransientError
from bot.hearing.input.sound_card.devices import PART, Device
from bot.hearing.speech import FRAME, RATE

T = TypeVar("T")
#: Is given each block, shape ``(samples, channels)``, and when its last sample came; in a thread of PortAudio's.
Take = Callable[[NDArray[np.float32], float], None]

#: So many blocks of the sound card are handed over at once, as much as the ears take at a time. Blocks of half of it
#: came 25 ms after their last sample through PulseAudio, where whole ones came after 40; quarters saved 3 ms more.
BLOCKS = 2
BLOCK_S = FRAME / RATE / BLOCKS
#: Where PortAudio reaches the sound server on Linux, the best way first.
SERVERS = ("pulse", "pipewire", "default")
#: What is tried when a device refuses its own rate, in Hz.
OTHER_RATES = (48_000, 44_100, 16_000)


class OpenInput(Protocol):
    """A microphone that is open."""

    @property
    def rate(self) -> int:
        """Samples a second, by the device's own word."""
        ...

    @property
    def active(self) -> bool:
        """Whether the device says that it records."""
        ...


class SoundInput(Protocol):
    """What opens microphones: PortAudio, or a fake of it."""

    async def inputs(self) -> list[Device]:
        """Return the devices that can be recorded from, looked up anew: no stream may be open.

        Raises `ProviderError`.
        """
        ...

    async def open(self, device: Device, take: Take) -> OpenInput:
        """Open a device. Raises `ProviderError`."""
        ...

    async def close(self) -> None:
        """Close what is open. Never raises."""
        ...


class _Stream:
    def __init__(self, stream: Any, rate: int) -> None:
        self.stream, self.rate = stream, rate

    @property
    def active(self) -> bool:
        """Whether the device says that it records."""
        try:
            return bool(self.stream.active)
        except Exception:  # noqa: BLE001 - the library's error: its stream is broken
            return False


class PortAudio:
    """The sound cards of this machine."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "portaudio")
        self._module: Any = None
        self._open: _Stream | None = None

    async def inputs(self) -> list[Device]:
        """Return the devices that can be recorded from, looked up anew."""
        return await self._do(self._inputs)

    async def open(self, device: Device, take: Take) -> OpenInput:
        """Open a device; ``take`` is called until `close`."""
        return await self._do(lambda: self._open_stream(device, take))

    async def close(self) -> None:
        """Close what is open."""
        await self._do(self._close_stream)

    def shut_down(self) -> None:
        """End the thread once its work at hand is done."""
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # --- its thread --------------------------------------------------------------------------------

    def _inputs(self) -> list[Device]:
        sd = self._ready()
        try:
            found, default = list(sd.query_devices()), sd.default.device[0]
            apis = list(sd.query_hostapis())
        except Exception as error:
            raise TransientError(
                f"the sound system does not answer: {error}", provider=PART, remedy="is the sound server running?"
            ) from error
        # On Windows each microphone is listed once for each of four ways; WASAPI is the quick one with whole names.
        best = next((api for api in apis if "WASAPI" in str(api.get("name"))), None)
        if best is not None and any(found[i]["max_input_channels"] > 0 for i in best["devices"]):
            found = [found[i] for i in best["devices"]]
            default = best["default_input_device"]
        return [
            Device(
                index=int(entry["index"]),
                name=str(entry["name"]),
                rate=int(entry["default_samplerate"]) or OTHER_RATES[0],
                channels=int(entry["max_input_channels"]),
                default=entry["index"] == default,
            )
            for entry in found
            if entry["max_input_channels"] > 0
        ]

    def _ready(self) -> Any:
        """Return the library, started anew: it reads the list of devices at its start alone."""
        if self._module is not None:
            with contextlib.suppress(Exception):
                self._module._terminate()  # noqa: SLF001 - there is no public way
        try:
            import sounddevice  # noqa: PLC0415 - an extra; see above

            if self._module is not None:
                sounddevice._initialize()  # noqa: SLF001 - as above
        except ImportError as error:
            raise FatalError(
                "sounddevice is not installed", provider=PART, remedy="install it with: pip install 'haishin[ears]'"
            ) from error
        except OSError as error:
            raise FatalError(
                f"the library PortAudio is missing: {error}",
                provider=PART,
                remedy="on Debian and Ubuntu: apt install libportaudio2 libasound2-plugins",
            ) from error
        except Exception as error:
            raise TransientError(
                f"PortAudio does not start: {error}",
                provider=PART,
                remedy="look for faults in ~/.asoundrc and /etc/asound.conf, and whether the sound server runs",
            ) from error
        self._module = sounddevice
        return sounddevice

    def _open_stream(self, device: Device, take: Take) -> _Stream:
        self._close_stream()

        gathered: list[NDArray[np.float32]] = []

        def callback(block: NDArray[np.float32], _count: int, _times: Any, _flags: Any) -> None:
            gathered.append(block.copy())
            if len(gathered) == BLOCKS:
                take(np.concatenate(gathered), time.monotonic())
                gathered.clear()

        failure: Exception | None = None
        rates = dict.fromkeys((device.rate, *OTHER_RATES))
        channels = dict.fromkeys((1, min(2, device.channels), device.channels))
        with _meant(device):
            for rate, count in ((rate, count) for rate in rates for count in channels):
                try:
                    stream = self._module.InputStream(
                        device=device.index,
                        samplerate=rate,
                        channels=count,
                        dtype="float32",
                        blocksize=int(rate * BLOCK_S),
                        latency="low",
                        callback=callback,
                    )
                    stream.start()
                except Exception as error:  # noqa: BLE001 - its own error, ValueError and OSError; the next may fit
                    failure = failure or error
                else:
                    self._open = _Stream(stream, rate)
                    return self._open
        raise TransientError(
            f"the microphone {device.shown!r} does not open: {failure}",
            provider=PART,
            remedy="does another program hold it, or do the system's privacy settings forbid it?",
        )

    def _close_stream(self) -> None:
        if self._open is not None:
            with contextlib.suppress(Exception):
                self._open.stream.abort()
            with contextlib.suppress(Exception):
                self._open.stream.close()
            self._open = None


@contextlib.contextmanager
def _meant(device: Device) -> Iterator[None]:
    """Tell the libraries of PulseAudio and PipeWire which source is meant: they read it when a stream is opened."""
    if not device.source:
        yield
        return
    names = ("PULSE_SOURCE", "PIPEWIRE_NODE")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, device.source))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
