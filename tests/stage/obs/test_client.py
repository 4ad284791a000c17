"""The connection to OBS: against a server that speaks the real protocol, and misbehaves."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import ProviderError, Refused, TransientError
from bot.stage.obs import client, wire
from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import Declined, Mixer, MixerEvent, OutputState
from bot.stage.obs.settings import ObsSettings
from tests.fakes.obs_server import PASSWORD, ObsServer


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses and time-outs be short: these tests run in real time, since the library has threads."""
    monkeypatch.setattr(client, "PAUSE_S", 0.05)
    monkeypatch.setattr(client, "PAUSE_CAP_S", 0.1)
    monkeypatch.setattr(client, "SLOW_PAUSE_S", 0.1)
    monkeypatch.setattr(client, "SLOW_PAUSE_CAP_S", 0.2)
    monkeypatch.setattr(wire, "TIMEOUT_S", 0.5)


class Notes:
    def __init__(self) -> None:
        self.events: list[MixerEvent] = []

    def mixer_event(self, event: MixerEvent) -> None:
        self.events.append(event)


@asynccontextmanager
async def running(port: int, password: str = PASSWORD, **options: Any) -> AsyncIterator[Obs]:
    """Run a client until the block ends."""
    obs = Obs(ObsSettings(enabled=True, port=port, password=SecretStr(password)), answer_s=1.0, **options)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(obs.run())
        try:
            yield obs
        finally:
            task.cancel()


async def soon(obs: Obs, true: Callable[[], bool], within_s: float = 15.0) -> None:
    """Wait for a state of the client."""
    assert await obs.changed.wait_until(true, within_s), obs.state


async def until(true: Callable[[], bool], within_s: float = 15.0) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(server: ObsServer, **options: Any) -> AsyncIterator[Obs]:
    """Serve and connect."""
    async with server.serving(), running(server.port, server.password, **options) as obs:
        await soon(obs, lambda: obs.state.connected)
        yield obs


async def test_it_knows_how_obs_stands() -> None:
    server = ObsServer()
    server.streaming = True
    async with connected(server) as obs:
        as_mixer: Mixer = obs
        state = as_mixer.state
        assert (state.problem, state.version, state.scene) == ("", "29.0.2", "Starting")
        assert state.scenes == ("Starting", "Live")
        assert (state.stream, state.record) == (OutputState.ACTIVE, OutputState.STOPPED)


async def test_without_a_password_too() -> None:
    async with connected(ObsServer(password="")) as obs:
        assert obs.state.connected


async def test_a_scene_is_on_air_when_the_order_returns_and_is_told_as_ours() -> None:
    async with connected(ObsServer()) as obs:
        notes = Notes()
        obs.listen(notes)
        await obs.switch_scene("Live")
        assert obs.state.scene == "Live"
        await obs.switch_scene("Live")  # no event comes of it
        assert [(e.name, e.ours) for e in notes.events] == [("CurrentProgramSceneChanged", True)]


async def test_a_scene_change_by_hand_is_not_ours_also_right_after_an_order() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        notes = Notes()
        obs.listen(notes)
        await obs.switch_scene("Live")
        await server.switch_by_hand("Starting")
        await server.switch_by_hand("Live")
        await until(lambda: len(notes.events) == 3)
        assert [e.ours for e in notes.events] == [True, False, False]


async def test_an_order_that_changes_nothing_claims_no_later_change_by_hand() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        notes = Notes()
        obs.listen(notes)
        await obs.switch_scene("Starting")  # it is on air already
        await server.switch_by_hand("Live")
        await server.switch_by_hand("Starting")
        await until(lambda: len(notes.events) == 2)
        assert [e.ours for e in notes.events] == [False, False]


async def test_events_keep_their_order_and_a_listener_that_fails_keeps_nothing_from_the_others() -> None:
    class Failing:
        def mixer_event(self, event: MixerEvent) -> None:
            raise RuntimeError("a fault")

    server = ObsServer()
    async with connected(server) as obs:
        notes = Notes()
        obs.listen(Failing())
        obs.listen(notes)
        for number in range(2000):  # more than may be unread
            await server.tell("CustomEvent", {"n": number})
        await until(lambda: len(notes.events) == 2000)
        assert [e.data["n"] for e in notes.events] == list(range(2000))


async def test_what_obs_declines_says_why_and_harms_nothing() -> None:
    async with connected(ObsServer()) as obs:
        with pytest.raises(Declined, match="600") as refused:
            await obs.switch_scene("No such scene")
        assert isinstance(refused.value, Refused)
        assert refused.value.code == 600
        with pytest.raises(Declined):
            await obs.call("SetInputVolume", {"inputVolumeDb": math.nan})
        with pytest.raises(Declined):
            await obs.call("SetInputVolume", {"inputVolumeDb": object()})
        assert (await obs.call("GetVersion"))["rpcVersion"] == 1


async def test_many_calls_at_once_get_their_own_answers() -> None:
    server = ObsServer()
    server.answers["Echo"] = lambda data: data
    async with connected(server) as obs:
        found = await asyncio.gather(*(obs.call("Echo", {"n": n}) for n in range(100)))
        assert [one["n"] for one in found] == list(range(100))


async def test_starting_and_ending_the_stream_wait_for_the_output() -> None:
    server = ObsServer()
    server.start_s = server.stop_s = 0.3
    async with connected(server) as obs:
        notes = Notes()
        obs.listen(notes)
        await obs.start_stream()
        assert server.streaming
        assert obs.state.stream is OutputState.ACTIVE
        await obs.start_stream()  # it runs already
        await obs.stop_stream()
        assert not server.streaming
        assert obs.state.stream is OutputState.STOPPED
        await obs.stop_stream()
        await obs.start_stream()  # at once: it has really stopped
        assert [e.ours for e in notes.events] == [True] * len(notes.events)
        assert len(notes.events) == 6


async def test_a_stream_that_told_its_end_is_waited_for_before_it_starts_again() -> None:
    server = ObsServer()
    server.streaming, server.rests_s = True, 0.6
    async with connected(server, stream_s=3.0) as obs:
        await obs.stop_stream()  # ordered here: it returns when a start is taken
        await obs.call("StartStream")
        await soon(obs, lambda: obs.state.stream is OutputState.ACTIVE)
        await server.stream_state("STOPPED")  # it broke
        await soon(obs, lambda: obs.state.stream is OutputState.STOPPED)
        await obs.start_stream()
        assert obs.state.stream is OutputState.ACTIVE
        assert server.streaming


async def test_a_stream_that_does_not_begin_is_told_at_once() -> None:
    server = ObsServer()
    server.refuses_to_start = True
    async with connected(server) as obs:
        with pytest.raises(TransientError, match="could not start") as failed:
            await obs.start_stream()
        assert failed.value.remedy


async def test_a_stream_that_does_not_end_is_told_in_time() -> None:
    server = ObsServer()
    server.streaming, server.stop_s = True, 30.0
    async with connected(server, stream_s=0.3) as obs:
        with pytest.raises(TransientError, match="still stopping"):
            await obs.stop_stream()


async def test_an_answer_of_before_does_not_overwrite_an_event() -> None:
    server = ObsServer()

    def late(_data: Any) -> dict[str, Any]:
        answer = {"currentProgramSceneName": server.scene, "scenes": [{"sceneName": "Live", "sceneIndex": 0}]}
        if server.scene == "Starting":
            server.scene = "Live"
            server.begin(server.tell("CurrentProgramSceneChanged", {"sceneName": "Live"}))
        return answer

    async with connected(server) as obs:
        server.answers["GetSceneList"] = late
        await server.tell("SceneListChanged")
        await soon(obs, lambda: obs.state.scenes == ("Live",))
        await until(lambda: obs.state.scene == "Live")


async def test_new_scenes_are_known_and_three_hundred_are_none_too_many() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        server.scenes = [f"場面 {n}" for n in range(300)]
        server.scene = "場面 7"
        await server.tell("SceneListChanged", {"scenes": []})
        await soon(obs, lambda: len(obs.state.scenes) == 300)
        assert obs.state.scenes[:2] == ("場面 0", "場面 1")
        assert obs.state.scene == "場面 7"


@pytest.mark.parametrize("mode", ["cut", "wrong_id", "hang", "huge"])
async def test_a_fault_in_mid_request_costs_that_request_alone(mode: str) -> None:
    server = ObsServer()
    async with connected(server) as obs:
        server.mode = mode
        calls = [obs.call("GetVersion"), obs.call("GetStats"), obs.call("GetSceneList")]
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(one, TransientError) for one in found), found
        server.mode = ""
        await soon(obs, lambda: not obs.state.connected)
        await soon(obs, lambda: obs.state.connected)
        assert (await obs.call("GetStats"))["activeFps"] == 30.0


async def test_after_a_restart_all_is_read_anew() -> None:
    server = ObsServer()
    async with server.serving(), running(server.port) as obs:
        await soon(obs, lambda: obs.state.connected)
        server.cut()
        server.scenes, server.scene, server.streaming = ["Ending", "Live"], "Ending", True
        await soon(obs, lambda: not obs.state.connected)
        with pytest.raises(TransientError, match="not connected"):
            await obs.call("GetVersion")
        await soon(obs, lambda: obs.state.connected)
        assert (obs.state.scene, obs.state.scenes) == ("Ending", ("Ending", "Live"))
        assert obs.state.stream is OutputState.ACTIVE


async def test_an_order_under_way_fails_when_obs_goes() -> None:
    server = ObsServer()
    server.start_s = 30.0
    async with connected(server) as obs:

        async def lost() -> None:
            await soon(obs, lambda: obs.state.stream is OutputState.STARTING)
            server.cut()

        found = await asyncio.gather(obs.start_stream(), lost(), return_exceptions=True)
        assert isinstance(found[0], TransientError)
        # The answer to the order may have been on its way still.
        assert re.search("lost|ended", str(found[0]))


async def test_obs_that_is_not_there_is_waited_for() -> None:
    server = ObsServer()
    async with server.serving():
        free = server.port
    async with running(free) as obs:
        await soon(obs, lambda: "does not answer" in obs.state.problem)
        assert "Enable WebSocket server" in obs.state.problem
        async with server.serving(free):
            await soon(obs, lambda: obs.state.connected)
            assert obs.state.problem == ""


@pytest.mark.parametrize(
    ("password", "words"), [("wrong", "refuses the password"), ("", "wants a password")], ids=["wrong", "none"]
)
async def test_a_wrong_password_is_said_plainly_and_a_right_one_helps(password: str, words: str) -> None:
    server = ObsServer()
    async with server.serving(), running(server.port, password) as obs:
        await soon(obs, lambda: words in obs.state.problem)
        assert "obs.password" in obs.state.problem
        assert not obs.state.connected
        server.password = password  # changed on OBS's side
        await soon(obs, lambda: obs.state.connected)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("old", "OBS 28"),
        ("silent", "OBS 28"),
        ("garbage", "is not OBS"),
        ("shape", "is not OBS"),
        ("hang", "did not answer|in time"),
        ("cut", "ended"),
        ("huge", "ended|did not answer|in time"),
        ("not_ready", "not ready"),
    ],
)
async def test_what_cannot_be_talked_to_is_said_and_tried_again(mode: str, words: str) -> None:
    server = ObsServer()
    server.mode = mode
    async with server.serving(), running(server.port) as obs:
        await soon(obs, lambda: bool(re.search(words, obs.state.problem)))
        server.mode = ""
        await soon(obs, lambda: obs.state.connected)


async def test_answers_without_their_fields_are_borne() -> None:
    server = ObsServer()
    server.mode = "empty"
    async with connected(server) as obs:
        assert (obs.state.scene, obs.state.scenes) == ("", ())
        assert (await obs.stream_stats()).bytes == 0
        assert (await obs.stats()).disk_free_mb == math.inf
        with pytest.raises(TransientError, match="no picture"):
            await obs.screenshot()


@pytest.mark.parametrize("answer", [
    {"currentProgramSceneName": 7, "scenes": {"a": 1}},
    {"scenes": [None, 3, {"sceneName": []}, {"sceneName": "x" * 9999}]},
    {"outputActive": "yes", "outputBytes": -5, "outputCongestion": "high", "outputDuration": 1e400},
])  # fmt: skip
async def test_answers_of_other_types_are_borne(answer: dict[str, Any]) -> None:
    server = ObsServer()
    server.answers |= {"GetSceneList": answer, "GetStreamStatus": answer, "GetRecordStatus": answer}
    async with connected(server) as obs:
        assert (obs.state.scene, obs.state.scenes) == ("", ())
        stats = await obs.stream_stats()
        assert (stats.active, stats.bytes, stats.congestion, stats.duration_ms) == (False, 0, 0.0, 0)


async def test_events_of_other_types_are_borne() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        for data in ({"sceneName": 5}, {"outputState": []}, {}):
            await server.tell("CurrentProgramSceneChanged", data)
            await server.tell("StreamStateChanged", data)
        for raw in ({"op": 5}, {"op": 5, "d": {"eventType": 3}}, [1], 7, {"op": 99, "d": {}}):
            await server.send_raw(json.dumps(raw))
        await server.switch_by_hand("Live")
        await soon(obs, lambda: obs.state.scene == "Live")
        assert server.signed_in == 2


async def test_garbage_among_the_events_makes_a_new_connection() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        await server.send_raw("{ not json")
        await soon(obs, lambda: not obs.state.connected)
        await soon(obs, lambda: obs.state.connected)


async def test_obs_that_falls_silent_is_found_by_the_beat() -> None:
    server = ObsServer()
    async with connected(server, beat_s=0.1) as obs:
        server.mode = "hang"
        await soon(obs, lambda: not obs.state.connected)


async def test_the_beat_sees_a_stream_whose_event_was_never_sent() -> None:
    server = ObsServer()
    async with connected(server, beat_s=0.05) as obs:
        server.streaming = server.reconnecting = True
        await soon(obs, lambda: obs.state.stream is OutputState.RECONNECTING)


async def test_a_picture_and_the_volume() -> None:
    server = ObsServer()
    server.levels = {"Voice": [0.1, 0.5], "Desk": [0.0, 0.0], "Off": []}
    async with connected(server) as obs:
        assert (await obs.screenshot()).startswith(b"\x89PNG")
        assert server.requests[-1][1]["sourceName"] == "Starting"
        heard = await obs.volume_peaks(0.5)
        assert heard["Voice"] == pytest.approx(-6.02, abs=0.01)
        assert heard["Desk"] == heard["Off"] == -math.inf
        assert obs.state.connected


async def test_volume_meters_that_cannot_be_heard_are_an_error() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        server.mode = "garbage"
        with pytest.raises(ProviderError):
            await obs.volume_peaks(3.0)


async def test_the_password_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = ObsServer(password="hush-hush-hush")
    async with server.serving(), running(server.port, "hush-hush-hush") as obs:
        await soon(obs, lambda: obs.state.connected)
        with pytest.raises(Refused):
            await obs.switch_scene("No such scene")
    assert "hush" not in caplog.text


async def test_a_config_toml_of_the_working_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text("[connection]\nport = 1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    async with connected(ObsServer()) as obs:
        assert obs.state.connected


async def test_a_proxy_for_the_web_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "example.org")
    async with connected(ObsServer()) as obs:
        assert obs.state.connected


async def test_two_may_listen_to_the_meters_and_silence_of_the_meters_is_no_silence() -> None:
    server = ObsServer()
    server.levels = {"Voice": [0.5]}
    async with connected(server) as obs:
        both = await asyncio.gather(obs.volume_peaks(0.3), obs.volume_peaks(0.3))
        assert [set(heard) for heard in both] == [{"Voice"}, {"Voice"}]
        with pytest.raises(TransientError, match="said nothing"):
            await obs.volume_peaks(0.0)


async def test_a_missing_package_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise ImportError("No module named 'obsws_python'", name="obsws_python")

    monkeypatch.setattr(wire, "_client_class", missing)
    async with running(1) as obs:
        await soon(obs, lambda: "pip install" in obs.state.problem)


async def test_no_thread_is_left_behind() -> None:
    server = ObsServer()
    async with connected(server) as obs:
        for _ in range(3):
            server.cut()
            await soon(obs, lambda: not obs.state.connected)
            await soon(obs, lambda: obs.state.connected)
    await until(lambda: not [t for t in threading.enumerate() if t.name.startswith("obs-")])
