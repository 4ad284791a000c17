"""Helix: users, subscriptions, chat, moderation; with rate limits, scopes and errors as Twitch gives them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.fakes import break_off
from tests.fakes.twitch.eventsub import stamp
from tests.fakes.twitch.state import Account, Call, State, Token

#: Scopes that a subscription needs: any one of them. Types that are not here need none.
NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "channel.chat.message", "channel.chat.notification", "channel.chat.message_delete", "channel.chat.clear",
            "channel.chat.clear_user_messages",
        ),
        ("user:read:chat",),
    ),
    "channel.bits.use": ("bits:read",),
    "channel.cheer": ("bits:read",),
    **dict.fromkeys(
        ("channel.subscribe", "channel.subscription.message", "channel.subscription.gift", "channel.subscription.end"),
        ("channel:read:subscriptions",),
    ),
    "channel.follow": ("moderator:read:followers",),
    **dict.fromkeys(
        (
            "channel.channel_points_custom_reward_redemption.add",
            "channel.channel_points_automatic_reward_redemption.add",
        ),
        ("channel:read:redemptions", "channel:manage:redemptions"),
    ),
    **dict.fromkeys(
        ("channel.hype_train.begin", "channel.hype_train.progress", "channel.hype_train.end"),
        ("channel:read:hype_train",),
    ),
    "automod.message.hold": ("moderator:manage:automod",),
    "automod.message.update": ("moderator:manage:automod",),
    "channel.ban": ("channel:moderate",),
    "channel.unban": ("channel:moderate",),
}  # fmt: skip

Handler = Callable[[web.Request, Any, Token], Awaitable[web.Response]]


def error(status: int, message: str) -> web.Response:
    names = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        409: "Conflict",
        429: "Too Many Requests",
    }
    return web.json_response({"error": names.get(status, "Error"), "status": status, "message": message}, status=status)


class Helix:
    def __init__(self, state: State) -> None:
        self.state = state
        #: Called with what was done, so that events follow: ("ban", user), ("delete", id), …
        self.on_done: Callable[[str, dict[str, Any]], Awaitable[None]] | None = None

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, str, Handler]] = [
            ("GET", "users", "", self.users),
            ("GET", "channels", "", self.channels),
            ("GET", "streams", "", self.streams),
            ("GET", "eventsub/subscriptions", "", self.listed),
            ("POST", "eventsub/subscriptions", "", self.subscribe),
            ("DELETE", "eventsub/subscriptions", "", self.unsubscribe),
            ("POST", "chat/messages", "user:write:chat", self.send),
            ("DELETE", "moderation/chat", "moderator:manage:chat_messages", self.delete),
            ("POST", "moderation/bans", "moderator:manage:banned_users", self.ban),
            ("DELETE", "moderation/bans", "moderator:manage:banned_users", self.nothing),
            ("POST", "moderation/warnings", "moderator:manage:warnings", self.warn),
            ("POST", "chat/shoutouts", "moderator:manage:shoutouts", self.shoutout),
            ("POST", "chat/announcements", "moderator:manage:announcements", self.nothing),
            ("PATCH", "channels", "channel:manage:broadcast", self.nothing),
            ("GET", "games", "", self.games),
            ("POST", "raids", "channel:manage:raids", self.raid),
            ("POST", "polls", "channel:manage:polls", self.poll),
            ("POST", "moderation/automod/message", "moderator:manage:automod", self.automod),
        ]
        return [web.route(method, f"/helix/{path}", self._guarded(scope, do)) for method, path, scope, do in table]

    def _guarded(self, scope: str, do: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            state = self.state
            body = await request.json() if request.can_read_body else None
            token = state.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
            call = Call(request.method, request.path[7:], dict(request.query), body, token.user if token else "")
            state.calls.append(call)
            answer = await self._answer(request, body, token, scope, do)
            call.status = answer.status
            for name, value in self._limits().items():
                answer.headers[name] = value
            return answer

        return handle

    async def _answer(
        self, request: web.Request, body: Any, token: Token | None, scope: str, do: Handler
    ) -> web.Response:
        state, call_path = self.state, request.path[7:]
        if state.is_on("helix_down") or state.is_on("down"):
            break_off(request)
            return error(500, "gone")
        if state.is_on("helix_hang"):
            await asyncio.sleep(120)
        only = state.options.get("helix_5xx", {}).get("only")
        if state.is_on("helix_5xx") and (not only or only in request.path):
            return error(500, "internal server error")
        self._refill()
        if state.is_on("helix_429") or state.points < 1:
            return error(429, "Too Many Requests")
        state.points -= 1
        if token is None or token.dead or token.expires_at <= state.now():
            return error(401, "Invalid OAuth token")
        if not request.headers.get("Client-ID"):
            return error(401, "Client ID is missing")
        if call_path in state.refused:
            return error(*state.refused[call_path])
        if scope and scope not in token.scopes:
            return error(401, f"Missing scope: {scope}")
        return await do(request, body, token)

    def _refill(self) -> None:
        now = self.state.now()
        self.state.points = min(800.0, self.state.points + (now - self.state.points_at) * 800 / 60)
        self.state.points_at = now

    def _limits(self) -> dict[str, str]:
        left = 0 if self.state.is_on("helix_429") else int(self.state.points)
        return {
            "Ratelimit-Limit": "800",
            "Ratelimit-Remaining": str(left),
            "Ratelimit-Reset": str(int(time.time()) + 2),
        }

    # --- reading ----------------------------------------------------------------------------------

    async def users(self, request: web.Request, _: Any, token: Token) -> web.Response:
        ids, logins = request.query.getall("id", []), request.query.getall("login", [])
        if not ids and not logins:
            ids = [token.user]
        found = [a for a in self.state.accounts.values() if a.id in ids or a.login in logins]
        return web.json_response({"data": [_user(a) for a in found]})

    async def channels(self, request: web.Request, _: Any, __: Token) -> web.Response:
        a = self.state.accounts[request.query["broadcaster_id"]]
        return web.json_response(
            {
                "data": [
                    {
                        "broadcaster_id": a.id, "broadcaster_login": a.login, "broadcaster_name": a.name,
                        "broadcaster_language": "en", "game_id": "509658", "game_name": "Just Chatting",
                        "title": "An evening", "delay": 0, "tags": [], "content_classification_labels": [],
                        "is_branded_content": False,
                    }
                ]
            }
        )  # fmt: skip

    async def streams(self, request: web.Request, _: Any, __: Token) -> web.Response:
        who = self.state.accounts.get(request.query.get("user_id", ""))
        if who is None or self.state.watching is None:
            return web.json_response({"data": [], "pagination": {}})
        one = {
            "id": "40952121085", "user_id": who.id, "user_login": who.login, "user_name": who.name,
            "game_id": "509658", "game_name": "Just Chatting", "type": "live", "title": "An evening", "tags": [],
            "viewer_count": self.state.watching, "started_at": "2026-11-29T20:00:00Z", "language": "en",
            "thumbnail_url": "", "tag_ids": [], "is_mature": False,
        }  # fmt: skip
        return web.json_response({"data": [one], "pagination": {}})

    # --- subscriptions ----------------------------------------------------------------------------

    def _subscriptions(self, user: str) -> list[dict[str, Any]]:
        return [sub for s in self.state.sessions.values() if s.user == user for sub in s.subscriptions.values()]

    async def listed(self, request: web.Request, _: Any, token: Token) -> web.Response:
        subs = self._subscriptions(token.user)
        if status := request.query.get("status"):
            subs = [s for s in subs if s["status"] == status]
        start, page = int(request.query.get("after", "0")), 20
        more = {"cursor": str(start + page)} if start + page < len(subs) else {}
        total = {"total": len(subs), "total_cost": sum(s["cost"] for s in subs), "max_total_cost": 10}
        return web.json_response({"data": subs[start : start + page], **total, "pagination": more})

    async def subscribe(self, _: web.Request, body: Any, token: Token) -> web.Response:
        state = self.state
        session = state.sessions.get(body["transport"].get("session_id", ""))
        if session is None or not session.connected:
            return error(400, "websocket transport session does not exist or has already disconnected")
        if session.user not in ("", token.user):
            return error(400, "the session belongs to another user")
        needed = NEEDS.get(body["type"], ())
        if needed and not set(needed) & set(token.scopes):
            return error(403, "subscription missing proper authorization")
        if body["type"] in state.refused:
            return error(*state.refused[body["type"]])
        for sub in session.subscriptions.values():
            if (sub["type"], sub["version"], sub["condition"]) == (body["type"], body["version"], body["condition"]):
                return error(409, f"subscription already exists: id={sub['id']}")
        own = {token.user, ""} >= set(body["condition"].values()) or bool(needed)
        sub = {
            "id": str(uuid.uuid4()),
            "status": "enabled",
            "type": body["type"],
            "version": body["version"],
            "condition": body["condition"],
            "created_at": stamp(),
            "transport": {"method": "websocket", "session_id": session.id, "connected_at": stamp()},
            "cost": 0 if own else 1,
        }
        if sum(s["cost"] for s in self._subscriptions(token.user)) + sub["cost"] > 10:
            return error(429, "total cost exceeded")
        session.user = token.user
        session.subscriptions[sub["id"]] = sub
        state.changed.set()
        return web.json_response(
            {"data": [sub], "total": 1, "total_cost": sub["cost"], "max_total_cost": 10}, status=202
        )

    async def unsubscribe(self, request: web.Request, _: Any, __: Token) -> web.Response:
        for session in self.state.sessions.values():
            if session.subscriptions.pop(request.query.get("id", ""), None):
                return web.Response(status=204)
        return error(404, "subscription does not exist")

    # --- doing ------------------------------------------------------------------------------------

    async def send(self, _: web.Request, body: Any, token: Token) -> web.Response:
        text = body.get("message", "")
        if body.get("sender_id") != token.user:
            return error(401, "sender_id must match the token")
        if not text or len(text) > 500:
            return error(400, "the message must be between 1 and 500 characters")
        dropped = "spam-me-not" in text
        reason = {"code": "msg_rejected", "message": "held by the platform"} if dropped else None
        sent = {"message_id": str(uuid.uuid4()), "is_sent": not dropped, "drop_reason": reason}
        if not dropped:
            await self._done("send", {"user": token.user, "text": text, "id": sent["message_id"]})
        return web.json_response({"data": [sent]})

    async def delete(self, request: web.Request, _: Any, __: Token) -> web.Response:
        await self._done("delete", {"id": request.query.get("message_id", "")})
        return web.Response(status=204)

    async def ban(self, request: web.Request, body: Any, __: Token) -> web.Response:
        data = body["data"]
        duration = data.get("duration")
        if duration is not None and not 1 <= int(duration) <= 1_209_600:
            return error(400, "the duration is not valid")
        await self._done("ban", {"user": str(data["user_id"]), "duration": duration})
        answer = {
            "broadcaster_id": request.query["broadcaster_id"], "moderator_id": request.query["moderator_id"],
            "user_id": str(data["user_id"]), "created_at": stamp()[:19] + "Z",
            "end_time": stamp()[:19] + "Z" if duration else None,
        }  # fmt: skip
        return web.json_response({"data": [answer]})

    async def warn(self, request: web.Request, body: Any, __: Token) -> web.Response:
        data = body["data"]
        answer = {
            "broadcaster_id": request.query["broadcaster_id"], "moderator_id": request.query["moderator_id"],
            "user_id": str(data["user_id"]), "reason": data["reason"],
        }  # fmt: skip
        return web.json_response({"data": [answer]})

    async def shoutout(self, request: web.Request, _: Any, __: Token) -> web.Response:
        to, now = request.query["to_broadcaster_id"], self.state.now()
        if any(now - at < 120 for at in self.state.shouted.values()) or now - self.state.shouted.get(to, -3600) < 3600:
            return error(429, "the shoutout came too soon")
        self.state.shouted[to] = now
        return web.Response(status=204)

    async def poll(self, _: web.Request, body: Any, __: Token) -> web.Response:
        owner = self.state.accounts[str(body["broadcaster_id"])]
        poll = {
            "id": str(uuid.uuid4()), "broadcaster_id": owner.id, "broadcaster_name": owner.name,
            "broadcaster_login": owner.login, "title": body["title"],
            "choices": [
                {"id": str(n), "title": c["title"], "votes": 0, "channel_points_votes": 0, "bits_votes": 0}
                for n, c in enumerate(body["choices"])
            ],
            "bits_voting_enabled": False, "bits_per_vote": 0, "channel_points_voting_enabled": False,
            "channel_points_per_vote": 0, "status": "ACTIVE", "duration": body["duration"],
            "started_at": stamp()[:19] + "Z", "ended_at": None,
        }  # fmt: skip
        return web.json_response({"data": [poll]})

    async def games(self, request: web.Request, _: Any, __: Token) -> web.Response:
        known = {"Just Chatting": "509658"}
        names = [name for name in request.query.getall("name", []) if name in known]
        return web.json_response(
            {"data": [{"id": known[n], "name": n, "box_art_url": "", "igdb_id": ""} for n in names], "pagination": {}}
        )

    async def raid(self, _: web.Request, __: Any, ___: Token) -> web.Response:
        return web.json_response({"data": [{"created_at": stamp(), "is_mature": False}]})

    async def automod(self, _: web.Request, body: Any, __: Token) -> web.Response:
        await self._done("automod", {"id": body["msg_id"], "action": body["action"]})
        return web.Response(status=204)

    async def nothing(self, _: web.Request, __: Any, ___: Token) -> web.Response:
        return web.Response(status=204)

    async def _done(self, what: str, data: dict[str, Any]) -> None:
        if self.on_done is not None:
            await self.on_done(what, data)


def _user(account: Account) -> dict[str, Any]:
    return {
        "id": account.id, "login": account.login, "display_name": account.name, "type": "",
        "broadcaster_type": "affiliate", "description": "", "profile_image_url": "", "offline_image_url": "",
        "view_count": 0, "created_at": "2020-01-01T00:00:00Z",
    }  # fmt: skip
