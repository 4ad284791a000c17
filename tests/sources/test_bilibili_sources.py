"""Both ways into Bilibili against a server that speaks its protocols: every fault that was ever seen is outlived."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app.sources import open_sources
from bot.config import Settings
from bot.errors import QuotaError, Refused
from bot.sources.bilibili import live_socket
from bot.sources.bilibili import web_source as web_module
from bot.sources.source import ChannelAction, LinkState, NoticeKind
from bot.types import Kind, Role
from tests.fakes.bilibili import FAULTS, Gift, Viewer, fake_bilibili
from tests.fakes.bilibili.frames import BROKEN
from tests.sources.bilibili_rig import open_source, rig, stored, web_source
from tests.sources.feed import RecordingFeed

BOTH = pytest.mark.parametrize("kind", ["open", "web"])


@BOTH
async def test_what_happens_in_the_room_is_heard(kind: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        line = await r.bili.danmaku("晚上好", Viewer(7, "七", 3, "牌子", 12, admin=True))
        chat = await r.bili.super_chat("加油", 30)
        await r.bili.guard(months=2)
        await r.bili.combo(3)
        await r.feed.until(lambda: sum(m.kind is Kind.GIFT for m in r.feed.messages) == 3)
        by_id = {m.id: m for m in r.feed.messages}
        assert by_id[line].text == "晚上好"
        assert by_id[line].author.roles == {Role.MODERATOR, Role.SUBSCRIBER}
        assert by_id[line].author.badges == ("guard/3", "medal/牌子/12")
        paid = by_id[f"sc:{chat}"]
        assert paid.amount is not None
        assert (paid.text, paid.amount.minor, paid.amount.currency) == ("加油", 3000, "CNY")
        guards = [m for m in r.feed.messages if m.kind is Kind.GUARD]
        assert all(m.amount and m.amount.minor == 2 * 19800 for m in guards)
        assert all(m.evidence and m.evidence.months == 2 and m.evidence.item == "舰长" for m in guards)
        gifts = [m for m in r.feed.messages if m.kind is Kind.GIFT]
        assert len({m.evidence.combo for m in gifts if m.evidence}) == 1
        assert not any(link.faults for link in r.feed.links)


async def test_how_many_are_in_the_room_is_told(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        await r.bili.watching(12)
        await r.bili.watching(13)
        await r.feed.until(
            lambda: [n.data["count"] for n in r.feed.notices if n.what is NoticeKind.VIEWERS] == [12, 13]
        )


@BOTH
async def test_whose_room_it_is_is_known_by_the_number_and_not_by_the_name(kind: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        room = r.bili.room
        own = await r.bili.danmaku("大家好", Viewer(room.uid, "换了名字"))
        other = await r.bili.danmaku("我才是主播", Viewer(7, room.uname))
        await r.feed.until(lambda: {own, other} <= set(r.feed.ids))
        roles = {m.id: m.author.roles for m in r.feed.messages}
        assert roles[own] == {Role.BROADCASTER, Role.MODERATOR}
        assert roles[other] == frozenset()


async def test_one_purchase_of_a_guard_is_told_by_three_events_with_one_pair(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        await r.bili.guard()
        await r.feed.until(lambda: len(r.feed.messages) == 3)
        evidence = [m.evidence for m in r.feed.messages if m.evidence]
        assert len({e.pair for e in evidence}) == 1
        assert evidence[0].pair
        assert len({e.event for e in evidence}) == 3
        first = r.feed.messages[0].id
        await asyncio.sleep(1.1)
        await r.bili.guard()
        await r.feed.until(lambda: len(r.feed.messages) == 6)
        assert r.feed.messages[3].id != first, "a second purchase is another one"


async def test_the_open_platform_sends_a_new_gift_format_too(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        one = await r.bili.gift(Gift(name="盲盒里的", price=9900, blind_price=5000, num=2), v2=True)
        free = await r.bili.gift(Gift(gold=False), v2=True)
        await r.hears()
        assert not [i for i in r.feed.ids if i.startswith(f"gift:{free}:")]
        (gift,) = (m for m in r.feed.messages if m.id.startswith(f"gift:{one}:"))
        assert gift.amount is not None
        assert (gift.amount.minor, gift.evidence and gift.evidence.count) == (1000, 2), "what the boxes cost"


# --- the connection is lost -----------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("fault", ["drop", "close"])
async def test_a_lost_socket_is_opened_again(kind: str, fault: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        for _ in range(2):
            before = len(r.feed.links)
            await r.bili.misbehave(fault)
            await r.again(before)
            await r.hears()
        assert r.bili.connected(kind) == 1, "no socket is left over"
        if kind == "open":
            assert len(r.bili.games) == 1, "the session outlived its sockets"
            assert sum(c.path.endswith("start") for c in r.bili.calls) == 1


@BOTH
@pytest.mark.parametrize("fault", ["half_open", "no_heartbeat_reply"])
async def test_a_dead_peer_is_noticed(kind: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live_socket.DEAD_S + 1 <= 25, "seconds until a silent peer counts as dead, at most"
    monkeypatch.setattr(live_socket, "HEARTBEAT_S", 0.5)
    monkeypatch.setattr(live_socket, "DEAD_S", 1.2)
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        before = len(r.feed.links)
        await r.bili.misbehave(fault, for_s=2.5)
        await r.again(before)
        assert any("nothing was heard" in link.detail for link in r.feed.links[before:])
        await r.hears()


@BOTH
async def test_heartbeats_keep_a_room_without_a_word(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_socket, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(live_socket, "DEAD_S", 1.1)
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        await asyncio.sleep(2.5)
        assert r.feed.state is LinkState.LIVE
        assert r.feed.links[-1].reconnects == 0


@BOTH
@pytest.mark.parametrize("fault", ["ws_refuse", "auth_refused", "down"])
async def test_a_platform_that_is_down_is_waited_for(kind: str, fault: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        before = len(r.feed.links)
        await r.bili.misbehave(fault, for_s=1.0)
        await r.bili.misbehave("drop")
        await r.again(before)
        await r.hears()
        assert any(link.state is LinkState.DEAF for link in r.feed.links[before:])


@BOTH
async def test_the_next_address_is_tried(kind: str, tmp_path: Path) -> None:
    async with fake_bilibili() as bili:
        await bili.misbehave("dead_host")
        feed = RecordingFeed()
        source = open_source(bili, feed, tmp_path) if kind == "open" else web_source(bili, feed, tmp_path)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(source.run())
            await feed.live()
            running.cancel()


@BOTH
async def test_one_address_is_enough_however_often_it_is_lost(kind: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.bili.misbehave("one_host")
        await r.feed.live()
        for _ in range(3):
            before = len(r.feed.links)
            await r.bili.misbehave("drop")
            await r.again(before)
        keys = [c for c in r.bili.calls if c.path.endswith("getDanmuInfo")]
        assert kind == "open" or len(keys) == 4, "a new key for each connection"
        await r.hears()
        assert len([i for i in r.feed.ids if i == r.feed.ids[-1]]) == 1, "nobody listens twice"


# --- what comes is broken -------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("fault", [*BROKEN, "text_frame", "unknown_event"])
async def test_a_broken_frame_costs_nothing_but_itself(kind: str, fault: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave(fault)
        await r.hears()
        assert r.feed.links[-1].reconnects == 0
        r.source.monitor.update_account()
        assert fault == "huge_frame" or sum(r.feed.links[-1].faults.values()) >= 1, "it was counted"


@BOTH
@pytest.mark.parametrize("fault", ["plain", "zlib", "brotli"])
async def test_every_compression_is_read(kind: str, fault: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave(fault)
        await r.hears()
        assert not r.feed.links[-1].faults


@BOTH
@pytest.mark.parametrize(
    ("fault", "options"),
    [("missing_key", {}), ("wrong_type", {}), ("negative_amount", {}), ("missing_key", {"key": "uname"})],
)
async def test_a_payment_with_a_broken_field_is_kept_for_a_person(
    kind: str, fault: str, options: dict[str, Any], tmp_path: Path
) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave(fault, **options)
        await r.bili.gift()
        await r.hears()
        gift = next(m for m in r.feed.messages if m.kind is Kind.GIFT)
        assert gift.evidence is not None
        assert gift.evidence.fault
        if not options:
            assert gift.amount is None
        await r.bili.gift()
        await r.hears()
        assert r.feed.messages[-2].evidence is not None
        assert not r.feed.messages[-2].evidence.fault, "the next one is whole again"


@BOTH
async def test_a_line_with_a_broken_field_is_dropped_and_counted(kind: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave("missing_key", key="msg")
        await r.bili.danmaku("坏的")
        await r.hears("好的")
        assert [m.text for m in r.feed.messages] == ["好的"]
        r.source.monitor.update_account()
        assert sum(r.feed.links[-1].faults.values()) == 1


@BOTH
async def test_what_comes_twice_has_one_id(kind: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave("duplicate")
        name = await r.bili.super_chat("两次", 50)
        await r.feed.until(lambda: len(r.feed.messages) == 2)
        assert r.feed.ids == [f"sc:{name}"] * 2


# --- what is taken back ---------------------------------------------------------------------------


@BOTH
async def test_a_withdrawn_super_chat_is_taken_back(kind: str, tmp_path: Path) -> None:
    async with rig(kind, tmp_path) as r:
        await r.feed.live()
        number = await r.bili.super_chat("不该说的", 30)
        await r.bili.super_chat_delete(number)
        await r.feed.until(lambda: bool(r.feed.retractions))
        assert r.feed.retractions[0].id == r.feed.messages[0].id


async def test_a_silenced_viewer_and_a_recalled_line_are_taken_back(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        who = Viewer(77, "坏人")
        name = await r.bili.danmaku("坏话", who)
        await r.bili.recall(name)
        await r.bili.block(who)
        await r.feed.until(lambda: len(r.feed.retractions) == 2)
        assert r.feed.retractions[0].id == r.feed.messages[0].id
        assert r.feed.retractions[1].author == r.feed.messages[0].author.id


async def test_a_warning_and_a_cut_off_are_told(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        await r.bili.online()
        await r.bili.title("新标题", "虚拟日常")
        await r.bili.warning("违反直播规范")
        await r.bili.cut_off("已被切断")
        await r.feed.until(lambda: len(r.feed.notices) == 5)
        assert [n.what for n in r.feed.notices] == ["online", "title", "warning", "cut_off", "offline"]


# --- the open platform's own ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["interaction_end", "code_7003"])
async def test_an_ended_session_is_started_again(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.bilibili.open_source.HEARTBEAT_S", 1.0)
    async with rig("open", tmp_path) as r:
        await r.feed.live()
        before = len(r.feed.links)
        await r.bili.misbehave(fault)
        await r.again(before)
        await r.hears()
        assert sum(c.path.endswith("start") for c in r.bili.calls) == 2


async def test_a_session_is_kept_alive_and_ended_when_the_show_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.bilibili.open_source.HEARTBEAT_S", 1.0)
    async with rig("open", tmp_path, game_life_s=2.5) as r:
        await r.feed.live()
        game = stored(tmp_path, "bilibili_open.json")["game"]
        await asyncio.sleep(4)
        r.bili.live.expire()
        assert list(r.bili.games) == [game]
        bili = r.bili
    assert not bili.games
    assert not (tmp_path / "bilibili_open.json").exists()


async def test_a_session_that_a_killed_show_left_is_ended_first(tmp_path: Path) -> None:
    async with fake_bilibili() as bili:
        first = open_source(bili, RecordingFeed(), tmp_path)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(first.run())
            while not (tmp_path / "bilibili_open.json").exists():
                await asyncio.sleep(0.01)
            first._session = None  # so that it does not end it, as one that is killed
            running.cancel()
        assert bili.games
        feed = RecordingFeed()
        second = open_source(bili, feed, tmp_path)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(second.run())
            await feed.live()
            running.cancel()


async def test_a_pause_that_the_platform_asks_for_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.bilibili.open_api.COOLING_S", 1.0)
    async with fake_bilibili() as bili:
        await bili.misbehave("code_7001", for_s=0.5)
        feed = RecordingFeed()
        source = open_source(bili, feed, tmp_path)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(source.run())
            await feed.live()
            running.cancel()
        assert any("pause" in link.detail for link in feed.links)


async def test_a_signature_that_is_refused_is_told_until_it_is_taken(tmp_path: Path) -> None:
    async with fake_bilibili() as bili:
        await bili.misbehave("bad_signature", for_s=0.3)
        feed = RecordingFeed()
        source = open_source(bili, feed, tmp_path)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(source.run())
            await feed.until(lambda: feed.state is LinkState.DENIED)
            await asyncio.sleep(0.4)
            source.retry_now()
            await feed.live()
            running.cancel()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"access_secret": "wrong"}, "signature is wrong"),
        ({"access_key": "wrong"}, "application is not valid"),
        ({"app_id": 5}, "does not understand"),
        ({"code": "OLD"}, "identity code is wrong"),
        ({"code": ""}, "sources.bilibili_open.code"),
    ],
)
async def test_wrong_keys_are_denied_with_a_remedy(settings: dict[str, Any], words: str, tmp_path: Path) -> None:
    async with rig("open", tmp_path, settings=settings) as r:
        await r.feed.until(lambda: r.feed.state is LinkState.DENIED)
        link = r.feed.links[-1]
        assert words in link.detail
        assert link.remedy
        assert "fakesecret" not in str(r.feed.links)
        health = await r.source.check()
        assert not health.ok
        assert words in health.detail


async def test_the_open_platform_writes_nothing(tmp_path: Path) -> None:
    async with fake_bilibili() as bili:
        source = open_source(bili, RecordingFeed(), tmp_path)
        with pytest.raises(Refused, match="cannot send"):
            await source.act(ChannelAction("send", text="x"))
        with pytest.raises(Refused, match="keys"):
            await source.sign_in(print)
        assert (await source.check()).ok
        assert not bili.games, "a check leaves nothing behind"


# --- the web's own --------------------------------------------------------------------------------


async def test_a_visitor_hears_masked_names_and_is_told_so(tmp_path: Path) -> None:
    async with rig("web", tmp_path, signed_in=False) as r:
        await r.feed.live()
        await r.hears("你好")
        author = r.feed.messages[-1].author
        assert (author.id, author.name) == ("name:观***", "观***")
        assert {m.what for m in r.feed.links[-1].missing} == {
            "the names of viewers",
            "write into the chat, silence viewers",
        }
        assert r.source.actions == frozenset()


async def test_a_dead_cookie_is_expired_and_a_new_one_cures_it(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave("expire_cookie")
        await r.bili.misbehave("drop")
        await r.feed.until(lambda: r.feed.state is LinkState.EXPIRED)
        assert "haishin login bilibili" in r.feed.links[-1].remedy
        steps: list[str] = []
        await r.source.sign_in(lambda step: steps.append(step.state))
        assert steps == ["waiting", "scanned", "done"]
        r.source.retry_now()
        await r.feed.live()
        assert r.feed.links[-1].expires_in_s == pytest.approx(15 * 24 * 3600, abs=60)


async def test_a_machine_is_what_the_site_takes_us_for_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        before = len(r.feed.links)
        await r.bili.misbehave("code_352", for_s=0.5)
        await r.bili.misbehave("drop")
        await r.again(before)
        assert any("-352" in link.detail and "haishin login" in link.remedy for link in r.feed.links[before:])


@pytest.mark.parametrize("fault", ["rest_5xx", "rest_down", "rest_412"])
async def test_requests_that_fail_are_made_again(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        before = len(r.feed.links)
        await r.bili.misbehave(fault, for_s=0.8)
        await r.bili.misbehave("drop")
        if fault == "rest_412":
            await r.feed.until(lambda: "too many requests" in r.feed.links[-1].detail)
            await asyncio.sleep(0.8)
            r.source.retry_now()
        await r.again(before)
        await r.hears()


async def test_danmaku_are_written_in_parts_and_not_too_fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.bilibili.site.EACH_S", 0.3)
    monkeypatch.setattr(web_module, "EACH_S", 0.4)
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        assert r.source.actions == {"send", "reply", "timeout", "ban", "unban"}
        assert await r.source.act(ChannelAction("send", text="一" * 20 + "二" * 20 + "三")) == "sent"
        assert r.bili.written == ["一" * 20, "二" * 20, "三"]
        with pytest.raises(Refused, match="longer than 80"):
            await r.source.act(ChannelAction("send", text="长" * 81))
        with pytest.raises(Refused, match="no text"):
            await r.source.act(ChannelAction("send", text="  "))
        monkeypatch.setattr("tests.fakes.bilibili.site.EACH_S", 60.0)
        with pytest.raises(QuotaError, match="too fast"):
            await r.source.act(ChannelAction("send", text="快"))


async def test_the_hosts_own_danmaku_do_not_come_back_to_it(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        await r.bili.danmaku("我说的", Viewer(r.bili.uid, r.bili.uname))
        await r.hears("别人说的")
        assert [m.text for m in r.feed.messages] == ["别人说的"]
        await r.bili.danmaku("问你", reply_to=Viewer(r.bili.uid, r.bili.uname))
        await r.feed.until(lambda: len(r.feed.messages) == 2)
        assert r.feed.messages[-1].addressed


async def test_viewers_are_silenced_and_what_they_wrote_goes(tmp_path: Path) -> None:
    async with rig("web", tmp_path) as r:
        await r.feed.live()
        assert await r.source.act(ChannelAction("timeout", user="7", seconds=600)) == "silenced for 1 h"
        assert r.bili.silenced == {7: 1}
        assert await r.source.act(ChannelAction("ban", user="7")) == "silenced for good"
        assert r.bili.silenced == {7: -1}
        assert [x.author for x in r.feed.retractions] == ["7", "7"]
        assert await r.source.act(ChannelAction("unban", user="7")) == "let in again"
        assert r.bili.silenced == {}
        with pytest.raises(Refused, match="number"):
            await r.source.act(ChannelAction("ban", user="name:观***"))


async def test_a_wrong_room_is_denied(tmp_path: Path) -> None:
    async with rig("web", tmp_path, settings={"room": 5}) as r:
        await r.feed.until(lambda: r.feed.state is LinkState.DENIED)
        assert "sources.bilibili_web.room" in r.feed.links[-1].remedy


async def test_beside_the_open_platform_it_writes_only_and_nothing_comes_back(tmp_path: Path) -> None:
    async with fake_bilibili() as bili:
        feed, written = RecordingFeed(), RecordingFeed()
        settings = Settings.model_validate(
            {
                "sources": {
                    "bilibili_open": {
                        "app_id": bili.app_id, "access_key": bili.access_key, "access_secret": bili.access_secret,
                        "code": bili.code, "host": bili.base,
                    },
                    "bilibili_web": {"room": bili.short_room, "base": bili.base},
                }
            }
        )  # fmt: skip
        web_source(bili, written, tmp_path)  # stores the sign-in
        sources = open_sources(settings, feed, tmp_path)
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(source.run()) for source in sources.values()]
            await feed.until(lambda: {x.name for x in feed.links if x.state is LinkState.LIVE} == set(sources))
            assert bili.connected("web") == 0
            await sources["bilibili_web"].act(ChannelAction("send", text="大家好"))
            assert bili.written == ["大家好"]
            await bili.danmaku("你好呀", reply_to=Viewer(bili.uid, bili.uname))
            await feed.until(lambda: bool(feed.messages))
            assert [(m.source, m.text, m.addressed) for m in feed.messages] == [("bilibili_open", "你好呀", True)]
            for task in running:
                task.cancel()


async def test_checks_say_what_is_there(tmp_path: Path) -> None:
    async with fake_bilibili() as bili:
        good = web_source(bili, RecordingFeed(), tmp_path)
        assert (await good.check()).detail.startswith("配信机 in room 21452505")
        bili.signed_in = False
        health = await good.check()
        assert not health.ok
        assert "haishin login" in health.remedy


async def test_every_fault_of_the_fake_is_known_to_it() -> None:
    async with fake_bilibili() as bili:
        for fault in FAULTS:
            await bili.misbehave(fault, for_s=0.01)
        with pytest.raises(ValueError, match="no fault"):
            await bili.misbehave("nonsense")
