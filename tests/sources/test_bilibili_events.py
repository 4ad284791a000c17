"""Bilibili's events become messages whatever is in them; what was paid is never lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sources.bilibili import protobuf
from bot.sources.bilibili.open_mapper import _READERS as OPEN
from bot.sources.bilibili.open_mapper import map_open
from bot.sources.bilibili.room import RoomContext
from bot.sources.bilibili.web_mapper import _READERS as WEB
from bot.sources.bilibili.web_mapper import map_web
from bot.sources.settings import Rates
from bot.sources.source import Notice, NoticeKind
from bot.types import PAID, Kind, Message, Retraction
from tests.fakes.bilibili import events, web_events
from tests.fakes.bilibili.events import Gift, Room
from tests.fakes.bilibili.viewers import Viewer

ROOM, WHO = Room(), Viewer(123, "阿明", 3, "牌", 5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def house(**more: Any) -> tuple[RoomContext, Counter[str]]:
    faults: Counter[str] = Counter()
    return RoomContext("bilibili", Rates(), lambda kind, _detail: faults.update([kind]), **more), faults


OPEN_EVENTS = {
    "DM": events.danmaku(ROOM, WHO, "m1", "你好"),
    "GIFT": events.gift(ROOM, WHO, "m2", Gift(num=3)),
    "SC": events.super_chat(ROOM, WHO, "m3", 99, "加油", 30),
    "SC_DEL": events.super_chat_delete(ROOM, "m4", [99]),
    "GUARD": events.guard(ROOM, WHO, "m5", 3, 1, 198000),
    "LIKE": events.like(ROOM, WHO, "m6", 3),
    "ENTER": events.enter(ROOM, WHO),
    "LIVE": events.live(ROOM, on=True),
}
WEB_EVENTS = {
    "DM": web_events.danmaku(ROOM, WHO, "m1", "你好"),
    "GIFT": web_events.gift(ROOM, WHO, "t2", Gift(num=3)),
    "GIFT_V2": web_events.gift_v2(ROOM, WHO, [("t3", Gift()), ("t4", Gift(gold=False)), ("t5", Gift(num=2))]),
    "SC": web_events.super_chat(ROOM, WHO, 99, "加油", 30),
    "SC_DEL": web_events.super_chat_delete(ROOM, [99]),
    "GUARD": web_events.guard(WHO, 3, 1, 198000),
    "TOAST": web_events.toast(WHO, "p1", 3, 1, 198000),
    "TOAST_V2": web_events.toast_v2(WHO, "p1", 3, 1, 198000),
    "FOLLOW": web_events.interact(WHO, 2),
    "FOLLOW_V2": web_events.interact_v2(ROOM, WHO, 2),
    "LIKE": web_events.like(WHO),
    "BLOCK": web_events.block(WHO),
    "WARNING": web_events.plain("WARNING", ROOM, msg="注意"),
}
PAYING = {"GIFT", "GIFT_V2", "SC", "GUARD", "TOAST", "TOAST_V2"}


@pytest.mark.parametrize("name", OPEN_EVENTS)
def test_whole_events_of_the_open_platform_have_no_fault(name: str) -> None:
    h, faults = house()
    assert map_open(h, OPEN_EVENTS[name])
    assert not faults


@pytest.mark.parametrize("name", WEB_EVENTS)
def test_whole_events_of_the_web_have_no_fault(name: str) -> None:
    h, faults = house()
    assert map_web(h, WEB_EVENTS[name])
    assert not faults


def test_each_gift_of_a_list_is_its_own_payment() -> None:
    h, _ = house()
    found = map_web(h, WEB_EVENTS["GIFT_V2"])
    assert [(m.id.rpartition(":")[0], m.amount and m.amount.minor) for m in found if isinstance(m, Message)] == [
        ("gift:t3", 10),
        ("gift:t5", 20),
    ]


def broken_versions(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The event without each of its keys, and with each of them broken."""
    data = event.get("data")
    if not isinstance(data, dict):
        return []
    bad: list[Any] = [None, [], {}, -1, 10**30, "\ud800", "x" * 100_000, True, 1.5, "\u202e<script>"]
    versions = []
    for key in data:
        versions.append({**event, "data": {k: v for k, v in data.items() if k != key}})
        versions.extend({**event, "data": {**data, key: value}} for value in bad)
    return versions


@pytest.mark.parametrize("name", sorted(PAYING & set(OPEN_EVENTS)))
def test_no_broken_field_loses_a_payment_of_the_open_platform(name: str) -> None:
    h, _ = house()
    for event in broken_versions(OPEN_EVENTS[name]):
        found = map_open(h, event)
        if event["data"].get("paid") is False:
            continue
        assert len(found) == 1, event
        check_payment(found[0])


@pytest.mark.parametrize("name", sorted(PAYING & set(WEB_EVENTS)))
def test_no_broken_field_loses_a_payment_of_the_web(name: str) -> None:
    h, _ = house()
    for event in broken_versions(WEB_EVENTS[name]):
        found = map_web(h, event)
        assert found, event
        for one in found:
            check_payment(one)


def check_payment(one: object) -> None:
    assert isinstance(one, Message)
    assert one.kind in PAID
    assert one.evidence is not None
    assert one.id.split(":")[1]
    assert one.author.id
    assert one.author.name
    assert len(one.text) <= 2000
    assert len(one.author.name) <= 200
    one.text.encode()
    one.author.name.encode()
    if one.amount is not None:
        assert 0 <= one.amount.minor <= 10**10
        assert one.amount.currency == "CNY"


def test_what_is_broken_without_an_id_gets_the_same_one_again() -> None:
    h, _ = house()
    event = {"cmd": "SEND_GIFT", "data": {"coin_type": "gold", "uname": "阿明"}}
    (first,), (again,) = map_web(h, event), map_web(h, dict(event))
    assert isinstance(first, Message)
    assert isinstance(again, Message)
    assert first.id == again.id
    (other,) = map_web(h, {"cmd": "SEND_GIFT", "data": {"coin_type": "gold", "uname": "阿亮"}})
    assert isinstance(other, Message)
    assert other.id != first.id


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(OPEN)), JSON)
def test_no_event_of_the_open_platform_raises(kind: str, data: Any) -> None:
    h, _ = house()
    for one in map_open(h, {"cmd": kind, "data": data}):
        assert isinstance(one, Message | Retraction | Notice)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(WEB)), JSON, JSON)
def test_no_event_of_the_web_raises(kind: str, data: Any, info: Any) -> None:
    h, _ = house()
    for one in map_web(h, {"cmd": kind, "data": data, "info": info, "msg": data}):
        assert isinstance(one, Message | Retraction | Notice)


@settings(max_examples=200, deadline=None)
@given(st.lists(JSON, max_size=4), JSON, JSON)
def test_no_danmaku_raises(about: list[Any], extra: Any, emoticon: Any) -> None:
    h, _ = house()
    first = [*about, *[0] * (12 - len(about)), 1, emoticon, "{}", {"extra": extra}]
    map_web(h, {"cmd": "DANMU_MSG:4:0:2:2:2:0", "info": [first, "嗨", [5, "名"], extra, 0, 0, 0, extra]})
    map_web(h, {"cmd": "DANMU_MSG", "info": [first, "嗨", about]})


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    try:
        fields = protobuf.Fields(data)
        for number in range(1, 20):
            fields.number(number)
            fields.text(number)
            fields.parts(number)
    except protobuf.BrokenError:
        pass


def test_a_name_with_an_emote_in_it_is_cut_there() -> None:
    h, _ = house()
    (one,) = map_web(h, web_events.danmaku(ROOM, WHO, "m", "早[dog]呀[dog]"))
    assert isinstance(one, Message)
    assert [(f.kind, f.text) for f in one.fragments] == [
        ("text", "早"),
        ("emote", "[dog]"),
        ("text", "呀"),
        ("emote", "[dog]"),
    ]
    (big,) = map_web(h, web_events.danmaku(ROOM, WHO, "m", "打call", emoji="room_1"))
    assert isinstance(big, Message)
    assert [(f.kind, f.text, f.id) for f in big.fragments] == [("emote", "打call", "room_1")]


def test_guards_cost_by_the_users_table_where_the_event_names_no_price() -> None:
    rates = Rates(guard_3=13800)
    h = RoomContext("bilibili", rates, lambda _kind, _detail: None)
    event = {"cmd": "GUARD_BUY", "data": {k: v for k, v in WEB_EVENTS["GUARD"]["data"].items() if k != "price"}}
    (one,) = map_web(h, event)
    assert isinstance(one, Message)
    assert (one.kind, one.amount and one.amount.minor) == (Kind.GUARD, 13800)
    assert one.evidence is not None
    assert "price" in one.evidence.fault


def test_those_who_are_in_the_room_watch_and_those_who_ever_looked_in_do_not() -> None:
    h, faults = house()
    (told,) = map_web(h, web_events.watching(23_000))
    assert isinstance(told, Notice)
    assert (told.what, told.data) == (NoticeKind.VIEWERS, {"count": 23_000})
    # Those who gave or wrote something are fewer, and a room that tells only of them tells of nobody else.
    assert map_web(h, {"cmd": "ONLINE_RANK_COUNT", "data": {"count": 8, "count_text": "8"}}) == []
    assert map_web(h, web_events.noise(ROOM)) == []
    assert not faults
    for broken in (-1, 10**12, "many", None, True):
        assert map_web(h, {"cmd": "ONLINE_RANK_COUNT", "data": {"online_count": broken}}) == []
    assert faults["ONLINE_RANK_COUNT"] == 5


def test_unknown_events_are_counted_and_decoration_is_not() -> None:
    h, faults = house()
    for event in ({"cmd": "NEW_THING"}, {"cmd": 5}, {}, {"cmd": "ONLINE_RANK_V3", "data": {}}, web_events.noise(ROOM)):
        assert map_web(h, event) == []
    for event in ({"cmd": "NEW_THING"}, {"cmd": []}, {}):
        assert map_open(h, event) == []
    assert faults == {"unknown event": 2, "an event without a command": 4}
