"""From an order to OBS's event: milliseconds, with the test server and, where it is installed, with the real OBS.

Method: two scenes are switched in turn, 200 times. Measured in this process from just before the call to the moment
when the listener has the event on the event loop, and to the return of the call. CPU is this process's. With a fade
OBS tells the beginning of it at once (``to_begin``) and the change of the scene at its end; with a cut both at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import SecretStr

from bot.errors import Refused
from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import MixerEvent
from bot.stage.obs.settings import ObsSettings
from tests.fakes.obs_server import ObsServer
from tests.support.real_obs import MISSING, real_obs

SCENES = ("Bench A", "Bench B")


class Watch:
    """Notes when a transition began and when the scene changed."""

    def __init__(self) -> None:
        self.began = self.at = 0.0

    def mixer_event(self, event: MixerEvent) -> None:
        """Take note of an event."""
        if event.name == "CurrentProgramSceneChanged":
            self.at = time.perf_counter()
        elif event.name == "SceneTransitionStarted":
            self.began = time.perf_counter()


@asynccontextmanager
async def connected(settings: ObsSettings) -> AsyncIterator[Obs]:
    """Run the connection until the block ends."""
    obs = Obs(settings)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(obs.run())
        if not await obs.changed.wait_until(lambda: obs.state.connected, 30):
            raise SystemExit(f"no connection: {obs.state.problem}")
        yield obs
        task.cancel()


async def measure(obs: Obs, times: int) -> dict[str, Any]:
    """Switch scenes; return the figures."""
    for scene in SCENES:
        if scene not in obs.state.scenes:
            try:
                await obs.call("CreateScene", {"sceneName": scene})
            except Refused:
                continue
    watch, begins, events, returns = Watch(), [], [], []
    obs.listen(watch)
    cpu = time.process_time()
    for number in range(times):
        began = time.perf_counter()
        await obs.switch_scene(SCENES[number % 2])
        returns.append((time.perf_counter() - began) * 1000)
        begins.append((watch.began - began) * 1000)
        events.append((watch.at - began) * 1000)
        await asyncio.sleep(0.02)
    cpu = time.process_time() - cpu
    return {
        "obs": obs.state.version,
        "to_begin_ms": {"median": round(median(begins), 2), "worst": round(max(begins), 2)} if watch.began else None,
        "order_to_event_ms": {"median": round(median(events), 2), "worst": round(max(events), 2)},
        "order_to_return_ms": {"median": round(median(returns), 2), "worst": round(max(returns), 2)},
        "cpu_ms_per_order": round(cpu * 1000 / times, 2),
    }


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--times", type=int, default=200)
    wanted = args.parse_args()
    server = ObsServer()
    server.scenes += SCENES
    async with server.serving():
        fake = ObsSettings(enabled=True, port=server.port, password=SecretStr(server.password))
        async with connected(fake) as obs:
            found = {"test server": await measure(obs, wanted.times)}
    if not MISSING:
        with tempfile.TemporaryDirectory() as folder:
            async with real_obs(Path(folder)) as real, connected(real.settings) as obs:
                for transition in ("Cut", "Fade"):
                    await obs.call("SetCurrentSceneTransition", {"transitionName": transition})
                    found[f"OBS, {transition}"] = await measure(obs, wanted.times)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
