"""The revival of the page against the real OBS.

Where that has no browser source, an input of another kind carries the address, and what OBS says of its kind is changed
on the way: its settings, its place in the scene and its mute are OBS's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.errors import Refused
from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import OutputState
from bot.stage.watchdog.check import Kind
from bot.stage.watchdog.cures import Page
from bot.stage.watchdog.settings import WatchdogSettings
from bot.stage.watchdog.watchdog import Surroundings, Watchdog
from bot.telemetry.alarms import Alarms
from tests.support.real_obs import RealObs, needs_obs, real_obs

pytestmark = needs_obs

ADDRESS = "http://127.0.0.1:7878/stage/?token=secret&backdrop=0"
SETTINGS = {
    "url": ADDRESS,
    "width": 640,
    "height": 360,
    "reroute_audio": True,
    "shutdown": False,
    "is_local_file": True,
}
#: It has sound that can be muted, as a browser source has.
STAND_IN = "ffmpeg_source"


class Renamed(Obs):
    """The connection, which tells that one kind of source is a browser source."""

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return OBS's answer to a request."""
        answer = await super().call(request, data)
        if request != "GetInputList":
            return answer
        inputs = [{**one, "inputKind": "browser_source"} for one in answer["inputs"] if one["inputKind"] == STAND_IN]
        return {"inputs": inputs}


@asynccontextmanager
async def with_page(real: RealObs) -> AsyncIterator[Obs]:
    """Connect; the scene "Live" on air has what carries the page's address, the scene "Card" does not."""
    obs = Renamed(real.settings)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(obs.run())
        assert await obs.changed.wait_until(lambda: obs.state.connected, 30), obs.state
        for scene in ("Live", "Card"):
            await obs.call("CreateScene", {"sceneName": scene})
        page = {"sceneName": "Live", "inputName": "The host", "inputKind": STAND_IN, "inputSettings": SETTINGS}
        await obs.call("CreateInput", page)
        await obs.switch_scene("Live")
        try:
            yield obs
        finally:
            task.cancel()


async def settings_of(obs: Obs) -> dict[str, Any]:
    return dict((await obs.call("GetInputSettings", {"inputName": "The host"}))["inputSettings"])


async def until(true: Any, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not await true():
            await asyncio.sleep(0.2)


async def test_a_page_is_loaded_by_another_address_and_nothing_else_of_it_changes(tmp_path: Path) -> None:
    async with real_obs(tmp_path) as real, with_page(real) as obs:
        page = Page(obs, lambda address: "/stage" in address)
        await page.find()
        assert page.name == "The host"
        for again in ("1", "2"):
            await page.revive()
            now = await settings_of(obs)
            assert parse_qs(urlsplit(now.pop("url")).query) == {
                "token": ["secret"], "backdrop": ["0"], "again": [again],
            }  # fmt: skip
            assert now == {key: value for key, value in SETTINGS.items() if key != "url"}

        assert not await page.muted()
        await obs.call("SetInputMute", {"inputName": page.name, "inputMuted": True})
        assert await page.muted()

        await until(page.shown, 5)
        await obs.switch_scene("Card")
        await until(lambda: _not(page.shown), 5)

        await obs.switch_scene("Live")  # OBS forgets what is removed when it draws the scene
        await obs.call("RemoveInput", {"inputName": page.name})
        await until(lambda: _lost(page), 5)


async def test_a_page_that_crashed_is_found_and_loaded_anew(tmp_path: Path) -> None:
    async with real_obs(tmp_path) as real, with_page(real) as obs:
        await obs.call("StartRecord")
        await obs.changed.wait_until(lambda: obs.state.record is OutputState.ACTIVE, 10)
        pages = 0
        around = Surroundings(lambda: None, lambda: False, lambda: pages, lambda address: "/stage" in address)
        clock = asyncio.get_running_loop().time
        alarms = Alarms(clock)
        dog = Watchdog(obs, around, alarms, WatchdogSettings(picture=False), clock)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(dog.run())
            await until(lambda: _loaded_anew(obs), 90)
            pages = 1  # the page is there again
            await until(lambda: _well(dog), 60)
            watching.cancel()
        (found,) = dog.findings()
        assert (found.kind, found.tried) == (Kind.PAGE_GONE, 1)
        assert not alarms.standing()


async def test_without_a_browser_source_nothing_is_revived(tmp_path: Path) -> None:
    async with real_obs(tmp_path) as real:
        obs = Obs(real.settings)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(obs.run())
            assert await obs.changed.wait_until(lambda: obs.state.connected, 30), obs.state
            kinds = (await obs.call("GetInputKindList"))["inputKinds"]
            assert "browser_source" not in kinds, "this OBS has one: try the revival with it"
            await obs.call("CreateInput", {
                "sceneName": obs.state.scene, "inputName": "A", "inputKind": STAND_IN, "inputSettings": SETTINGS,
            })  # fmt: skip
            page = Page(obs, lambda address: "/stage" in address)
            await page.find()
            assert page.name == ""
            with pytest.raises(Refused, match="no source in OBS shows the stage page"):
                await page.revive()
            task.cancel()


async def _lost(page: Page) -> bool:
    await page.find()
    return page.name == ""


async def _not(true: Any) -> bool:
    return not await true()


async def _loaded_anew(obs: Obs) -> bool:
    return "again=1" in (await settings_of(obs))["url"]


async def _well(dog: Watchdog) -> bool:
    return all(found.over_at is not None for found in dog.findings())
