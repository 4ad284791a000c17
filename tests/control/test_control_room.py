"""The platforms through the real desk and the real server: connections, sign-ins, what is held, alarms, metrics."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.control.chat_room import ChatRoom
from bot.control.control_room import ControlRoom
from bot.control.schemas.panel import PanelState
from bot.errors import FatalError, Refused
from bot.sources.bilibili import open_source as bilibili_open
from bot.sources.bilibili import web_source as bilibili_web
from bot.sources.registry import MAX_HOLDS
from bot.sources.source import ChannelAction, Link, LinkState, Missing, Notice, SignInStep
from bot.sources.twitch import source as twitch
from bot.telemetry.metrics import Metrics
from bot.types import Author, Evidence, Health, Kind, Message, Money, Retraction
from bot.web.server import bind, create_app, make_server
from moderation import Action, Verdict
from tests.support.harness import SAGA, Stagehand

TOKEN = "a-long-token-of-the-test"
DAY = 24 * 3600.0


class FakeSource:
    """A platform that does what it is told to. A sign-in waits for `proceed` between its steps."""

    def __init__(self, name: str, actions: frozenset[str] = frozenset(), *, renews: bool = True) -> None:
        self.name, self.actions, self.renews = name, actions, renews
        self.can_sign_in = True
        self.orders: list[ChannelAction] = []
        self.roles: list[str] = []
        self.nudged = 0
        self.fails: Exception | None = None
        self.proceed = asyncio.Event()

    async def run(self) -> None: ...

    def retry_now(self) -> None:
        self.nudged += 1

    async def act(self, order: ChannelAction) -> str:
        if self.fails:
            raise self.fails
        self.orders.append(order)
        return f"{order.action}: done"

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None:
        self.roles.append(role)
        if self.fails:
            raise self.fails
        until = asyncio.get_running_loop().time() + 300
        show(SignInStep("waiting", "https://platform.test/activate", "ABCD-EFGH", ("101", "010", "101"), until=until))
        await self.proceed.wait()
        show(SignInStep("done", detail="signed in as mira", until=until))

    async def check(self) -> Health:
        return Health(ok=True, detail="")


class Forgetful:
    """A ledger that notes what it was told to forget."""

    def __init__(self) -> None:
        self.forgot: list[tuple[str | None, str | None, str | None]] = []

    async def retract(self, *, message: str | None = None, author: str | None = None, source: str | None = None) -> int:
        self.forgot.append((message, author, source))
        return 0


class House:
    """A show whose desk is behind the real server, with two platforms and their sign-ins at work."""

    def __init__(self) -> None:
        self.hand = Stagehand()
        self.ledger = Forgetful()
        self.desk = ControlRoom(
            self.hand.show, self.hand.intake, ChatRoom("hello", "AI"), self.hand.persona, Metrics(), self.hand.pulse,
            list, self.ledger,
        )  # fmt: skip
        self.platforms = self.desk.platforms
        self.twitch = FakeSource("twitch", frozenset({"send", "delete", "ban", "allow", "deny", "fly"}))
        self.bilibili = FakeSource("bilibili_web", renews=False)
        self.platforms.sources = {"twitch": self.twitch, "bilibili_web": self.bilibili}
        self.http: httpx.AsyncClient

    def link(self, name: str = "twitch", state: LinkState = LinkState.LIVE, **more: Any) -> None:
        self.platforms.link(Link(name, state, **{"since": time.monotonic(), **more}))

    async def state(self) -> PanelState:
        answer = await self.http.get("/api/state")
        assert answer.status_code == 200
        return PanelState.model_validate_json(answer.content)

    async def metrics(self) -> dict[tuple[str, ...], float]:
        """Return the samples by name and the values of their labels, in the order of the labels' names."""
        answer = await self.http.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }


@contextlib.asynccontextmanager
async def house(tmp_path: Path) -> AsyncIterator[House]:
    for name in ("stage", "panel", "chat"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    made = House()
    sock = bind("127.0.0.1", 0)
    app = create_app(made.desk, made.hand.stage, tmp_path)
    server = make_server(app, token=TOKEN, host="127.0.0.1", origins=[])
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[sock]))
        signing = group.create_task(made.platforms.run_sign_ins())
        while not server.started:
            await asyncio.sleep(0.01)
        base, headers = f"http://127.0.0.1:{sock.getsockname()[1]}", {"Authorization": f"Bearer {TOKEN}"}
        try:
            async with httpx.AsyncClient(base_url=base, headers=headers, timeout=15) as made.http:
                yield made
        finally:
            signing.cancel()
            server.should_exit = True
            await serving


# --- connections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(LinkState))
async def test_a_connection_in_each_state(tmp_path: Path, state: LinkState) -> None:
    async with house(tmp_path) as h:
        now = time.monotonic()
        h.link(
            "twitch", state, detail="what is the matter", remedy="do this", account="mira in #ann", since=now - 60,
            heard_at=now - 3, event_at=now - 30, expires_in_s=3600.0, reconnects=2,
            missing=(Missing("polls", "the scope was not granted"),), faults={"unknown event": 3},
        )  # fmt: skip
        (found,) = (await h.state()).connections
        assert (found.name, found.state, found.detail, found.remedy) == (
            "twitch", state.value, "what is the matter", "do this",
        )  # fmt: skip
        assert (found.account, found.expires_in_s, found.reconnects) == ("mira in #ann", 3600.0, 2)
        assert found.since_s == pytest.approx(60, abs=2)
        assert found.heard_s == pytest.approx(3, abs=2)
        assert found.event_s == pytest.approx(30, abs=2)
        assert [m.model_dump() for m in found.missing] == [{"what": "polls", "why": "the scope was not granted"}]
        assert found.faults == {"unknown event": 3}
        # In the contract's order, and nothing that the contract does not know.
        assert found.actions == ["send", "delete", "ban", "allow", "deny"]
        assert (found.can_sign_in, found.renews, found.sign_in) == (True, True, None)
        wanted = ["link:twitch"] if state in (LinkState.EXPIRED, LinkState.DENIED) else []
        assert [a.id for a in (await h.state()).alarms] == wanted
        numbers = await h.metrics()
        assert {s: numbers["haishin_connection", "twitch", s.value] for s in LinkState} == {
            s: float(s is state) for s in LinkState
        }


async def test_a_connection_that_never_heard_and_one_whose_source_is_gone(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        assert (await h.state()).connections == []
        h.link("twitch", LinkState.CONNECTING, since=time.monotonic() + 5)  # a clock that is read a moment later
        h.link("bilibili_web", LinkState.LIVE, account="樱" * 300)
        h.link("bilibili_open", LinkState.LIVE)
        first, second, third = (await h.state()).connections
        assert (first.since_s, first.heard_s, first.event_s, first.expires_in_s) == (0.0, None, None, None)
        assert (second.account, second.renews, second.actions) == ("樱" * 100, False, [])
        assert (third.can_sign_in, third.renews, third.actions) == (False, False, [])
        assert ("haishin_connection_heard_seconds", "twitch") not in await h.metrics()


def test_which_sign_ins_renew_themselves() -> None:
    renews = {s.Source.name: s.Source.renews for s in (twitch, bilibili_open, bilibili_web)}
    assert renews == {"twitch": True, "bilibili_open": False, "bilibili_web": False}


@pytest.mark.parametrize("name", ["twitch", "bilibili_web"])
async def test_the_end_of_a_sign_in_is_an_alarm_unless_it_renews_itself(tmp_path: Path, name: str) -> None:
    async with house(tmp_path) as h:
        h.link(name, expires_in_s=3 * DAY - 1)
        state = await h.state()
        (found,) = state.connections
        assert [a.id for a in state.alarms] == ([] if found.renews else [f"expiry:{name}"])
        h.link(name, expires_in_s=3 * DAY)
        assert (await h.state()).alarms == []


# --- what the platforms tell ----------------------------------------------------------------------


async def test_the_streams(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        tell = h.platforms.notice
        tell(Notice("twitch", "title", "", {"title": "T" * 500, "category": "C" * 500}))
        (found,) = (await h.state()).streams
        assert (found.source, found.online, found.title, found.category) == ("twitch", None, "T" * 200, "C" * 100)
        tell(Notice("twitch", "online", ""))
        tell(Notice("twitch", "hype_train", "", {"level": 4, "phase": "progress"}))
        tell(Notice("bilibili_web", "offline", ""))
        both = {s.source: (s.online, s.hype_level) for s in (await h.state()).streams}
        assert both == {"twitch": (True, 4), "bilibili_web": (False, 0)}
        tell(Notice("twitch", "hype_train", "", {"level": 4, "phase": "end"}))
        assert (await h.state()).streams[0].hype_level == 0
        assert (await h.metrics())["haishin_source_events_total", "hype_train", "twitch"] == 2


async def test_what_automod_holds_until_it_is_decided(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.link()
        held = {"user": "<b>Bo</b>", "text": "x" * 900, "category": "bullying", "level": 4}
        for n in range(MAX_HOLDS + 5):
            h.platforms.notice(Notice("twitch", "automod_hold", "", held | {"message_id": f"h{n}"}))
        holds = (await h.state()).holds
        assert [x.id for x in holds] == [f"h{n}" for n in range(5, MAX_HOLDS + 5)]
        assert (holds[0].author, holds[0].text, holds[0].category, holds[0].level) == (
            "<b>Bo</b>", "x" * 500, "bullying", 4,
        )  # fmt: skip
        assert 0 <= holds[0].age_s < 5
        decide = {"source": "twitch", "action": "deny", "message": "h5"}
        assert (await h.http.post("/api/act", json=decide)).json() == {"ok": True, "detail": "deny: done"}
        assert h.twitch.orders == [ChannelAction("deny", message="h5")]
        h.platforms.notice(Notice("twitch", "automod_update", "", {"message_id": "h6"}))
        await h.platforms.retract(Retraction("twitch", id="h7"))
        assert (await h.state()).holds[0].id == "h8"
        assert h.ledger.forgot == [("h7", None, "twitch")]
        h.twitch.fails = Refused("it was decided already")
        assert (await h.http.post("/api/act", json=decide | {"message": "h8"})).status_code == 409
        assert (await h.state()).holds[0].id == "h8"


async def test_alarms_stand_worst_first_until_they_are_over(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.platforms.notice(Notice("bilibili_web", "warning", "mind what is shown"))
        h.link(state=LinkState.DENIED, detail="banned from the channel", remedy="Ask the streamer.")
        h.platforms.notice(Notice("bilibili_web", "cut_off", "the stream was cut off"))
        alarms = (await h.state()).alarms
        assert [(a.id, a.level) for a in alarms] == [
            ("link:twitch", "error"), ("cut_off:bilibili_web", "error"), ("warning:bilibili_web", "warning"),
        ]  # fmt: skip
        assert (alarms[0].text, alarms[0].remedy) == ("twitch: banned from the channel", "Ask the streamer.")
        assert all(0 <= a.age_s < 5 for a in alarms)
        h.link()
        assert [a.id for a in (await h.state()).alarms] == ["cut_off:bilibili_web", "warning:bilibili_web"]


async def test_the_metrics_of_the_platforms(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.link(heard_at=time.monotonic() - 7, expires_in_s=1234.0, reconnects=3, faults={'odd "kind"\n\\': 5})
        offered = Message(
            "g1", "twitch", Author("1", "Ann"), "", Kind.GIFT, Money(5, "USD"), evidence=Evidence("SEND_GIFT"),
            at=1e-3,  # as old as the machine's clock allows
        )  # fmt: skip
        h.hand.inbox.offer(offered, Verdict(Action.ALLOW, (), 0.0, ""))
        numbers = await h.metrics()
        assert numbers["haishin_connection_heard_seconds", "twitch"] == pytest.approx(7, abs=2)
        assert numbers["haishin_sign_in_seconds", "twitch"] == 1234
        assert numbers["haishin_reconnects", "twitch"] == 3
        assert numbers["haishin_source_faults", "twitch", 'odd "kind"\n\\'] == 5
        assert numbers["haishin_thanks_overdue",] == 1


async def test_what_strangers_write_cannot_break_the_state(tmp_path: Path) -> None:
    odd = "<script>\x00\u202e\ud83d\ud800 \U0001f419"
    async with house(tmp_path) as h:
        h.link(detail=odd, account=odd, missing=(Missing(odd, odd),), faults={odd: 1})
        h.platforms.notice(Notice("twitch", "title", "", {"title": odd, "category": odd}))
        h.platforms.notice(Notice("twitch", "automod_hold", "", {"message_id": odd, "user": odd, "text": odd}))
        h.platforms.notice(Notice("twitch", "automod_hold", "", {"message_id": 5, "user": None, "level": 10**30}))
        h.platforms.notice(Notice("twitch", "warning", odd))
        state = await h.state()
        assert [x.text[:8] for x in state.holds] == ["<script>", ""]
        assert state.streams[0].title.startswith("<script>")
        assert (await h.http.get("/metrics")).status_code == 200


# --- orders ---------------------------------------------------------------------------------------


async def test_orders_reach_their_platform_whole(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.link()
        order = {"source": "twitch", "action": "send", "text": " 大家好 ", "seconds": 5, "choices": ["a", "b"]}
        assert (await h.http.post("/api/act", json=order)).json() == {"ok": True, "detail": "send: done"}
        assert h.twitch.orders == [ChannelAction("send", text="大家好", seconds=5, choices=("a", "b"))]
        assert h.bilibili.orders == []


async def test_orders_that_cannot_be_carried_out_say_why(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.link(missing=(Missing("warn viewers", "the scope moderator:manage:warnings was not granted"),))
        for order, words in (
            ({"source": "twitch", "action": "warn"}, "twitch cannot warn here. the scope moderator:manage:warnings"),
            ({"source": "twitch", "action": "poll"}, "twitch cannot poll here. The platform, or the account"),
            ({"source": "bilibili_web", "action": "send"}, "bilibili_web cannot send here"),
            ({"source": "youtube", "action": "send"}, "Connected are: twitch, bilibili_web"),
        ):
            answer = await h.http.post("/api/act", json=order)
            assert answer.status_code == 409
            assert words in answer.json()["detail"]
        h.twitch.fails = FatalError("the right was taken back", provider="twitch", remedy="Sign in again.")
        answer = await h.http.post("/api/act", json={"source": "twitch", "action": "ban", "user": "1"})
        assert (answer.status_code, answer.json()["detail"]) == (409, "the right was taken back. Sign in again.")
        assert (h.twitch.orders, h.bilibili.orders) == ([], [])


async def test_trying_again_reaches_the_connection(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        assert (await h.http.post("/api/connections/twitch/reconnect")).json()["ok"] is True
        assert (h.twitch.nudged, h.bilibili.nudged) == (1, 0)
        answer = await h.http.post("/api/connections/youtube/reconnect")
        assert (answer.status_code, "no connection 'youtube'" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize("role", ["bot", "streamer"])
async def test_a_sign_in_from_its_code_to_its_end(tmp_path: Path, role: Literal["bot", "streamer"]) -> None:
    async with house(tmp_path) as h:
        h.link(state=LinkState.EXPIRED)
        begun = await h.http.post("/api/connections/twitch/sign-in", json={"role": role})
        assert begun.status_code == 200
        step = begun.json()
        assert 290 < step.pop("expires_in_s") <= 300
        assert step == {
            "source": "twitch", "role": role, "state": "waiting", "url": "https://platform.test/activate",
            "code": "ABCD-EFGH", "qr": ["101", "010", "101"], "detail": "",
        }  # fmt: skip
        shown = (await h.state()).connections[0].sign_in
        assert shown is not None
        assert (shown.code, shown.role) == ("ABCD-EFGH", role)
        again = await h.http.post("/api/connections/twitch/sign-in", json={"role": role})
        assert (again.status_code, again.json()["code"]) == (200, "ABCD-EFGH")
        other = "bot" if role == "streamer" else "streamer"
        refused = await h.http.post("/api/connections/twitch/sign-in", json={"role": other})
        assert (refused.status_code, f"as the {role} is under way" in refused.json()["detail"]) == (409, True)
        h.twitch.proceed.set()
        assert await h.hand.pulse.wait_until(lambda: h.twitch.nudged == 1, 5)
        ended = (await h.state()).connections[0].sign_in
        assert ended is not None
        assert (ended.state, ended.detail, ended.role) == ("done", "signed in as mira", role)
        assert h.twitch.roles == [role]


async def test_a_sign_in_that_fails_says_so_at_once_and_can_begin_anew_as_the_other(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.twitch.fails = FatalError("Twitch did not take the client_id " + "x" * 300)
        began = time.monotonic()
        failed = (await h.http.post("/api/connections/twitch/sign-in", json={"role": "streamer"})).json()
        assert time.monotonic() - began < 5
        assert (failed["state"], failed["role"], len(failed["detail"])) == ("failed", "streamer", 200)
        h.twitch.fails = None
        assert (await h.http.post("/api/connections/twitch/sign-in")).json()["state"] == "waiting"
        assert h.twitch.roles == ["streamer", "bot"]


async def test_where_there_is_nothing_to_sign_in_to(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        h.bilibili.can_sign_in = False
        for name, words in (("bilibili_web", "needs no sign-in"), ("youtube", "no connection 'youtube'")):
            answer = await h.http.post(f"/api/connections/{name}/sign-in", json={"role": "streamer"})
            assert (answer.status_code, words in answer.json()["detail"]) == (409, True)
        assert h.platforms.sign_ins == {}


# --- the message on air ---------------------------------------------------------------------------


async def test_the_message_on_air_names_what_an_order_about_it_needs(tmp_path: Path) -> None:
    async with house(tmp_path) as h, h.hand.on_air():
        h.hand.llm.reply_text = SAGA
        message = Message("m-1", "twitch", Author("4711", "Ann"), "tell us of the ships, Mira")
        assert (await h.hand.intake.offer(message)).outcome == "queued"
        await h.hand.until(lambda: h.hand.show.on_air is not None, 10)
        now = (await h.state()).now
        assert now is not None
        assert [m.model_dump() for m in now.messages] == [
            {"id": "m-1", "source": "twitch", "author": "Ann", "author_id": "4711", "text": message.text,
             "kind": Kind.CHAT},
        ]  # fmt: skip
        await h.desk.retract(Retraction("twitch", id="m-1"))
        await h.hand.until(lambda: h.hand.show.on_air is None, 10)
        assert (await h.state()).now is None
