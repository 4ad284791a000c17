"""A Bilibili on loopback: the open platform and the site, with every way to go wrong that was ever seen.

async with fake_bilibili() as bili:
    await bili.danmaku("晚上好")
    await bili.super_chat("加油", 30)
    await bili.misbehave("half_open")
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.bilibili import events, web_events
from tests.fakes.bilibili.events import Event, Gift, Room
from tests.fakes.bilibili.frames import BROKEN, broken
from tests.fakes.bilibili.open_live import OpenLive
from tests.fakes.bilibili.site import Site
from tests.fakes.bilibili.sockets import Sockets
from tests.fakes.bilibili.state import FAULTS, FOREVER, State
from tests.fakes.bilibili.viewers import Viewer

__all__ = ["FAULTS", "FakeBilibili", "Gift", "Room", "Sent", "Viewer", "fake_bilibili"]


@dataclass
class Sent:
    """What a flood sent: ids of both kinds of sockets' danmaku, and of the payments among them."""

    chat: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)


class FakeBilibili(State):
    def __init__(self) -> None:
        super().__init__()
        self.live, self.site, self.sockets_of = OpenLive(self), Site(self), Sockets(self)
        self.on_written = lambda text: self.danmaku(text, Viewer(self.uid, self.uname))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v2/app/start", self.live.start),
            web.post("/v2/app/heartbeat", self.live.heartbeat),
            web.post("/v2/app/end", self.live.end),
            web.get("/open-sub", self.sockets_of.open),
            web.get("/sub", self.sockets_of.web),
            *self.site.routes(),
            web.get("/_fake", self._list),
            web.post("/_fake/misbehave", self._misbehave),
            web.post("/_fake/heal", self._heal),
            web.post("/_fake/emit", self._emit),
        ]

    def connected(self, kind: str) -> int:
        return sum(s.kind == kind for s in self.sockets)

    # --- what happens in the room -----------------------------------------------------------------

    async def emit(self, open_event: Event | None, web_event: Event | None = None, *more: Event) -> None:
        """Send an event in both dialects, bent by the faults of one moment."""
        for fault in ("missing_key", "wrong_type", "negative_amount"):
            options = self.once(fault)
            if options is not None:
                open_event, web_event = _bent(open_event, fault, options), _bent(web_event, fault, options)
        if open_event is not None:
            self.sent[open_event["cmd"]] += 1
            await self.sockets_of.send("open", open_event)
        for event in (web_event, *more):
            if event is not None:
                self.sent[event["cmd"]] += 1
        found = [e for e in (web_event, *more) if e is not None]
        if found:
            await self.sockets_of.send("web", *found)

    async def danmaku(
        self, text: str, viewer: Viewer | None = None, *, emoji: str = "", reply_to: Viewer | None = None
    ) -> str:
        who, msg_id = viewer or Viewer(), self.ids.danmaku()
        one = events.danmaku(self.room, who, msg_id, text, emoji=emoji, reply_to=reply_to)
        visitors = any(s.kind == "web" and not s.uid for s in self.sockets)
        shown = who.masked() if visitors else who
        other = web_events.danmaku(self.room, shown, msg_id, text, emoji=emoji, reply_to=reply_to)
        await self.emit(one, other)
        return msg_id

    async def gift(self, what: Gift | None = None, viewer: Viewer | None = None, *, v2: bool = False) -> str:
        """Give; returns the transaction, which both dialects use as the id here."""
        who, tid, given = viewer or Viewer(), self.ids.transaction(), what or Gift()
        other = (
            web_events.gift_v2(self.room, who, [(tid, given)]) if v2 else web_events.gift(self.room, who, tid, given)
        )
        await self.emit(events.gift(self.room, who, tid, given), other)
        return tid

    async def combo(self, times: int, what: Gift | None = None, viewer: Viewer | None = None) -> list[str]:
        """Return the same again and again; the summary of it is sent at the end."""
        who, given = viewer or Viewer(), what or Gift()
        name = self.ids.combo("batch:gift", who, self.room.uid, given.id)
        tids = []
        for count in range(1, times + 1):
            one = Gift(given.id, given.name, given.price, given.num, given.gold, given.blind_price, name, count)
            tids.append(await self.gift(one, who))
        await self.emit(
            None, web_events.combo_send(who, Gift(given.id, given.name, given.price, 1, True, None, name, times))
        )
        return tids

    async def super_chat(self, text: str, yuan: int, viewer: Viewer | None = None) -> int:
        who, number = viewer or Viewer(), self.ids.number()
        one = events.super_chat(self.room, who, self.ids.uuid(), number, text, yuan)
        await self.emit(one, web_events.super_chat(self.room, who, number, text, yuan))
        return number

    async def super_chat_delete(self, *numbers: int) -> None:
        one = events.super_chat_delete(self.room, self.ids.uuid(), list(numbers))
        await self.emit(one, web_events.super_chat_delete(self.room, list(numbers)))

    async def guard(self, viewer: Viewer | None = None, level: int = 3, months: int = 1) -> str:
        """Board the ship: one event on the open platform, three on the web."""
        who, each = viewer or Viewer(), {1: 19998000, 2: 1998000, 3: 198000}[level]
        msg_id, payflow = self.ids.uuid(), self.ids.payflow()
        await self.emit(
            events.guard(self.room, who, msg_id, level, months, each * months),
            web_events.guard(who, level, months, each),
            web_events.toast(who, payflow, level, months, each * months),
            web_events.toast_v2(who, payflow, level, months, each * months),
        )
        return msg_id

    async def enter(self, viewer: Viewer | None = None) -> None:
        who = viewer or Viewer()
        await self.emit(events.enter(self.room, who), web_events.interact(who, 1))

    async def follow(self, viewer: Viewer | None = None, *, v2: bool = False) -> None:
        who = viewer or Viewer()
        await self.emit(None, web_events.interact_v2(self.room, who, 2) if v2 else web_events.interact(who, 2))

    async def like(self, viewer: Viewer | None = None) -> None:
        who = viewer or Viewer()
        await self.emit(events.like(self.room, who, self.ids.uuid(), 3), web_events.like(who))

    async def online(self) -> None:
        await self.emit(events.live(self.room, on=True), web_events.plain("LIVE", self.room, live_key="1"))

    async def offline(self) -> None:
        await self.emit(events.live(self.room, on=False), web_events.plain("PREPARING", self.room))

    async def title(self, title: str, area: str) -> None:
        await self.emit(None, {"cmd": "ROOM_CHANGE", "data": {"title": title, "area_name": area, "area_id": 1}})

    async def block(self, viewer: Viewer) -> None:
        await self.emit(None, web_events.block(viewer))

    async def recall(self, msg_id: str) -> None:
        await self.emit(None, {"cmd": "RECALL_DANMU_MSG", "data": {"recall_type": 1, "target_id": msg_id}})

    async def warning(self, text: str) -> None:
        await self.emit(None, web_events.plain("WARNING", self.room, msg=text))

    async def cut_off(self, text: str) -> None:
        await self.emit(None, web_events.plain("CUT_OFF", self.room, msg=text))

    async def watching(self, online: int) -> None:
        await self.emit(None, web_events.watching(online))

    async def noise(self) -> None:
        await self.emit(None, web_events.noise(self.room))

    async def flood(self, rate: float, seconds: float, paid_every: int = 0, viewers: int = 200) -> Sent:
        """Send ``rate`` danmaku a second, of which each ``paid_every``-th is a super chat."""
        sent, began, count = Sent(), self.now(), 0
        while (passed := self.now() - began) < seconds:
            while count < passed * rate:
                count += 1
                who = Viewer(20_000 + count % viewers, f"观众{count % viewers}")
                if paid_every and count % paid_every == 0:
                    sent.paid.append(f"sc:{await self.super_chat(f'第{count}条', 30, who)}")
                else:
                    sent.chat.append(await self.danmaku(f"第{count}条弹幕，{count * 7919 % 1000}个字", who))
            await asyncio.sleep(0.005)
        return sent

    # --- misbehaving ------------------------------------------------------------------------------

    async def misbehave(self, fault: str, for_s: float = FOREVER, **options: Any) -> None:
        """Begin a fault; see `FAULTS`. Those of one moment happen at once."""
        sockets = self.sockets_of
        match fault:
            case "drop":
                sockets.drop()
            case "close":
                await sockets.close()
            case "half_open":
                sockets.silence()
            case "unknown_event":
                new = {"cmd": "SOMETHING_NEW", "data": {"a": 1}}
                await self.emit({"cmd": "LIVE_OPEN_PLATFORM_NEW", "data": {}}, new)
            case "text_frame":
                await sockets.raw("this is text")
            case "interaction_end":
                for game in list(self.games):
                    await sockets.send("open", events.interaction_end(game))
                self._end_games()
            case "code_7003":
                self._end_games()
            case "expire_cookie":
                self.signed_in = False
            case "down":
                self.begin(fault, for_s)
                sockets.drop()
            case _ if fault in BROKEN:
                await sockets.raw(broken(fault))
            case _ if fault in FAULTS:
                self.begin(fault, for_s, **options)
            case _:
                raise ValueError(f"no fault {fault!r}")

    def _end_games(self) -> None:
        """End the sessions: what happens in the room is told to them no more; their sockets stay for a while."""
        self.games.clear()
        for socket in self.sockets:
            socket.silent = socket.silent or socket.kind == "open"

    async def _list(self, _: web.Request) -> web.Response:
        on = [name for name in self.faults if self.is_on(name)]
        return web.json_response({"faults": FAULTS, "on": on, "sockets": len(self.sockets), "sent": self.sent})

    async def _misbehave(self, request: web.Request) -> web.Response:
        options = await request.json()
        fault, for_s = options.pop("fault", ""), float(options.pop("for_s", FOREVER))
        try:
            await self.misbehave(fault, for_s, **options)
        except ValueError as error:
            return web.json_response({"error": str(error), "faults": FAULTS}, status=400)
        return web.json_response({"began": fault})

    async def _heal(self, _: web.Request) -> web.Response:
        self.heal()
        return web.json_response({"healed": True})

    async def _emit(self, request: web.Request) -> web.Response:
        options = await request.json()
        what = options.pop("what", "")
        if what not in _DOABLE:
            return web.json_response({"error": f"no event {what!r}", "events": sorted(_DOABLE)}, status=400)
        if "viewer" in options:
            options["viewer"] = Viewer(**options["viewer"])
        if isinstance(given := options.pop("gift", None), dict):
            options["what"] = Gift(**given)
        return web.json_response({"id": await getattr(self, what)(**options)})

    @web.middleware
    async def faulty(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Fail requests while a fault says so."""
        if not request.path.startswith(("/_fake", "/sub", "/open-sub")):
            if self.is_on("rest_down") or self.is_on("down"):
                if request.transport is not None:
                    request.transport.abort()
                raise web.HTTPServiceUnavailable
            if self.is_on("rest_5xx"):
                raise web.HTTPBadGateway
            if self.is_on("rest_412"):
                raise web.HTTPPreconditionFailed
        return await handler(request)


_DOABLE = {
    "danmaku", "gift", "combo", "super_chat", "super_chat_delete", "guard", "enter", "follow", "like", "online",
    "offline", "title", "block", "recall", "warning", "cut_off", "noise",
}  # fmt: skip


def _bent(event: Event | None, fault: str, options: dict[str, Any]) -> Event | None:
    """Break one event: a key is gone, has another type, or an amount below zero."""
    if event is None:
        return None
    event = copy.deepcopy(event)
    data = event.get("data")
    if not isinstance(data, dict):
        event["info"] = event["info"][:1] if "info" in event else None
        return event
    amounts = ("total_coin", "rmb", "price", "r_price")
    if fault == "negative_amount":
        for name in amounts:
            if name in data:
                data[name] = -abs(int(data[name])) - 1
        return event
    key = options.get("key") or next((k for k in amounts if k in data), next(iter(data)))
    if key in data:
        if fault == "missing_key":
            del data[key]
        else:
            data[key] = ["another", "type"]
    return event


@asynccontextmanager
async def fake_bilibili(port: int = 0, **options: Any) -> AsyncIterator[FakeBilibili]:
    """Listen on loopback until the block ends; ``options`` are attributes of `State`."""
    bili = FakeBilibili()
    for name, value in options.items():
        setattr(bili, name, value)
    app = web.Application(client_max_size=1 << 20, middlewares=[bili.faulty])
    app.add_routes(bili.routes())
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        bili.port = runner.addresses[0][1]
        yield bili
    finally:
        bili.sockets_of.drop()
        await runner.cleanup()
