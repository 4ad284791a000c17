"""The web side over a real uvicorn on loopback: the gate, the limits, the sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Generic, TypeVar, cast

import httpx
import pytest
import websockets
from fastapi import FastAPI
from loguru import logger

from bot import config
from bot.control.avatar.controls import AvatarControls
from bot.control.budget import BudgetControls
from bot.control.chat_room import ChatRoom
from bot.control.control_room import ControlRoom
from bot.control.ears import EarsControls
from bot.control.eyes import EyesControls
from bot.control.memory import MemoryControls
from bot.control.mixer import MixerControls
from bot.control.night import NightControls
from bot.control.programme import ProgrammeControls
from bot.control.pronunciations import PronunciationControls
from bot.control.schemas.chat import ChatIn, ChatStatus
from bot.control.schemas.moderation import ModerationState
from bot.control.schemas.panel import ActIn, Counts, Done, PanelState, Receipt, Role, SignIn, Stage
from bot.control.tools import ToolControls
from bot.errors import ConfigError, Refused, TransientError
from bot.runtime.signal import Signal
from bot.stage.hub import Overlay
from bot.stage.models.library import ModelLibrary
from bot.stage.protocol import Captions, Look, Settings
from bot.telemetry.alarms import Alarms
from bot.types import Author, Message
from bot.web.auth.guesses import FREE, MAX_WAITING, Guesses
from bot.web.auth.token import read_or_make_token
from bot.web.server import bind, create_app, make_server
from tests.fakes.moderation_control import FakeModeration

TOKEN = "a-long-token-of-the-test"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


NOTHING = ModerationState(held=[], audit=[], escalations=[], permits=[], shield=None, guard=None, cases=0)


class Desk:
    """Stands for `ControlRoom` before the routes: remembers its orders, and counts how often its state was built."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.room = ChatRoom("hello", "AI")
        self.room.status(ChatStatus(host="Mira", state="idle", audible=True))
        self.orders: list[str] = []
        self.built = 0
        self.troubles: dict[str, str] = {}
        self.the_ears = EarsControls()
        self.names = PronunciationControls()

    @property
    def mixer(self) -> MixerControls:
        return MixerControls(None)

    @property
    def programme(self) -> ProgrammeControls:
        return ProgrammeControls(None)

    @property
    def ears(self) -> EarsControls:
        return self.the_ears

    @property
    def night(self) -> NightControls:
        return NightControls(None)

    @property
    def budget(self) -> BudgetControls:
        return BudgetControls()

    @property
    def memory(self) -> MemoryControls:
        return MemoryControls()

    @property
    def tools(self) -> ToolControls:
        return ToolControls(None)

    @property
    def eyes(self) -> EyesControls:
        return EyesControls(None)

    @property
    def moderation(self) -> FakeModeration:
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

    def dismiss_alarm(self, alarm: str) -> Done:
        return Done(ok=alarm == "fault:twitch:g/1", detail="it does not stand any more")

    async def retry_provider(self, kind: str, name: str) -> Done:
        if name == "nobody":
            raise Refused("there is no provider 'nobody'", remedy="Choose one of: openai.")
        self.orders.append(f"retry {kind} {name}")
        return Done(ok=True, detail="")

    async def forget_viewer(self, source: str, viewer: str) -> Done:
        if viewer == "busy":
            raise TransientError("the database is busy")
        self.orders.append(f"forget {viewer} of {source}")
        return Done(ok=True, detail="")

    def drop(self, item: str, source: str = "") -> Done:
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

    def status(self) -> ChatStatus:
        return ChatStatus(host="Mira", state="idle", audible=True)

    def state(self) -> PanelState:
        self.built += 1
        return PanelState(
            version="1", persona="Mira", languages=["en"], state="idle", stopped_because="", uptime_s=1.0, now=None,
            queue=[], stage=Stage(audible=True, pages=1, detail=""), parts=[], turns=[], counts=Counts(),
            connections=[], streams=[], holds=[], alarms=[], moderation=NOTHING,
        )  # fmt: skip

    def down(self) -> dict[str, str]:
        return self.troubles

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
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"), max_pages=4)
    avatar = AvatarControls(ModelLibrary(tmp_path), stage, Alarms(lambda: 0.0))
    sock = bind("127.0.0.1", 0)
    server = make_server(
        create_app(cast("ControlRoom", desk), stage, tmp_path, avatar=avatar),
        token=TOKEN,
        host="127.0.0.1",
        origins=["http://obs.test"],
    )
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
        # Cookies go to every port of this host: what is in it must not be the key.
        assert TOKEN not in page.headers["set-cookie"]
        value = next(iter(http.cookies.jar)).value or ""
        for headers in (
            {"Authorization": f"Bearer {value}"},
            {"Cookie": f"{next(iter(http.cookies.jar)).name}={TOKEN}"},
        ):
            async with httpx.AsyncClient(headers=headers) as other:
                assert (await other.get(f"{s.http}/api/state")).status_code == 401
                assert (await other.get(f"{s.http}/stage/assets/a.js")).status_code == 401
                assert (await other.get(f"{s.http}/api/state?token={value}")).status_code == 401


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


async def test_live_tells_strangers_nothing_but_that_it_serves(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        answer = await http.get(f"{s.http}/live")
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await http.head(f"{s.http}/live")).status_code == 204
        assert (await http.post(f"{s.http}/live")).status_code == 401
        assert (await http.get(f"{s.http}/live/")).status_code == 401
        assert (await http.get(f"{s.http}/live", headers={"Origin": "http://evil.test"})).status_code == 403
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"{s.ws}/live")
        assert refused.value.response.status_code == 401
        assert s.desk.built == 0


async def test_health_is_cheap(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/health")).json() == {"status": "ok", "state": "idle", "audible": True}
        s.desk.troubles["database"] = "the database failed: database is locked"
        answer = (await http.get(f"{s.http}/health")).json()
        assert (answer["status"], answer["down"]) == ("degraded", s.desk.troubles)
        assert s.desk.built == 0


@pytest.mark.parametrize(
    "query", ["&".join("a" * 40), "a=1&" * 30 + f"token={TOKEN}", "token=" + "%ff" * 30, "&" * 500]
)
async def test_any_query_without_the_token_is_refused_in_words(tmp_path: Path, query: str) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for path in ("/", "/stage/", "/api/state"):
            answer = await http.get(f"{s.http}{path}?{query}")
            assert (answer.status_code, set(answer.json())) == (401, {"detail"})


async def test_all_control_rooms_share_one_state(tmp_path: Path) -> None:
    async with site(tmp_path) as s, contextlib.AsyncExitStack() as stack:
        panels = [
            await stack.enter_async_context(websockets.connect(f"{s.ws}/ws/panel?token={TOKEN}")) for _ in range(16)
        ]
        for panel in panels:
            await panel.recv()
        before = s.desk.built

        async def count(panel: websockets.ClientConnection) -> int:
            got = 0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    while await panel.recv():
                        got += 1
            return got

        async def change() -> None:
            for _ in range(100):
                s.desk.changed.notify()
                await asyncio.sleep(0.01)

        async with asyncio.TaskGroup() as group:
            group.create_task(change())
            counting = [group.create_task(count(panel)) for panel in panels]
        # Five a second and one at the edge, for all; each page still hears of each.
        assert s.desk.built - before <= 7
        assert all(3 <= task.result() <= 7 for task in counting)


async def test_a_change_is_told_soon_and_once(tmp_path: Path) -> None:
    async with site(tmp_path) as s, websockets.connect(f"{s.ws}/ws/panel?token={TOKEN}") as panel:
        await panel.recv()
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        s.desk.changed.notify()
        await panel.recv()
        assert asyncio.get_running_loop().time() - began < 0.4


def test_a_short_key_is_refused_where_others_can_reach_the_host() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "studio.local"):
        with pytest.raises(ConfigError, match="would guess it") as error:
            config.load([], {"HAISHIN_TOKEN": "short-key", "HAISHIN_WEB__HOST": host})
        assert "short-key" not in str(error.value)
        config.load([], {"HAISHIN_TOKEN": "sixteen-letters!", "HAISHIN_WEB__HOST": host})
        config.load([], {"HAISHIN_WEB__HOST": host})
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.2"):
        config.load([], {"HAISHIN_TOKEN": "short-key", "HAISHIN_WEB__HOST": host})


async def test_a_short_key_on_loopback_is_warned_of(tmp_path: Path) -> None:
    told: list[str] = []
    sink = logger.add(lambda message: told.append(str(message)), level="WARNING")
    try:
        make_server(FastAPI(), token="x", host="127.0.0.1", origins=[])
        make_server(FastAPI(), token=TOKEN, host="127.0.0.1", origins=[])
    finally:
        logger.remove(sink)
    assert len(told) == 1
    assert "1 characters" in told[0]


async def test_guesses_are_slowed_down_and_logged_and_the_right_key_is_not() -> None:
    told: list[str] = []
    sink = logger.add(lambda message: told.append(str(message)), level="WARNING")
    loop = asyncio.get_running_loop()
    guesses = Guesses(loop.time)
    try:
        began = loop.time()
        for _ in range(FREE):
            assert await guesses.wrong("10.0.0.1")
        assert loop.time() - began < 0.05
        for _ in range(3):
            assert await guesses.wrong("10.0.0.1")
        assert loop.time() - began >= 0.1 + 0.2 + 0.4
        began = loop.time()
        assert await guesses.wrong("10.0.0.2")
        assert loop.time() - began < 0.05
        answers = await asyncio.gather(*(guesses.wrong("10.0.0.1") for _ in range(MAX_WAITING + 5)))
        assert answers.count(False) == 5
    finally:
        logger.remove(sink)
    assert len([words for words in told if "10.0.0.1" in words]) == 1


async def test_many_wrong_keys_do_not_lock_the_right_one_out(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:

        async def guess(number: int) -> int:
            return (await http.get(f"{s.http}/api/state?token=guess-{number}")).status_code

        async with asyncio.TaskGroup() as group:
            guessing = [group.create_task(guess(number)) for number in range(FREE + MAX_WAITING + 10)]
            await asyncio.sleep(0.3)
            assert (await http.get(f"{s.http}/api/state", headers=AUTH)).status_code == 200
            assert not all(task.done() for task in guessing), "it is answered before the wrong ones"
        assert {task.result() for task in guessing} == {401, 429}


def test_the_token_file_belongs_to_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "data" / "token"
    made = read_or_make_token(file)
    assert read_or_make_token(file) == made
    file.chmod(0o644)
    assert read_or_make_token(file) == made
    assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("short")
    assert len(read_or_make_token(file)) >= 16


async def test_what_puts_something_right(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(base_url=s.http, headers=AUTH) as http:
        assert (await http.post("/api/alarms/fault:twitch:g%2F1/dismiss")).status_code == 200
        assert (await http.post("/api/alarms/overdue/dismiss")).status_code == 404
        assert (await http.post("/api/providers/llm/openai-2/retry")).json()["ok"] is True
        assert (await http.post("/api/providers/llm/nobody/retry")).status_code == 409
        assert (await http.post("/api/providers/tools/openai/retry")).status_code == 422
        assert (await http.post("/api/viewers/twitch/12345/forget")).json()["ok"] is True
        assert (await http.post("/api/viewers/twitch/busy/forget")).status_code == 503
        assert s.desk.orders == ["retry llm openai-2", "forget 12345 of twitch"]
