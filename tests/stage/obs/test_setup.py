"""The set-up of OBS: what is missing is made, once; what a person made is never changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused, TransientError
from bot.stage.obs.changes import Failure, apply_all
from bot.stage.obs.doctor import Outside, examine
from bot.stage.obs.inventory import read_inventory
from bot.stage.obs.setup import NAMES, Plan, SceneRole, Wish, plan
from tests.fakes.obs_in_memory import LINUX, WITH_BROWSER, ObsInMemory

URL = "http://127.0.0.1:7878/stage/?token=" + "a" * 64
WISH = Wish(URL)
OVERLAY = "Haishin overlay"


async def planned(obs: ObsInMemory, wish: Wish = WISH) -> Plan:
    return plan(await read_inventory(obs.call), wish)


async def set_up(obs: ObsInMemory, wish: Wish = WISH) -> list[Failure]:
    return await apply_all(obs.call, (await planned(obs, wish)).changes)


def sources(obs: ObsInMemory, scene: str) -> list[str]:
    return [item["sourceName"] for item in obs.scenes[scene]]


async def test_from_nothing_it_makes_all_of_it_and_the_second_time_nothing() -> None:
    obs = ObsInMemory()
    obs.parameters["Audio", "SampleRate"] = "44100"
    assert await set_up(obs) == []
    assert set(NAMES.values()) <= set(obs.scenes)
    for role, name in NAMES.items():
        assert sources(obs, name)[0] == "Haishin backdrop"
        assert (OVERLAY in sources(obs, name)) is (role is not SceneRole.TECHNICAL)
    settings = obs.inputs[OVERLAY]["settings"]
    assert settings["url"] == URL
    assert (settings["width"], settings["height"]) == (1920, 1080)
    assert settings["reroute_audio"] is True
    assert settings["shutdown"] is settings["restart_when_active"] is False
    assert obs.parameters["Audio", "SampleRate"] == "48000"
    assert obs.current == "Scene", "what is on air is a person's business"
    assert sources(obs, "Scene") == []
    before, asked = obs.snapshot(), len(obs.orders())
    again = await planned(obs)
    assert again.changes == again.problems == again.notes == []
    assert obs.snapshot() == before
    assert len(obs.orders()) == asked


async def test_planning_orders_nothing() -> None:
    obs = ObsInMemory()
    made = await planned(obs)
    assert obs.orders() == []
    text = "\n".join(change.sentence for change in made.changes)
    for name in NAMES.values():
        assert f"make the scene '{name}'" in text
    assert "aaaa" not in text, "the key to the page stands in a sentence"


async def test_a_persons_scene_of_the_same_name_is_used_and_left_alone() -> None:
    obs = ObsInMemory()
    obs.add("Live", "My camera", "image_source")
    made = await planned(obs)
    assert await apply_all(obs.call, made.changes) == []
    assert sources(obs, "Live") == ["My camera"]
    assert "Live" not in obs.private
    note = next(note for note in made.notes if "'Live' is yours" in note)
    assert "Add Existing" in note
    assert OVERLAY in sources(obs, "Break")
    assert (await planned(obs)).changes == []


async def test_scenes_may_have_other_names_and_be_shared() -> None:
    obs = ObsInMemory()
    shared = dict.fromkeys(SceneRole, "Main") | {SceneRole.TECHNICAL: "Oops"}
    assert await set_up(obs, Wish(URL, shared)) == []
    assert set(obs.scenes) == {"Scene", "Main", "Oops"}
    assert "Haishin title: starting" not in obs.inputs, "in a scene that is the live one too"
    again = await planned(obs, Wish(URL, shared))
    assert again.changes == again.notes == []


async def test_a_persons_own_overlay_is_used_as_it_is() -> None:
    obs = ObsInMemory()
    mine = {"url": "http://localhost:7878/stage/?backdrop=0&token=" + "a" * 64, "width": 1280}
    obs.add("Scene", "my host", "browser_source", mine)
    made = await planned(obs)
    assert await apply_all(obs.call, made.changes) == []
    assert OVERLAY not in obs.inputs
    assert obs.inputs["my host"]["settings"] == mine
    assert "my host" in sources(obs, "Live")
    assert any("'my host' is yours" in note for note in made.notes)
    assert (await planned(obs)).changes == []


async def test_another_browser_source_is_no_overlay() -> None:
    obs = ObsInMemory()
    obs.add("Scene", "alerts", "browser_source", {"url": "https://example.org/alerts?token=x"})
    obs.add("Scene", "broken", "browser_source", {"url": "http://[::1/stage/?token=x"})
    await set_up(obs)
    assert OVERLAY in obs.inputs


async def test_names_that_are_taken_by_something_else() -> None:
    obs = ObsInMemory()
    obs.add("Scene", OVERLAY, "image_source")
    obs.add("Scene", "Break", "image_source")
    before = dict(obs.inputs)
    made = await planned(obs)
    assert ["'Break'" in problem and "rename" in problem for problem in made.problems] == [True]
    assert await apply_all(obs.call, made.changes) == []
    assert obs.inputs[f"{OVERLAY} 2"]["kind"] == "browser_source"
    assert {name: obs.inputs[name] for name in before} == before
    assert "Break" not in obs.scenes
    assert (await planned(obs)).changes == []


async def test_what_the_show_depends_on_is_corrected_and_taste_is_left() -> None:
    obs = ObsInMemory()
    await set_up(obs)
    overlay, title = obs.inputs[OVERLAY]["settings"], obs.inputs["Haishin title: break"]["settings"]
    overlay |= {"url": "http://127.0.0.1:9000/stage/?token=old", "shutdown": True, "css": "body {}"}
    title["text"] = "Pause"
    obs.inputs["Haishin backdrop"]["settings"]["color"] = 1
    obs.scenes["Break"][1]["transform"]["positionX"] = 7
    obs.scenes["Break"].reverse()
    made = await planned(obs)
    (change,) = made.changes
    assert "its address becomes http://127.0.0.1:7878/stage/ with the key" in change.sentence
    assert "it goes on while it is not seen" in change.sentence
    before = obs.snapshot()
    assert await apply_all(obs.call, made.changes) == []
    assert overlay["url"] == URL
    assert overlay["shutdown"] is False
    assert overlay["css"] == "body {}"
    assert title["text"] == "Pause"
    assert obs.snapshot()[0] == before[0], "nothing is moved"


async def test_a_change_of_the_canvas_is_followed() -> None:
    obs = ObsInMemory()
    await set_up(obs)
    obs.video |= {"baseWidth": 1280, "baseHeight": 720}
    assert len((await planned(obs)).changes) == 2
    await set_up(obs)
    assert obs.inputs[OVERLAY]["settings"]["width"] == 1280
    assert obs.inputs["Haishin backdrop"]["settings"]["height"] == 720


async def test_what_was_renamed_is_known_by_its_mark() -> None:
    obs = ObsInMemory()
    await set_up(obs)
    obs.inputs["the host"] = obs.inputs.pop(OVERLAY)
    for items in obs.scenes.values():
        for item in items:
            if item["sourceName"] == OVERLAY:
                item["sourceName"] = "the host"
    obs.scenes["Main"] = obs.scenes.pop("Live")
    obs.private["Main"] = obs.private.pop("Live")
    made = await planned(obs)
    assert made.changes == []
    assert any("'Live' is called 'Main'" in note for note in made.notes)


async def test_what_was_deleted_is_made_again_and_the_backdrop_lies_below() -> None:
    obs = ObsInMemory()
    await set_up(obs)
    del obs.scenes["Break"], obs.private["Break"], obs.inputs["Haishin backdrop"]
    for items in obs.scenes.values():
        items[:] = [item for item in items if item["sourceName"] != "Haishin backdrop"]
    await set_up(obs)
    assert sources(obs, "Live")[0] == sources(obs, "Break")[0] == "Haishin backdrop"
    assert OVERLAY in sources(obs, "Break")
    assert (await planned(obs)).changes == []


async def test_without_a_browser_source_there_is_a_fallback_until_there_is_one() -> None:
    obs = ObsInMemory(LINUX)
    made = await planned(obs)
    assert await apply_all(obs.call, made.changes) == []
    note = next(note for note in made.notes if "no browser source" in note and "Flatpak" in note)
    assert "&role=view" in note, "else a page beside it takes the voice out of OBS"
    assert obs.inputs["Haishin voice"]["kind"] == "ffmpeg_source"
    captions = [item for item in obs.scenes["Live"] if item["sourceName"] == "Haishin captions"]
    assert captions[0]["sceneItemEnabled"] is True
    assert (await planned(obs)).changes == []
    obs.kinds = WITH_BROWSER
    await set_up(obs)
    assert OVERLAY in sources(obs, "Live")
    assert captions[0]["sceneItemEnabled"] is False, "the overlay shows captions: two would be doubled"
    assert (await planned(obs)).changes == []


async def test_one_that_fails_holds_up_only_what_needs_it() -> None:
    obs = ObsInMemory()
    obs.faults = {
        "CreateScene Haishin: Break": Refused("no"),
        "CreateInput Haishin title: ending": Refused("no", remedy="pay"),
    }
    failures = await set_up(obs)
    assert {f.change.sentence.partition(":")[0] for f in failures} >= {"make the scene 'Break'"}
    assert all("'Break'" in f.change.sentence or "ending" in f.change.sentence for f in failures)
    assert all(f.reason and f.remedy for f in failures)
    assert any("not tried" in f.reason for f in failures)
    assert OVERLAY in sources(obs, "Ending")
    obs.faults = {}
    assert await set_up(obs) == []
    assert (await planned(obs)).changes == []


async def test_obs_that_goes_away_in_the_middle_is_told() -> None:
    obs = ObsInMemory()
    made = await planned(obs)
    obs.faults = {"CreateInput": TransientError("the connection to OBS ended")}
    failures = await apply_all(obs.call, made.changes)
    assert len(failures) == len(made.changes) - len(NAMES)
    assert all(f.remedy for f in failures)
    obs.faults = {}
    assert await set_up(obs) == []
    assert (await planned(obs)).changes == []


@pytest.mark.parametrize("request_name", ["SetSourcePrivateSettings", "SetSceneName"])
async def test_a_scene_that_cannot_be_finished_is_not_left_behind(request_name: str) -> None:
    obs = ObsInMemory()
    obs.faults = {f"{request_name} Haishin: Live": Refused("no")}
    await set_up(obs)
    assert not {"Live", "Haishin: Live"} & obs.scenes.keys()


@pytest.mark.parametrize("after", [1, 2])
async def test_a_scene_that_was_being_made_when_obs_died_is_finished_and_not_taken_for_a_persons(after: int) -> None:
    obs = ObsInMemory()
    made = await planned(obs)
    asked = 0

    async def call(request: str, data: Any = None) -> Any:
        nonlocal asked
        asked += 1
        if asked > after:
            raise TransientError("the connection to OBS ended")
        return await obs.call(request, data)

    assert len(await apply_all(call, made.changes)) == len(made.changes)
    assert "Haishin: Starting" in obs.scenes
    obs.private.clear()  # as good as not saved
    assert await set_up(obs) == []
    assert "Haishin: Starting" not in obs.scenes
    again = await planned(obs)
    assert again.changes == again.notes == []


async def test_three_hundred_scenes_and_one_that_goes_meanwhile() -> None:
    obs = ObsInMemory()
    for number in range(300):
        obs.add(f"scene {number}", f"source {number}", "image_source")
    obs.faults = {
        "GetSceneItemList scene 7": Refused("gone"), "GetInputSettings source 9": Refused("gone"),
        "GetStats": Refused("unknown"),
    }  # fmt: skip
    assert await set_up(obs) == []
    assert (await planned(obs)).changes == []


#: Keys of the answers that are read.
KEYS = """
scenes inputs inputKinds sceneItems sourceSettings inputSettings baseWidth fpsDenominator parameterValue inputMuted
inputVolumeDb monitorType streamServiceSettings availableDiskSpace recordDirectory desktop1 obsVersion sceneName
""".split()


@pytest.mark.parametrize("value", [None, -1, 0, "x", [1, None, {}, [{}]], {"haishin": 7}, True])
async def test_answers_of_another_shape_are_no_fault_of_ours(value: Any) -> None:
    obs = ObsInMemory()
    await set_up(obs)
    obs.asked.clear()
    await read_inventory(obs.call)
    for strange in {name for name, _ in obs.asked}:

        async def call(request: str, data: Any = None, strange: str = strange) -> Any:
            return dict.fromkeys(KEYS, value) if request == strange else await obs.call(request, data)

        seen = await read_inventory(call)
        plan(seen, WISH)
        assert examine(seen, WISH, Outside())


NAME = st.sampled_from(
    ["Live", "Haishin: Live", "Break", "Ending", OVERLAY, "Haishin backdrop", "Haishin captions", "mine", "Scene"]
)


@given(
    kinds=st.sampled_from([LINUX, WITH_BROWSER, ("image_source",), ()]),
    theirs=st.lists(st.tuples(NAME, NAME, st.sampled_from(["image_source", "browser_source", "text_ft2_source_v2"]))),
)
async def test_whatever_is_there_it_settles_at_once_and_touches_nothing(kinds: Any, theirs: list[Any]) -> None:
    obs = ObsInMemory(kinds)
    for scene, name, kind in theirs:
        if scene not in obs.inputs and name not in obs.scenes and scene != name:
            obs.add(scene, name, kind, {"url": URL} if kind == "browser_source" else {})
    scenes, inputs, *_ = obs.snapshot()
    assert await set_up(obs) == []
    assert (await planned(obs)).changes == []
    assert {name: obs.scenes[name] for name in scenes} == scenes
    assert {name: obs.inputs[name] for name in inputs} == inputs
