"""The whole way in, and what of it the stage's layers are told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot.control.layers.feed import LINES_A_SECOND, LayerFeed, Sight
from bot.control.streams import StreamStates
from bot.show.schedule.file import read
from bot.sources.source import Notice, NoticeKind
from bot.stage.layers.board import wish_of
from bot.stage.layers.vocabulary import EmoteSet
from bot.stage.settings import Goal, StageSettings
from bot.types import Author, Evidence, Fragment, Kind, Message, Money, Retraction, Role
from tests.show.schedule.stage import Theatre
from tests.support.control import control_room
from tests.support.harness import Stagehand
from tests.support.virtual import virtual

PLAN = """
segments:
  - name: tea
    kind: poll
    when: {command: true}
    length: 3m
    options: {title: "Tea?", choices: [green, black], seconds: 30, discuss: false}
"""
ALL = "chat,answer,alerts,goals,vote,segment,screens"


class Reader:
    """A page with every layer."""

    def __init__(self) -> None:
        self.wish = wish_of(ALL, "")
        self.label_seen: bool | None = None
        self.sent: list[dict[str, Any]] = []

    def send(self, frame: str) -> None:
        self.sent.append(json.loads(frame))

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["type"] == kind]


class Set:
    """A show whose layers are shown on one page."""

    def __init__(self, hand: Stagehand, settings: StageSettings | None = None, **more: Any) -> None:
        self.hand = hand
        self.room = control_room(hand)
        self.page = Reader()
        hand.stage.board._pages = lambda: [self.page]
        self.streams = StreamStates(hand.alarms)
        sight = Sight(
            show=hand.show, streams=self.streams, sources=hand.registry, alarms=hand.alarms,
            changed=self.room.changed, lines=lambda: hand.persona.lines, language=lambda: "en", **more,
        )  # fmt: skip
        self.feed = LayerFeed(sight, settings or StageSettings())
        self.room.room.listeners.append(self.feed)
        hand.observers.add(self.feed, self.streams)

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.feed.run())
            yield
            task.cancel()

    async def take(self, text: str = "", *, id: str = "m1", name: str = "ana", **more: Any) -> None:  # noqa: A002
        await self.hand.intake.offer(
            Message(id, more.pop("source", "twitch"), Author(f"id-{name}", name), text, **more)
        )

    def lines(self) -> list[str]:
        return ["".join(part["text"] for part in line["parts"]) for line in self.page.told("chat")]


@virtual
async def test_the_stage_shows_of_the_chat_what_the_chat_page_shows_and_nothing_else() -> None:
    show = Set(Stagehand())
    await show.take("what a day", id="a")
    await show.take("kill yourself, you worthless idiot", id="b")
    await show.take("zero\u200bwidth \u202egnp.exe \x07bell", id="c", name="bo\u202eb")
    on_page = [line.id for line in show.room.room.hello().lines if not line.host]
    assert [line["key"].removeprefix("twitch/") for line in show.page.told("chat")] == on_page
    assert "b" not in on_page
    shown = json.dumps(show.page.told("chat"), ensure_ascii=False)
    assert not any(char in shown for char in "\u200b\u202e\x07")
    assert "\\u0007" not in shown


@virtual
async def test_emoji_sequences_and_letters_of_all_directions_stay_whole() -> None:
    show = Set(Stagehand())
    text = "hi 👩‍👩‍👧‍👦 👍🏽 سلام می‌خواهم"
    await show.take(text, id="a")
    assert show.lines() == [text]


@virtual
async def test_what_is_deleted_goes_at_once_by_line_viewer_or_platform() -> None:
    show = Set(Stagehand())
    for number, name in enumerate(("ana", "ben", "ana", "cy")):
        await show.take(f"number {number} is here", id=f"m{number}", name=name)
    await show.hand.feed.retract(Retraction("twitch", id="m1"))
    await show.hand.feed.retract(Retraction("twitch", author="id-ana"))
    await show.hand.feed.retract(Retraction("elsewhere"))
    assert [sorted(gone["keys"]) for gone in show.page.told("chat_gone")] == [
        ["twitch/m1"], ["twitch/m0", "twitch/m2"],
    ]  # fmt: skip
    late = Reader()
    show.hand.stage.board.greet(late)
    assert [line["key"] for line in late.told("chat")] == ["twitch/m3"]


@virtual
async def test_a_payment_is_an_alert_once_in_the_hosts_own_words() -> None:
    show = Set(Stagehand(), StageSettings(goals=[
        Goal(title="new lamp", of="paid", currency="USD", target=100),
        Goal(title="gifts", of="gift", target=10, begin=3),
    ]))  # fmt: skip
    gift = {"kind": Kind.GIFT, "evidence": Evidence("GIFT", Money(500, "BATTERY"), item="rocket", count=4, combo="c")}
    async with show.looking():
        await show.take("for you", id="p1", kind=Kind.SUPER_CHAT, amount=Money(5000, "USD"))
        await show.take(id="p2", **gift)
        await show.take(id="p2", **gift)
        await asyncio.sleep(3)
    first, second = show.page.told("alert")
    assert (first["tier"], first["amount"], first["text"]) == (4, "50 USD", "for you")
    assert "ana" in first["line"]
    assert "[" not in first["line"]
    assert (second["item"], second["count"], second["combo"], second["tier"]) == ("rocket", 4, "c", 2)
    assert [line["key"] for line in show.page.told("chat")] == ["twitch/p1", "twitch/p2"]
    goals = show.page.told("goals")[-1]["goals"]
    assert [(goal["value"], goal["target"]) for goal in goals] == [(50, 100), (7, 10)]


@virtual
async def test_words_that_moderation_stops_reach_no_alert() -> None:
    show = Set(Stagehand())
    await show.take("kill yourself, you worthless idiot", id="p1", kind=Kind.SUPER_CHAT, amount=Money(500, "USD"))
    assert [alert["text"] for alert in show.page.told("alert")] == [""]
    assert show.lines() == [""]


@virtual
async def test_a_flood_of_chat_is_thinned_and_payments_are_not() -> None:
    show = Set(Stagehand())
    for number in range(LINES_A_SECOND + 60):
        show.feed.line(Message(f"m{number}", "twitch", Author("x", "ana"), f"line {number}"))
    for number in range(60):
        show.feed.line(
            Message(f"p{number}", "twitch", Author("x", "ana"), "wow", Kind.CHEER, evidence=Evidence("cheer"))
        )
    await asyncio.sleep(1.1)
    show.feed.line(Message("later", "twitch", Author("x", "ana"), "and on"))
    assert len(show.page.told("chat")) == LINES_A_SECOND + 60 + 1
    assert len(show.page.told("alert")) == 60


@virtual
async def test_emotes_are_drawn_where_the_settings_allow_and_never_for_masked_words() -> None:
    words = (Fragment("text", "hi "), Fragment("emote", "Kappa", "25"), Fragment("text", " all"))
    message = Message("a", "twitch", Author("x", "ana", frozenset({Role.MODERATOR})), "hi Kappa all", fragments=words)
    for emotes in (False, True):
        show = Set(Stagehand(), StageSettings(emotes=emotes))
        show.feed.line(message)
        (line,) = show.page.told("chat")
        assert bool(any(part["emote"] for part in line["parts"])) is emotes
        assert [part["text"] for part in line["parts"]] == (["hi ", "Kappa", " all"] if emotes else ["hi Kappa all"])
        assert line["role"] == "moderator"
    show.feed.line(Message("b", "twitch", Author("x", "ana"), "hi *** all", fragments=words))
    assert show.page.told("chat")[-1]["parts"] == [{"text": "hi *** all", "emote": ""}]


@virtual
async def test_words_of_the_channels_emotes_are_drawn_in_lines_with_and_without_pieces() -> None:
    show = Set(Stagehand(), StageSettings(emotes=True))
    sets = show.hand.stage.board.emotes.sets
    sets._words = {EmoteSet.BTTV: {"EZ": "https://cdn.betterttv.net/emote/aa/2x"}}
    words = (Fragment("text", "EZ "), Fragment("emote", "Kappa", "25"), Fragment("text", " EZ! EZ"))
    show.feed.line(Message("a", "twitch", Author("x", "ana"), "EZ Kappa EZ! EZ", fragments=words))
    show.feed.line(Message("b", "twitch", Author("x", "ana"), "so EZ ."))
    show.feed.line(Message("c", "bilibili_web", Author("x", "ana"), "so EZ ."))
    parts = [[(part["text"], bool(part["emote"])) for part in line["parts"]] for line in show.page.told("chat")]
    assert parts == [
        [("EZ", True), (" ", False), ("Kappa", True), (" EZ! ", False), ("EZ", True)],
        [("so ", False), ("EZ", True), (" .", False)],
        [("so EZ .", False)],
    ]
    show.feed.line(Message("d", "twitch", Author("x", "ana"), "EZ " * 150))
    many = show.page.told("chat")[-1]["parts"]
    assert len(many) <= 130
    assert "".join(part["text"] for part in many).startswith("EZ EZ EZ")


@virtual
async def test_the_message_that_is_answered_stands_while_it_is_answered() -> None:
    show = Set(Stagehand())
    async with show.looking(), show.hand.on_air():
        await show.take("Mira, what about rain?", id="a", source="test")
        await show.hand.until(lambda: show.hand.show.on_air is not None)
        await asyncio.sleep(1.5)
        await show.hand.quiet()
        await asyncio.sleep(1.5)
    answers = [(one["key"], one["text"]) for one in show.page.told("answer")]
    assert ("test/a", "Mira, what about rain?") in answers
    assert answers[-1] == ("", "")
    assert [one["state"] for one in show.page.told("screen")] == ["starting", "live"]


@virtual
async def test_hype_and_a_hidden_label_are_told() -> None:
    show = Set(Stagehand())
    async with show.looking():
        show.hand.feed.notice(Notice("twitch", NoticeKind.HYPE_TRAIN, "", {"level": 3, "phase": "progress"}))
        show.page.label_seen = False
        await asyncio.sleep(2)
        assert [alarm.id for alarm in show.hand.alarms.standing()] == ["label"]
        show.page.label_seen = True
        await asyncio.sleep(2)
    assert show.hand.alarms.standing() == []
    assert show.page.told("goals")[-1]["hype"] == 3


@virtual
async def test_a_vote_is_counted_on_the_stage_while_it_is_open(tmp_path: Path) -> None:
    plan = tmp_path / "day.yaml"
    plan.write_text(PLAN, "utf-8")
    theatre = Theatre(read(plan))
    show = Set(theatre.hand, desk=theatre.desk)
    async with show.looking(), theatre.playing():
        await asyncio.sleep(1)
        theatre.desk.start("tea")
        await asyncio.sleep(20)
        await show.take("2", id="v1", name="ana")
        await show.take("green", id="v2", name="ben")
        await show.take("black", id="v3", name="cy")
        await theatre.until_ended("tea")
        await asyncio.sleep(3)
    votes = [one for one in show.page.told("vote") if one["title"]]
    assert votes[0]["title"] == "Tea?"
    assert votes[0]["left_s"] > 20
    assert votes[-1]["counts"] == [1, 2]
    assert show.page.told("vote")[-1]["title"] == ""
    segments = [(one["name"], one["kind"]) for one in show.page.told("segment")]
    assert ("tea", "poll") in segments
    assert segments[-1][0] == ""
