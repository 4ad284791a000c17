"""The connections as the host keeps them: alarms, orders, sign-ins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.errors import FatalError, Refused
from bot.sources.registry import SourceRegistry
from bot.sources.source import ChannelAction, Link, LinkState, Missing, SignInStep
from bot.telemetry.alarms import Alarms
from bot.types import Health
from tests.support.virtual import virtual


class FakeSource:
    name = "twitch"
    actions = frozenset({"send", "allow"})
    can_sign_in = True
    renews = True

    def __init__(self) -> None:
        self.orders: list[ChannelAction] = []
        self.nudged = 0
        self.fails: Exception | None = None

    async def run(self) -> None: ...

    def retry_now(self) -> None:
        self.nudged += 1

    async def act(self, order: ChannelAction) -> str:
        self.orders.append(order)
        return "done"

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None:
        show(SignInStep("waiting", "http://127.0.0.1/activate", "ABCD"))
        await asyncio.sleep(5)
        if self.fails:
            raise self.fails
        show(SignInStep("done"))

    async def check(self) -> Health:
        return Health(ok=True, detail="")


class Desk:
    def __init__(self) -> None:
        self.standing = Alarms(asyncio.get_running_loop().time)
        self.platforms = SourceRegistry(self.standing)
        self.source = FakeSource()
        self.platforms.sources = {"twitch": self.source}

    def alarms(self) -> list[str]:
        return [a.id for a in self.standing.standing()]


@virtual
async def test_connections_and_their_alarms() -> None:
    desk = Desk()
    desk.platforms.update_link(Link("twitch", LinkState.EXPIRED, "the sign-in has run out", "sign in"))
    assert desk.alarms() == ["link:twitch"]
    desk.platforms.update_link(Link("twitch", LinkState.LIVE, expires_in_s=3600))
    assert desk.alarms() == []


@virtual
async def test_what_cannot_be_done_is_refused_with_the_reason() -> None:
    desk = Desk()
    lacks = Missing("ban viewers", "the scope moderator:manage:banned_users was not granted")
    desk.platforms.update_link(Link("twitch", LinkState.LIVE, missing=(lacks,)))
    with pytest.raises(Refused) as error:
        await desk.platforms.act("twitch", ChannelAction("ban", user="1"))
    assert "banned_users" in error.value.remedy
    with pytest.raises(Refused, match="no connection"):
        await desk.platforms.act("youtube", ChannelAction("send", text="hi"))
    assert desk.source.orders == []


@virtual
async def test_a_sign_in_from_its_code_to_its_end() -> None:
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(desk.platforms.run_sign_ins())
        desk.platforms.begin_sign_in("twitch")
        await asyncio.sleep(1)
        assert desk.platforms.sign_ins["twitch"].code == "ABCD"
        await asyncio.sleep(6)
        assert desk.platforms.sign_ins["twitch"].state == "done"
        assert desk.source.nudged == 1
        desk.source.fails = FatalError("nobody typed the code in time")
        desk.platforms.begin_sign_in("twitch")
        await asyncio.sleep(6)
        assert desk.platforms.sign_ins["twitch"].state == "failed"
        assert "nobody typed" in desk.platforms.sign_ins["twitch"].detail
        running.cancel()


@virtual
async def test_a_code_that_nobody_types_keeps_no_other_sign_in_waiting() -> None:
    desk = Desk()
    other = FakeSource()
    desk.platforms.sources["bilibili_web"] = other
    async with asyncio.TaskGroup() as group:
        running = group.create_task(desk.platforms.run_sign_ins())
        desk.platforms.begin_sign_in("twitch")
        await asyncio.sleep(1)
        desk.platforms.begin_sign_in("bilibili_web")
        await asyncio.sleep(5.5)
        assert desk.platforms.sign_ins["twitch"].state == "done"
        assert desk.platforms.sign_ins["bilibili_web"].state == "done"
        running.cancel()
