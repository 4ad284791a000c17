"""The routes and the socket of the ears over a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from bot.hearing.ears import TalkMode
from bot.web.auth.token import Page, weak_key
from tests.support.ear_desk import EarDesk, frame
from tests.web.test_server import AUTH, TOKEN, Desk, Site, serve, site


class Hearing(Desk):
    """A control room with ears."""

    def __init__(self, mode: TalkMode = TalkMode.OPEN) -> None:
        super().__init__()
        self.ear_desk = EarDesk(mode)
        self.ear_desk.browser._clock = lambda: asyncio.get_running_loop().time()
        self.the_ears = self.ear_desk.controls


def address(s: Site[Any], role: str = "microphone", more: str = "") -> str:
    return f"{s.ws}/ws/ears?role={role}&token={TOKEN}{more}"


async def closed(socket: websockets.ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(10):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def ready(socket: websockets.ClientConnection) -> int:
    said = json.loads(await socket.recv())
    assert said["type"] == "ready"
    return int(said["stream"])


@pytest.mark.parametrize("path", ["/api/ears", "/api/ears/talk", "/api/ears/answer"])
async def test_without_the_key_nothing_is_ordered(tmp_path: Path, path: str) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for key in ("", f"?token={weak_key(TOKEN, Page.STAGE)}", f"?token={weak_key(TOKEN, Page.CHAT)}"):
            assert (await http.post(s.http + path + key, json={"on": True})).status_code == 401
        for query in ("role=microphone", "role=button", f"token={weak_key(TOKEN, Page.STAGE)}"):
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(f"{s.ws}/ws/ears?{query}")


async def test_another_page_orders_nothing_with_the_key_either(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing()) as s, httpx.AsyncClient(headers=AUTH) as http:
        answer = await http.post(f"{s.http}/api/ears", json={"on": False}, headers={"Origin": "https://evil.test"})
        assert answer.status_code == 403
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(address(s), origin="https://evil.test")  # type: ignore[arg-type]
        assert s.desk.ear_desk.ears.on


async def test_the_ears_are_switched_and_shown(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing(TalkMode.PUSH)) as s, httpx.AsyncClient(headers=AUTH, base_url=s.http) as http:
        assert (await http.get("/api/ears")).json()["on"] is True
        assert (await http.post("/api/ears/talk", json={})).json() == {"ok": True, "detail": "you are heard"}
        assert (await http.post("/api/ears/talk", json={"down": False})).json()["detail"] == "you are not heard"
        assert (await http.post("/api/ears", json={"on": False})).json()["detail"] == "the ears are off"
        assert (await http.get("/api/ears")).json()["on"] is False
        assert (await http.post("/api/ears/talk", json={"down": True})).status_code == 409
        for body in ({}, {"on": "yes"}, {"on": True, "more": 1}):
            assert (await http.post("/api/ears", json=body)).status_code == 422
        for wrong in ({"down": True, "for_s": 0}, {"down": True, "for_s": 1e9}, {"down": 1}):
            assert (await http.post("/api/ears/talk", json=wrong)).status_code == 422


async def test_the_floor_is_read_and_changed(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing()) as s, httpx.AsyncClient(headers=AUTH, base_url=s.http) as http:
        assert len((await http.get("/api/ears/floor")).json()["rows"]) == 9
        cell = {"event": "alert", "state": "speaking", "rule": "next_clause"}
        answer = await http.put("/api/ears/floor", json=cell)
        assert "alert: {speaking: next_clause}" in answer.json()["edited"]
        assert (await http.put("/api/ears/floor", json={**cell, "state": "free"})).status_code == 422
        assert (await http.put("/api/ears/floor", json={**cell, "event": "paid", "rule": "expire"})).status_code == 409
        foreign = await http.put("/api/ears/floor", json=cell, headers={"Origin": "https://evil.test"})
        assert foreign.status_code == 403


async def test_a_host_without_ears_says_so(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH, base_url=s.http) as http:
        for answer in (await http.get("/api/ears"), await http.post("/api/ears", json={"on": True})):
            assert answer.status_code == 409
            assert "docs/cohost.md" in answer.json()["detail"]
        async with websockets.connect(address(s)) as socket:
            code, why = await closed(socket)
            assert (code, why[:24]) == (4409, "the ears are not enabled")


async def test_the_sound_of_a_page_comes_in(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing()) as s, websockets.connect(address(s)) as socket:
        stream = await ready(socket)
        for n in range(10):
            await socket.send(frame(stream, n))
        frames = s.desk.ear_desk.inlet.frames()
        async with asyncio.timeout(5):
            first = await anext(frames)
        assert first.samples.any()


BROKEN: list[tuple[bytes | str, int]] = [
    (b"x", 1008),
    (frame(1, 0)[:-1], 1008),
    (frame(1, 0, magic=0x4853), 1008),
    ('{"type": "audio", "state": "running"}', 1003),
    ("", 1003),
    (b"\0" * 70_000, 1009),
]


@pytest.mark.parametrize(("sent", "code"), BROKEN)
async def test_what_is_no_frame_ends_the_line_with_a_reason(tmp_path: Path, sent: bytes | str, code: int) -> None:
    async with serve(tmp_path, Hearing()) as s:
        async with websockets.connect(address(s)) as socket:
            await ready(socket)
            await socket.send(sent)
            got, why = await closed(socket)
            assert got == code
            assert why or code == 1009
        async with websockets.connect(address(s)) as socket:  # the place is free again
            await ready(socket)
        assert s.desk.ear_desk.inlet._waiting == []


async def test_a_page_that_sends_a_hundred_times_too_fast_is_sent_away(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing()) as s, websockets.connect(address(s)) as socket:
        stream = await ready(socket)
        with contextlib.suppress(websockets.ConnectionClosed):
            for n in range(20_000):
                await socket.send(frame(stream, n))
        assert await closed(socket) == (1008, "sound comes faster than anybody speaks")
        assert len(s.desk.ear_desk.inlet._waiting) <= 4 * 16_000 / 512


async def test_another_page_takes_over_by_its_wish_alone(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing()) as s, websockets.connect(address(s)) as first:
        await ready(first)
        async with websockets.connect(address(s)) as second:
            assert (await closed(second))[0] == 4409
        async with websockets.connect(address(s, more="&takeover=1")) as third:
            stream = await ready(third)
            assert await closed(first) == (4001, "another page took the microphone over")
            await third.send(frame(stream, 0))
            await asyncio.sleep(0.1)
            assert s.desk.ear_desk.browser.line is not None
    assert s.desk.ear_desk.browser.line is None


async def test_a_button_is_obeyed_told_and_let_go_when_it_is_gone(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing(TalkMode.PUSH)) as s:
        async with websockets.connect(address(s, "button")) as button, asyncio.timeout(5):
            told = {"type": "ears", "on": True, "held": False, "listening": False}
            assert json.loads(await button.recv()) == told
            await button.send('{"down": true}')
            assert json.loads(await button.recv()) == {**told, "held": True, "listening": True}
            for broken in ("{", "[]", '{"down": 1}', '{"up": true}', b"\0", '{"down": true}' + " " * 2000):
                await button.send(broken)
                assert json.loads(await button.recv())["type"] == "problem"
            assert s.desk.ear_desk.ears.held
        async with asyncio.timeout(5):
            while s.desk.ear_desk.ears.held:
                await asyncio.sleep(0.01)
        async with websockets.connect(address(s, "button")) as button, asyncio.timeout(5):
            await button.recv()
            await button.send('{"on": false}')
            assert json.loads(await button.recv())["on"] is False
            await button.send('{"down": true}')
            assert "off" in json.loads(await button.recv())["detail"]


async def test_connections_are_few_and_a_role_is_known(tmp_path: Path) -> None:
    async with serve(tmp_path, Hearing()) as s:
        async with websockets.connect(address(s, "singer")) as socket:
            assert (await closed(socket))[0] == 1008
        buttons = [await websockets.connect(address(s, "button")) for _ in range(16)]
        for button in buttons:
            await button.recv()
        async with websockets.connect(address(s)) as socket:
            assert (await closed(socket))[0] == 1013
        for button in buttons:
            await button.close()
