"""A microphone and a loudspeaker without a sound card, for tests: PulseAudio with null sinks, in a folder of its own.

    vmic_sink ─▶ its monitor ─▶ source "vmic" ("Virtual microphone", the default source: what sounddevice hears)
    speaker (the default sink: what a program plays) ─▶ its monitor (what `VirtualMic.record` hears)

Debian: apt-get install pulseaudio pulseaudio-utils libportaudio2 libasound2-plugins. Sound is mono float32 within ±1.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

MISSING = [name for name in ("pulseaudio", "pactl", "pacat", "parec") if shutil.which(name) is None]
#: Put on tests that need it. A real sound server counts among what the second, slower run has.
needs_sound_server = [
    pytest.mark.model,
    pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed here"),
]
#: Longest time until the server answers, in seconds. It takes .2 on a free machine.
START_S = 20.0
#: The rate of the null sinks.
SINK_RATE = 48_000


class VirtualMic:
    """A sound server of one's own with one microphone, which can be unplugged, and one loudspeaker."""

    def __init__(self, folder: Path) -> None:
        """Take an empty folder with a short path: the server's socket lies in it."""
        self.folder = folder
        #: What a program needs in its environment in order to use this server.
        self.env = {
            "PULSE_SERVER": f"unix:{folder}/pulse.sock",
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
        }
        self._server: subprocess.Popen[bytes] | None = None

    # --- the server --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the server with loudspeaker and microphone, and wait until it answers."""
        # A foreground daemon without a session bus that never ends by itself.
        options = "-n --daemonize=no --exit-idle-time=-1 --disallow-exit=yes --use-pid-file=no --log-target=stderr"
        socket = f"module-native-protocol-unix socket={self.folder}/pulse.sock auth-anonymous=1"
        with (self.folder / "pulse.log").open("ab") as log:
            self._server = subprocess.Popen(  # noqa: ASYNC220 - it outlives the loop of a test's helper
                ["pulseaudio", *options.split(), "-L", socket, "-L", _null_sink("speaker", "Loudspeaker")],
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with asyncio.timeout(START_S):
            while (await self._run("pactl", "info"))[0]:
                assert self._server.poll() is None, f"PulseAudio ended: {self.log()}"
                await asyncio.sleep(0.05)
        await self.pactl("set-default-sink", "speaker")
        await self.replug()

    async def kill(self) -> None:
        """Kill the server, as if it had crashed; `start` starts another in its place."""
        server, self._server = self._server, None
        if server is not None:
            server.kill()
            await asyncio.to_thread(server.wait)
            (self.folder / "pulse.sock").unlink(missing_ok=True)

    def log(self) -> str:
        """Return the last lines of the server's log."""
        return (self.folder / "pulse.log").read_text("utf-8", "replace")[-2000:]

    # --- the microphone ----------------------------------------------------------------------------

    async def say(self, samples: NDArray[np.float32], rate: int, *, to: str = "vmic") -> None:
        """Play sound into a microphone in real time; return when it was spoken."""
        await self._play(f"{to}_sink", samples, rate)

    async def play(self, samples: NDArray[np.float32], rate: int) -> None:
        """Play sound over the loudspeaker in real time, as the stage's page does; return when it was heard."""
        await self._play("speaker", samples, rate)

    @contextlib.asynccontextmanager
    async def player(self, rate: int, sink: str = "speaker") -> AsyncIterator[Callable[[NDArray[np.float32]], None]]:
        """Keep the loudspeaker open, as a page does; what the yielded function is given is played after one another.

        What is played begins a steady time after it was given, since the stream never stops in between.
        """
        waiting: deque[NDArray[np.float32]] = deque()
        process = await self._start(
            *("pacat", "--playback", f"--device={sink}", "--raw", f"--rate={rate}", "--channels=1"),
            *("--format=float32le", "--latency-msec=200"),
        )
        assert process.stdin is not None
        feed = asyncio.get_running_loop().create_task(_feed(process.stdin, waiting, rate))
        try:
            yield waiting.append
        finally:
            feed.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def record(self, seconds: float) -> NDArray[np.float32]:
        """Return what the loudspeaker plays from now on, at `SINK_RATE`."""
        process = await self._start(
            "parec", "--device=speaker.monitor", "--raw", f"--rate={SINK_RATE}", "--channels=1", "--format=float32le"
        )
        assert process.stdout is not None
        try:
            data = await process.stdout.readexactly(int(seconds * SINK_RATE) * 4)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return np.frombuffer(data, np.float32)

    async def echo(self, db: float = -6.0, latency_ms: int = 60) -> None:
        """Let the loudspeaker leak into the microphone from now on."""
        await self.pactl(
            "load-module", "module-loopback", "source=speaker.monitor", "sink=vmic_sink", f"latency_msec={latency_ms}"
        )
        async with asyncio.timeout(5):
            while not (inputs := (await self.pactl("list", "short", "sink-inputs")).split("\n")[:-1]):
                await asyncio.sleep(0.05)
        # What plays into the microphone at this moment was there before.
        await self.pactl("set-sink-input-volume", inputs[-1].split("\t")[0], f"{db}dB")

    async def unplug(self, name: str = "vmic") -> None:
        """Take a microphone away: PulseAudio moves its listeners elsewhere, be it to the loudspeaker's monitor."""
        for module, mark in (("module-remap-source", f"source_name={name} "), ("module-null-sink", f"={name}_sink ")):
            for line in (await self.pactl("list", "short", "modules")).splitlines():
                number, kind, arguments = [*line.split("\t"), "", ""][:3]
                if kind == module and mark in arguments:
                    await self.pactl("unload-module", number)

    async def replug(self) -> None:
        """Put the first microphone back."""
        await self.plug("vmic", "Virtual microphone")
        await self.pactl("set-default-source", "vmic")

    async def plug(self, name: str, description: str) -> None:
        """Add a microphone of its own; `say` speaks to it by its name."""
        assert not set(description) & set("\"'"), "the server cannot read such a quoted name"
        await self.pactl("load-module", *_null_sink(f"{name}_sink", f"{name}_sink").split(" "))
        await self.pactl(
            "load-module",
            "module-remap-source",
            f"master={name}_sink.monitor",
            f"source_name={name}",
            f"source_properties=\"device.description='{description}'\"",
        )

    async def mute(self, *, on: bool) -> None:
        """Mute the microphone in the system, or let it be heard again."""
        await self.pactl("set-source-mute", "vmic", str(int(on)))

    # --- commands ----------------------------------------------------------------------------------

    async def pactl(self, *arguments: str) -> str:
        """Give an order to the server; return what it printed."""
        code, printed = await self._run("pactl", *arguments)
        assert code == 0, f"pactl {' '.join(arguments)}: {printed}"
        return printed

    async def _play(self, sink: str, samples: NDArray[np.float32], rate: int) -> None:
        process = await self._start(
            "pacat",
            "--playback",
            f"--device={sink}",
            "--raw",
            f"--rate={rate}",
            "--channels=1",
            "--format=float32le",
            "--latency-msec=100",
        )
        try:
            await process.communicate(np.ascontiguousarray(samples, np.float32).tobytes())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _start(self, *command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **self.env, "LC_ALL": "C.UTF-8"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def _run(self, *command: str) -> tuple[int, str]:
        process = await self._start(*command)
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode("utf-8", "replace")


async def _feed(pipe: asyncio.StreamWriter, waiting: deque[NDArray[np.float32]], rate: int) -> None:
    """Write what waits, and silence where nothing does, as fast as it is played and 100 ms ahead."""
    loop, step = asyncio.get_running_loop(), rate // 50
    began, written = loop.time(), 0
    while True:
        while written < (loop.time() - began + 0.1) * rate:
            block = np.zeros(step, np.float32)
            filled = 0
            while waiting and filled < step:
                head = waiting.popleft()
                take = min(step - filled, head.size)
                block[filled : filled + take] = head[:take]
                filled += take
                if take < head.size:
                    waiting.appendleft(head[take:])
            pipe.write(block.tobytes())
            written += step
        await pipe.drain()
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def virtual_mic() -> AsyncIterator[VirtualMic]:
    """Run a sound server, and have this process use it, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="mic") as folder, pytest.MonkeyPatch.context() as patch:
        mic = VirtualMic(Path(folder))
        for name, value in mic.env.items():
            patch.setenv(name, value)
        try:
            await mic.start()
            yield mic
        finally:
            await mic.kill()


def _null_sink(name: str, description: str) -> str:
    shown = f"sink_properties=device.description={description}"
    return f"module-null-sink sink_name={name} rate={SINK_RATE} channels=1 {shown}"
