"""Timers: only while the chat moves, at their time, whatever the clock of the wall says."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.show.commands.settings import Timer
from bot.types import Role
from tests.show.commands.desk import Desk
from tests.support.virtual import virtual

ASK, RULES = (
    Timer(text="Ask me anything.", every_min=10, min_lines=3),
    Timer(text="Be kind.", every_min=10, min_lines=3),
)


async def talk(desk: Desk, lines: int, source: str = "twitch") -> None:
    for n in range(lines):
        await desk.line(f"what is {n} times {n}, and what is {desk} for {n}?"[:40], f"v{n}", source=source)


@virtual
async def test_a_silent_chat_stays_silent() -> None:
    desk = Desk([ASK])
    async with desk.running():
        await asyncio.sleep(3600)
        assert desk.twitch.texts == desk.web.texts == desk.page == []
        await talk(desk, 2)
        await asyncio.sleep(3600)
        assert desk.twitch.texts == []


@virtual
async def test_one_is_written_when_its_time_has_come_and_the_chat_moved() -> None:
    desk = Desk([ASK])
    async with desk.running():
        await asyncio.sleep(1)
        await talk(desk, 3)
        await asyncio.sleep(580)
        assert desk.twitch.texts == []
        await asyncio.sleep(30)
        assert desk.twitch.texts == ["Ask me anything."]
        assert [(o.action, o.message, o.user) for o in desk.twitch.written] == [("send", "", "")]
        await asyncio.sleep(3600)
        assert len(desk.twitch.texts) == 1, "nobody wrote since"
        await talk(desk, 3)
        await asyncio.sleep(10)
        assert len(desk.twitch.texts) == 2
        assert desk.web.texts == desk.page == [], "there nobody wrote at all"


@virtual
async def test_commands_bots_and_what_moderation_stops_do_not_move_a_chat() -> None:
    desk = Desk([ASK], cooldown_s=0)
    async with desk.running():
        await asyncio.sleep(1)
        for n in range(5):
            await desk.line("!help", f"c{n}")
            await desk.line("!uptime", f"d{n}")
            await desk.line("follow us", f"e{n}", Role.BOT)
            await desk.line("kill yourself", f"f{n}")
            await desk.line("\u200b", f"g{n}")
        await asyncio.sleep(1200)
        assert "Ask me anything." not in desk.twitch.texts


@virtual
async def test_chat_that_is_not_answered_moves_a_chat_too() -> None:
    desk = Desk([ASK], answer="addressed")
    async with desk.running():
        await asyncio.sleep(1)
        await talk(desk, 3)
        await asyncio.sleep(620)
        assert desk.twitch.texts == ["Ask me anything."]


@virtual
async def test_two_timers_are_a_minute_apart_and_both_have_their_turn() -> None:
    desk = Desk([ASK, RULES])
    async with desk.running():
        await asyncio.sleep(1)
        await talk(desk, 9)
        await asyncio.sleep(605)
        assert len(desk.twitch.texts) == 1
        await asyncio.sleep(50)
        assert len(desk.twitch.texts) == 1
        await asyncio.sleep(20)
        assert sorted(desk.twitch.texts) == ["Ask me anything.", "Be kind."]


@virtual
async def test_a_timer_is_for_its_chats_and_what_the_open_platform_hears_moves_the_chat_of_the_web() -> None:
    desk = Desk(
        [
            Timer(text="大家好", every_min=1, min_lines=2, sources=["bilibili_web"]),
            ASK.model_copy(update={"sources": ["local"]}),
        ]
    )
    async with desk.running():
        await asyncio.sleep(1)
        await talk(desk, 3)
        await talk(desk, 2, "bilibili_open")
        await talk(desk, 3, "local")
        await asyncio.sleep(700)
        assert desk.twitch.texts == []
        assert desk.web.texts == ["大家好"]
        assert desk.page == ["Ask me anything."]


@virtual
async def test_new_settings_keep_the_time_of_what_stays() -> None:
    desk = Desk([ASK])
    async with desk.running():
        await asyncio.sleep(1)
        await talk(desk, 3)
        await asyncio.sleep(300)
        desk.commands.update(desk.commands.settings, [ASK, RULES])
        await asyncio.sleep(320)
        assert desk.twitch.texts == ["Ask me anything."]
        desk.commands.update(desk.commands.settings, [])
        await talk(desk, 20)
        await asyncio.sleep(3600)
        assert desk.twitch.texts == ["Ask me anything."]


def test_a_clock_that_is_set_back_or_forth_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk([ASK])
        async with desk.running():
            await asyncio.sleep(1)
            await talk(desk, 3)
            for shift in (-86_400, 86_400):
                monkeypatch.setattr(time, "time", lambda shift=shift: 1.8e9 + shift)
                await asyncio.sleep(250)
                assert desk.twitch.texts == []
            await asyncio.sleep(120)
            assert desk.twitch.texts == ["Ask me anything."]

    scene()


@virtual
async def test_a_platform_that_cannot_be_written_to_gets_it_when_it_can() -> None:
    desk = Desk([ASK])
    desk.twitch.actions = frozenset()
    async with desk.running():
        await asyncio.sleep(1)
        await talk(desk, 9)
        await asyncio.sleep(1200)
        desk.twitch.actions = frozenset({"send"})
        await asyncio.sleep(605)
        assert desk.twitch.texts == []
        await talk(desk, 3)
        await asyncio.sleep(620)
        assert desk.twitch.texts == ["Ask me anything."]
