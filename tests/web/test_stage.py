"""The routes of the stage: layouts, files of alerts, what is playing, stingers."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import httpx
import pytest
import websockets
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from bot.stage.layers.messages import ChatLine, NowPlaying, Part
from bot.web.frames import encoded
from tests.stage.layers.test_files import WAV
from tests.web.test_server import AUTH, TOKEN, site

BOX = {"layer": "chat", "x": 1, "y": 2, "w": 30, "h": 40}


async def test_a_layout_is_kept_shown_to_pages_and_deleted(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        url = f"{s.http}/api/layouts"
        assert (await http.get(url)).json() == []
        made = await http.put(f"{url}/竖屏 1", json={"layout": {"shape": "tall", "boxes": [BOX]}})
        assert (made.status_code, made.json()["revision"]) == (200, 1)
        page = (await http.get(f"{s.http}/stage/layouts/竖屏 1")).json()
        assert (page["shape"], page["boxes"][0]["layer"], page["boxes"][0]["size"]) == ("tall", "chat", 1.0)
        assert (await http.get(f"{s.http}/stage/layouts/none")).status_code == 404
        assert (await http.put(f"{url}/竖屏 1", json={"layout": {"boxes": [BOX]}})).status_code == 409
        for name, wrong in (
            ("wide", {"layout": {"boxes": [BOX]}}),
            ("a", {"layout": {"boxes": []}}),
            ("a", {"layout": {"boxes": [BOX | {"x": "1"}]}}),
            ("a", {"layout": {"boxes": [BOX] * 99}}),
            ("a", {"layout": {"boxes": [BOX]}, "revision": -1}),
        ):
            assert (await http.put(f"{url}/{name}", json=wrong)).status_code == 422, (name, wrong)
        assert (await http.delete(f"{url}/竖屏 1")).json()["ok"]
        assert not (await http.delete(f"{url}/竖屏 1")).json()["ok"]


async def test_what_is_playing_and_stingers_are_ordered(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        url = f"{s.http}/api/stage"
        assert (await http.post(f"{url}/playing", json={"title": "Rain", "by": "ana"})).status_code == 204
        assert s.stage.board.playing.now() == NowPlaying(title="Rain", by="ana")
        assert (await http.post(f"{url}/playing", json={"title": "x" * 2000})).status_code == 422
        assert (await http.post(f"{url}/stinger", json={"kind": "iris"})).json() == {"pages": 0}
        assert (await http.post(f"{url}/stinger", json={"kind": "explosion"})).status_code == 422


async def test_a_file_of_alerts_is_sent_as_what_it_is_and_no_other_is(tmp_path: Path) -> None:
    sound, text = tmp_path / "a.html", tmp_path / "b.wav"
    sound.write_bytes(WAV)
    text.write_text("<script>1</script>", "utf-8")
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        s.stage.board.files = {"sound-1": sound, "sound-2": text}
        answer = await http.get(f"{s.http}/stage/alerts/sound-1")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        assert answer.headers["x-content-type-options"] == "nosniff"
        for name in ("sound-2", "sound-3", "..%2Fa.html"):
            assert (await http.get(f"{s.http}/stage/alerts/{name}")).status_code == 404


async def test_without_the_key_nothing_is_shown_or_ordered(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        assert (await http.get(f"{s.http}/api/layouts")).status_code == 401
        assert (await http.get(f"{s.http}/stage/layouts/a")).status_code == 401
        assert (await http.post(f"{s.http}/api/stage/stinger", json={"kind": "iris"})).status_code == 401


@pytest.mark.parametrize("text", ["", "ä" * 60, "x" * 126, "小" * 30_000])
def test_a_frame_is_encoded_as_the_protocol_says(text: str) -> None:
    for frame, opcode in ((text, Opcode.TEXT), (text.encode(), Opcode.BINARY)):
        client = ClientProtocol(parse_uri("ws://h"), state=State.OPEN)
        client.receive_data(encoded(frame))
        (event,) = client.events_received()
        assert isinstance(event, Frame)
        assert (event.opcode, bytes(event.data), event.fin) == (opcode, text.encode(), True)


async def test_a_page_that_reads_nothing_keeps_nothing_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = 600
    monkeypatch.setattr("bot.stage.page.MAX_BACKLOG", 500_000)
    async with site(tmp_path) as s:
        at = f"/ws/stage?role=view&layers=chat&platforms=all&token={TOKEN}"
        loop = asyncio.get_running_loop()
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", s.port))
        asked = (
            f"GET {at} HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await loop.sock_sendall(deaf, asked.encode())
        async with websockets.connect(f"{s.ws}{at}", max_size=None) as page:
            while s.stage.pages < 2:
                await asyncio.sleep(0.01)
            parts = [Part(text="x" * 400)] * 20
            for n in range(lines):
                line = ChatLine(key=f"local/{n}", source="local", author="ana", kind="chat", parts=parts)
                s.stage.board.line(line)
                while True:
                    got = json.loads(await asyncio.wait_for(page.recv(), 5))
                    if got["type"] == "chat":
                        break
                assert got["key"] == f"local/{n}"
            async with asyncio.timeout(10):
                while s.stage.pages > 1:
                    await asyncio.sleep(0.05)
        deaf.close()
