"""The doctor of OBS: each fault is found, by the check that is there for it, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.stage.obs.changes import apply_all
from bot.stage.obs.doctor import Finding, Level, Outside, examine
from bot.stage.obs.inventory import read_inventory
from bot.stage.obs.setup import Wish, plan
from tests.fakes.obs_in_memory import LINUX, ObsInMemory

WISH = Wish("http://127.0.0.1:7878/stage/?token=" + "a" * 64)
OVERLAY = "Haishin overlay"
SAFE = Outside(here=True, open_to_all=False)


async def healthy(obs: ObsInMemory | None = None) -> ObsInMemory:
    """Return an OBS that was set up and has no fault."""
    obs = obs or ObsInMemory()
    await apply_all(obs.call, plan(await read_inventory(obs.call), WISH).changes)
    return obs


async def wrong(obs: ObsInMemory, outside: Outside = SAFE) -> list[Finding]:
    """Return what is not well."""
    return [finding for finding in examine(await read_inventory(obs.call), WISH, outside) if finding.level != Level.OK]


def settings(**values: object) -> Callable[[ObsInMemory], None]:
    return lambda obs: obs.inputs[OVERLAY]["settings"].update(values)


def source(**values: object) -> Callable[[ObsInMemory], None]:
    return lambda obs: obs.inputs[OVERLAY].update(values)


def video(**values: object) -> Callable[[ObsInMemory], None]:
    return lambda obs: obs.video.update(values)


def parameter(category: str, name: str, value: str) -> Callable[[ObsInMemory], None]:
    return lambda obs: obs.parameters.update({(category, name): value})


def stats(**values: object) -> Callable[[ObsInMemory], None]:
    return lambda obs: obs.stats.update(values)


def doubled(obs: ObsInMemory) -> None:
    obs.inputs[OVERLAY]["monitor"] = "OBS_MONITORING_TYPE_MONITOR_AND_OUTPUT"
    obs.special = {"desktop1": "Desktop Audio"}


def hidden(obs: ObsInMemory) -> None:
    for item in obs.scenes["Live"]:
        item["sceneItemEnabled"] = item["sourceName"] != OVERLAY


def hidden_and_shut_down(obs: ObsInMemory) -> None:
    hidden(obs)
    obs.inputs[OVERLAY]["settings"]["shutdown"] = True


def taken_out(obs: ObsInMemory) -> None:
    obs.scenes["Live"] = [item for item in obs.scenes["Live"] if item["sourceName"] != OVERLAY]


def deleted(obs: ObsInMemory) -> None:
    del obs.inputs[OVERLAY]
    for items in obs.scenes.values():
        items[:] = [item for item in items if item["sourceName"] != OVERLAY]


def second(obs: ObsInMemory) -> None:
    copied = {key: value for key, value in obs.inputs[OVERLAY]["settings"].items() if key != "haishin"}
    obs.add("Scene", "a copy", "browser_source", copied)


def advanced(obs: ObsInMemory) -> None:
    obs.parameters |= {("Output", "Mode"): "Advanced", ("AdvOut", "RecFormat2"): "mov"}


OLD = WISH.stage_url.replace("7878", "7000")
FAULTS: list[tuple[str, Callable[[ObsInMemory], object], str, Level, str]] = [
    ("44.1 kHz", parameter("Audio", "SampleRate", "44100"), "sample rate", Level.FAIL, "restart OBS"),
    ("shuts down", settings(shutdown=True), "overlay stays", Level.FAIL, "Shutdown source"),
    ("reloads", settings(restart_when_active=True), "overlay stays", Level.WARN, "Refresh browser"),
    ("hidden", hidden, "overlay in scenes", Level.WARN, "the eye"),
    ("not in the scene", taken_out, "overlay in scenes", Level.WARN, "Add Existing"),
    ("no overlay", deleted, "overlay", Level.FAIL, "haishin obs setup"),
    ("old port", settings(url=OLD), "overlay", Level.FAIL, "haishin obs setup"),
    ("old key", settings(url=WISH.stage_url[:-1]), "overlay", Level.FAIL, "haishin obs setup"),
    ("no address", settings(url=""), "overlay", Level.FAIL, "haishin obs setup"),
    ("two overlays", second, "overlay", Level.WARN, "all but one"),
    ("size of the overlay", settings(width=800), "picture size", Level.WARN, "haishin obs setup"),
    ("shape of the output", video(outputWidth=1440), "picture size", Level.WARN, "same shape"),
    ("sound not in OBS", settings(reroute_audio=False), "voice", Level.FAIL, "haishin obs setup"),
    ("muted", source(muted=True), "voice", Level.FAIL, "mixer"),
    ("too quiet", source(db=-100.0), "voice", Level.WARN, "0 dB"),
    ("too loud", source(db=12.0), "voice", Level.WARN, "0 dB"),
    ("doubled", doubled, "monitoring", Level.FAIL, "Monitor Off"),
    ("monitored", source(monitor="OBS_MONITORING_TYPE_MONITOR_AND_OUTPUT"), "monitoring", Level.WARN, "Monitor Off"),
    ("not in the stream", source(monitor="OBS_MONITORING_TYPE_MONITOR_ONLY"), "monitoring", Level.FAIL, "Monitor Off"),
    ("mp4", parameter("SimpleOutput", "RecFormat2", "mp4"), "recording format", Level.WARN, "mkv"),
    ("mov, advanced", advanced, "recording format", Level.WARN, "mkv"),
    ("no folder", lambda obs: setattr(obs, "record_folder", "/not/there"), "recording folder", Level.FAIL, "choose"),
    ("little room", stats(availableDiskSpace=9_000.0), "recording folder", Level.WARN, "delete"),
    ("no room", stats(availableDiskSpace=100.0), "recording folder", Level.FAIL, "delete"),
    ("no key", lambda obs: obs.service.update(streamServiceSettings={}), "stream", Level.WARN, "Settings → Stream"),
    ("few frames", video(fpsNumerator=15), "frame rate", Level.WARN, "30"),
    ("slow picture", stats(renderSkippedFrames=90, renderTotalFrames=900), "frame rate", Level.WARN, "Video"),
    ("slow encoder", stats(outputSkippedFrames=90, outputTotalFrames=900), "frame rate", Level.WARN, "encoder"),
    ("no live scene", lambda obs: obs.scenes.pop("Live"), "scenes", Level.FAIL, "haishin obs setup"),
    ("no break", lambda obs: obs.scenes.pop("Break"), "scenes", Level.WARN, "haishin obs setup"),
]


@pytest.mark.parametrize(("harm", "check", "level", "remedy"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
async def test_each_fault_is_found_alone(
    harm: Callable[[ObsInMemory], object], check: str, level: Level, remedy: str
) -> None:
    obs = await healthy()
    assert await wrong(obs) == []
    harm(obs)
    (found,) = await wrong(obs)
    assert (found.check, found.level) == (check, level)
    assert remedy in found.remedy
    assert "aaaa" not in found.text + found.remedy, "a key is printed"
    assert "live_secret" not in found.text + found.remedy


@pytest.mark.parametrize("harm", [f[1] for f in FAULTS if f[4] == "haishin obs setup"])
async def test_what_it_sends_to_the_set_up_the_set_up_mends(harm: Callable[[ObsInMemory], object]) -> None:
    obs = await healthy()
    harm(obs)
    assert await wrong(await healthy(obs)) == []


async def test_a_hidden_source_that_shuts_down_says_where_it_is_hidden() -> None:
    obs = await healthy()
    hidden_and_shut_down(obs)
    text = next(finding.text for finding in await wrong(obs) if finding.check == "overlay stays")
    assert "switched off in 'Live'" in text


async def test_a_persons_overlay_is_mended_by_the_person() -> None:
    obs = ObsInMemory()
    obs.add("Scene", "mine", "browser_source", {"url": OLD, "width": 640, "height": 360, "shutdown": True})
    await healthy(obs)
    found = {finding.check: finding.remedy for finding in await wrong(obs)}
    assert found.keys() >= {"overlay", "overlay stays", "picture size", "voice"}
    assert all("'mine'" in found[check] or "in its properties" in found[check] for check in found if check != "scenes")


@pytest.mark.parametrize(
    "url",
    [
        WISH.stage_url.replace("127.0.0.1", "localhost"),
        WISH.stage_url.replace("/?", "?"),
        WISH.stage_url + "&backdrop=1",
        WISH.stage_url.replace("127.0.0.1", "[::1]"),
    ],
)
async def test_other_ways_to_write_the_same_address_are_right(url: str) -> None:
    obs = await healthy()
    obs.inputs[OVERLAY]["settings"]["url"] = url
    assert await wrong(obs) == []
    assert plan(await read_inventory(obs.call), WISH).changes == []


@pytest.mark.parametrize(
    ("platform", "remedy"), [("Debian GNU/Linux 12", "Flatpak"), ("Windows 11", "obsproject.com"), ("macOS 14", "anew")]
)
async def test_an_obs_without_a_browser_says_how_to_get_one(platform: str, remedy: str) -> None:
    obs = ObsInMemory(LINUX)
    obs.platform = platform
    (found,) = await wrong(await healthy(obs))
    assert (found.check, found.level) == ("browser source", Level.WARN)
    assert remedy in found.remedy


async def test_without_a_browser_the_source_of_the_voice_is_looked_at() -> None:
    obs = ObsInMemory(LINUX)
    assert ("browser source", Level.FAIL) in [(finding.check, finding.level) for finding in await wrong(obs)]
    await healthy(obs)
    obs.inputs["Haishin voice"] |= {"muted": True, "monitor": "OBS_MONITORING_TYPE_MONITOR_ONLY"}
    obs.scenes["Live"] = [item for item in obs.scenes["Live"] if item["sourceName"] != "Haishin voice"]
    found = {finding.check: finding.level for finding in await wrong(obs)}
    assert found.pop("browser source") is Level.WARN
    assert found == {"voice": Level.FAIL, "monitoring": Level.FAIL, "overlay in scenes": Level.WARN}


async def test_a_server_without_a_password_is_open_to_the_network() -> None:
    obs = await healthy()
    (found,) = await wrong(obs, Outside(open_to_all=True))
    assert (found.check, found.level) == ("password", Level.FAIL)
    assert "Enable Authentication" in found.remedy
    assert await wrong(obs, Outside(open_to_all=None)) == []


async def test_folders_of_another_machine_are_not_looked_for_here(tmp_path: Path) -> None:
    obs = await healthy()
    obs.record_folder = str(tmp_path / "on the other machine")
    assert [finding.check for finding in await wrong(obs)] == ["recording folder"]
    assert await wrong(obs, Outside(here=False, open_to_all=False)) == []
