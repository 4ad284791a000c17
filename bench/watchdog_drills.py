"""The watchdog against the real OBS and a local RTMP sink that stalls, closes and refuses: seconds, in real time.

Method: OBS streams 640×360 through a relay in this process to ``ffmpeg -listen 1``. The relay stops reading OBS's
connection and keeps it open (``stalls``), or reads on and throws all of it away, while the platform says what the sink
sees (``swallows``); it stops reading that one and every later one (``dead``); it closes and takes nobody for 100
seconds (``refuses``), or for ever (``gone``); or OBS is killed, and started again after 60 seconds, as a service
manager does (``killed``). Counted from the fault: until it is found, until the sink takes the stream again and all is
well, and until the alarm. What cannot be mended is watched for four minutes. CPU is this process's, the relay included.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import OutputState
from bot.stage.watchdog.settings import WatchdogSettings
from bot.stage.watchdog.watchdog import Surroundings, Watchdog
from bot.telemetry.alarms import Alarms
from tests.support.real_obs import MISSING, STREAM, RealObs, free_port, real_obs


class Fault(StrEnum):
    """What goes wrong."""

    STALLS = "stalls"
    SWALLOWS = "swallows"
    DEAD = "dead"
    REFUSES = "refuses"
    GONE = "gone"
    KILLED = "killed"


#: The connection that is there breaks, a later one does not.
OLD_ALONE = (Fault.STALLS, Fault.SWALLOWS)
#: What nobody can mend.
FOR_GOOD = (Fault.DEAD, Fault.GONE)
REFUSES_S, KILLED_S = 100.0, 60.0
LONGEST_S, FOR_GOOD_S = 420.0, 240.0
#: The sink has the stream when bytes came to it so short a time ago, in seconds.
FLOWS_S = 5.0


class Relay:
    """Carries OBS's connection to the sink. ``carried`` counts the bytes; ``fault`` is what it does to them."""

    def __init__(self, sink: int) -> None:
        self.carried = 0
        self.fault: Fault | None = None
        self._carried_at = 0.0
        self._sink = sink
        self._open: set[asyncio.StreamWriter] = set()

    def flows(self) -> bool:
        """Whether the sink gets the stream."""
        return time.monotonic() - self._carried_at < FLOWS_S

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection. One that broke stays so: its network is dead, a later connection's may be well."""
        if self.fault in (Fault.REFUSES, Fault.GONE):
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            if self.fault is Fault.DEAD:
                await asyncio.Event().wait()
            upstream, to_sink = await _connect(self._sink)
            async with asyncio.TaskGroup() as group:
                back = group.create_task(self._back(upstream, writer))
                await self._forth(reader, to_sink)
                back.cancel()
            to_sink.close()
        except OSError:
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            writer.close()

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.fault in (Fault.STALLS, Fault.DEAD, Fault.SWALLOWS):
                    swallows = self.fault is Fault.SWALLOWS
                    writer.close()  # the sink is free for the next one
                    while swallows and await reader.read(1 << 16):
                        pass
                    if not swallows:
                        await asyncio.Event().wait()
                    return
                self.carried += len(data)
                self._carried_at = time.monotonic()
                writer.write(data)
                await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
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


@dataclass(frozen=True, slots=True)
class OnAir:
    """OBS that streams, with the watchdog over it. ``fails`` makes something go wrong."""

    relay: Relay
    obs: Obs
    dog: Watchdog
    alarms: Alarms
    fails: Callable[[Fault], None]


@asynccontextmanager
async def streaming(folder: Path, fault: Fault) -> AsyncIterator[OnAir]:
    """Let OBS stream through a relay, with the watchdog over it."""
    inner = free_port()
    relay = Relay(inner)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sink(inner))]

        def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.append(group.create_task(relay.serve(reader, writer)))

        server = await asyncio.start_server(taken, "127.0.0.1", 0)
        outer = server.sockets[0].getsockname()[1]
        async with real_obs(folder, profile=STREAM, stream_to=f"rtmp://127.0.0.1:{outer}/live") as real:

            def fails(what: Fault) -> None:
                relay.fault = what
                if what is Fault.KILLED:
                    tasks.append(group.create_task(restart(real)))
                elif what in (Fault.REFUSES, Fault.GONE):
                    relay.cut()

            obs = Obs(real.settings)
            clock = asyncio.get_running_loop().time
            alarms = Alarms(clock)
            platform = relay.flows if fault is Fault.SWALLOWS else (lambda: None)
            around = Surroundings(platform, lambda: False, lambda: 1, lambda _: False)
            dog = Watchdog(obs, around, alarms, WatchdogSettings(), clock)
            tasks += [group.create_task(obs.run()), group.create_task(dog.run())]
            await obs.changed.wait_until(lambda: obs.state.connected, 30)
            colour = {"sceneName": obs.state.scene, "inputName": "Colour", "inputKind": "color_source_v3",
                      "inputSettings": {"color": 0xFF3366CC, "width": 640, "height": 360}}  # fmt: skip
            await obs.call("CreateInput", colour)
            await obs.start_stream()
            await asyncio.sleep(25)
            yield OnAir(relay, obs, dog, alarms, fails)
            for task in tasks:
                task.cancel()
            server.close()


async def restart(real: RealObs) -> None:
    """Kill OBS, and start it again after a while."""
    await real.kill()
    await asyncio.sleep(KILLED_S)
    await real.start()


async def drill(fault: Fault) -> dict[str, Any]:
    """Carry out one drill."""
    with tempfile.TemporaryDirectory() as folder:
        async with streaming(Path(folder), fault) as one:
            relay, dog = one.relay, one.dog
            assert relay.flows()
            assert not dog.findings(), dog.findings()
            began, cpu = time.monotonic(), time.process_time()
            one.fails(fault)
            result: dict[str, Any] = {"fault": fault, "found_s": None, "mended_s": None, "alarm_s": None}
            kinds: set[str] = set()
            while (now := time.monotonic() - began) < (FOR_GOOD_S if fault in FOR_GOOD else LONGEST_S):
                await asyncio.sleep(0.5)
                kinds |= {found.kind.value for found in dog.findings()}
                if kinds and result["found_s"] is None:
                    result["found_s"] = round(now, 1)
                    relay.fault = None if fault in OLD_ALONE else fault
                if one.alarms.standing() and result["alarm_s"] is None:
                    result["alarm_s"] = round(now, 1)
                if fault is Fault.REFUSES and now > REFUSES_S:
                    relay.fault = None
                well = relay.flows() and not [found for found in dog.findings() if found.over_at is None]
                if kinds and well and one.obs.state.stream is OutputState.ACTIVE:
                    result["mended_s"] = round(now, 1)
                    break
            return result | {
                "kinds": sorted(kinds),
                "attempts": sum(found.tried for found in dog.findings()),
                "stream": one.obs.state.stream.value,
                "cpu_percent": round(100 * (time.process_time() - cpu) / (time.monotonic() - began), 2),
                "load": round(os.getloadavg()[0], 2),
            }


async def main() -> None:
    """Drill and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--drill", type=Fault, choices=list(Fault), action="append")
    if MISSING or shutil.which("ffmpeg") is None:
        raise SystemExit("needs OBS, Xvfb and ffmpeg")
    for fault in args.parse_args().drill or Fault:
        print(json.dumps(await drill(fault)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
