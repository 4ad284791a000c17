"""What the platforms hand over: payments that the database does not take, alarms, holds, orders, sign-ins."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import FatalError, Refused, TransientError
from bot.inbox.inbox import Inbox, Limits, Offer
from bot.runtime.signal import Signal
from bot.sources.registry import PATIENCE_S, Platforms
from bot.sources.source import ChannelAction, Link, LinkState, Missing, Notice, SignInStep
from bot.types import Author, Evidence, Health, Kind, Message, Money, Retraction
from moderation import Action, Verdict
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
        self.taken: list[str] = []
        self.back: list[Retraction] = []
        self.broken_until = 0.0
        clock = asyncio.get_running_loop().time
        self.inbox = Inbox(Limits(gift_due_s=60), clock, random.Random(1))
        self.platforms = Platforms(self.offer, self.retract, self.inbox, Signal())
        self.source = FakeSource()
        self.platforms.sources = {"twitch": self.source}

    async def offer(self, message: Message) -> Offer:
        if asyncio.get_running_loop().time() < self.broken_until:
            raise TransientError("the database is away")
        self.taken.append(message.id)
        return Offer("queued", "")

    async def retract(self, retraction: Retraction) -> None:
        self.back.append(retraction)

    def alarms(self) -> list[str]:
        return [a.id for a in self.platforms.alarms()]


def gift(name: str, fault: str = "") -> Message:
    evidence = Evidence("SEND_GIFT", fault=fault)
    return Message(name, "twitch", Author("1", "Ann"), "", Kind.GIFT, Money(5, "USD"), evidence=evidence)


@virtual
async def test_a_payment_waits_for_the_database_and_chat_goes_on() -> None:
    desk = Desk()
    loop = asyncio.get_running_loop()
    desk.broken_until = loop.time() + 60
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(desk.platforms.run())
        began = loop.time()
        assert await desk.platforms.offer(gift("g1")) is None
        assert loop.time() - began == pytest.approx(PATIENCE_S, abs=0.1)
        assert "unwritten" in desk.alarms()
        await asyncio.sleep(90)
        assert desk.taken == ["g1"]
        assert "unwritten" not in desk.alarms()
        watching.cancel()


@virtual
async def test_a_payment_that_could_not_be_read_is_an_alarm() -> None:
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(desk.platforms.run())
        await desk.platforms.offer(gift("g1", fault="price"))
        assert desk.taken == ["g1"]
        assert desk.alarms() == ["fault:twitch:g1"]
        running.cancel()


@virtual
async def test_a_payment_is_written_even_when_its_connection_is_lost_meanwhile() -> None:
    desk = Desk()
    desk.broken_until = asyncio.get_running_loop().time() + 1
    async with asyncio.TaskGroup() as group:
        running = group.create_task(desk.platforms.run())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await desk.platforms.offer(gift("g1"))
        await asyncio.sleep(3)
        assert desk.taken == ["g1"]
        running.cancel()


@virtual
async def test_a_show_that_ends_still_writes_what_waits() -> None:
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(desk.platforms.run())
        await asyncio.sleep(0)
        sent = [group.create_task(desk.platforms.offer(gift(f"g{n}"))) for n in range(3)]
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait(sent)
    assert sorted(desk.taken) == ["g0", "g1", "g2"]


@virtual
async def test_overdue_thanks_are_an_alarm_until_they_are_said() -> None:
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(desk.platforms.run())
        desk.inbox.offer(gift("g1"), Verdict(Action.ALLOW, (), 0.0, ""))
        await asyncio.sleep(50)
        assert desk.alarms() == []
        await asyncio.sleep(20)
        assert desk.alarms() == ["overdue"]
        assert desk.inbox.take_nowait(asyncio.get_running_loop().time())
        await asyncio.sleep(10)
        assert desk.alarms() == []
        watching.cancel()


@virtual
async def test_connections_and_their_alarms() -> None:
    desk = Desk()
    desk.platforms.link(Link("twitch", LinkState.EXPIRED, "the sign-in has run out", "sign in"))
    assert desk.alarms() == ["link:twitch"]
    desk.platforms.link(Link("twitch", LinkState.LIVE, expires_in_s=3600))
    assert desk.alarms() == []


@virtual
async def test_the_stream_and_what_automod_holds() -> None:
    desk = Desk()
    p = desk.platforms
    p.notice(Notice("twitch", "online", "live"))
    p.notice(Notice("twitch", "title", "", {"title": "T", "category": "C"}))
    p.notice(Notice("twitch", "hype_train", "", {"level": 3, "phase": "progress"}))
    assert (p.streams["twitch"].online, p.streams["twitch"].title, p.streams["twitch"].hype_level) == (True, "T", 3)
    hold: dict[str, Any] = {"message_id": "h1", "user": "Bo", "text": "x", "category": "bullying", "level": 4}
    p.notice(Notice("twitch", "automod_hold", "", hold))
    p.notice(Notice("twitch", "automod_hold", "", hold | {"message_id": "h2", "level": "not a number"}))
    assert [(h.id, h.level) for h in p.holds.values()] == [("h1", 4), ("h2", 0)]
    assert await p.act("twitch", ChannelAction("allow", message="h1")) == "done"
    await p.retract(Retraction("twitch", id="h2"))
    assert not p.holds
    assert desk.back == [Retraction("twitch", id="h2")]
    p.notice(Notice("twitch", "offline", ""))
    p.notice(Notice("bilibili_web", "cut_off", "the stream was cut off"))
    assert p.streams["twitch"].online is False
    assert desk.alarms() == ["cut_off:bilibili_web"]


@virtual
async def test_what_cannot_be_done_is_refused_with_the_reason() -> None:
    desk = Desk()
    lacks = Missing("ban viewers", "the scope moderator:manage:banned_users was not granted")
    desk.platforms.link(Link("twitch", LinkState.LIVE, missing=(lacks,)))
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
