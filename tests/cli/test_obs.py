"""``haishin obs``: what a person sees of set-up, doctor and status, against a server that speaks OBS's protocol."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import config
from bot.__main__ import cli
from bot.cli.check import check_obs
from bot.cli.obs import work as command
from bot.cli.obs.work import find_faults, say_status, set_up
from bot.errors import ConfigError, FatalError, Refused, TransientError
from bot.web.auth.token import all_keys
from tests.fakes.obs_in_memory import LINUX, ObsInMemory
from tests.fakes.obs_server import PASSWORD, ObsServer

TOKEN = "a-token-of-this-test"
REQUESTS = """
GetVersion GetInputKindList GetVideoSettings GetSceneList GetInputList GetInputSettings GetInputMute GetInputVolume
GetInputAudioMonitorType GetSceneItemList GetSourcePrivateSettings GetProfileParameter GetStreamServiceSettings GetStats
GetRecordDirectory GetSpecialInputs CreateScene RemoveScene
SetSceneName SetSourcePrivateSettings CreateInput CreateSceneItem
SetInputSettings SetSceneItemTransform SetSceneItemIndex SetSceneItemEnabled SetProfileParameter
""".split()


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path / "home"))


def settings(port: int, text: str = "", *, token: str = TOKEN, password: str = PASSWORD) -> config.Settings:
    env = {"HAISHIN_OBS__PORT": str(port), "HAISHIN_OBS__PASSWORD": password, "HAISHIN_TOKEN": token}
    file = config.data_dir().parent / "my.yaml"
    file.write_text(text, "utf-8")
    return config.load([file], env)


@asynccontextmanager
async def served(obs: ObsInMemory, password: str = PASSWORD) -> AsyncIterator[int]:
    """Let a table in memory answer on a port."""

    def asked(name: str) -> Any:
        def answer(data: Mapping[str, Any]) -> Mapping[str, Any] | int:
            try:
                return obs.answer(name, data)
            except Refused:
                return 600

        return answer

    server = ObsServer(password)
    server.answers = {name: asked(name) for name in REQUESTS}
    async with server.serving():
        yield server.port


def without_keys(printed: str) -> str:
    assert not [key for key in all_keys(TOKEN) if key in printed], "a key is printed"
    assert PASSWORD not in printed
    return printed


async def test_a_dry_run_says_what_it_would_do_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    obs = ObsInMemory()
    async with served(obs) as port:
        assert await set_up(settings(port, token=""), dry_run=True) is True
    printed = without_keys(capsys.readouterr().out)
    assert "would make the scene 'Live'" in printed
    assert "nothing was changed" in printed
    assert obs.orders() == []
    assert not config.data_dir().exists(), "a key was made"


async def test_it_sets_up_once_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    obs = ObsInMemory()
    obs.parameters["Audio", "SampleRate"] = "44100"
    async with served(obs) as port:
        assert await set_up(settings(port), dry_run=False) is True
        first = without_keys(capsys.readouterr().out)
        orders = len(obs.orders())
        named = "obs: {enabled: true}\ndirector: {scenes: {live: Live}}\n"
        assert await set_up(settings(port, named), dry_run=False) is True
        second = capsys.readouterr().out
        assert await find_faults(settings(port), as_json=False) is True
    assert "done make the scene 'Technical difficulties'" in first
    assert "restart OBS" in first
    assert "obs.enabled: true" in first
    assert "nothing to change" in second
    assert "next:" not in second
    assert len(obs.orders()) == orders
    assert obs.inputs["Haishin overlay"]["settings"]["url"].startswith("http://127.0.0.1:7878/stage/?token=")


async def test_the_scenes_that_the_director_knows_are_made() -> None:
    obs = ObsInMemory()
    async with served(obs) as port:
        wanted = settings(port, "director: {scenes: {live: Bühne, offline: Zu}}\n")
        assert await set_up(wanted, dry_run=False) is True
        assert await find_faults(wanted, as_json=False) is True
    assert {"Bühne", "Starting", "Break"} <= obs.scenes.keys()
    assert not {"Live", "Zu"} & obs.scenes.keys()


async def test_the_key_of_the_installation_is_used_and_made_where_there_is_none() -> None:
    obs = ObsInMemory()
    async with served(obs) as port:
        assert await set_up(settings(port, token=""), dry_run=False) is True
        kept = (config.data_dir() / "token").read_text().strip()
        assert obs.inputs["Haishin overlay"]["settings"]["url"].partition("=")[2] in all_keys(kept)
        assert await find_faults(settings(port, token=""), as_json=False) is True


async def test_what_fails_is_listed_with_what_to_do_and_the_rest_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    obs = ObsInMemory(LINUX)
    obs.faults = {"CreateScene Haishin: Break": Refused("no")}
    async with served(obs) as port:
        assert await set_up(settings(port), dry_run=False) is False
    printed = capsys.readouterr().out
    assert "FAIL make the scene 'Break'" in printed
    assert "not tried: 'Break' could not be made" in printed
    assert "what to do: run 'haishin obs setup' again" in printed
    assert "done make the scene 'Ending'" in printed
    assert "note this OBS has no browser source" in printed


async def test_what_obs_takes_and_does_not_keep_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    obs = ObsInMemory()
    obs.parameters["Audio", "SampleRate"] = "44100"
    monkeypatch.setattr(obs, "_set_profile_parameter", lambda _: None)
    async with served(obs) as port:
        assert await set_up(settings(port), dry_run=False) is False
    assert "OBS did not keep this: set the sample rate" in capsys.readouterr().out


async def test_a_name_that_is_taken_fails_and_says_what_to_rename(capsys: pytest.CaptureFixture[str]) -> None:
    obs = ObsInMemory()
    obs.add("Scene", "Live", "image_source")
    async with served(obs) as port:
        assert await set_up(settings(port), dry_run=True) is False
        assert await set_up(settings(port), dry_run=False) is False
    assert "something else in OBS is called 'Live'" in capsys.readouterr().out


async def test_the_doctor_names_what_cues_name_and_obs_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    cues = """
director:
  scenes: {live: live, starting: Starting}
  cues:
    a: {when: {scene: Nowhere}, do: [{show: Haishin caption, within: Live}, {text: Words, to: x}, {scene: Live}]}
    b: {do: [{volume: Music, db: 0}, {media: Music}, {filter: Blur, of: Camera}]}
"""
    obs = ObsInMemory()
    async with served(obs) as port:
        assert await set_up(settings(port), dry_run=False)
        capsys.readouterr()
        await find_faults(settings(port, cues), as_json=True)
    findings = json.loads(without_keys(capsys.readouterr().out))["findings"]
    assert [(one["text"], one["remedy"]) for one in findings if one["check"] == "cues"] == [
        ("the state live names the scene 'live', which OBS does not have", "Is 'Live' meant?"),
        ("the cue 'a' names the scene 'Nowhere', which OBS does not have",
         "Make it in OBS, or name another scene (docs/cues.md)."),
        ("the cue 'a' names the source 'Haishin caption', which OBS does not have", "Is 'Haishin captions' meant?"),
        ("the cue 'a' names the source 'Words', which OBS does not have",
         "Make it in OBS, or name another source (docs/cues.md)."),
        ("the cue 'b' names the source 'Music', which OBS does not have",
         "Make it in OBS, or name another source (docs/cues.md)."),
    ]  # fmt: skip


async def test_the_doctor_speaks_to_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    obs = ObsInMemory()
    async with served(obs, password="") as port:
        assert await find_faults(settings(port), as_json=True) is False
    found = json.loads(without_keys(capsys.readouterr().out))
    levels = {one["check"]: one["level"] for one in found["findings"]}
    assert levels["connection"] == "ok"
    assert levels["overlay"] == levels["scenes"] == levels["password"] == "fail"
    assert all(one["remedy"] for one in found["findings"] if one["level"] != "ok")
    assert found["ok"] is False


async def test_no_obs_a_wrong_password_and_an_old_one_each_have_their_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        with pytest.raises(TransientError) as absent:
            await set_up(settings(port), dry_run=False)
        assert "Enable WebSocket server" in absent.value.remedy
        assert await find_faults(settings(port), as_json=True) is False
        (finding,) = json.loads(capsys.readouterr().out)["findings"]
        assert (finding["check"], finding["level"]) == ("connection", "fail")
        assert "Enable WebSocket server" in finding["remedy"]
    async with served(ObsInMemory()) as port:
        with pytest.raises(FatalError) as refused:
            await say_status(settings(port, password="wrong"))
        assert "obs.password" in refused.value.remedy


async def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.stage.obs import wire  # noqa: PLC0415

    wire._client_class.cache_clear()
    monkeypatch.setitem(sys.modules, "obsws_python.baseclient", None)
    try:
        with pytest.raises(FatalError, match="not installed") as error:
            await say_status(settings(4455))
        assert "obsws-python" in error.value.remedy
    finally:
        wire._client_class.cache_clear()


async def test_status_says_how_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    server = ObsServer()
    server.streaming = server.reconnecting = True
    async with server.serving():
        await say_status(settings(server.port))
    printed = capsys.readouterr().out
    assert "Starting (of 2)" in printed
    assert "reconnecting" in printed
    assert "recording     off" in printed


@pytest.mark.parametrize(
    ("web", "obs", "address"),
    [
        ("", "", "http://127.0.0.1:7878/stage/"),
        ("web: {host: 0.0.0.0, port: 8000}\n", "", "http://127.0.0.1:8000/stage/"),
        ("web: {host: 192.168.1.20}\n", "obs: {host: 192.168.1.30}\n", "http://192.168.1.20:7878/stage/"),
        ("web: {host: 'fd00::5'}\n", "obs: {host: 'fd00::6'}\n", "http://[fd00::5]:7878/stage/"),
    ],
)
def test_where_obs_finds_the_page(web: str, obs: str, address: str) -> None:
    assert command._stage_address(settings(4455, web + obs), TOKEN).partition("?")[0] == address


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("web: {port: 0}\n", "a fixed number"),
        ("obs: {host: 192.168.1.30}\n", "web.host"),
        ("web: {host: 0.0.0.0}\nobs: {host: studio-pc}\n", "web.host"),
    ],
)
async def test_a_page_that_obs_cannot_find_is_told_before_anything_is_done(text: str, remedy: str) -> None:
    for work in (set_up(settings(4455, text), dry_run=False), find_faults(settings(4455, text), as_json=False)):
        with pytest.raises(ConfigError) as error:
            await work
        assert remedy in error.value.remedy


def test_the_commands_are_there() -> None:
    printed = CliRunner().invoke(cli, ["obs", "--help"]).output
    assert all(name in printed for name in ("setup", "doctor", "status"))


async def test_the_check_of_everything_reaches_obs_too() -> None:
    async with served(ObsInMemory()) as port:
        assert (await check_obs(settings(port))).ok
        health = await check_obs(settings(port, password="wrong"))
    assert not health.ok
    assert "obs.password" in health.remedy
