"""Each wire against broken input: from a frame to an event, nothing but the documented error leaves the reader.

Valid events are broken at random places, which reaches deeper than random data does.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import brotli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sources.bilibili import frames, protobuf
from bot.sources.bilibili.open_mapper import map_open
from bot.sources.bilibili.room import RoomContext
from bot.sources.bilibili.web_mapper import map_web
from bot.sources.payload import MAX_ID, MAX_TEXT
from bot.sources.rates import MAX_MINOR
from bot.sources.settings import Rates, Twitch
from bot.sources.source import Notice, NoticeKind, SourceEvent
from bot.sources.twitch.eventsub import Socket
from bot.sources.twitch.mapper import Mapper
from bot.types import Message, Retraction
from tests.fakes.bilibili import protobuf as fake_protobuf
from tests.sources import twitch_fixtures as fx
from tests.sources.test_bilibili_events import OPEN_EVENTS, WEB_EVENTS

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: Values that have broken readers before: of the wrong type, huge, empty, half a character, a NUL, digits of Arabic.
JUNK = st.sampled_from(
    [
        *(None, True, False, 0, -1, 10**30, -(10**30), 1.5, float("nan"), float("inf"), "", "0", "-1", "1e9", "٣"),
        *("\ud83d", "\0", "x" * 5000, [], [[]], {}, {"a": []}, [None] * 200, {"": {"": ""}}),
    ]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value within."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*way, key)
        yield from places(inner, (*way, key))


@st.composite
def broken(draw: st.DrawFn, valid: list[Any]) -> Any:
    """Return a valid event with up to three of its values removed or replaced."""
    event = copy.deepcopy(draw(st.sampled_from(valid)))
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(event))
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        inner = event
        for step in way[:-1]:
            inner = inner[step]
        if draw(st.booleans()) and isinstance(inner, dict):
            del inner[way[-1]]
        else:
            inner[way[-1]] = copy.deepcopy(draw(JUNK))  # it may be broken further
    return event


def check_sound(items: list[SourceEvent]) -> None:
    """Check that what was read can be stored: bounded, no half characters, amounts that can be."""
    for item in items:
        if isinstance(item, Message):
            texts = [item.text, item.author.id, item.author.name, *(f.text + f.id for f in item.fragments)]
            assert item.id
            assert len(item.id) <= 2 * MAX_ID + 100
            assert len(item.text) <= MAX_TEXT
            assert item.amount is None or 0 <= item.amount.minor <= MAX_MINOR
            if item.evidence:
                texts += [item.evidence.item, item.evidence.fault, item.evidence.pair, item.evidence.combo]
        elif isinstance(item, Retraction):
            texts = [item.id or "", item.author or "", item.reason]
        else:
            assert isinstance(item, Notice)
            assert isinstance(item.what, NoticeKind)
            texts = [item.text, json.dumps(item.data, ensure_ascii=False)]
        for text in texts:
            text.encode()
            assert "\0" not in text


# --- Twitch ---------------------------------------------------------------------------------------

TWITCH = [(kind, event) for kind, event in (*fx.paid_events(), *fx.other_events())]


@QUICK
@given(st.data(), st.booleans())
def test_no_event_of_twitch_raises(data: st.DataObject, shared: bool) -> None:
    kind, event = data.draw(st.sampled_from(TWITCH))
    mapper = Mapper(
        rates=Rates(),
        channel_id=fx.CHANNEL,
        bot_id=fx.BOT,
        settings=Twitch(shared_chat=shared),
        count_fault=lambda _kind, _detail: None,
    )
    mapper.subscribed = frozenset(data.draw(st.sets(st.sampled_from([k for k, _ in TWITCH]), max_size=3)))
    check_sound(mapper.map(kind, data.draw(broken([event])), data.draw(st.sampled_from(["", "delivery"]))))


class Owner:
    """Stands for the client of a socket: takes what the socket reports."""

    def __init__(self) -> None:
        self.notifications: list[Mapping[str, Any]] = []
        self.faults: list[str] = []
        self.other: list[tuple[Any, ...]] = []

    async def on_notification(self, frame: Mapping[str, Any]) -> None:
        self.notifications.append(frame)

    def on_fault(self, what: str, detail: str) -> None:
        self.faults.append(f"{what}: {detail}")

    def on_revoked(self, kind: str, status: str) -> None:
        self.other.append((kind, status))

    def report_move(self, _socket: Any, url: str) -> None:
        assert url.startswith(("wss://", "ws://127.0.0.1:"))
        self.other.append((url,))


class LoneSocket(Socket):
    """A socket without a connection."""

    def __init__(self, owner: Owner) -> None:
        self.lone_owner = owner

    @property
    def _owner(self) -> Any:
        return self.lone_owner


def frame(kind: str, **payload: Any) -> dict[str, Any]:
    return {"metadata": {"message_type": kind, "message_id": "m", "subscription_type": "x"}, "payload": payload}


FRAMES = [
    frame("session_keepalive"),
    frame("session_reconnect", session={"id": "s", "reconnect_url": "wss://twitch.test/ws?id=1"}),
    frame("revocation", subscription={"type": "channel.cheer", "status": "authorization_revoked"}),
    frame("notification", subscription={"type": "channel.cheer"}, event=fx.cheer()),
    frame("session_welcome", session={"id": "s", "status": "connected", "keepalive_timeout_seconds": 10}),
    frame("something_new"),
]


@QUICK
@given(broken(FRAMES).map(json.dumps) | st.text(max_size=200) | JUNK.map(json.dumps))
def test_no_frame_of_eventsub_raises(text: str) -> None:
    owner = Owner()
    reading = LoneSocket(owner)._read(text)
    try:
        reading.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")


# --- Bilibili -------------------------------------------------------------------------------------


def room() -> RoomContext:
    return RoomContext("bilibili", Rates(), lambda _kind, _detail: None, own="42", own_name="me")


PACKETS = b"".join(frames.pack(frames.Operation.MESSAGE, json.dumps(e).encode()) for e in OPEN_EVENTS.values())
VALID_FRAMES = [
    PACKETS,
    frames.pack(5, zlib.compress(PACKETS), version=2),
    frames.pack(5, brotli.compress(PACKETS), version=3),
    frames.pack(5, zlib.compress(frames.pack(5, brotli.compress(PACKETS), version=3)), version=2),
    frames.heartbeat(),
    frames.auth({"roomid": 1}),
]


@QUICK
@given(
    st.sampled_from(VALID_FRAMES),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4),
    st.integers(0, 10**6),
)
def test_no_frame_of_bilibili_raises(valid: bytes, changes: list[tuple[int, int]], end: int) -> None:
    raw = bytearray(valid)
    for at, byte in changes:
        raw[at % len(raw)] = byte
    faults: list[str] = []
    for packet in frames.unpack(bytes(raw[: end % (len(raw) + 1)]), faults.append):
        assert len(packet.body) <= frames.MAX_INFLATED
        event = frames.read_json(packet.body)
        if event is not None:
            check_sound(map_open(room(), event))
            check_sound(map_web(room(), event))
    assert len(faults) <= frames.MAX_PACKETS


@QUICK
@given(broken(list(OPEN_EVENTS.values())))
def test_no_event_of_the_open_platform_raises(event: dict[str, Any]) -> None:
    check_sound(map_open(room(), event))


@QUICK
@given(broken(list(WEB_EVENTS.values())))
def test_no_event_of_a_room_raises(event: dict[str, Any]) -> None:
    check_sound(map_web(room(), event))


PROTOBUFS = [
    (kind, base64.b64decode(event["data"]["pb"]))
    for kind, event in (("SEND_GIFT_V2", WEB_EVENTS["GIFT_V2"]), ("INTERACT_WORD_V2", WEB_EVENTS["FOLLOW_V2"]))
]


@QUICK
@given(
    st.sampled_from(PROTOBUFS),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4),
    st.binary(max_size=8),
)
def test_no_protocol_buffer_raises_but_as_documented(
    valid: tuple[str, bytes], changes: list[tuple[int, int]], tail: bytes
) -> None:
    kind, data = valid
    raw = bytearray(data)
    for at, byte in changes:
        raw[at % len(raw)] = byte
    text = base64.b64encode(raw + tail).decode()
    with contextlib.suppress(protobuf.BrokenError):
        fields = protobuf.Fields(protobuf.decode(text))
        for number in range(1, 40):
            fields.number(number)
            fields.text(number)
            fields.parts(number)
    check_sound(map_web(room(), {"cmd": kind, "data": {"pb": text}}))


@QUICK
@given(JUNK | st.text(max_size=50))
def test_no_base64_raises_but_as_documented(value: object) -> None:
    with contextlib.suppress(protobuf.BrokenError):
        protobuf.decode(value)


@QUICK
@given(st.integers(0, 2**64 - 1), st.integers(1, 2**20))
def test_numbers_of_protocol_buffers_come_back(value: int, field: int) -> None:
    found = protobuf.Fields(fake_protobuf.message((field, value))).number(field)
    assert found == (value - 2**64 if value >= 2**63 else value)


def test_the_valid_events_are_read_without_a_fault() -> None:
    """Otherwise breaking them would show little."""
    faults: list[str] = []
    context = RoomContext("bilibili", Rates(), lambda kind, detail: faults.append(f"{kind} {detail}"))
    for event in OPEN_EVENTS.values():
        check_sound(map_open(context, event))
    for event in WEB_EVENTS.values():
        check_sound(map_web(context, event))
    assert not faults
