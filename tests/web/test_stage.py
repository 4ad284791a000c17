"""The routes of the stage: layouts, files of alerts, what is playing, stingers."""

from __future__ import annotations

from pathlib import Path

import httpx

from bot.stage.layers.messages import NowPlaying
from tests.stage.layers.test_files import WAV
from tests.web.test_server import AUTH, site

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
