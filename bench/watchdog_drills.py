"""The watchdog against the real OBS and a local RTMP sink that stalls, closes and refuses: seconds, in real time.

Method: OBS streams 640×360 through a relay in this process to ``ffmpeg -listen 1``. The relay stops reading
(``stalls``), closes and takes nobody for 100 seconds (``refuses``), or for ever (``gone``); or OBS is killed, and
started again after 60 seconds, as a service manager does (``killed``). Counted from the fault: until it is found,
until the stream is on again and all is well, and until the alarm. CPU is this process's, the relay included.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.support import real_obs
from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import OutputState
from bot.stage.obs.settings import ObsSettings
from bot.stage.watchdog.settings import WatchdogSettings
from bot.stage.watchdog.watchdog import Surroundings, Watchdog
from bot.telemetry.alarms import Alarms

DRILLS = ("stalls", "refuses", "gone", "killed")
REFUSES_S, KILLED_S = 100.0, 60.0
LONGEST_S = 420.0


class Relay:
    """Carries OBS's connection to the sink. ``carried`` counts the bytes."""

    def __init__(self, sink: int) -> None:
        self.carried = 0
        self.stalls = self.refuses = False
        self._sink = sink
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection. One that stalls stays so: its network is dead, a new connection's is not."""
        if self.refuses:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            upstream, to_sink = await _connect(self._sink)
        except OSError:
            writer.transport.abort()
            return
        async with asyncio.TaskGroup() as group:
            back = group.create_task(self._pump(upstream, writer))
            await self._pump(reader, to_sink, count=True)
            back.cancel()
        to_sink.close()
        self._open.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, count: bool = False) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                if count and self.stalls:
                    writer.close()  # the sink is free for the next one
                    await asyncio.Event().wait()
                self.carried += len(data) if count else 0
                writer.write(data)
                await writer.drain()

    def cut(self) -> None:
        """Break all connections."""
        for writer in tuple(self._open):
            writer.transport.abort()


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(50):
        with contextlib.suppress(OSError):
            return await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.1)
    raise ConnectionRefusedError


async def sink(port: int) -> None:
    """Take one stream after another, and throw them away."""
    while True:
        ffmpeg = await asyncio.create_subprocess_exec(
            "ffmpeg", "-loglevel", "error", "-listen", "1", "-i", f"rtmp://127.0.0.1:{port}/live/key",
            "-c", "copy", "-f", "null", "-",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await ffmpeg.wait()
        finally:
            if ffmpeg.returncode is None:
                ffmpeg.kill()
                await ffmpeg.wait()


@asynccontextmanager
async def streaming(folder: Path) -> AsyncIterator[tuple[Relay, Obs, Watchdog, Alarms, Callable[[], None]]]:
    """Let OBS stream through a relay, with the watchdog over it."""
    inner, port = real_obs.free_port(), real_obs.free_port()
    relay = Relay(inner)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sink(inner))]

        def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.append(group.create_task(relay.serve(reader, writer)))

        server = await asyncio.start_server(taken, "127.0.0.1", 0)
        outer = server.sockets[0].getsockname()[1]
        real_obs.write_settings(folder, port, f"rtmp://127.0.0.1:{outer}/live", "key")
        async with AsyncExitStack() as stack:
            process = await stack.enter_async_context(real_obs.real_obs(folder, port))

            async def start_again() -> None:
                await asyncio.sleep(KILLED_S)
                await stack.enter_async_context(real_obs.real_obs(folder, port, display=94))

            def kill() -> None:
                process.kill()
                tasks.append(group.create_task(start_again()))

            obs = Obs(ObsSettings(enabled=True, port=port, password=SecretStr(real_obs.PASSWORD)))
            clock = asyncio.get_running_loop().time
            alarms = Alarms(clock)
            around = Surroundings(lambda: None, lambda: False, lambda: 1, lambda _: False)
            dog = Watchdog(obs, around, alarms, WatchdogSettings(), clock)
            tasks += [group.create_task(obs.run()), group.create_task(dog.run())]
            await obs.changed.wait_until(lambda: obs.state.connected, 30)
            colour = {"sceneName": obs.state.scene, "inputName": "Colour", "inputKind": "color_source_v3",
                      "inputSettings": {"color": 0xFF3366CC, "width": 640, "height": 360}}  # fmt: skip
            await obs.call("CreateInput", colour)
            await obs.start_stream()
            await asyncio.sleep(25)
            yield relay, obs, dog, alarms, kill
            for task in tasks:
                task.cancel()
            server.close()


async def drill(name: str) -> dict[str, Any]:
    """Carry out one drill."""
    with tempfile.TemporaryDirectory() as folder:
        async with streaming(Path(folder)) as (relay, obs, dog, alarms, kill):
            assert relay.carried > 0
            assert not dog.findings(), dog.findings()
            began, cpu = time.monotonic(), time.process_time()
            relay.stalls, relay.refuses = name == "stalls", name in ("refuses", "gone")
            if name == "killed":
                kill()
            if relay.refuses:
                relay.cut()
            result: dict[str, Any] = {"fault": name, "found_s": None, "mended_s": None, "alarm_s": None}
            kinds: set[str] = set()
            while (now := time.monotonic() - began) < LONGEST_S:
                await asyncio.sleep(0.5)
                kinds |= {found.kind.value for found in dog.findings()}
                if kinds and result["found_s"] is None:
                    result["found_s"] = round(now, 1)
                    relay.stalls = False  # for new connections; the old one stays dead
                if alarms.standing() and result["alarm_s"] is None:
                    result["alarm_s"] = round(now, 1)
                if name == "refuses" and now > REFUSES_S:
                    relay.refuses = False
                well = not [one for one in dog.findings() if one.over_at is None]
                if kinds and well and obs.state.stream is OutputState.ACTIVE:
                    result["mended_s"] = round(now, 1)
                    break
            return result | {
                "kinds": sorted(kinds),
                "attempts": sum(found.tried for found in dog.findings()),
                "stream": obs.state.stream.value,
                "cpu_percent": round(100 * (time.process_time() - cpu) / (time.monotonic() - began), 2),
            }


async def main() -> None:
    """Drill and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--drill", choices=DRILLS, action="append")
    if not real_obs.installed():
        raise SystemExit("needs OBS, Xvfb and ffmpeg")
    for name in args.parse_args().drill or DRILLS:
        print(json.dumps(await drill(name)))


if __name__ == "__main__":
    asyncio.run(main())
