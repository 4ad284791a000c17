"""A chat on two platforms at once: the real sources and a whole show, between a fake Twitch and a fake Bilibili.

Sockets and client libraries are real, the clock jumps. What moderators take back there falls silent here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.platforms import fake_of, source_of
from bench.support.channel import running
from bench.weeks import PairLedger
from bot.inbox.inbox import Limits
from bot.show.chat_replies import ChatReplies
from bot.show.turn import FinishedTurn
from bot.sources.registry import Platforms
from bot.sources.source import LinkState
from bot.types import Message, Retraction
from tests.fakes.bilibili import FakeBilibili, Viewer
from tests.fakes.stage_page import FakePage
from tests.fakes.twitch import FakeTwitch
from tests.support.harness import Stagehand
from tests.support.virtual import virtual

STORY = "Once there was a lamp that nobody had ever seen from the sea. " * 6
#: How soon a deletion must be heard, or rather not heard any more, in seconds.
SILENT_S = 0.1


@dataclass
class Evening:
    """The show, both platforms, and the page that the audience sees."""

    hand: Stagehand
    twitch: FakeTwitch
    bili: FakeBilibili
    platforms: Platforms
    page: FakePage

    async def written(self, where: str, text: str, viewer: str = "ann", number: int = 501) -> str:
        """Let a viewer write a line; return its id once it waits or is taken up."""
        if where == "twitch":
            name = await self.twitch.chat(viewer, text)
        else:
            name = await self.bili.danmaku(text, Viewer(number, viewer))
        await self.hand.until(lambda: self.known(name), 5)
        return name

    def known(self, name: str) -> bool:
        air = self.hand.show.on_air
        return (
            name in self.hand.fates
            or name in self.waiting
            or bool(air and name in [m.id for m in air.job.messages])
        )  # fmt: skip

    @property
    def waiting(self) -> list[str]:
        """The ids of what waits in the queue."""
        now = asyncio.get_running_loop().time()
        return [item.message.id for item in self.hand.inbox.items(now)]

    async def being_answered(self, name: str) -> int:
        """Wait until some of the answer to a line was heard; return its epoch."""

        def some() -> bool:
            air = self.hand.show.on_air
            answers = air is not None and name in [m.id for m in air.job.messages]
            return answers and len(self.hand.stage.heard()) > 20

        await self.hand.until(some, 60)
        return self.hand.stage.epoch

    async def silent(self, epoch: int, since: float) -> None:
        """See that a turn ends within the time, on the page too, and leaves nothing behind."""
        await self.hand.until(lambda: any(p.turn.epoch == epoch for p in self.hand.past), 5)
        assert asyncio.get_running_loop().time() - since <= SILENT_S
        assert [m["epoch"] for m in self.page.of("stop")][-1:] == [epoch]
        assert next(p for p in self.hand.past if p.turn.epoch == epoch).interrupted
        # Whoever looks at the page from now on sees no caption of it.
        async with FakePage().open(self.hand.stage, wants_audio=False) as late:
            assert [m for m in late.of("speak") if m["epoch"] == epoch] == []

    def answered(self, name: str) -> list[FinishedTurn]:
        return [p for p in self.hand.past if p.text and name in [m.id for m in p.job.messages]]


@asynccontextmanager
async def evening(folder: Path, *, replies: str = "off") -> AsyncIterator[Evening]:
    """Let both sources live in one show."""
    async with fake_of("twitch") as (twitch, tw), fake_of("web") as (bili, bw):
        hand = Stagehand(limits=Limits(per_viewer=10, burst=50))
        hand.llm.reply_text = STORY
        hand.ledger = hand.show.ledger = hand.intake._ledger = PairLedger()

        async def retract(retraction: Retraction) -> None:
            hand.show.retract(retraction)
            hand.intake.arrivals.take_back(retraction, asyncio.get_running_loop().time())

        platforms = Platforms(hand.intake.offer, retract, hand.inbox, hand.pulse)
        sources = [source_of("twitch", platforms, tw, folder), source_of("web", platforms, bw, folder)]
        platforms.sources = {source.name: source for source in sources}
        writer = ChatReplies(platforms, hand.moderator, lambda _source: replies)
        note = hand.show._on_turn

        def turn_over(past: FinishedTurn) -> None:
            note(past)
            writer.turn_over(past)

        hand.show._on_turn = turn_over
        async with hand.on_air() as page, running(*sources), asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in (platforms.run(), writer.run())]
            async with asyncio.timeout(60):
                while [link.state for link in platforms.links.values()] != [LinkState.LIVE] * 2:
                    await asyncio.sleep(0.05)
            yield Evening(hand, twitch, bili, platforms, page)
            for task in tasks:
                task.cancel()


@virtual
async def test_lines_of_both_platforms_are_answered_and_the_host_does_not_answer_itself(tmp_path: Path) -> None:
    async with evening(tmp_path, replies="all") as e:
        e.hand.llm.reply_text = "I keep the lamp."
        one = await e.written("twitch", "Mira, what do you do all night?")
        two = await e.written("bilibili", "Mira, 你整晚都在做什么？", "小明")
        await e.hand.quiet()
        # Both answers are written into their chats, and come back from there as chat.
        async with asyncio.timeout(60):
            while not (e.bili.written and any(c.path == "chat/messages" for c in e.twitch.calls)):
                await asyncio.sleep(0.1)
        await asyncio.sleep(30)
    for name in (one, two):
        assert e.hand.fates[name] == ("answered", "answered")
        assert [p.text for p in e.answered(name)] == ["I keep the lamp."]
    assert len(e.hand.past) == 2
    assert [p.lines[-1].text for p in e.hand.llm.prompts if "what do you do all night" in p.lines[-1].text]
    assert [p.lines[-1].text for p in e.hand.llm.prompts if "你整晚都在做什么" in p.lines[-1].text]
    assert e.bili.written == ["I keep the lamp."]
    (sent,) = [c.body for c in e.twitch.calls if c.path == "chat/messages"]
    assert (sent["message"], sent["reply_parent_message_id"]) == ("I keep the lamp.", one)


def each(where: str) -> pytest.MarkDecorator:
    """Return the names of the platform of a test."""
    return pytest.mark.parametrize("where", where.split())


@each("twitch bilibili")
def test_a_deleted_line_silences_its_answer_and_leaves_the_captions(tmp_path: Path, where: str) -> None:
    @virtual
    async def scene() -> None:
        async with evening(tmp_path) as e:
            name = await e.written(where, "Mira, tell a story of something bad")
            other = "twitch" if where == "bilibili" else "bilibili"
            waits = await e.written(other, "Mira, and what of me?", "ben", 502)
            epoch = await e.being_answered(name)
            began = asyncio.get_running_loop().time()
            await (e.twitch.delete(name) if where == "twitch" else e.bili.recall(name))
            await e.silent(epoch, began)
            await e.being_answered(waits)
            assert "something bad" not in str(e.hand.llm.prompts[-1])
            assert not any(asked.id == name for x in e.hand.history.within(9999) for asked in x.asked)
            await e.hand.quiet()
        assert "was taken back" in e.hand.fates[name][1]
        assert e.hand.fates[waits] == ("answered", "answered")

    scene()


@each("twitch bilibili")
def test_a_line_that_is_deleted_while_it_waits_is_never_answered(tmp_path: Path, where: str) -> None:
    @virtual
    async def scene() -> None:
        async with evening(tmp_path) as e:
            first = await e.written(where, "Mira, tell a long story please")
            name = await e.written(where, "Mira, say something rude", "ben", 502)
            epoch = await e.being_answered(first)
            assert e.waiting == [name]
            await (e.twitch.delete(name) if where == "twitch" else e.bili.recall(name))
            await e.hand.until(lambda: name in e.hand.fates, 1)
            assert e.hand.stage.epoch == epoch
            await e.hand.quiet()
        assert e.hand.fates[name][0] == "dropped"
        assert e.answered(name) == []
        assert e.hand.fates[first] == ("answered", "answered")

    scene()


@each("twitch bilibili")
def test_a_ban_empties_the_queue_of_the_viewer_and_stops_their_answer(tmp_path: Path, where: str) -> None:
    @virtual
    async def scene() -> None:
        async with evening(tmp_path) as e:
            mallory = e.twitch.account("mallory")
            # Two viewers with one name, and on Bilibili even with one number.
            number = int(mallory.id)
            theirs = [
                await e.written(where, f"Mira, {text}", "mallory", number)
                for text in ("answer this one first", "where do ships sleep?", "who paints the stairs?")
            ]
            other = "twitch" if where == "bilibili" else "bilibili"
            namesake = await e.written(other, "Mira, I did nothing, honestly", "mallory", number)
            friend = await e.written(where, "Mira, may I stay?", "ann", 501)
            epoch = await e.being_answered(theirs[0])
            assert set(e.waiting) == {*theirs[1:], namesake, friend}
            began = asyncio.get_running_loop().time()
            await (e.twitch.ban("mallory") if where == "twitch" else e.bili.block(Viewer(number, "mallory")))
            await e.silent(epoch, began)
            late = await (
                e.twitch.chat("mallory", "Mira, one more") if where == "twitch"
                else e.bili.danmaku("Mira, one more", Viewer(number, "mallory"))
            )  # fmt: skip
            await e.hand.quiet()
        reason = "all messages removed by a moderator" if where == "twitch" else "silenced by a moderator"
        for name in theirs[1:]:
            assert e.hand.fates[name][0] == "dropped"
            assert reason in e.hand.fates[name][1]
            assert e.answered(name) == []
        assert e.answered(late) == []
        assert reason in e.hand.fates[theirs[0]][1]
        for name in (namesake, friend):
            assert e.hand.fates[name] == ("answered", "answered")

    scene()


@virtual
async def test_somebody_who_is_timed_out_is_silent_at_once_and_may_ask_again_later(tmp_path: Path) -> None:
    async with evening(tmp_path) as e:
        name = await e.written("twitch", "Mira, tell me everything", "mallory")
        epoch = await e.being_answered(name)
        began = asyncio.get_running_loop().time()
        await e.twitch.ban("mallory", seconds=60, reason="spam")
        await e.silent(epoch, began)
        assert "all messages removed by a moderator" in e.hand.fates[name][1]
        await asyncio.sleep(61)
        again = await e.written("twitch", "Mira, sorry. Who are you?", "mallory")
        await e.hand.quiet()
    assert e.hand.fates[again] == ("answered", "answered")


@virtual
async def test_a_cleared_chat_takes_everything_of_that_platform_but_its_payments(tmp_path: Path) -> None:
    async with evening(tmp_path) as e:
        first = await e.written("twitch", "Mira, what a night")
        gone = [await e.written("twitch", f"Mira, {text}", f"viewer{n}", 0) for n, text in enumerate(("hi", "hello"))]
        kept = await e.written("bilibili", "Mira, and here?", "小明", 502)
        epoch = await e.being_answered(first)
        paid = await e.twitch.cheer("ben", 100, "Cheer100 with words that are cleared")
        await e.hand.until(lambda: paid in e.waiting, 5)
        began = asyncio.get_running_loop().time()
        await e.twitch.clear()
        await e.silent(epoch, began)
        assert set(e.waiting) <= {kept, paid}
        await e.hand.quiet()
    for name in gone:
        assert e.hand.fates[name] == ("dropped", "the chat was cleared")
    assert e.hand.fates[kept] == ("answered", "answered")
    assert e.hand.fates[paid] == ("answered", "answered")
    (thanks,) = e.answered(paid)
    asked: Message = thanks.job.messages[0]
    assert (asked.text, asked.author.name) == ("", "ben")
    assert not any("words that are cleared" in str(prompt) for prompt in e.hand.llm.prompts)


@virtual
async def test_a_payment_that_is_withdrawn_while_it_is_thanked_falls_silent(tmp_path: Path) -> None:
    async with evening(tmp_path) as e:
        number = await e.bili.super_chat("Mira, 念一下这个", 30, Viewer(502, "小明"))
        await e.hand.until(lambda: e.hand.show.on_air is not None, 5)
        assert e.hand.show.on_air is not None
        (message,) = e.hand.show.on_air.job.messages
        epoch = await e.being_answered(message.id)
        began = asyncio.get_running_loop().time()
        await e.bili.super_chat_delete(number)
        await e.silent(epoch, began)
        await asyncio.sleep(60)
    assert len(e.hand.past) == 1
    assert "was taken back" in e.hand.fates[message.id][1]
