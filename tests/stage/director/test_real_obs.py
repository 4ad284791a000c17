"""Cues and scenes with the real OBS, which is closed, killed and started again in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot import config
from bot.errors import HaishinError
from bot.stage.director.director import Director
from bot.stage.director.runs import Outcome
from bot.stage.director.settings import DirectorSettings, ShowState
from bot.stage.obs.changes import apply_all
from bot.stage.obs.client import Obs
from bot.stage.obs.inventory import read_inventory
from bot.stage.obs.settings import ObsSettings
from bot.stage.obs.setup import Wish, plan
from tests.stage.director.rig import directing
from tests.support.real_obs import needs_obs, real_obs

pytestmark = needs_obs

ROOT = Path(__file__).parents[3]

SETTINGS = DirectorSettings.model_validate({
    "scenes": {"starting": "Starting", "live": "Live", "break": "Break"},
    "cues": {
        "all": {"undo_after": 1.5, "do": [
            {"scene": "Party"},
            {"show": "Confetti", "within": "Party"},
            {"text": "Thanks", "to": "Thank you, {name}!"},
            {"filter": "Blur", "of": "Confetti"},
            {"volume": "Fanfare", "db": -20},
            {"media": "Fanfare"},
        ]},
        "renamed": {"do": {"text": "Gone", "to": "x"}, "cooldown": 0},
        "no replay": {"do": {"replay": "save"}},
        "picture": {"do": [{"screenshot": "on air"}, {"screenshot": "Confetti"}]},
        "clip": {"do": {"record": "start"}, "undo_after": 2},
        "text": {"do": {"text": "Thanks", "to": "{name}"}, "undo_after": 60, "cooldown": 0},
    },
})  # fmt: skip


@asynccontextmanager
async def connected(settings: ObsSettings) -> AsyncIterator[Obs]:
    """Run a connection, and wait until it stands."""
    obs = Obs(settings)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(obs.run())
        try:
            assert await obs.changed.wait_until(lambda: obs.state.connected, 30), obs.state
            yield obs
        finally:
            task.cancel()


async def furnish(obs: Obs) -> None:
    """Make the scenes and sources of the cues."""
    for scene in ("Starting", "Live", "Break", "Party", "Game"):
        await obs.call("CreateScene", {"sceneName": scene})
    for scene, name, kind, settings in (
        ("Party", "Confetti", "color_source_v3", {"color": 0xFF00FF00, "width": 200, "height": 100}),
        ("Live", "Thanks", "text_ft2_source_v2", {"text": "before", "font": {"face": "Sans", "size": 40}}),
        ("Live", "Fanfare", "ffmpeg_source", {"local_file": "", "is_local_file": True}),
    ):
        await obs.call("CreateInput", {
            "sceneName": scene, "inputName": name, "inputKind": kind, "inputSettings": settings,
            "sceneItemEnabled": name != "Confetti",
        })  # fmt: skip
    await obs.call("CreateSourceFilter", {
        "sourceName": "Confetti", "filterName": "Blur", "filterKind": "color_filter_v2", "filterSettings": {},
    })  # fmt: skip
    await obs.call("SetSourceFilterEnabled", {"sourceName": "Confetti", "filterName": "Blur", "filterEnabled": False})


async def stands(obs: Obs) -> Mapping[str, Any]:
    """Return what the cue "all" changes."""
    item = (await obs.call("GetSceneItemId", {"sceneName": "Party", "sourceName": "Confetti"}))["sceneItemId"]
    shown = await obs.call("GetSceneItemEnabled", {"sceneName": "Party", "sceneItemId": item})
    blur = await obs.call("GetSourceFilter", {"sourceName": "Confetti", "filterName": "Blur"})
    return {
        "scene": (await obs.call("GetCurrentProgramScene"))["currentProgramSceneName"],
        "shown": shown["sceneItemEnabled"],
        "text": await text_of(obs),
        "filter": blur["filterEnabled"],
        "volume": round((await obs.call("GetInputVolume", {"inputName": "Fanfare"}))["inputVolumeDb"]),
    }


async def text_of(obs: Obs) -> str:
    return str((await obs.call("GetInputSettings", {"inputName": "Thanks"}))["inputSettings"]["text"])


async def until(true: Any, within_s: float = 30.0) -> None:
    """Wait for something that is asked for again and again."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                if await true():
                    return
            except HaishinError:
                pass
            await asyncio.sleep(0.1)


async def test_cues_change_the_real_obs_and_put_it_back(tmp_path: Path) -> None:
    async with real_obs(tmp_path / "obs") as real, connected(real.settings) as obs:
        await furnish(obs)
        director = Director(SETTINGS, obs, pictures=tmp_path / "pictures")
        async with directing(director):
            assert await obs.changed.wait_until(lambda: obs.state.scene == "Starting", 10)
            director.enter(ShowState.LIVE)
            assert await obs.changed.wait_until(lambda: obs.state.scene == "Live", 10)
            before = await stands(obs)
            assert await director.cue("all", {"name": "Ana 晓云"})
            assert [one.outcome for one in director.records] == [Outcome.DONE]
            assert await stands(obs) == {
                "scene": "Party", "shown": True, "text": "Thank you, Ana 晓云!", "filter": True, "volume": -20,
            }  # fmt: skip

            async def as_before() -> bool:
                return await stands(obs) == before

            await until(as_before)
            assert director.hold is None, "nothing of this was a person"

            await obs.call("SetInputName", {"inputName": "Confetti", "newInputName": "Konfetti"})
            assert not await director.cue("renamed")
            assert not await director.cue("no replay")
            assert [one.outcome for one in director.records[-2:]] == [Outcome.REFUSED] * 2
            assert await director.cue("picture")
            assert director.records[-1].outcome is Outcome.PARTLY, "one of its sources has another name now"
            (picture,) = (tmp_path / "pictures").iterdir()
            assert picture.read_bytes().startswith(b"\x89PNG")

            assert await director.cue("clip")
            assert await obs.changed.wait_until(lambda: obs.state.record.value == "active", 10)
            assert await obs.changed.wait_until(lambda: obs.state.record.value == "stopped", 10)


async def test_a_person_and_restarts_of_the_real_obs(tmp_path: Path) -> None:
    async with real_obs(tmp_path) as real, connected(real.settings) as obs:
        await furnish(obs)
        director = Director(SETTINGS, obs)
        async with directing(director), connected(real.settings) as person:
            director.enter(ShowState.LIVE)
            assert await obs.changed.wait_until(lambda: obs.state.scene == "Live", 10)
            await person.switch_scene("Game")
            assert await director.changed.wait_until(lambda: director.hold is not None, 10)
            director.enter(ShowState.BREAK)
            await asyncio.sleep(1.0)
            assert obs.state.scene == "Game"
            assert director.release()
            assert await obs.changed.wait_until(lambda: obs.state.scene == "Break", 10)
            assert await director.cue("text", {"name": "Ana"})

            await real.quit()
            assert await obs.changed.wait_until(lambda: not obs.state.connected, 20)
            assert not await director.cue("text", {"name": "Bo"})
            director.enter(ShowState.LIVE)
            await real.start()
            assert await obs.changed.wait_until(lambda: obs.state.connected and obs.state.scene == "Live", 60)
            assert director.hold is None
            director.put_back()

            async def as_before() -> bool:
                return await text_of(obs) == "before"

            await until(as_before)
            await real.kill()
            assert await obs.changed.wait_until(lambda: not obs.state.connected, 20)
            await real.start()
            director.enter(ShowState.STARTING)
            assert await obs.changed.wait_until(lambda: obs.state.connected and obs.state.scene == "Starting", 60)


async def test_the_example_needs_nothing_but_what_the_set_up_makes(tmp_path: Path) -> None:
    cues = config.load([ROOT / "configs" / "cues.yaml"], {}).director
    async with real_obs(tmp_path / "obs") as real, connected(real.settings) as obs:
        made = plan(await read_inventory(obs.call), Wish("http://127.0.0.1:7878/stage/?token=" + "a" * 64))
        assert not await apply_all(obs.call, made.changes)
        director = Director(cues, obs, pictures=tmp_path / "pictures")
        async with directing(director):
            director.enter(ShowState.LIVE)
            assert await obs.changed.wait_until(lambda: obs.state.scene == "Live", 20)
            assert await director.cue("big gift", {"name": "Ana", "amount": "5 USD"})
            assert [one.outcome for one in director.records] == [Outcome.DONE]
            await asyncio.sleep(0.5)
            assert await director.cue("picture")
            director.put_back()
            wait = director.changed.wait_until(lambda: director.records[-1].outcome is Outcome.UNDONE, 10)
            assert await wait, director.records
            assert director.records[-1].detail.count("was put back") == 2
