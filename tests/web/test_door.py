"""The port from its first moment: a waiting page, 503 to all else, and then the application on the same port."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import re
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets
from pydantic import SecretStr
from starlette.responses import PlainTextResponse

from bot.errors import ConfigError
from bot.web.auth.token import Page, weak_key
from bot.web.door import Door, bind, open_door
from bot.web.settings import Web
from bot.web.waiting import Part, Waiting
from tests.web.test_server import AUTH, TOKEN

PAGES = ["/", "/stage/", "/chat/", "/panel/", "/stage", "/stage/index.html"]


@contextlib.asynccontextmanager
async def opened(tmp_path: Path, token: str = TOKEN) -> AsyncIterator[tuple[Door, str]]:
    web = Web(port=0, token=SecretStr(token))
    async with open_door(web, tmp_path / "data") as door:
        yield door, f"http://127.0.0.1:{door.port}"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_that_is_opened_too_early_waits(tmp_path: Path, path: str) -> None:
    async with opened(tmp_path) as (door, url), httpx.AsyncClient() as http:
        page = await http.get(f"{url}{path}?token={TOKEN}", headers={"Accept": "text/html,*/*"})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers.get_list("cache-control") == ["no-store"]
        html = page.text
        assert not re.search(r"""(?:src|href)=["'](?!data:)""", html), "it takes nothing from elsewhere"
        (policy,) = page.headers.get_list("content-security-policy")
        (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in policy
        door.waiting.enter(Part.MODELS)
        asked = await http.get(f"{url}{path}?token={TOKEN}", headers={"Accept": "application/json"})
        assert asked.headers["content-type"] == "application/json"
        assert (asked.json()["status"], asked.json()["part"]) == ("starting", "models")


async def test_all_else_is_told_to_come_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (door, url), httpx.AsyncClient(headers=AUTH) as http:
        door.waiting.enter(Part.WEIGHTS)
        door.waiting.fetched(30, 120)
        health = await http.get(f"{url}/health")
        assert (health.status_code, health.json()["status"], health.json()["part"]) == (503, "starting", "weights")
        assert 0.5 < health.json()["progress"] < 0.6
        for method, path in (
            ("GET", "/api/state"), ("POST", "/api/stop"), ("POST", "/api/chat"), ("GET", "/metrics"),
            ("GET", "/stage/assets/a.js"), ("POST", "/stage/"), ("GET", "/nothing"),
        ):  # fmt: skip
            answer = await http.request(method, url + path)
            assert answer.status_code == 503, path
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["detail"]
        for name in Page:
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(f"ws://127.0.0.1:{door.port}/ws/{name}?token={TOKEN}")
            assert refused.value.response.status_code == 503
        assert (await http.get(f"{url}/live")).status_code == 204


async def test_the_gate_holds_during_the_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as (door, url), httpx.AsyncClient() as http:
        for path in (*PAGES, "/health", "/api/state", "/metrics"):
            assert (await http.get(url + path)).status_code == 401, path
            assert (await http.get(f"{url}{path}?token=wrong")).status_code == 401, path
        assert (await http.get(f"{url}/health", headers={**AUTH, "Host": "evil.test"})).status_code == 403
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://127.0.0.1:{door.port}/ws/stage")
        assert refused.value.response.status_code == 401
        key = weak_key(TOKEN, Page.STAGE)
        page = await http.get(f"{url}/stage/?token={key}")
        assert page.status_code == 200
        assert key not in page.headers["set-cookie"]
        assert (await http.get(f"{url}/stage/")).status_code == 200, "a reload goes by the cookie"
        assert (await http.get(f"{url}/panel/")).status_code == 401
        assert (await http.get(f"{url}/live")).status_code == 204


async def test_the_application_takes_over_also_on_a_connection_that_stands(tmp_path: Path) -> None:
    async with opened(tmp_path) as (door, url), httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{url}/health")).status_code == 503
        door.open(PlainTextResponse("ready"))
        assert (await http.get(f"{url}/health")).text == "ready"
        await door.close()
        with pytest.raises(httpx.TransportError):
            await http.get(f"{url}/health")


def test_progress_never_goes_back() -> None:
    waiting, seen = Waiting(), [0.0]
    for part in Part:
        waiting.enter(part)
        seen.append(waiting.progress)
    assert seen == sorted(seen)
    assert waiting.part is Part.SHOW
    waiting = Waiting()
    for done, total in ((5, 10), (9, 10), (1, 100), (0, 0), (20, 10), (-5, 10)):  # a second file begins at nothing
        waiting.fetched(done, total)
        seen.append(waiting.progress)
    assert seen[-6:] == sorted(seen[-6:])
    assert seen[-1] <= 1


def test_the_page_has_words_for_each_part_in_both_languages() -> None:
    html = (Path(__file__).parents[2] / "bot/web/waiting.html").read_text("utf-8")
    for part in Part:
        assert len(re.findall(rf'\b{part}: "', html)) == 2, part


async def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with contextlib.closing(bind("127.0.0.1", 0)) as first:
        web = Web(port=first.getsockname()[1])
        with pytest.raises(ConfigError, match="is taken"):
            async with open_door(web, tmp_path / "data"):
                pass
        assert not (tmp_path / "data").exists()


async def test_two_hosts_that_start_at_once_do_not_share_a_port(tmp_path: Path) -> None:
    with contextlib.closing(bind("127.0.0.1", 0)) as first, pytest.raises(ConfigError, match="is taken"):
        bind("127.0.0.1", first.getsockname()[1])


async def test_an_error_behind_the_door_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such persona"):
        async with opened(tmp_path):
            raise ConfigError("no such persona")


async def test_a_start_can_be_cancelled(tmp_path: Path) -> None:
    at_it = asyncio.Event()

    async def start() -> None:
        async with opened(tmp_path):
            at_it.set()
            await asyncio.sleep(60)

    async with asyncio.TaskGroup() as group:
        starting = group.create_task(start())
        await at_it.wait()
        starting.cancel()
    assert starting.cancelled()


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
async def test_a_token_is_made_at_the_first_start_for_its_owner_alone(tmp_path: Path) -> None:
    async with opened(tmp_path, "") as (door, _):
        file = tmp_path / "data" / "token"
        assert file.read_text().strip() == door.token
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    (tmp_path / "data").rename(tmp_path / "away")
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(ConfigError, match="cannot be kept") as error:
        async with opened(tmp_path, ""):
            pass
    assert error.value.remedy


async def test_what_the_start_says_is_json_and_names_no_secret(tmp_path: Path) -> None:
    async with opened(tmp_path) as (door, url), httpx.AsyncClient(headers=AUTH) as http:
        text = (await http.get(f"{url}/health")).text
        assert json.loads(text)["progress"] == 0
        assert not any(key in text for key in door.keys)
