"""The routes of the platforms over a real uvicorn: what passes, what is refused, and in which words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from bot.control.schemas.panel import ActIn, Action, Done, Role, SignIn
from bot.errors import FatalError, HaishinError, QuotaError, Refused, TransientError
from bot.web.auth.token import page_key
from tests.web.test_server import AUTH, TOKEN, Desk, serve

ROUTES = ("/api/act", "/api/connections/twitch/sign-in", "/api/connections/twitch/reconnect")


class Platforms(Desk):
    """Keeps the orders whole, and fails as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.acts: list[ActIn] = []
        self.fails: HaishinError | None = None

    def _fail(self) -> None:
        if self.fails:
            raise self.fails

    async def act(self, order: ActIn) -> Done:
        self._fail()
        self.acts.append(order)
        return Done(ok=True, detail=f"{order.action}: done")

    async def sign_in(self, source: str, role: Role) -> SignIn:
        self._fail()
        return await super().sign_in(source, role)

    def reconnect(self, source: str) -> Done:
        self._fail()
        return super().reconnect(source)


@asynccontextmanager
async def platforms(tmp_path: Path) -> AsyncIterator[tuple[Platforms, httpx.AsyncClient]]:
    async with (
        serve(tmp_path, Platforms()) as site,
        httpx.AsyncClient(base_url=site.http, headers=AUTH) as http,
    ):
        yield site.desk, http
        assert (await http.get("/health")).status_code == 200


async def test_every_action_passes_with_what_it_names(tmp_path: Path) -> None:
    async with platforms(tmp_path) as (desk, http):
        for action in get_args(Action):
            answer = await http.post("/api/act", json={"source": "twitch", "action": action})
            assert (answer.status_code, answer.json()) == (200, {"ok": True, "detail": f"{action}: done"})
        whole = {
            "source": "bilibili_web", "action": "poll", "user": "u1", "message": "m1", "text": " 今天玩什么? ",
            "seconds": 14 * 24 * 3600, "choices": ["a", "b", "c", "d", "e" * 25],
        }  # fmt: skip
        assert (await http.post("/api/act", json=whole)).status_code == 200
        plain, last = desk.acts[0], desk.acts[-1]
        assert (plain.user, plain.message, plain.text, plain.seconds, plain.choices) == ("", "", "", 600, [])
        assert last.model_dump() == whole | {"text": "今天玩什么?"}
        assert len(desk.acts) == len(get_args(Action)) + 1


@pytest.mark.parametrize(
    "error",
    [
        Refused("twitch cannot ban here", remedy="The scope was not granted."),
        TransientError("Twitch is not connected now", provider="twitch"),
        QuotaError("too many lines", retry_after_s=2.0, remedy="Wait a little."),
        FatalError("the sign-in was taken back", remedy="Sign in again."),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_cannot_be_done_is_a_conflict_with_its_remedy(tmp_path: Path, error: HaishinError) -> None:
    async with platforms(tmp_path) as (desk, http):
        desk.fails = error
        answer = await http.post("/api/act", json={"source": "twitch", "action": "ban", "user": "u1"})
        assert answer.status_code == 409
        assert answer.json() == {"detail": f"{error}. {error.remedy}".strip()}
        assert desk.acts == []


_MANY: list[dict[str, Any]] = [
    {"action": "fly"},
    {"action": "Ban"},
    {"action": None},
    {"action": ["ban"]},
    {"source": ""},
    {"source": "Twitch"},
    {"source": "../twitch"},
    {"source": "twitch\n"},
    {"source": "t" * 33},
    {"source": 5},
    {"user": "u" * 201},
    {"user": 12},
    {"message": "m" * 201},
    {"message": {"id": "m"}},
    {"text": "x" * 501},
    {"text": "\ud800"},
    {"seconds": 0},
    {"seconds": -1},
    {"seconds": 14 * 24 * 3600 + 1},
    {"seconds": 10**40},
    {"seconds": "600"},
    {"seconds": 1.5},
    {"seconds": True},
    {"choices": ["a"] * 6},
    {"choices": ["a" * 26]},
    {"choices": "ab"},
    {"choices": [1]},
    {"extra": 1},
    {"__class__": "x"},
]


async def test_orders_of_a_wrong_shape_are_refused_in_words(tmp_path: Path) -> None:
    good = {"source": "twitch", "action": "ban", "user": "u1"}
    async with platforms(tmp_path) as (desk, http):
        for wrong in _MANY:
            body = json.dumps(good | wrong)
            answer = await http.post("/api/act", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 422), (wrong, answer.text)
            assert answer.json()["detail"], wrong
        for lacking in ("source", "action"):
            answer = await http.post("/api/act", json={k: v for k, v in good.items() if k != lacking})
            assert answer.status_code == 422
        assert desk.acts == []


BROKEN = [
    b"{", b"[]", b'"x"', b"7", b"true", b"\xff\xfe", b"[" * 60_000, b'{"a":' * 10_000, b'{"source": "twitch"',
    b"\x00" * 100, b'{"role": NaN}', b"role=streamer",
]  # fmt: skip


@pytest.mark.parametrize("path", ROUTES[:2])
async def test_broken_bodies_are_refused(tmp_path: Path, path: str) -> None:
    async with platforms(tmp_path) as (desk, http):
        for body in BROKEN:
            for kind in ("application/json", "text/plain", "multipart/form-data"):
                answer = await http.post(path, content=body, headers={"Content-Type": kind})
                assert answer.status_code in (400, 422), (body[:20], kind, answer.text)
                assert answer.json()["detail"]
        big = b'{"role": "' + b"x" * 70_000 + b'"}'
        assert (await http.post(path, content=big)).status_code == 413
        assert (desk.acts, desk.orders) == ([], [])


async def test_a_sign_in_is_the_bots_unless_the_body_says_otherwise(tmp_path: Path) -> None:
    async with platforms(tmp_path) as (desk, http):
        path = "/api/connections/twitch/sign-in"
        for body, role in ((None, "bot"), ({}, "bot"), ({"role": "bot"}, "bot"), ({"role": "streamer"}, "streamer")):
            answer = await http.post(path, json=body) if body is not None else await http.post(path)
            assert answer.status_code == 200
            assert answer.json() == {
                "source": "twitch", "role": role, "state": "waiting", "url": "https://platform.test/activate",
                "code": "ABCD", "qr": [], "detail": "", "expires_in_s": 60.0,
            }  # fmt: skip
        roles: list[Any] = ["", "Bot", "admin", None, 1, ["bot"], {"bot": 1}, "streamer\n", "bot" * 10_000]
        for wrong in roles:
            assert (await http.post(path, json={"role": wrong})).status_code == 422, wrong
        assert (await http.post(path, json={"role": "bot", "scope": "all"})).status_code == 422
        assert desk.orders == [f"sign in to twitch as {r}" for r in ("bot", "bot", "bot", "streamer")]


async def test_signing_in_and_trying_again_are_refused_in_words(tmp_path: Path) -> None:
    async with platforms(tmp_path) as (desk, http):
        assert (await http.post("/api/connections/bilibili_web/reconnect")).json() == {"ok": True, "detail": ""}
        desk.fails = Refused("there is no connection 'youtube'", remedy="Connected are: twitch.")
        for what in ("sign-in", "reconnect"):
            answer = await http.post(f"/api/connections/youtube/{what}")
            assert answer.status_code == 409
            assert answer.json()["detail"] == "there is no connection 'youtube'. Connected are: twitch."
        assert desk.orders == ["reconnect bilibili_web"]


@pytest.mark.parametrize("what", ["sign-in", "reconnect"])
async def test_names_that_no_connection_can_have_are_refused(tmp_path: Path, what: str) -> None:
    async with platforms(tmp_path) as (desk, http):
        for name in ("Twitch", "1a", "a-b", "t" * 33, "twitch%0A", "%00", "%F0%9F%90%99", "%3Cscript%3E", "t" * 4000):
            answer = await http.post(f"/api/connections/{name}/{what}")
            assert answer.status_code == 422, name
            assert answer.json()["detail"], name
        for name in ("", "a/b", "..%2Ftwitch"):  # these are other paths
            assert (await http.post(f"/api/connections/{name}/{what}")).status_code == 404, name
        assert (await http.get(f"/api/connections/twitch/{what}")).status_code in (404, 405)
        assert desk.orders == []


@pytest.mark.parametrize("path", ROUTES)
async def test_nothing_is_done_without_the_token_or_from_another_page(tmp_path: Path, path: str) -> None:
    body = {"source": "twitch", "action": "ban", "user": "u1"} if path == "/api/act" else {}
    async with platforms(tmp_path) as (desk, http):
        for wrong in ("", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}"):
            answer = await http.post(path, json=body, headers={"Authorization": wrong})
            assert answer.status_code == 401, wrong
        await http.get("/panel/", params={"token": TOKEN})
        assert list(http.cookies.values()) == [page_key(TOKEN)]  # a page's cookie opens files, and gives no orders
        assert (await http.post(path, json=body, headers={"Authorization": ""})).status_code == 401
        assert (await http.post(path, json=body, headers={"Origin": "http://evil.test"})).status_code == 403
        assert (await http.post(path, json=body, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
        assert (await http.post(path, json=body, headers={"Host": "evil.test"})).status_code == 403
        assert (desk.acts, desk.orders) == ([], [])
        assert (await http.post(path, json=body)).status_code == 200
