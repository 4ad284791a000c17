"""What a frame of EventSub may hold: duplicates, rubbish, broken payments, words of strangers. None ends the show."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.sources.source import LinkState
from bot.types import Kind, Message, Money
from tests.sources import twitch_fixtures as fixtures
from tests.sources.twitch_rig import Rig, hurry, logged, rig


def faults(r: Rig) -> int:
    return sum(r.source.monitor._faults.values())


def notification(event: Any, kind: Any = "channel.chat.message", message_id: Any = "d1") -> str:
    meta = {"message_id": message_id, "message_type": "notification", "subscription_type": kind}
    return json.dumps({"metadata": meta, "payload": {"subscription": {}, "event": event}})


async def test_what_viewers_do_arrives_in_order_and_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.chat("ann", "hello @streamer")
        await r.twitch.raid("big", 42)
        await r.twitch.follow("new")
        await r.twitch.redeem("bo", "Sing a song", 500, "please")
        await r.hears("the end")
        assert [m.kind for m in r.feed.messages] == [
            *(Kind.CHAT, Kind.RAID, Kind.RAID, Kind.FOLLOW, Kind.REDEMPTION),
            Kind.CHAT,
        ]
        chat, told, told_again = r.feed.messages[:3]
        assert (chat.author.name, chat.text) == ("ann", "hello @streamer")
        assert told.evidence
        assert told_again.evidence
        assert told.evidence.pair == told_again.evidence.pair, "one raid, of which two kinds of events tell"


async def test_what_moderators_do_arrives_too(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        line = await r.twitch.chat("bo", "rude")
        await r.twitch.delete(line)
        await r.twitch.ban("bo", 60)
        await r.twitch.clear()
        held = await r.twitch.automod_hold("zed", "ruder")
        await r.twitch.online()
        await r.hears("the end")
        by_id, by_author, everything = r.feed.retractions
        assert by_id.id == line
        assert by_author.author == r.twitch.account("bo").id
        assert everything.covers("twitch", line, "anybody")
        assert [n.what for n in r.feed.notices] == ["automod_hold", "online"]
        assert r.feed.notices[0].data["message_id"] == held


async def test_the_same_event_sent_twice_keeps_its_id(tmp_path: Path) -> None:
    """Who takes messages in tells them apart by their ids; Twitch delivers at least once."""
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("duplicate")
        await r.twitch.chat("ann", "twice")
        await r.twitch.cheer("bo", 200)
        r.twitch.heal()
        await r.hears("the end")
        chat = [m for m in r.feed.messages if m.text == "twice"]
        assert len(chat) == 2
        assert chat[0].id == chat[1].id
        for event in ("channel.chat.message", "channel.bits.use", "channel.cheer"):
            told = [m for m in r.feed.messages if m.evidence and m.evidence.event == event]
            assert len(told) == 2, event
            assert told[0].id == told[1].id
            assert told[0].amount == Money(200, "USD")
        assert len({m.evidence.pair for m in r.feed.messages if m.evidence}) == 1


# --- rubbish --------------------------------------------------------------------------------------

DEEP = '{"metadata":' * 5000 + "1" + "}" * 5000
RUBBISH = {
    "no JSON": "this is {not json",
    "empty": "",
    "a list": "[1, 2, 3]",
    "null": "null",
    "a number": "1e999",
    "no metadata": "{}",
    "metadata of another type": '{"metadata": "x", "payload": {}}',
    "no type": '{"metadata": {}, "payload": {}}',
    "a type that cannot be compared": '{"metadata": {"message_type": ["notification"]}}',
    "an unknown type": '{"metadata": {"message_type": "session_dance"}, "payload": {}}',
    "a move without an address": '{"metadata": {"message_type": "session_reconnect"}, "payload": {"session": null}}',
    "a revocation of nothing": '{"metadata": {"message_type": "revocation"}, "payload": {"subscription": 7}}',
    "a second welcome without a session": '{"metadata": {"message_type": "session_welcome"}, "payload": {}}',
    "a notification without parts": '{"metadata": {"message_type": "notification"}}',
    "a payload of another type": '{"metadata": {"message_type": "notification"}, "payload": []}',
    "an event of another type": notification([1, 2]),
    "a kind of another type": notification({}, kind=["channel.chat.message"]),
    "an id of another type": notification({}, message_id=17),
    "an unknown kind": notification({"a": 1}, kind="channel.new_thing"),
    "a kind of a megabyte": notification({}, kind="k" * 1_000_000),
    "an empty chat line": notification({}),
    "a chat line of wrong types": notification({**{key: [{"odd": 1}] for key in fixtures.chat()}, "cheer": None}),
    "nested beyond measure": DEEP,
}


@pytest.mark.parametrize("name", RUBBISH)
async def test_rubbish_is_counted_and_the_next_frame_is_heard(tmp_path: Path, name: str) -> None:
    async with rig(tmp_path) as r, r.running_source():
        n = len(r.feed.links)
        await r.twitch.sockets.raw(RUBBISH[name])
        await r.hears("the next one")
        assert [m.text for m in r.feed.messages] == ["the next one"]
        assert faults(r) == 1
        assert sum(r.feed.links[-1].faults.values()) == 1, "the control room sees it"
        assert all(len(kind) <= 80 for kind in r.feed.links[-1].faults)
        assert {link.state for link in r.feed.links[n:]} <= {LinkState.LIVE}
        assert r.source.monitor.link.reconnects == 0


async def test_faults_are_counted_each_and_logged_once_a_minute(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        with logged() as lines:
            for _ in range(200):
                await r.twitch.misbehave("garbage")
                await r.twitch.misbehave("unknown_event")
            await r.hears("the end")
        assert r.source.monitor._faults == {"a frame that cannot be read": 200, "channel.new_thing": 200}
        assert len(lines) == 2


async def test_a_flood_of_different_faults_stays_small(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        with logged() as lines:
            for i in range(300):
                await r.twitch.sockets.raw(notification({}, kind=f"channel.k{i}"))
            await r.hears("the end")
        assert len(r.source.monitor._faults) <= 51
        assert faults(r) == 300
        assert len(lines) <= 51


async def test_a_huge_line_is_cut_and_a_frame_beyond_the_bound_costs_one_reconnect(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("huge_frame")
        await r.hears("after two megabytes")
        assert len(r.feed.messages[0].text) <= 2000
        n = len(r.feed.links)
        await r.twitch.chat("bighead", "a" * 6_000_000)
        await r.reaches(LinkState.DEAF, n)
        await r.hears_again("after six")


async def test_an_address_to_move_to_that_is_none_of_a_socket_is_not_taken(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        sessions = set(r.twitch.sessions)
        for url in ("http://127.0.0.1:1/", "file:///etc/hostname", "ws://192.0.2.1/ws", "", None, 7):
            session = {"id": "x", "status": "reconnecting", "reconnect_url": url}
            meta = {"message_id": "m", "message_type": "session_reconnect"}
            await r.twitch.sockets.raw(json.dumps({"metadata": meta, "payload": {"session": session}}))
        await r.hears("still here")
        assert set(r.twitch.sessions) == sessions
        assert faults(r) == 6


# --- payments -------------------------------------------------------------------------------------


def paid(r: Rig) -> list[Message]:
    return [m for m in r.feed.messages if m.paid]


@pytest.mark.parametrize("fault", ["missing_key", "wrong_type"])
@pytest.mark.parametrize("key", ["bits", "user_id", "message", "type"])
async def test_a_payment_with_a_broken_field_is_still_one(tmp_path: Path, fault: str, key: str) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave(fault, key=key)
        await r.twitch.power_up("bo", 30)
        await r.hears("the end")
        (payment,) = paid(r)
        evidence = payment.evidence
        assert evidence
        assert key in evidence.fault
        assert faults(r) == 1
        assert payment.amount == (None if key == "bits" else Money(30, "USD"))


@pytest.mark.parametrize("key", list(fixtures.chat_cheer()))
async def test_a_cheer_in_the_chat_survives_the_loss_of_any_key(tmp_path: Path, key: str) -> None:
    """The library drops the whole event for one missing key."""
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("missing_key", key=key)
        await r.twitch.emit("channel.chat.message", fixtures.chat_cheer())
        await r.hears("the end")
        (payment,) = paid(r)
        assert payment.kind is Kind.CHEER
        assert payment.evidence
        assert payment.amount == Money(100, "USD") or "cheer" in payment.evidence.fault


@pytest.mark.parametrize(
    "bits", [-5, 0, 10**30, 2.5, float("nan"), float("inf"), True, "1e2", "", [], {}, None], ids=repr
)
async def test_absurd_amounts_are_no_amounts_and_a_person_is_told(tmp_path: Path, bits: object) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.emit("channel.cheer", fixtures.cheer(bits=bits))
        await r.twitch.emit("channel.subscription.gift", fixtures.subscription_gift(total=bits))
        await r.hears("the end")
        cheer, gift = paid(r)
        for payment in (cheer, gift):
            assert payment.amount is None
            assert payment.evidence
            assert payment.evidence.fault
            assert len(payment.evidence.fault) <= 300
        assert faults(r) == 2


async def test_the_marks_of_the_other_writing_direction_and_half_characters_arrive_whole(tmp_path: Path) -> None:
    """They are the moderation's to judge: what matters here is that nothing breaks, and that ids are not touched."""
    text, name = "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u0000 שלום", "\u202eAnn\u202c"
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.emit("channel.chat.message", fixtures.chat(text, chatter_user_name=name))
        await r.twitch.emit("channel.cheer", fixtures.cheer(message="half \ud83d of one"))
        await r.hears("the end")
        line, cheer, _ = r.feed.messages
        assert (line.text, line.author.id, line.id) == (
            text.replace("\0", "\ufffd"),
            fixtures.VIEWER,
            fixtures.MESSAGE_ID,
        )
        assert name.strip("\u202e\u202c") in line.author.name
        for message in (line, cheer):
            assert message.text.encode()
            assert message.author.name.encode()


async def test_a_chat_line_is_never_a_payment_by_its_words(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.hears("Cheer10000 I cheered, and I gifted 50 subs!")
        assert paid(r) == []
        assert r.feed.messages[0].amount is None


async def test_a_payment_that_is_being_written_down_survives_the_end_of_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database may be slow; what has been read from the socket is told by nobody a second time."""
    hurry(monkeypatch, KEEPALIVE_S=1, GRACE_S=1.0, COMPARE_S=600)
    async with rig(tmp_path) as r, r.running_source():
        offer, began, go_on = r.feed.offer, asyncio.Event(), asyncio.Event()

        async def slow(message: Message) -> None:
            began.set()
            await go_on.wait()
            await offer(message)

        monkeypatch.setattr(r.feed, "offer", slow)
        n = len(r.feed.links)
        await r.twitch.emit("channel.cheer", fixtures.cheer())
        await began.wait()
        await r.until(lambda: not r.twitch.sessions)  # nothing is read meanwhile: the connection is given up
        go_on.set()
        await r.reaches(LinkState.DEAF, n)
        assert [m.amount for m in r.feed.messages] == [Money(100, "USD")]
