"""A Twitch on loopback: the sign-in, Helix and EventSub, with every way to go wrong that was ever seen.

async with fake_twitch() as twitch:
    access, refresh = twitch.mint("1002", ("user:read:chat",))
    await twitch.chat("ann", "hello")
    await twitch.misbehave("drop")
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.twitch import events, identity
from tests.fakes.twitch.eventsub import Sockets, stamp
from tests.fakes.twitch.helix import Helix
from tests.fakes.twitch.state import FAULTS, Account, State

FOREVER = 10**9

__all__ = ["FAULTS", "FakeTwitch", "Sent", "fake_twitch"]


@dataclass
class Sent:
    """What a flood sent: the ids of its lines, and of its payments (as the chat names them)."""

    chat: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)


class FakeTwitch(State):
    def __init__(self, group: asyncio.TaskGroup) -> None:
        super().__init__()
        self.points_at = self.now()
        self.sockets = Sockets(self, group)
        self.helix = Helix(self)
        self.helix.on_done = self._follow_up
        self._group = group

    @property
    def owner(self) -> Account:
        return self.accounts["1001"]

    def routes(self) -> list[web.RouteDef]:
        return [
            *identity.routes(self),
            *self.helix.routes(),
            web.get("/ws", self.sockets.handle),
            web.get("/_fake", self._list),
            web.post("/_fake/misbehave", self._misbehave),
            web.post("/_fake/heal", self._heal),
            web.post("/_fake/emit", self._emit),
        ]

    # --- what viewers do --------------------------------------------------------------------------

    async def emit(self, kind: str, event: dict[str, Any], version: str = "", message_id: str = "") -> int:
        """Send any event; give to how many subscriptions it went."""
        return await self.sockets.notify(kind, event, version, message_id)

    async def chat(self, user: str, text: str, **more: Any) -> str:
        """Write a line; return its id."""
        message_id = more.pop("message_id", "") or str(uuid.uuid4())
        event = events.chat(self.owner, self.account(user), text, message_id=message_id, **more)
        await self.emit("channel.chat.message", event)
        return message_id

    async def cheer(self, user: str, bits: int, text: str = "") -> str:
        """Cheer: one payment, of which three kinds of events tell."""
        who, text = self.account(user), text or f"Cheer{bits} well done"
        message_id = await self.chat(user, text, bits=bits)
        await self.emit("channel.bits.use", events.bits_use(self.owner, who, bits, text))
        await self.emit("channel.cheer", events.cheer(self.owner, who, bits, text))
        return message_id

    async def power_up(self, user: str, bits: int) -> None:
        await self.emit("channel.bits.use", events.bits_use(self.owner, self.account(user), bits, "", "power_up"))

    async def sub(self, user: str, tier: str = "1000") -> str:
        """Subscribe for the first time."""
        who, message_id = self.account(user), str(uuid.uuid4())
        detail = {"sub_tier": tier, "is_prime": False, "duration_months": 1}
        await self.emit(
            "channel.chat.notification", events.notification(self.owner, who, "sub", detail, message_id=message_id)
        )
        await self.emit("channel.subscribe", events.subscribe(self.owner, who, tier, gift=False))
        return message_id

    async def resub(self, user: str, months: int, text: str = "", tier: str = "1000") -> str:
        who, message_id = self.account(user), str(uuid.uuid4())
        detail = {
            "cumulative_months": months, "duration_months": 1, "streak_months": 2, "sub_tier": tier, "is_prime": False,
            "is_gift": False, "gifter_is_anonymous": None, "gifter_user_id": None, "gifter_user_name": None,
            "gifter_user_login": None,
        }  # fmt: skip
        note = events.notification(self.owner, who, "resub", detail, text, message_id=message_id)
        await self.emit("channel.chat.notification", note)
        message = events.subscription_message(self.owner, who, tier, months, text, 2)
        await self.emit("channel.subscription.message", message)
        return message_id

    async def gift_bomb(self, user: str | None, total: int, tier: str = "1000") -> str:
        """Return subscriptions to the community: one payment, and a notice for each that gets one."""
        giver = self.account(user) if user else None
        gift_id, message_id = str(uuid.uuid4()), str(uuid.uuid4())
        detail = {"id": gift_id, "total": total, "sub_tier": tier, "cumulative_total": total + 3}
        note = events.notification(self.owner, giver, "community_sub_gift", detail, message_id=message_id)
        await self.emit("channel.chat.notification", note)
        await self.emit("channel.subscription.gift", events.subscription_gift(self.owner, giver, total, tier))
        for n in range(total):
            await self._gifted(giver, self.account(f"lucky{n}"), tier, gift_id)
        return message_id

    async def single_gift(self, user: str | None, to: str, tier: str = "1000") -> str:
        giver = self.account(user) if user else None
        await self.emit("channel.subscription.gift", events.subscription_gift(self.owner, giver, 1, tier))
        return await self._gifted(giver, self.account(to), tier, None)

    async def _gifted(self, giver: Account | None, to: Account, tier: str, bomb: str | None) -> str:
        message_id = str(uuid.uuid4())
        detail = {
            "duration_months": 1, "cumulative_total": None, "recipient_user_id": to.id, "recipient_user_name": to.name,
            "recipient_user_login": to.login, "sub_tier": tier, "community_gift_id": bomb,
        }  # fmt: skip
        note = events.notification(self.owner, giver, "sub_gift", detail, message_id=message_id)
        await self.emit("channel.chat.notification", note)
        await self.emit("channel.subscribe", events.subscribe(self.owner, to, tier, gift=True))
        return message_id

    async def raid(self, user: str, viewers: int) -> None:
        who = self.account(user)
        detail = {**events.person("user", who), "viewer_count": viewers, "profile_image_url": ""}
        await self.emit("channel.chat.notification", events.notification(self.owner, who, "raid", detail))
        await self.emit("channel.raid", events.raid(self.owner, who, viewers))

    async def follow(self, user: str) -> None:
        await self.emit("channel.follow", events.follow(self.owner, self.account(user)))

    async def redeem(self, user: str, title: str, cost: int, text: str = "") -> str:
        event = events.redemption(self.owner, self.account(user), title, cost, text)
        await self.emit("channel.channel_points_custom_reward_redemption.add", event)
        return str(event["id"])

    async def automatic_redeem(self, user: str, kind: str, points: int, text: str = "") -> str:
        event = events.automatic_redemption(self.owner, self.account(user), kind, points, text)
        await self.emit("channel.channel_points_automatic_reward_redemption.add", event)
        return str(event["id"])

    async def hype_train(self, phase: str, level: int = 1) -> None:
        await self.emit(f"channel.hype_train.{phase}", events.hype_train(self.owner, level, phase))

    async def automod_hold(self, user: str, text: str, category: str = "bullying", level: int = 3) -> str:
        held = str(uuid.uuid4())
        event = events.automod(self.owner, self.account(user), text, held, category, level)
        await self.emit("automod.message.hold", event)
        return held

    async def online(self) -> None:
        event = {
            "id": "1",
            **events.person("broadcaster_user", self.owner),
            "type": "live",
            "started_at": stamp(),
        }
        await self.emit("stream.online", event)

    async def offline(self) -> None:
        await self.emit("stream.offline", events.person("broadcaster_user", self.owner))

    async def update(self, title: str, category: str) -> None:
        event = {
            **events.person("broadcaster_user", self.owner), "title": title, "language": "en", "category_id": "1",
            "category_name": category, "content_classification_labels": [],
        }  # fmt: skip
        await self.emit("channel.update", event)

    # --- what moderators do -----------------------------------------------------------------------

    async def delete(self, message_id: str, user: str = "somebody") -> None:
        target = events.person("target_user", self.account(user))
        event = {**events.person("broadcaster_user", self.owner), **target, "message_id": message_id}
        await self.emit("channel.chat.message_delete", event)

    async def clear(self) -> None:
        await self.emit("channel.chat.clear", events.person("broadcaster_user", self.owner))

    async def clear_user(self, user: str) -> None:
        target = events.person("target_user", self.account(user))
        await self.emit("channel.chat.clear_user_messages", {**events.person("broadcaster_user", self.owner), **target})

    async def ban(self, user: str, seconds: int | None = None, reason: str = "no reason") -> None:
        await self.emit("channel.ban", events.ban(self.owner, self.account(user), seconds, reason))
        await self.clear_user(user)

    async def _follow_up(self, what: str, data: dict[str, Any]) -> None:
        """Do what the real one does after an order: tell everybody of it."""
        if what == "send":
            await self.chat(self.accounts[data["user"]].login, data["text"], message_id=data["id"])
        elif what == "delete":
            await (self.delete(data["id"]) if data["id"] else self.clear())
        elif what == "ban":
            known = self.accounts.get(data["user"]) or Account(data["user"], f"user{data['user']}", "User")
            self.accounts[known.id] = known
            await self.ban(known.login, data["duration"])
        elif what == "automod":
            status = "approved" if data["action"] == "ALLOW" else "denied"
            base = events.automod(self.owner, self.account("somebody"), "held", data["id"], "bullying", 3)
            event = {**base, **events.person("moderator_user", self.owner), "status": status}
            await self.emit("automod.message.update", event)

    # --- much of it -------------------------------------------------------------------------------

    async def flood(self, rate: float, seconds: float, paid_every: int = 0, viewers: int = 200) -> Sent:
        """Write ``rate`` lines a second, of which each ``paid_every``-th is a cheer."""
        sent, began, count = Sent(), self.now(), 0
        while (passed := self.now() - began) < seconds:
            while count < passed * rate:
                count += 1
                user = f"viewer{count % viewers}"
                if paid_every and count % paid_every == 0:
                    sent.paid.append(await self.cheer(user, 100, f"Cheer100 number {count}"))
                else:
                    sent.chat.append(await self.chat(user, f"line {count} of the flood, {count * 7919 % 1000} words"))
            await asyncio.sleep(0.005)
        return sent

    # --- misbehaving ------------------------------------------------------------------------------

    async def misbehave(self, fault: str, for_s: float = FOREVER, **options: Any) -> None:
        """Begin a fault; see `FAULTS`. Those of one moment happen at once."""
        sockets = self.sockets
        match fault:
            case "drop":
                sockets.drop()
            case "close":
                await sockets.close(int(options.get("code", 4000)))
            case "half_open":
                sockets.half_open()
            case "reconnect_same" | "reconnect_new":
                await sockets.reconnect(keep_id=fault == "reconnect_same")
            case "revoke":
                await sockets.revoke(options.get("type", ""), options.get("status", "authorization_revoked"))
            case "expire_tokens":
                for token in self.tokens.values():
                    token.dead = True
            case "forget_subscriptions":
                sockets.forget()
            case "unknown_event":
                meta = {"message_id": "x", "message_type": "notification", "subscription_type": "channel.new_thing"}
                await sockets.raw(_json({"metadata": meta, "payload": {"subscription": {}, "event": {"a": 1}}}))
            case "huge_frame":
                await self.chat("bighead", "a" * 2_000_000)
            case "garbage":
                await sockets.raw("this is {not json")
            case "odd_frame":
                await sockets.raw("[1, 2, 3]")
            case "down":
                self.begin(fault, for_s)
                sockets.drop()
            case _ if fault in FAULTS:
                self.begin(fault, for_s, **options)
            case _:
                raise ValueError(f"no fault {fault!r}")

    async def _list(self, _: web.Request) -> web.Response:
        on = [name for name in self.faults if self.is_on(name)]
        return web.json_response({"faults": FAULTS, "on": on, "sessions": len(self.sessions), "sent": self.sent})

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
        if what.startswith("_") or what not in _DOABLE:
            return web.json_response({"error": f"no event {what!r}", "events": sorted(_DOABLE)}, status=400)
        return web.json_response({"id": await getattr(self, what)(**options)})


_DOABLE = {
    "chat", "cheer", "power_up", "sub", "resub", "gift_bomb", "single_gift", "raid", "follow", "redeem",
    "automatic_redeem", "hype_train", "automod_hold", "online", "offline", "update", "delete", "clear", "clear_user",
    "ban",
}  # fmt: skip


def _json(value: Any) -> str:
    import json  # noqa: PLC0415

    return json.dumps(value)


@asynccontextmanager
async def fake_twitch(port: int = 0, **options: Any) -> AsyncIterator[FakeTwitch]:
    """Listen on loopback until the block ends; ``options`` are attributes of `State`."""
    async with asyncio.TaskGroup() as group:
        twitch = FakeTwitch(group)
        for name, value in options.items():
            setattr(twitch, name, value)
        app = web.Application(client_max_size=4 << 20)
        app.add_routes(twitch.routes())
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            twitch.port = runner.addresses[0][1]
            yield twitch
        finally:
            twitch.sockets.drop()
            await runner.cleanup()
            for task in group._tasks.copy():
                task.cancel()
