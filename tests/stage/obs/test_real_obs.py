"""Set-up and doctor with the real OBS, which is killed and started again in between."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np

from bot.errors import TransientError
from bot.stage.obs.answers import picture
from bot.stage.obs.changes import apply_all
from bot.stage.obs.doctor import Level, Outside, examine
from bot.stage.obs.inventory import Inventory, read_inventory
from bot.stage.obs.session import Session, open_session
from bot.stage.obs.setup import NAMES, SceneRole, Wish, plan
from tests.support.real_obs import RealObs, needs_obs, real_obs

pytestmark = needs_obs

WISH = Wish("http://127.0.0.1:7878/stage/?token=" + "a" * 64)
PROFILE = {"Audio": {"SampleRate": "44100"}, "SimpleOutput": {"RecFormat": "mp4"}}


def unheard(name: str, data: Mapping[str, Any]) -> None:
    """No test here needs events."""


async def looked_at(obs: RealObs) -> Inventory:
    """Read what OBS holds, once it has loaded it."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with open_session(obs.settings, unheard) as session:
                    return await read_inventory(session.request)
            except TransientError:  # its port is open before its scenes are loaded
                await asyncio.sleep(0.1)


async def shades(session: Session, scene: str, file: Path) -> int:
    """Take a picture of a scene; return how many different colours it has."""
    wanted = {"sourceName": scene, "imageFormat": "png", "imageWidth": 640}
    png = picture(await session.request("GetSourceScreenshot", wanted))
    file.write_bytes(png)
    with av.open(io.BytesIO(png)) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24").reshape(-1, 3)
    assert pixels.max() > 40, f"{scene} is black"
    return len(np.unique(pixels, axis=0))


async def test_from_nothing_twice_and_through_restarts(tmp_path: Path) -> None:
    async with real_obs(tmp_path, profile=PROFILE) as obs:
        seen = await looked_at(obs)
        found = {(finding.check, finding.level) for finding in examine(seen, WISH, Outside())}
        assert found >= {
            ("scenes", Level.FAIL), ("sample rate", Level.FAIL), ("frame rate", Level.WARN), ("stream", Level.WARN),
            ("recording format", Level.WARN),
        }  # fmt: skip
        assert ("browser source", Level.OK if seen.has_browser else Level.FAIL) in found
        assert ("recording folder", Level.FAIL) not in found

        async with open_session(obs.settings, unheard) as session:
            # A person's scene of the same name.
            await session.request("CreateScene", {"sceneName": "Break"})
            made = plan(await read_inventory(session.request), WISH)
            assert await apply_all(session.request, made.changes) == []
            assert plan(await read_inventory(session.request), WISH).changes == []
        await obs.kill()  # at once: the worst moment for what it has not saved yet

        await obs.start()
        seen = await looked_at(obs)
        assert plan(seen, WISH).changes == []
        marks = {scene.name: scene.mark for scene in seen.scenes}
        assert marks == {"Scene": "", **{name: str(role) for role, name in NAMES.items()}, "Break": ""}
        assert seen.scene("Break").items == ()  # type: ignore[union-attr]
        levels = {finding.check: finding.level for finding in examine(seen, WISH, Outside())}
        assert levels["scenes"] is levels["sample rate"] is Level.OK
        async with open_session(obs.settings, unheard) as session:
            for role, name in NAMES.items():
                if name != "Break":
                    within = asyncio.get_running_loop().time() + 5  # letters are drawn some frames later
                    least = 1 if role is SceneRole.LIVE else 10
                    while (colours := await shades(session, name, tmp_path / f"{role}.png")) < least:
                        assert asyncio.get_running_loop().time() < within, (name, colours)
                        await asyncio.sleep(0.1)
        await obs.quit()

        await obs.start()
        assert plan(await looked_at(obs), WISH).changes == []


async def test_obs_that_is_killed_in_the_middle_is_set_up_the_next_time(tmp_path: Path) -> None:
    async with real_obs(tmp_path) as obs:
        seen = await looked_at(obs)
        orders = 0
        async with open_session(obs.settings, unheard) as session:

            async def call(request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
                nonlocal orders
                orders += 1
                if orders == 12:  # a scene is there, and has not its name yet
                    await obs.kill()
                return await session.request(request, data)

            failures = await apply_all(call, plan(seen, WISH).changes)
            assert len(failures) > 10
            assert all(failure.reason and failure.remedy for failure in failures)
        await obs.start()
        seen = await looked_at(obs)
        async with open_session(obs.settings, unheard) as session:
            assert await apply_all(session.request, plan(seen, WISH).changes) == []
            seen = await read_inventory(session.request)
        assert plan(seen, WISH).changes == []
        assert {scene.name for scene in seen.scenes} == {"Scene", *NAMES.values()}
