"""The voice through the real OBS: what the host says is in its recording, and its words in its picture."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from bot.stage.hub import Overlay
from bot.stage.obs.changes import apply_all
from bot.stage.obs.client import Obs
from bot.stage.obs.inventory import read_inventory
from bot.stage.obs.mixer import OutputState
from bot.stage.obs.setup import Wish, plan
from bot.stage.obs.voice import ObsVoice
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Clause, Pcm
from tests.support.real_obs import RealObs, needs_obs, real_obs

pytestmark = needs_obs

RATE, PITCH = 24_000, 440


@contextlib.asynccontextmanager
async def on_air(real: RealObs) -> AsyncIterator[tuple[Overlay, Obs]]:
    """Run what the show runs: the hub, the connection, and the voice through it."""
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
    obs = Obs(real.settings)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(obs.run()), group.create_task(ObsVoice(stage, obs).run())]
        async with asyncio.timeout(20):
            await obs.changed.wait_until(lambda: obs.state.connected)
        yield stage, obs
        for task in tasks:
            task.cancel()


def speak(stage: Overlay, epoch: int, *texts: str, seconds: float = 1.0) -> None:
    at = np.arange(int(RATE * seconds)) / RATE
    tone = (12_000 * np.sin(2 * np.pi * PITCH * at)).astype("<i2").tobytes()
    for index, text in enumerate(texts):
        clip = stage.speak(epoch, Clause("t", index, text, text), RATE)
        assert clip
        stage.sound(clip, Pcm(tone, RATE))
        stage.complete(clip)
    stage.end(epoch)


def recorded(file: Path) -> NDArray[np.float32]:
    """Return the sound of a recording, mono at 48 kHz."""
    with av.open(str(file)) as container:
        frames = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32)


def sounding_s(sound: NDArray[np.float32]) -> float:
    """Return for how many seconds the tone is there, in steps of 50 ms."""
    steps = sound[: len(sound) // 2400 * 2400].reshape(-1, 2400)
    spectrum = np.abs(np.fft.rfft(steps, axis=1))
    wanted = round(PITCH * 2400 / 48_000)
    loud = (spectrum[:, wanted - 1 : wanted + 2].max(axis=1) > 20) & (spectrum.argmax(axis=1) > 10)
    return float(loud.sum()) * 0.05


async def text_shown(obs: Obs) -> str:
    return str((await obs.call("GetInputSettings", {"inputName": "Haishin captions"}))["inputSettings"].get("text"))


async def until(true: Any, within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not await true():
            await asyncio.sleep(0.03)


async def test_what_it_says_is_recorded_shown_and_counted_as_heard(tmp_path: Path) -> None:
    async with real_obs(tmp_path) as real, on_air(real) as (stage, obs):
        seen = await read_inventory(obs.call)
        assert not seen.has_browser, "this OBS shows the stage page itself: the voice is not needed"
        assert await apply_all(obs.call, plan(seen, Wish("http://127.0.0.1:7878/stage/?token=a")).changes) == []
        await obs.switch_scene("Live")
        async with asyncio.timeout(15):
            await stage.changed.wait_until(lambda: stage.audible)
        await obs.call("StartRecord")
        await obs.changed.wait_until(lambda: obs.state.record is OutputState.ACTIVE, 10)

        epoch = stage.begin()
        speak(stage, epoch, "Good evening.", "Shall we begin?")
        await until(lambda: _is(obs, "Shall we begin?"))
        assert await stage.played(epoch, return_s=5) is True
        assert stage.heard() == "Good evening. Shall we begin?"

        epoch = stage.begin()
        speak(stage, epoch, "A long one that is cut.", seconds=6)
        await until(lambda: _heard(stage, 1_000))
        assert await stage.stop(epoch) is True
        assert 900 < stage.clips[0].position_ms < 3_000
        await asyncio.sleep(1)
        await obs.call("StopRecord")
        await obs.changed.wait_until(lambda: obs.state.record is OutputState.STOPPED, 10)
        await until(lambda: _is(obs, " "))
    (file,) = tmp_path.glob("*.mkv")
    assert 2.7 < sounding_s(recorded(file)) < 5.5, "two seconds, and what was heard of the six"


async def _is(obs: Obs, text: str) -> bool:
    return await text_shown(obs) == text


async def _heard(stage: Overlay, least_ms: float) -> bool:
    return bool(stage.clips) and stage.clips[0].position_ms > least_ms
