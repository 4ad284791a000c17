"""The web side over a real uvicorn on loopback: the gate, the limits, the sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Generic, TypeVar

import httpx
import pytest
import websockets

from bot.control.chat_room import ChatRoom
from bot.control.schemas.chat import ChatIn, ChatStatus
from bot.control.schemas.moderation import ModerationState
from bot.control.schemas.panel import ActIn, Counts, Done, PanelState, Receipt, Role, SignIn, Stage
from bot.errors import ConfigError, Refused
from bot.runtime.signal import Signal
from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Author, Message
from bot.web.routes.moderation import ModerationControl
from bot.web.server import bind, create_app, make_server
from tests.fakes.moderation_control import FakeModeration

TOKEN = "a-long-token-of-the-test"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


NOTHING = ModerationState(held=[], audit=[], escalations=[], permits=[], shield=None, guard=None, cases=0)


class Desk:
    """A control that remembers its orders."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.room = ChatRoom("hello", "AI")
        self.room.status(ChatStatus(host="Mira", state="idle", audible=True))
        self.orders: list[str] = []

    @property
    def moderation(self) -> ModerationControl:
        return FakeModeration(self.orders)

    async def chat(self, line: ChatIn) -> Receipt:
        self.orders.append(f"chat {line.author}: {line.text}")
        self.room.add(Message("m1", "local", Author("a", line.author), line.text))
        return Receipt(id="m1", outcome="queued", reason="")

    def say(self, text: str) -> Receipt:
        if text == "no":
            raise Refused("the host is stopped", remedy="Arm it again first.")
        self.orders.append(f"say {text}")
        return Receipt(id="s1", outcome="queued", reason="")

    def skip(self) -> Done:
        self.orders.append("skip")
        return Done(ok=True, detail="cut")

    def drop(self, item: str) -> Done:
        return Done(ok=item == "m1", detail="not there")

    async def stop(self) -> Done:
        self.orders.append("stop")
        return Done(ok=True, detail="")

    def rearm(self) -> Done:
        self.orders.append("rearm")
        return Done(ok=True, detail="")

    async def act(self, order: ActIn) -> Done:
        self.orders.append(f"act {order.action} on {order.source}")
        return Done(ok=True, detail="")

    async def sign_in(self, source: str, role: Role) -> SignIn:
        self.orders.append(f"sign in to {source} as {role}")
        return SignIn(
            source=source, role=role, state="waiting", url="https://platform.test/activate", code="ABCD", qr=[],
            detail="", expires_in_s=60.0,
        )  # fmt: skip

    def reconnect(self, source: str) -> Done:
        self.orders.append(f"reconnect {source}")
        return Done(ok=True, detail="")

    def state(self) -> PanelState:
        return PanelState(
            version="1", persona="Mira", languages=["en"], state="idle", stopped_because="", uptime_s=1.0, now=None,
            queue=[], stage=Stage(audible=True, pages=1, detail=""), parts=[], turns=[], counts=Counts(),
            connections=[], streams=[], holds=[], alarms=[], moderation=NOTHING,
        )  # fmt: skip

    def metrics(self) -> bytes:
        return b"haishin_up 1\n"


D = TypeVar("D", bound=Desk)


class Site(Generic[D]):
    def __init__(self, desk: D, stage: Overlay, port: int) -> None:
        self.desk, self.stage, self.port = desk, stage, port
        self.http = f"http://127.0.0.1:{port}"
        self.ws = f"ws://127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def serve(tmp_path: Path, desk: D) -> AsyncIterator[Site[D]]:
    for name in ("stage", "panel", "chat"):
        (tmp_path / name / "assets").mkdir(parents=True)
        (tmp_path / name / "index.html").write_text(f"<title>{name}</title>")
        (tmp_path / name / "assets" / "a.js").write_text("1")
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"), Signal(), max_pages=4)
    sock = bind("127.0.0.1", 0)
    server = make_server(create_app(desk, stage, tmp_path), token=TOKEN, host="127.0.0.1", origins=["http://obs.test"])
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield Site(desk, stage, sock.getsockname()[1])
        finally:
            server.should_exit = True
            await serving


def site(tmp_path: Path) -> contextlib.AbstractAsyncContextManager[Site[Desk]]:
    return serve(tmp_path, Desk())


async def test_without_the_token_there_is_nothing(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for path in ("/", "/stage/", "/panel/", "/chat/", "/chat/assets/a.js", "/api/state", "/health", "/metrics",
                     "/openapi.json", "/nothing"):  # fmt: skip
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
                answer = await http.get(s.http + path, headers=headers)
                assert answer.status_code == 401, path
                assert set(answer.json()) == {"detail"}
        for path in ("/api/chat", "/api/stop", "/api/say"):
            assert (await http.post(s.http + path, json={})).status_code == 401
        for path in ("/ws/stage", "/ws/panel", "/ws/chat", "/ws/none"):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(f"{s.ws}{path}?token=wrong")
            assert refused.value.response.status_code == 401
        assert s.desk.orders == []


async def test_foreign_pages_and_names_are_refused(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for origin in ("http://evil.test", "null", f"http://127.0.0.1:{s.port}.evil.test", "http://127.0.0.1:1"):
            answer = await http.post(f"{s.http}/api/stop", headers={**AUTH, "Origin": origin})
            assert answer.status_code == 403
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(f"{s.ws}/ws/panel?token={TOKEN}", origin=origin)  # type: ignore[arg-type]
            assert refused.value.response.status_code == 403
        assert (await http.get(f"{s.http}/health", headers={**AUTH, "Host": "evil.test"})).status_code == 403
        for origin in (s.http, "http://obs.test"):
            answer = await http.post(f"{s.http}/api/stop", headers={**AUTH, "Origin": origin})
            assert answer.status_code == 200


async def test_a_page_opens_its_files_by_cookie_and_nothing_else(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        page = await http.get(f"{s.http}/stage/?token={TOKEN}")
        assert page.status_code == 200
        assert "HttpOnly" in page.headers["set-cookie"]
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert (await http.get(f"{s.http}/stage/assets/a.js")).status_code == 200
        assert (await http.get(f"{s.http}/api/state")).status_code == 401
        assert (await http.post(f"{s.http}/api/stop")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 60_000, b'{"author": "a"}',
        b'{"author": "a", "text": 5}', b'{"author": "a", "text": ""}', b'{"author": "a", "text": "   "}',
        b'{"author": "a", "text": "x", "extra": 1}', b'{"author": "", "text": "x"}', b'{"author": "a", "text": null}',
        b'{"author": "a", "text": "\\ud800"}', b'{"author": ["a"], "text": "x"}',
        json.dumps({"author": "a", "text": "x" * 501}).encode(), json.dumps({"author": "a" * 51, "text": "x"}).encode(),
    ],
)  # fmt: skip
async def test_broken_lines_are_refused_in_words(tmp_path: Path, body: bytes) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        answer = await http.post(
            f"{s.http}/api/chat", content=body, headers={**AUTH, "Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["detail"]
        assert s.desk.orders == []


async def test_ten_megabytes_are_refused(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        body = json.dumps({"author": "a", "text": "x" * 10_000_000})
        answer = await http.post(f"{s.http}/api/chat", content=body, headers=AUTH)
        assert answer.status_code == 413
        with contextlib.suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            assert (await http.post(f"{s.http}/api/chat", content=chunks(), headers=AUTH)).status_code == 413
        assert s.desk.orders == []
        assert (await http.get(f"{s.http}/health", headers=AUTH)).status_code == 200


async def test_orders(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.post(f"{s.http}/api/chat", json={"author": "a", "text": "hi"})).status_code == 202
        assert (await http.post(f"{s.http}/api/say", json={"text": "hello"})).status_code == 202
        refused = await http.post(f"{s.http}/api/say", json={"text": "no"})
        assert refused.status_code == 409
        assert "Arm it" in refused.json()["detail"]
        for order in ("skip", "stop", "rearm"):
            assert (await http.post(f"{s.http}/api/{order}")).status_code == 200
        assert (await http.post(f"{s.http}/api/queue/m1/drop")).status_code == 200
        assert (await http.post(f"{s.http}/api/queue/gone/drop")).status_code == 404
        assert s.desk.orders == ["chat a: hi", "say hello", "skip", "stop", "rearm"]
        assert "haishin_up" in (await http.get(f"{s.http}/metrics")).text


async def test_sockets(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        async with websockets.connect(f"{s.ws}/ws/panel?token={TOKEN}") as panel:
            assert json.loads(await panel.recv())["type"] == "state"
        async with websockets.connect(f"{s.ws}/ws/chat?token={TOKEN}") as chat, httpx.AsyncClient(headers=AUTH) as http:
            assert json.loads(await chat.recv())["type"] == "hello"
            await http.post(f"{s.http}/api/chat", json={"author": "a", "text": "<b>hi</b>"})
            frame = json.loads(await asyncio.wait_for(chat.recv(), 2))
            assert (frame["type"], frame["text"]) == ("line", "<b>hi</b>")
        async with websockets.connect(f"{s.ws}/ws/stage?role=audio&audio=suspended&token={TOKEN}") as blocked:
            assert json.loads(await blocked.recv())["role"] == "view"
        async with websockets.connect(f"{s.ws}/ws/stage?role=audio&token={TOKEN}") as stage:
            assert json.loads(await stage.recv())["role"] == "audio"
            await stage.send("{")
            assert json.loads(await stage.recv())["type"] == "problem"
            await stage.send(b"\x00\x01")
            assert json.loads(await stage.recv())["type"] == "problem"
            await stage.send("x" * 70_000)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await stage.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009


async def test_many_sockets_are_bounded_and_the_site_lives(tmp_path: Path) -> None:
    async with site(tmp_path) as s, contextlib.AsyncExitStack() as stack:
        refused = 0
        for _ in range(300):
            try:
                ws = await stack.enter_async_context(websockets.connect(f"{s.ws}/ws/stage?role=view&token={TOKEN}"))
                first = await ws.recv()
                assert json.loads(first)["type"] == "hello"
            except websockets.WebSocketException:
                refused += 1
        assert refused == 296
        async with httpx.AsyncClient(headers=AUTH) as http:
            assert (await http.get(f"{s.http}/health")).status_code == 200


async def test_a_taken_port_is_explained() -> None:
    first = bind("127.0.0.1", 0)
    first.listen()
    with pytest.raises(ConfigError, match="is taken") as error:
        bind("127.0.0.1", first.getsockname()[1])
    assert "HAISHIN_WEB__PORT" in error.value.remedy
    first.close()
