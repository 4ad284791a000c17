"""The routes of the video mixer: behind the gate, strict, and refusing in words."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.control.mixer import MixerControls
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from tests.stage.director.rig import NAMES, directing, settings
from tests.web.test_server import AUTH, Desk, serve, site

ORDERS = {
    "/api/mixer/scene": {"scene": "Party"},
    "/api/mixer/release": None,
    "/api/mixer/state": {"state": "break"},
    "/api/cues/run": {"cue": "gift"},
    "/api/cues/rehearse": {"cue": "gift"},
}


class Mixing(Desk):
    """A control room with a director."""

    def __init__(self) -> None:
        super().__init__()
        cues = {"gift": {"do": {"media": "Fanfare"}}, "name": {"do": {"text": "T", "to": "{name}"}}}
        self.director = Director(settings(cues), RehearsalMixer(NAMES, "Game"))
        self.controls = MixerControls(self.director)

    @property
    def mixer(self) -> MixerControls:
        return self.controls


@pytest.mark.parametrize("path", ORDERS)
async def test_without_the_key_nothing_is_ordered(tmp_path: Path, path: str) -> None:
    async with serve(tmp_path, Mixing()) as s, directing(s.desk.director), httpx.AsyncClient() as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert (await http.post(s.http + path, json=ORDERS[path], headers=headers)).status_code == 401
        assert s.desk.director.hold is None
        assert not s.desk.director.records


async def test_orders(tmp_path: Path) -> None:
    async with serve(tmp_path, Mixing()) as s, directing(s.desk.director), httpx.AsyncClient(headers=AUTH) as http:
        director = s.desk.director
        for path, body in ORDERS.items():
            answer = await http.post(s.http + path, json=body)
            assert answer.status_code == 200, (path, answer.text)
        assert answer.json() == {"lines": ["plays 'Fanfare'"]}
        assert director.mixer.state.scene == "Break"
        for path, body, told in (
            ("/api/mixer/scene", {"scene": "Partie"}, "did you mean 'Party'"),
            ("/api/cues/run", {"cue": "nothing"}, "there is no cue 'nothing'"),
            ("/api/cues/run", {"cue": "name"}, "nothing to put in for {name}"),
            ("/api/cues/rehearse", {"cue": "nothing"}, "there is no cue 'nothing'"),
        ):
            answer = await http.post(s.http + path, json=body)
            assert answer.status_code == 409
            assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/mixer/scene", {"scene": ""}),
        ("/api/mixer/scene", {"scene": "x" * 201}),
        ("/api/mixer/scene", {"scene": 7}),
        ("/api/mixer/scene", {"scene": "Live", "more": 1}),
        ("/api/mixer/state", {"state": "technical"}),
        ("/api/mixer/state", {"state": "offline"}),
        ("/api/cues/run", {"cue": "x" * 41}),
        ("/api/cues/run", {"cue": "gift", "values": {"name": "anybody"}}),
        ("/api/cues/rehearse", {}),
    ],
)
async def test_what_is_malformed_is_refused(tmp_path: Path, path: str, body: dict[str, object]) -> None:
    async with serve(tmp_path, Mixing()) as s, directing(s.desk.director), httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.post(s.http + path, json=body)).status_code == 422


async def test_without_a_mixer_every_order_is_refused_in_words(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        for path, body in ORDERS.items():
            answer = await http.post(s.http + path, json=body)
            assert answer.status_code == 409
            assert "no video mixer is configured" in answer.json()["detail"]


async def test_a_picture_of_what_is_on_air_is_shared(tmp_path: Path) -> None:
    async with serve(tmp_path, Mixing()) as s, directing(s.desk.director), httpx.AsyncClient(headers=AUTH) as http:
        taken: list[int] = []

        async def screenshot(source: str = "", *, width: int = 320) -> bytes:
            taken.append(width)
            return b"png" + source.encode()

        s.desk.director.mixer.screenshot = screenshot
        answers = [await http.get(s.http + "/api/mixer/picture") for _ in range(3)]
        assert [one.json() for one in answers] == [{"png": "cG5n"}] * 3
        assert taken == [480]
        assert (await http.get(s.http + "/api/mixer/picture", headers={"Authorization": "no"})).status_code == 401
