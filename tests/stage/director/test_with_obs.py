"""The director over a connection to OBS's protocol, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot.stage.director.director import Director
from bot.stage.director.runs import Outcome
from bot.stage.director.settings import ShowState
from bot.stage.obs import client
from tests.fakes.obs_server import ObsServer
from tests.stage.director.rig import SCENES, directing, settings
from tests.stage.obs.test_client import connected, soon, until


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE_S", 0.05)
    monkeypatch.setattr(client, "PAUSE_CAP_S", 0.1)


class Texts:
    """Keeps the words of text sources, as OBS does."""

    def __init__(self, server: ObsServer) -> None:
        self.words: dict[str, str] = {"Thanks": ""}
        server.answers |= {"GetInputSettings": self.read, "SetInputSettings": self.write}

    def read(self, data: Mapping[str, Any]) -> Mapping[str, Any] | int:
        name = data["inputName"]
        return {"inputSettings": {"text": self.words[name]}} if name in self.words else 600

    def write(self, data: Mapping[str, Any]) -> Mapping[str, Any] | int:
        if data["inputName"] not in self.words:
            return 600
        self.words[data["inputName"]] = data["inputSettings"]["text"]
        return {}


def server_with(*scenes: str) -> ObsServer:
    server = ObsServer()
    server.scenes = [*SCENES.values(), "Game", *scenes]
    return server


async def test_scenes_holds_and_a_restart_of_obs() -> None:
    server = server_with()
    async with connected(server) as obs:
        director = Director(settings(), obs)
        async with directing(director):
            await soon(obs, lambda: obs.state.scene == "Starting")
            director.enter(ShowState.LIVE)
            await until(lambda: server.scene == "Live")
            assert director.hold is None
            await server.switch_by_hand("Game")
            await until(lambda: director.hold is not None)
            director.enter(ShowState.BREAK)
            await asyncio.sleep(0.2)
            assert server.scene == "Game"
            director.release()
            await until(lambda: server.scene == "Break")
            server.cut()
            await soon(obs, lambda: not obs.state.connected)
            director.enter(ShowState.LIVE)
            server.scene = "Starting"  # what a restarted OBS has on air
            await until(lambda: server.scene == "Live")
            assert director.hold is None


async def test_a_cue_changes_a_text_and_puts_it_back() -> None:
    server = server_with()
    texts = Texts(server)
    async with connected(server) as obs:
        cues = {
            "gift": {"do": {"text": "Thanks", "to": "Hello, {name}!"}, "undo_after": 0.5},
            "gone": {"do": {"text": "Renamed", "to": "x"}},
            "go": {"do": {"stream": "start"}},
        }
        director = Director(settings(cues, scenes={}), obs)
        async with directing(director):
            assert await director.cue("gift", {"name": "Ana"})
            assert texts.words["Thanks"] == "Hello, Ana!"
            await until(lambda: texts.words["Thanks"] == "")
            assert not await director.cue("gone")
            assert director.records[-1].outcome is Outcome.REFUSED
            assert await director.cue("go")
            assert server.streaming


async def test_answers_of_another_form_cost_a_cue_alone() -> None:
    server = server_with()
    texts = Texts(server)
    server.answers |= {
        "GetInputVolume": {"inputVolumeDb": "loud"}, "GetSceneItemEnabled": {"sceneItemEnabled": None},
        "GetSourceFilter": 207, "GetMediaInputStatus": {"mediaState": {}},
    }  # fmt: skip
    async with connected(server) as obs:
        blur = {"filter": "Blur", "of": "Camera"}
        steps = [{"volume": "Music", "db": -3}, {"show": "Confetti"}, blur, {"media": "Fanfare"}]
        cues = {"odd": {"do": steps, "undo_after": 0.5}, "text": {"do": {"text": "Thanks", "to": "x"}, "undo_after": 1}}
        director = Director(settings(cues, scenes={}), obs)
        async with directing(director):
            assert await director.cue("odd")
            assert await director.cue("text")
            server.answers["GetInputSettings"] = {"inputSettings": None}
            await until(lambda: any(one.cue == "text" and one.outcome is Outcome.FAILED for one in director.records))
            server.answers["GetInputSettings"] = texts.read
            assert (await director._desk.run("text", {}, rest=False)).done


async def test_three_hundred_scenes() -> None:
    server = server_with(*(f"Scene {n}" for n in range(300)))
    async with connected(server) as obs:
        director = Director(settings(scenes={"starting": "Scene 299"}), obs)
        async with directing(director):
            await until(lambda: server.scene == "Scene 299")


async def test_a_hanging_obs_refuses_cues_and_hears_none_of_them_later() -> None:
    server = server_with()
    texts = Texts(server)
    async with connected(server) as obs:
        cues = {"gift": {"do": {"text": "Thanks", "to": "late"}}, "again": {"do": {"text": "Thanks", "to": "again"}}}
        director = Director(settings(cues, scenes={}), obs)
        async with directing(director):
            before = server.signed_in
            server.mode = "hang"
            assert not await director.cue("gift")
            server.mode = ""
            await until(lambda: server.signed_in > before and obs.state.connected)
            assert await director.cue("again")
            assert texts.words["Thanks"] == "again"
