"""Commands on real platforms: the real sources between a fake Twitch and a fake Bilibili, and a whole show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.platforms import fake_of, source_of
from bench.support.channel import running
from bench.weeks import PairLedger
from bot.app.mixing import Mixing
from bot.inbox.inbox import Limits
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.commands.settings import CommandSettings, Timer
from bot.sources.source import LinkState
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.director.settings import DirectorSettings
from bot.types import MessageOutcome
from tests.fakes.bilibili import Viewer
from tests.support.harness import SAGA, Stagehand
from tests.support.virtual import virtual


@dataclass
class Evening:
    """A show on one platform."""

    hand: Stagehand
    fake: Any
    commands: Commands

    async def until(self, true: Callable[[], bool], within_s: float = 60) -> None:
        async with asyncio.timeout(within_s):
            while not true():
                await asyncio.sleep(0.05)

    def sent(self) -> list[tuple[str, str]]:
        """Return what was written on Twitch, and under which line."""
        bodies = [call.body for call in self.fake.calls if call.path == "chat/messages"]
        return [(body["message"], body.get("reply_parent_message_id") or "") for body in bodies]


@asynccontextmanager
async def evening(kind: str, folder: Path, *timers: Timer, second: str = "", **settings: Any) -> AsyncIterator[Evening]:
    """Run a show on a platform; with ``second``, another source hears or writes beside the first."""
    async with fake_of(kind) as (fake, where):
        hand = Stagehand(limits=Limits(per_viewer=10, burst=50))
        hand.llm.reply_text = SAGA
        hand.keep(PairLedger())
        sources = [source_of(kind, hand.feed, where, folder)]
        if second:
            sources.append(source_of(second, hand.feed, where, folder))
            hears, writes = sources
            writes.listens, writes.on_account = False, hears.set_writer
        hand.registry.sources = {source.name: source for source in sources}
        replies = ChatReplies(hand.registry, hand.moderator, lambda _source: "off")
        commands = Commands(hand.show, replies, CommandSettings(**settings), timers, host=lambda: "Mira")
        hand.intake.commands = commands
        hand.observers.add(replies, commands)
        async with hand.on_air(), running(*sources), asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in (hand.feed.run(), replies.run(), commands.run())]
            e = Evening(hand, fake, commands)
            await e.until(
                lambda: [link.state for link in hand.registry.links.values()] == [LinkState.LIVE] * len(sources)
            )
            yield e
            for task in tasks:
                task.cancel()


@virtual
async def test_on_twitch_roles_are_badges_and_answers_are_replies(tmp_path: Path) -> None:
    async with evening("twitch", tmp_path, own={"hug": {"text": "{name} gets a hug."}}) as e:
        asked = await e.fake.chat("ann", "！help")
        await e.until(lambda: len(e.sent()) == 1)
        assert e.sent() == [("Commands: !queue !why !hug", asked)]
        hug = await e.fake.chat("ann", "!hug @everyone")
        await e.until(lambda: len(e.sent()) == 2)
        assert e.sent()[1] == (f"{e.fake.account('ann').name} gets a hug.", hug)

        line = await e.fake.chat("ben", "Mira, tell me everything")
        await e.hand.until(lambda: len(e.hand.stage.heard()) > 10, 30)
        why = await e.fake.chat("ben", "!why")
        await e.until(lambda: len(e.sent()) == 3)
        assert e.sent()[2] == ("Your last line is being answered right now.", why)

        await e.fake.chat("moderator", "!skip")
        await e.fake.chat("mallory", "!stop", badges=("subscriber/12", "vip/1"))
        await asyncio.sleep(2)
        assert e.hand.show.on_air is not None
        assert not e.hand.floor.stopped
        skip = await e.fake.chat("maud", "!skip", badges=("moderator/1",))
        await e.hand.until(lambda: line in e.hand.fates, 5)
        assert "skipped by a moderator" in e.hand.fates[line][1]
        await e.until(lambda: len(e.sent()) == 4)
        assert e.sent()[3] == ("Skipped.", skip)
        assert e.hand.fates[skip] == (MessageOutcome.DROPPED, "a command: skip, answered")
        # What was written came back as chat, and ordered nothing.
        await asyncio.sleep(30)
        assert len(e.sent()) == 4


@virtual
async def test_on_twitch_the_bots_of_others_and_deleted_lines_order_nothing(tmp_path: Path) -> None:
    async with evening("twitch", tmp_path) as e:
        await e.fake.chat("nightbot", "!help", badges=("moderator/1",))
        await e.fake.chat("helper", "!stop", badges=("moderator/1", "bot-badge/1"))
        await asyncio.sleep(5)
        assert e.sent() == []
        assert not e.hand.floor.stopped


@virtual
async def test_on_twitch_timers_are_lines_of_their_own(tmp_path: Path) -> None:
    async with evening(
        "twitch", tmp_path, Timer(text="Ask me: https://example.org/ask", every_min=1, min_lines=2)
    ) as e:
        await asyncio.sleep(120)
        assert e.sent() == []
        e.hand.floor.stop("the chat talks among itself")
        for n in range(3):
            await e.fake.chat(f"v{n}", f"this is line number {n} of the evening")
        await e.until(lambda: bool(e.sent()), 90)
        assert e.sent() == [("Ask me: https://example.org/ask", "")]


@virtual
async def test_on_bilibili_the_streamer_orders_and_the_web_account_answers(tmp_path: Path) -> None:
    async with evening("open", tmp_path, second="web") as e:
        await e.fake.danmaku("！帮助", Viewer(7, "小明"))
        await e.until(lambda: bool(e.fake.written))
        await e.until(lambda: "".join(e.fake.written) == "@小明 指令：!排队 !为什么", 20)
        await e.fake.danmaku("！帮助", Viewer(7, "小明"))
        e.fake.written.clear()
        await e.fake.danmaku("Mira, tell me everything", Viewer(8, "小红"))
        await e.hand.until(lambda: len(e.hand.stage.heard()) > 10, 30)
        await e.fake.danmaku("!停止", Viewer(9, e.fake.room.uname))
        await asyncio.sleep(2)
        assert not e.hand.floor.stopped
        await e.fake.danmaku("!停止", Viewer(e.fake.room.uid, "主播"))
        await e.hand.until(lambda: e.hand.floor.stopped, 5)
        await e.until(lambda: len(e.fake.written) == 1, 30)
        assert e.fake.written == ["已静音，发 !继续 或在控制台恢复。"]


@virtual
async def test_on_bilibili_a_room_that_is_only_read_is_obeyed_in_silence(tmp_path: Path) -> None:
    async with evening("open", tmp_path) as e:
        line = await e.fake.danmaku("!排队", Viewer(7, "小明"))
        await e.hand.until(lambda: line in e.hand.fates, 5)
        assert e.hand.fates[line][1] == "a command: queue, carried out, and nobody can write the answer there now"
        await e.fake.danmaku("!stop", Viewer(8, "房管", admin=True))
        await e.hand.until(lambda: e.hand.floor.stopped, 5)
        assert e.fake.written == []


@virtual
async def test_on_bilibili_by_the_web_a_long_answer_comes_in_parts(tmp_path: Path) -> None:
    text = "这是一个很长很长的规则，" * 5
    async with evening("web", tmp_path, own={"规则": {"text": text}}) as e:
        await e.fake.danmaku("！规则", Viewer(7, "小明"))
        await e.until(lambda: sum(map(len, e.fake.written)) == len(text), 60)
        assert "".join(e.fake.written) == text
        assert max(map(len, e.fake.written)) <= 20
        await asyncio.sleep(60)
        assert sum(map(len, e.fake.written)) == len(text)


@virtual
async def test_the_chat_orders_the_director_where_there_is_one() -> None:
    assert Mixing().chat_orders() is None
    orders = Mixing(director=Director(DirectorSettings(), RehearsalMixer())).chat_orders()
    assert orders is not None
    assert not await orders.scene("no such scene")
    assert not await orders.cue("no such cue", {"viewer": "ann", "source": "twitch"})
