"""What each key opens: the token everything, a weak key its own page, a cookie files alone."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import websockets

from bot.web.auth import guesses
from bot.web.auth.token import Page, all_keys, page_key, page_query, weak_key
from tests.web.test_server import AUTH, TOKEN, site

pytestmark = pytest.mark.usefixtures("patient")

WEAK = [Page.STAGE, Page.CHAT]
API = [
    ("GET", "/api/state"), ("GET", "/api/pages"), ("GET", "/metrics"), ("GET", "/health"), ("GET", "/openapi.json"),
    ("POST", "/api/stop"), ("POST", "/api/say"), ("POST", "/api/chat"), ("GET", "/"), ("GET", "/panel/"),
    ("GET", "/panel/assets/a.js"), ("GET", "/stage/../api/state"), ("GET", "/chat/..%2fapi/state"),
]  # fmt: skip


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let wrong keys be answered at once: how they are slowed is tried elsewhere."""
    monkeypatch.setattr(guesses, "FREE", 10_000)


@pytest.mark.parametrize("page", WEAK)
async def test_a_weak_key_opens_its_page_and_nothing_else(tmp_path: Path, page: Page) -> None:
    key = weak_key(TOKEN, page)
    other = next(one for one in WEAK if one != page)
    async with site(tmp_path) as s:
        for sent in ({"params": {"token": key}}, {"headers": {"Authorization": f"Bearer {key}"}}):
            async with httpx.AsyncClient() as http:  # each without the cookie of the other
                for path in (f"/{page}/", f"/{page}/assets/a.js"):
                    assert (await http.get(s.http + path, **sent)).status_code == 200, path  # type: ignore[arg-type]
                for method, path in [*API, ("GET", f"/{other}/"), ("GET", f"/{other}/assets/a.js")]:
                    answer = await http.request(method, s.http + path, **sent)  # type: ignore[arg-type]
                    assert answer.status_code in (401, 404), (method, path)
                assert (await http.post(f"{s.http}/{page}/", **sent)).status_code == 401  # type: ignore[arg-type]
        async with websockets.connect(f"{s.ws}/ws/{page}?token={key}") as socket:
            assert json.loads(await socket.recv())["type"] == "hello"
        for name in {"stage", "chat", "panel"} - {page.value}:
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(f"{s.ws}/ws/{name}?token={key}")
            assert refused.value.response.status_code == 401
        assert s.desk.orders == []


@pytest.mark.parametrize("page", WEAK)
async def test_the_cookie_of_a_weak_key_opens_the_files_of_its_page_alone(tmp_path: Path, page: Page) -> None:
    key = weak_key(TOKEN, page)
    other = next(one for one in WEAK if one != page)
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        opened = await http.get(f"{s.http}/{page}/", params={"token": key})
        cookie = opened.headers["set-cookie"]
        assert f"Path=/{page}/" in cookie
        assert "HttpOnly" in cookie
        assert not any(one in cookie for one in (TOKEN, key, page_key(TOKEN)))
        pair = {"Cookie": cookie.partition(";")[0]}  # a browser keeps to the path; somebody else need not
        async with httpx.AsyncClient(headers=pair) as bare:
            assert (await bare.get(f"{s.http}/{page}/assets/a.js")).status_code == 200
            for path in (f"/{other}/", "/panel/", "/api/state"):
                assert (await bare.get(s.http + path)).status_code == 401, path
        value = pair["Cookie"].partition("=")[2]
        assert (await http.get(f"{s.http}/{page}/", params={"token": value})).status_code == 200  # by its own cookie
        async with httpx.AsyncClient() as bare:
            assert (await bare.get(f"{s.http}/{page}/", params={"token": value})).status_code == 401
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(f"{s.ws}/ws/{page}", additional_headers=pair)


async def test_addresses_with_the_whole_token_keep_working(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for page in Page:
            answer = await http.get(f"{s.http}/{page}/?token={TOKEN}")
            assert answer.status_code == 200
            assert TOKEN not in answer.headers["set-cookie"]
            async with websockets.connect(f"{s.ws}/ws/{page}?token={TOKEN}") as socket:
                assert await socket.recv()
        assert (await http.get(f"{s.http}/?token={TOKEN}", follow_redirects=True)).status_code == 200


async def test_the_panel_learns_addresses_with_keys_that_open_nothing_else(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        where = (await http.get(f"{s.http}/api/pages", headers=AUTH)).json()
        assert where.keys() == {"stage", "chat"}
        assert TOKEN not in json.dumps(where)


def test_keys_differ_from_each_other_and_for_each_token() -> None:
    assert len(set(all_keys(TOKEN))) == len(all_keys(TOKEN)) == 6
    assert not set(all_keys(TOKEN)) & set(all_keys(f"{TOKEN}."))
    assert page_query(TOKEN, Page.PANEL) == f"?token={TOKEN}"
    assert TOKEN not in page_query(TOKEN, Page.STAGE)


async def test_a_chat_page_writes_over_its_socket(tmp_path: Path) -> None:
    async with site(tmp_path) as s, websockets.connect(f"{s.ws}/ws/chat?token={weak_key(TOKEN, Page.CHAT)}") as chat:
        assert json.loads(await chat.recv())["type"] == "hello"
        await chat.send(json.dumps({"type": "say", "ref": 7, "author": " ann ", "text": "hi"}))
        frames = [json.loads(await chat.recv()), json.loads(await chat.recv())]
        receipt = next(frame for frame in frames if frame["type"] == "receipt")
        assert receipt == {"type": "receipt", "ref": 7, "id": "m1", "outcome": "queued", "reason": ""}
        assert next(frame for frame in frames if frame["type"] == "line")["text"] == "hi"
        assert s.desk.orders == ["chat ann: hi"]


@pytest.mark.parametrize(
    ("frame", "ref"),
    [
        ("", -1), ("{", -1), ("[]", -1), ("null", -1), ("[" * 20_000, -1), ('{"type":"say","ref":3}', 3),
        ('{"type":"say","ref":3,"author":"a","text":"x","more":1}', 3), ('{"type":"stop","ref":4}', 4),
        ('{"type":"say","ref":-1,"author":"a","text":"x"}', -1),
        ('{"type":"say","ref":1e99,"author":"a","text":"x"}', -1),
        ('{"type":"say","ref":5,"author":"a","text":"\\ud800"}', 5),
        ('{"type":"say","ref":6,"author":"a","text":" "}', 6),
        (json.dumps({"type": "say", "ref": 8, "author": "a", "text": "x" * 501}), 8), (b"\x00\x01", -1),
    ],
)  # fmt: skip
async def test_a_frame_that_is_no_line_is_answered_in_words(tmp_path: Path, frame: str | bytes, ref: int) -> None:
    async with site(tmp_path) as s, websockets.connect(f"{s.ws}/ws/chat?token={TOKEN}") as chat:
        await chat.recv()
        await chat.send(frame)
        answer = json.loads(await chat.recv())
        assert answer["type"] == "problem"
        assert answer["ref"] == ref
        assert answer["detail"]
        await chat.send('{"type":"say","ref":9,"author":"a","text":"still here"}')
        assert {json.loads(await chat.recv())["type"], json.loads(await chat.recv())["type"]} == {"line", "receipt"}
        assert s.desk.orders == ["chat a: still here"]
