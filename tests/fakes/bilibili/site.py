"""The site's own REST calls: what a browser asks for. The host is the first part of each path."""

from __future__ import annotations

import hashlib
import time
import urllib.parse
from typing import Any

from aiohttp import web

from tests.fakes.bilibili.state import Call, Qr, State

_IMG, _SUB = "7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45"
#: How the site mixes both keys into one, as its own page does.
_ORDER = (
    46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38,
    41, 13,
)  # fmt: skip
#: Characters of a danmaku, and seconds between two.
MAX_DANMAKU, EACH_S = 20, 3.0


def answer(code: int, data: Any = None, message: str = "0") -> web.Response:
    return web.json_response({"code": code, "message": message, "ttl": 1, "data": data})


class Site:
    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[web.RouteDef]:
        api, live, passport = "/api.bilibili.com", "/api.live.bilibili.com", "/passport.bilibili.com"
        return [
            web.get(f"{api}/x/web-interface/nav", self.nav),
            web.get(f"{api}/x/frontend/finger/spi", self.spi),
            web.post(f"{api}/x/internal/gaia-gateway/ExClimbWuzhi", self.nothing),
            web.get(f"{live}/xlive/web-room/v1/index/getRoomPlayInfo", self.play_info),
            web.get(f"{live}/xlive/web-room/v1/index/getDanmuInfo", self.danmu_info),
            web.post(f"{live}/msg/send", self.send),
            web.post(f"{live}/xlive/web-ucenter/v1/banned/AddSilentUser", self.silence),
            web.post(f"{live}/xlive/web-ucenter/v1/banned/DelSilentUser", self.unsilence),
            web.get(f"{passport}/x/passport-login/web/qrcode/generate", self.qr_new),
            web.get(f"{passport}/x/passport-login/web/qrcode/poll", self.qr_poll),
        ]

    async def _call(self, request: web.Request) -> dict[str, Any]:
        body = dict(await request.post()) if request.method == "POST" else dict(request.query)
        self.state.calls.append(Call(request.path, body, dict(request.cookies)))
        return body

    def _signed_in(self, request: web.Request) -> bool:
        state = self.state
        given = request.cookies.get("SESSDATA", "")
        return state.signed_in and urllib.parse.unquote(given) == urllib.parse.unquote(state.sessdata)

    async def nav(self, request: web.Request) -> web.Response:
        await self._call(request)
        keys = {
            "img_url": f"https://i0.hdslb.com/bfs/wbi/{_IMG}.png",
            "sub_url": f"https://i0.hdslb.com/bfs/wbi/{_SUB}.png",
        }
        if not self._signed_in(request):
            return answer(-101, {"isLogin": False, "wbi_img": keys}, "账号未登录")
        state = self.state
        return answer(0, {"isLogin": True, "mid": state.uid, "uname": state.uname, "wbi_img": keys})

    async def spi(self, request: web.Request) -> web.Response:
        await self._call(request)
        return answer(0, {"b_3": "DEADBEEF-0000-1111-2222-333344445555infoc", "b_4": "CAFE4444-0000"})

    async def nothing(self, _: web.Request) -> web.Response:
        return answer(0, {})

    async def play_info(self, request: web.Request) -> web.Response:
        body = await self._call(request)
        room = self.state.room
        if str(body.get("room_id")) not in (str(room.room), str(self.state.short_room)):
            return answer(60004, None, "直播间不存在")
        return answer(0, {"room_id": room.room, "short_id": self.state.short_room, "uid": room.uid, "live_status": 1})

    async def danmu_info(self, request: web.Request) -> web.Response:
        query = await self._call(request)
        state = self.state
        marked = bool(request.cookies.get("buvid3")) and bool(request.cookies.get("buvid4"))
        if state.is_on("code_352") or not marked or not self._wbi(query):
            return answer(-352, None, "-352")
        key = f"key-{state.ids.uuid()}"
        state.keys.add(key)
        good = {"host": "127.0.0.1", "port": state.port, "wss_port": state.port, "ws_port": state.port}
        first = {**good, "ws_port": 9} if state.is_on("dead_host") else good
        hosts = [first] if state.is_on("one_host") else [first, good, good]
        return answer(0, {"group": "live", "token": key, "host_list": hosts, "max_delay": 5000})

    def _wbi(self, query: dict[str, Any]) -> bool:
        raw = _IMG + _SUB
        key = "".join(raw[i] for i in _ORDER)
        given = {k: v for k, v in query.items() if k != "w_rid"}
        if abs(time.time() - int(given.get("wts", 0))) > 600:
            return False
        text = urllib.parse.urlencode(sorted(given.items()))
        right = hashlib.md5((text + key).encode(), usedforsecurity=False).hexdigest()
        return query.get("w_rid") == right

    async def send(self, request: web.Request) -> web.Response:
        body = await self._call(request)
        state = self.state
        if (wrong := self._may_write(request, body)) is not None:
            return wrong
        text = str(body.get("msg", ""))
        if not text or len(text) > MAX_DANMAKU:
            return answer(1003212, None, "超出限制长度")
        if state.now() - state.wrote_at < EACH_S:
            return answer(10030, None, "您发送弹幕的频率过快")
        state.wrote_at = state.now()
        state.written.append(text)
        await state.on_written(text)
        return answer(0, {"mode_info": {}})

    def _may_write(self, request: web.Request, body: dict[str, Any]) -> web.Response | None:
        if not self._signed_in(request):
            return answer(-101, None, "账号未登录")
        if body.get("csrf") != self.state.csrf:
            return answer(-111, None, "csrf 校验失败")
        return None

    async def silence(self, request: web.Request) -> web.Response:
        body = await self._call(request)
        if (wrong := self._may_write(request, body)) is not None:
            return wrong
        self.state.silenced[int(body["tuid"])] = int(body["hour"])
        return answer(0, {})

    async def unsilence(self, request: web.Request) -> web.Response:
        body = await self._call(request)
        if (wrong := self._may_write(request, body)) is not None:
            return wrong
        self.state.silenced.pop(int(body["tuid"]), None)
        return answer(0, {})

    # --- signing in -------------------------------------------------------------------------------

    async def qr_new(self, request: web.Request) -> web.Response:
        await self._call(request)
        key = self.state.ids.uuid().replace("-", "")
        self.state.qrs[key] = Qr(key)
        return answer(0, {"url": f"https://account.bilibili.com/h5/account-h5/auth/scan-web?qrcode_key={key}",
                          "qrcode_key": key})  # fmt: skip

    async def qr_poll(self, request: web.Request) -> web.Response:
        query = await self._call(request)
        state = self.state
        qr = state.qrs.get(str(query.get("qrcode_key")))
        if qr is None:
            return answer(0, {"url": "", "refresh_token": "", "timestamp": 0, "code": 86038, "message": "已失效"})
        qr.polls += 1
        if qr.state in (86101, 86090) and state.qr_after is not None:
            done = qr.polls > 2 * state.qr_after
            qr.state = 0 if done else 86090 if qr.polls > state.qr_after else 86101
        data: dict[str, Any] = {"url": "", "refresh_token": "", "timestamp": 0, "code": qr.state, "message": ""}
        if qr.state == 0:
            state.signed_in = True
            data |= {"url": self._cross(), "refresh_token": "r3fr3sh" * 5, "timestamp": int(time.time() * 1000)}
        return answer(0, data)

    def _cross(self) -> str:
        state = self.state
        fields = {
            "DedeUserID": state.uid, "DedeUserID__ckMd5": "0123456789abcdef",
            "Expires": int(time.time() + state.cookie_life_s), "SESSDATA": urllib.parse.unquote(state.sessdata),
            "bili_jct": state.csrf, "gourl": "https://www.bilibili.com", "first_domain": ".bilibili.com",
        }  # fmt: skip
        return "https://passport.biligame.com/x/passport-login/web/crossDomain?" + urllib.parse.urlencode(fields)
