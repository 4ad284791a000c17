"""The REST side of the open platform: sessions, with every check of the signature that the documentation names."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from aiohttp import web

from tests.fakes.bilibili.events import anchor_info
from tests.fakes.bilibili.state import Call, Game, State

_SIGNED = (
    "x-bili-accesskeyid", "x-bili-content-md5", "x-bili-signature-method", "x-bili-signature-nonce",
    "x-bili-signature-version", "x-bili-timestamp",
)  # fmt: skip


def answer(code: int, message: str = "ok", data: Any = None) -> web.Response:
    return web.json_response({"code": code, "message": message, "request_id": "1", "data": data or {}})


class OpenLive:
    def __init__(self, state: State) -> None:
        self.state = state

    def _wrong(self, request: web.Request, body: bytes) -> web.Response | None:
        """Check a request as the platform does; None when all is well."""
        state, headers = self.state, request.headers
        if request.content_type != "application/json":
            return answer(4011, "Content-Type不为application/json")
        if any(name not in headers for name in _SIGNED) or headers["x-bili-accesskeyid"] != state.access_key:
            return answer(4001, "应用无效")
        if headers["x-bili-content-md5"] != hashlib.md5(body, usedforsecurity=False).hexdigest():
            return answer(4012, "MD5校验失败")
        if abs(time.time() - int(headers["x-bili-timestamp"])) > 600:
            return answer(4003, "请求过期")
        text = "\n".join(f"{name}:{headers[name]}" for name in sorted(_SIGNED))
        right = hmac.new(state.access_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if state.is_on("bad_signature") or not hmac.compare_digest(right, headers.get("Authorization", "")):
            return answer(4002, "签名异常")
        if headers["x-bili-signature-nonce"] in state.nonces:
            return answer(4004, "重复请求")
        state.nonces.add(headers["x-bili-signature-nonce"])
        return None

    async def _read(self, request: web.Request) -> tuple[dict[str, Any], web.Response | None]:
        body = await request.read()
        if (wrong := self._wrong(request, body)) is not None:
            return {}, wrong
        data = json.loads(body)
        self.state.calls.append(Call(request.path, data, {}))
        return data, None

    async def start(self, request: web.Request) -> web.Response:
        state = self.state
        body, wrong = await self._read(request)
        if wrong is not None:
            return wrong
        if state.is_on("code_7001") or state.now() - state.ended_at < state.cooling_s:
            return answer(7001, "请求冷却期")
        if body.get("app_id") != state.app_id:
            return answer(4000, "参数错误")
        if body.get("code") != state.code:
            return answer(7007, "身份码错误")
        self.expire()
        if state.games:
            return answer(7002, "房间重复游戏")
        auth = json.dumps(
            {"roomid": state.room.room, "protover": 2, "uid": 0, "key": state.ids.uuid(), "group": "open"}
        )
        game = Game(state.ids.uuid(), state.now(), state.now(), auth)
        state.games[game.id] = game
        first = "ws://127.0.0.1:9/open-sub" if state.is_on("dead_host") else f"ws://127.0.0.1:{state.port}/open-sub"
        links = [first] if state.is_on("one_host") else [first, f"ws://127.0.0.1:{state.port}/open-sub"]
        data = {
            "game_info": {"game_id": game.id},
            "websocket_info": {"auth_body": auth, "wss_link": links},
            "anchor_info": anchor_info(state.room),
        }
        return answer(0, "0", data)

    def expire(self) -> list[str]:
        """Forget the sessions that went without a heartbeat; give their ids."""
        state = self.state
        dead = [g.id for g in state.games.values() if state.now() - g.beat_at > state.game_life_s]
        for game in dead:
            del state.games[game]
        return dead

    async def heartbeat(self, request: web.Request) -> web.Response:
        body, wrong = await self._read(request)
        if wrong is not None:
            return wrong
        self.expire()
        game = self.state.games.get(str(body.get("game_id")))
        if game is None:
            return answer(7003, "心跳过期")
        game.beat_at = self.state.now()
        return answer(0)

    async def end(self, request: web.Request) -> web.Response:
        body, wrong = await self._read(request)
        if wrong is not None:
            return wrong
        if self.state.games.pop(str(body.get("game_id")), None) is None:
            return answer(7000, "不在游戏内")
        self.state.ended_at = self.state.now()
        return answer(0)
